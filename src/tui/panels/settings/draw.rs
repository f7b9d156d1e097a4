//! Paints the settings: name and value, what the selected one does, where its value comes from.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use serde_json::Value;

use super::table::{ENTRIES, Entry, Kind};
use super::{SettingsPanel, When};
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::panels::frame;
use crate::tui::panels::roll::{hint, say, with_right};
use crate::tui::preferences::Source;

impl SettingsPanel {
    pub(super) fn paint(
        &mut self,
        area: Rect,
        buffer: &mut Buffer,
        look: &Look,
    ) -> Option<Position> {
        let count = format!("{}/{}", self.roll.shown().len(), ENTRIES.len());
        let keys = &self.keys;
        let below = hint(
            usize::from(area.width),
            &count,
            &[
                (keys.confirm.as_str(), "changes"),
                (keys.cancel.as_str(), "closes"),
                ("space/←/→", "step"),
                (keys.reset.as_str(), "default"),
            ],
        );
        let inside = frame(area, buffer, look, "Settings", &below);
        if inside.is_empty() {
            return None;
        }
        // Two rows of words below the list where there is room for them, else one, else none.
        let words = match inside.height {
            8.. => 2,
            3.. => 1,
            _ => 0,
        };
        let list = Rect {
            height: inside.height - words,
            ..inside
        };
        let mut place = Rect {
            y: list.bottom(),
            height: words,
            ..inside
        };
        for (text, token) in self.words().into_iter().take(usize::from(words)) {
            say(&text, token, place, buffer, look);
            place.y += 1;
            place.height -= 1;
        }
        let mut roll = std::mem::replace(&mut self.roll, super::Roll::new(""));
        let width = usize::from(list.width);
        let caret = roll.draw((area, list), buffer, look, Vec::new(), |at, is_selected| {
            self.row(&ENTRIES[at], is_selected, width, look)
        });
        self.roll = roll;
        if self.roll.shown().is_empty() {
            let below = Rect {
                y: list.y + 1,
                height: list.height.saturating_sub(1),
                ..list
            };
            let text = "nothing matches; backspace widens";
            say(text, Token::Muted, below, buffer, look);
        }
        caret
    }

    /// What stands below the list.
    fn words(&self) -> Vec<(String, Token)> {
        let Some(entry) = self.selected() else {
            return Vec::new();
        };
        let from = match self.source(entry.name) {
            _ if self.standing.is_none() => "reading the settings…".into(),
            Source::Default => "the default".into(),
            Source::User => "from your settings.json".into(),
            Source::Project => "from the project's .pi/settings.json, where it is changed".into(),
            Source::Run(what) => format!("from {what}, which wins over the files in this run"),
        };
        let when = match entry.when {
            When::Now => "",
            When::NextRun => " · changes hold from the next run on",
            When::NextStart => " · changes hold from the next start on",
        };
        let does = (entry.does().to_owned(), Token::Muted);
        match &self.note {
            Some((note, token)) => vec![(note.clone(), *token), does],
            None => vec![does, (format!("{from}{when}"), Token::Dim)],
        }
    }

    fn row(&self, entry: &Entry, is_selected: bool, width: usize, look: &Look) -> Line<'static> {
        let style = if is_selected {
            look.bold(Token::Accent)
        } else {
            look.fg(Token::Text)
        };
        let left = vec![
            Span::styled(
                if is_selected { "› " } else { "  " },
                look.fg(Token::Accent),
            ),
            Span::styled(entry.label, style),
        ];
        let token = match self.source(entry.name) {
            Source::Default => Token::Dim,
            Source::User => Token::Text,
            Source::Project => Token::Accent,
            Source::Run(_) => Token::Warning,
        };
        let value = self.shown(entry);
        let value = Span::styled(sanitize_line(&value).to_string(), look.fg(token));
        with_right(left, vec![value], width)
    }

    /// A value in words.
    fn shown(&self, entry: &Entry) -> String {
        let value = self.value(entry);
        let text = |name: &str| {
            let held = self.standing.as_ref()?.held.get(name)?;
            held.value.as_ref()?.as_str()
        };
        match (&entry.kind, value) {
            _ if self.standing.is_none() => "…".into(),
            (Kind::Choice(choices), Some(value)) => {
                let json = value.to_string();
                let known = choices.iter().find(|(choice, _)| *choice == json);
                match known {
                    Some((_, shown)) => (*shown).into(),
                    None if entry.name.ends_with("Ms") => format!("{json} ms"),
                    None => json,
                }
            }
            (Kind::Model, _) => match text("defaultProvider").zip(text("defaultModel")) {
                Some((provider, id)) => format!("{provider}/{id}"),
                None => "none".into(),
            },
            (Kind::ModelLevels, Some(Value::Object(levels))) if !levels.is_empty() => {
                format!("{} set", levels.len())
            }
            (Kind::ModelLevels, _) => "none".into(),
            (_, Some(Value::String(text))) => text.clone(),
            (_, Some(value)) => value.to_string(),
            (Kind::Theme, None) => "by the terminal".into(),
            (_, None) => "none".into(),
        }
    }
}
