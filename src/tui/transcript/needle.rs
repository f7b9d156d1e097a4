//! What is searched for, and where rows and messages have it.
//!
//! Letters match in either case unless an upper-case one is searched for; a space matches a line's end.

use std::ops::Range;

use memchr::memmem;
use ratatui::text::Line;

use super::rows::clusters;
use super::scroll::Place;
use crate::ai::message::{Content, Message};
use crate::tui::markdown::written::{self, Seam};

/// What is searched for.
#[derive(Debug, Clone)]
pub(super) struct Needle {
    text: String,
    folds: bool,
    finder: memmem::Finder<'static>,
    /// What the line of a session file has of it for certain.
    raw: Option<memmem::Finder<'static>>,
}

/// A match among rows: its columns, row by row.
pub(super) type Match = Vec<(Place, Range<u16>)>;

impl Needle {
    /// `None` when there is nothing to search for.
    pub fn new(words: &str) -> Option<Self> {
        if words.trim().is_empty() {
            return None;
        }
        let folds = !words.chars().any(char::is_uppercase);
        let text = match folds {
            true => words.to_lowercase(),
            false => words.to_owned(),
        };
        // Other characters may be written in more than one way.
        let is_sure = |c: char| (c.is_ascii_graphic() || c == ' ') && !"\"\\/ ".contains(c);
        let runs = text.split(|c| !is_sure(c));
        let raw = runs
            .max_by_key(|run| run.len())
            .filter(|run| !run.is_empty());
        Some(Needle {
            finder: memmem::Finder::new(text.as_bytes()).into_owned(),
            raw: raw.map(|run| memmem::Finder::new(run.as_bytes()).into_owned()),
            text,
            folds,
        })
    }

    /// Whether a line of a session file may have it. The line is spoilt.
    pub fn may_be_in(&self, line: &mut [u8]) -> bool {
        let Some(raw) = &self.raw else {
            return true;
        };
        if self.folds {
            line.make_ascii_lowercase();
        }
        raw.find(line).is_some()
    }

    /// How often a message has it. Thinking counts while it is shown.
    pub fn count(&self, message: &Message, thinking: bool) -> usize {
        let mut count = 0;
        let mut add = |text: &str| count += self.count_in(text);
        match message {
            Message::User(message) => add(&message.content.to_text()),
            Message::Assistant(message) => {
                for content in &message.content {
                    match content {
                        Content::Text { text, .. } => add(text),
                        Content::Thinking { thinking: text, .. } if thinking => add(text),
                        Content::ToolCall(call) => {
                            add(&call.name);
                            strings(&call.arguments, &mut add);
                        }
                        Content::Thinking { .. } | Content::Image { .. } => {}
                    }
                }
                add(message.error_message.as_deref().unwrap_or_default());
            }
            Message::ToolResult(message) => {
                for content in &message.content {
                    if let Content::Text { text, .. } = content {
                        add(text);
                    }
                }
            }
            Message::BashExecution(message) => {
                add(&message.command);
                add(&message.output);
            }
            Message::Custom(message) => {
                if message.display {
                    add(&message.content.to_text());
                }
            }
            Message::BranchSummary(message) => add(&message.summary),
            Message::CompactionSummary(message) => add(&message.summary),
        }
        count
    }

    fn count_in(&self, text: &str) -> usize {
        let mut bytes = match self.folds {
            true if text.is_ascii() => text.to_ascii_lowercase().into_bytes(),
            true => text.to_lowercase().into_bytes(),
            false => text.as_bytes().to_vec(),
        };
        if self.text.contains(' ') {
            let ends = bytes.iter_mut().filter(|byte| **byte == b'\n');
            ends.for_each(|byte| *byte = b' ');
        }
        self.finder.find_iter(&bytes).count()
    }

    /// The matches in rows that follow one another.
    pub fn matches(&self, rows: &[(Place, Line<'static>)]) -> Vec<Match> {
        let mut matches = Vec::new();
        let mut line = Stretch::default();
        for (place, row) in rows {
            match written::seam(row).filter(|_| !line.text.is_empty()) {
                Some(Seam::Tight) => {}
                Some(Seam::Spaced) => line.push(" ", *place, 0..0),
                None => std::mem::take(&mut line).search(self, &mut matches),
            }
            for cluster in clusters(row).iter().filter(|cluster| cluster.written) {
                let columns = cluster.column..cluster.end();
                match self.folds {
                    true => line.push(&cluster.text.to_lowercase(), *place, columns),
                    false => line.push(&cluster.text, *place, columns),
                }
            }
        }
        line.search(self, &mut matches);
        matches
    }
}

/// All strings in a value.
fn strings(value: &serde_json::Value, add: &mut impl FnMut(&str)) {
    match value {
        serde_json::Value::String(text) => add(text),
        serde_json::Value::Array(values) => values.iter().for_each(|value| strings(value, add)),
        serde_json::Value::Object(fields) => {
            fields.values().for_each(|value| strings(value, add));
        }
        _ => {}
    }
}

/// A line as it was written, and where its characters stand.
#[derive(Default)]
struct Stretch {
    text: String,
    /// The byte behind each character, and where it is.
    places: Vec<(usize, Place, Range<u16>)>,
}

impl Stretch {
    fn push(&mut self, text: &str, place: Place, columns: Range<u16>) {
        self.text.push_str(text);
        self.places.push((self.text.len(), place, columns));
    }

    fn search(self, needle: &Needle, matches: &mut Vec<Match>) {
        for start in needle.finder.find_iter(self.text.as_bytes()) {
            let end = start + needle.text.len();
            let first = self.places.partition_point(|(behind, ..)| *behind <= start);
            let mut found: Match = Vec::new();
            let mut from = self.places.get(..first).and_then(|before| before.last());
            for at in self.places.iter().skip(first) {
                if from.is_some_and(|(behind, ..)| *behind >= end) {
                    break;
                }
                let (_, place, columns) = at;
                match found.last_mut() {
                    Some((row, marked)) if row == place => marked.end = columns.end,
                    _ => found.push((*place, columns.clone())),
                }
                from = Some(at);
            }
            found.retain(|(_, columns)| !columns.is_empty());
            if !found.is_empty() {
                matches.push(found);
            }
        }
    }
}
