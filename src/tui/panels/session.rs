//! What there is to know of the session: where it is, who writes it, how long it is, what it took.
//!
//! The sums by model are read beside the conversation: they come when they come.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Choice, News, Panel, Step, TextPanel};
use crate::ai::Usage;
use crate::ai::message::Cost;
use crate::config::{KeyChord, Keymap};
use crate::session::{ModelSpend, Stats, View};
use crate::store::totals::grouped;
use crate::tui::look::{Look, Token};

/// Columns of the names to the left.
const NAMES: usize = 11;

/// The session's facts and figures.
pub struct SessionPanel {
    text: TextPanel,
    stats: Stats,
    model: String,
    writer: String,
    spending: Option<Vec<ModelSpend>>,
    /// The file, for the clipboard.
    path: Option<String>,
    hint: String,
}

impl SessionPanel {
    /// What `stats` and `view` say; the sums by model are still to come.
    pub fn new(stats: Stats, view: &View, keymap: &Keymap) -> Self {
        let copy = keymap.describe("app.message.copy");
        let writer = match (&view.watching, &stats.file) {
            (Some(why), _) => format!("{why}; this pi watches"),
            (None, Some(_)) => "this pi".into(),
            (None, None) => "nobody: it is in memory only".into(),
        };
        let path = stats.file.as_ref().map(|file| file.display().to_string());
        let mut panel = SessionPanel {
            text: TextPanel::new("Session", Vec::new()),
            model: view.model.full_id(),
            writer,
            spending: None,
            hint: match path.is_some() && !copy.is_empty() {
                true => format!("{copy} copies the path"),
                false => String::new(),
            },
            path,
            stats,
        };
        panel.write();
        panel
    }

    fn write(&mut self) {
        let stats = &self.stats;
        let mut lines = Lines::default();
        let file = self.path.clone();
        lines.fact("File", &file.unwrap_or_else(|| "in memory only".into()));
        lines.fact("Id", &stats.id);
        lines.fact("Name", stats.name.as_deref().unwrap_or("none"));
        lines.fact("Written by", &self.writer);
        lines.fact("Model", &self.model);
        lines.heading("Conversation");
        let messages = [
            ("yours", stats.user_messages),
            ("the model's", stats.assistant_messages),
            ("tool calls", stats.tool_calls),
            ("results", stats.tool_results),
        ];
        let by_role = messages.map(|(who, count)| format!("{who} {}", grouped(count as u64)));
        let total = grouped(stats.total_messages as u64);
        lines.fact("Messages", &format!("{total} ({})", by_role.join(", ")));
        lines.fact("Entries", &grouped(stats.entries as u64));
        lines.fact("Branches", &grouped(stats.branches as u64));
        lines.fact("Compacted", &times(stats.compactions));
        if let Some(context) = &stats.context {
            let window = grouped(context.window);
            let used = match (context.tokens, context.percent) {
                (Some(tokens), Some(percent)) => {
                    format!("{} of {window} tokens ({percent:.1}%)", grouped(tokens))
                }
                _ => format!("of {window} tokens; known with the next answer"),
            };
            lines.fact("Context", &used);
        }
        lines.heading("Tokens and cost");
        lines.fact("Tokens", &tokens(&stats.usage));
        lines.fact("Cost", &cost(&stats.usage.cost));
        for spent in &stats.budgets {
            lines.fact("Budget", &spent.to_string());
        }
        lines.heading("By model");
        match &self.spending {
            None => lines.word("reading the answers…"),
            Some(all) if all.is_empty() => lines.word("nothing was answered yet"),
            Some(all) => {
                for spend in all {
                    let answers = match spend.answers {
                        1 => "1 answer".to_owned(),
                        count => format!("{} answers", grouped(count as u64)),
                    };
                    let figures = format!("{} · {answers}", cost(&spend.usage.cost));
                    lines.0.push((spend.model.clone(), Token::Accent));
                    lines.word(&format!("  {figures}"));
                    lines.word(&format!("  {}", tokens(&spend.usage)));
                }
            }
        }
        if !self.hint.is_empty() {
            lines.0.push((String::new(), Token::Text));
            lines.0.push((self.hint.clone(), Token::Dim));
        }
        self.text.set(lines.0);
    }
}

#[derive(Default)]
struct Lines(Vec<(String, Token)>);

impl Lines {
    fn fact(&mut self, name: &str, value: &str) {
        self.0.push((format!("{name:<NAMES$}{value}"), Token::Text));
    }

    fn heading(&mut self, text: &str) {
        self.0.push((String::new(), Token::Text));
        self.0.push((text.into(), Token::MdHeading));
    }

    fn word(&mut self, text: &str) {
        self.0.push((text.into(), Token::Muted));
    }
}

fn times(count: usize) -> String {
    match count {
        0 => "never".into(),
        1 => "once".into(),
        count => format!("{count} times"),
    }
}

fn tokens(usage: &Usage) -> String {
    let parts = [
        ("in", usage.input),
        ("out", usage.output),
        ("read from cache", usage.cache_read),
        ("written to cache", usage.cache_write),
    ];
    let parts = parts.map(|(what, count)| format!("{} {what}", grouped(count)));
    parts.join(", ")
}

fn cost(cost: &Cost) -> String {
    format!("${:.4}", cost.total)
}

impl Panel for SessionPanel {
    fn height(&self, width: u16) -> u16 {
        self.text.height(width)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        self.text.draw(area, buffer, look)
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        if keymap.matches("app.message.copy", chord)
            && let Some(path) = &self.path
        {
            return Step::Do(Choice::Text(path.clone()));
        }
        self.text.key(chord, keymap)
    }

    fn scroll(&mut self, rows: i32) {
        self.text.scroll(rows);
    }

    fn told(&mut self, news: News) {
        match news {
            News::Spending(spending) => {
                self.spending = Some(spending);
                self.write();
            }
            News::Word(word) => {
                self.hint = word;
                self.write();
            }
            _ => {}
        }
    }
}
