//! Paints the round: marks, names, what keys do, what is not saved.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::ScopedPanel;
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::panels::frame;
use crate::tui::panels::roll::{Roll, hint, say, with_right};

impl ScopedPanel {
    pub(super) fn paint(
        &mut self,
        area: Rect,
        buffer: &mut Buffer,
        look: &Look,
    ) -> Option<Position> {
        let width = usize::from(area.width);
        let count = self.count();
        let keys = &self.keys;
        let below = hint(
            width,
            &count,
            &[
                (keys.save.as_str(), "saves"),
                (keys.cancel.as_str(), "closes"),
            ],
        );
        let inside = frame(area, buffer, look, "Models to cycle through", &below);
        if inside.is_empty() {
            return None;
        }
        let words = u16::from(inside.height >= 3);
        let list = Rect {
            height: inside.height - words,
            ..inside
        };
        let place = Rect {
            y: list.bottom(),
            height: words,
            ..inside
        };
        let (text, token) = self.words(usize::from(inside.width));
        say(&text, token, place, buffer, look);
        let mut roll = std::mem::replace(&mut self.roll, Roll::new(""));
        let unsaved = match self.is_unsaved {
            true => vec![Span::styled("not saved", look.fg(Token::Warning))],
            false => Vec::new(),
        };
        let width = usize::from(list.width);
        let caret = roll.draw((area, list), buffer, look, unsaved, |at, is_selected| {
            self.row(&self.rows[at], is_selected, width, look)
        });
        self.roll = roll;
        if self.roll.shown().is_empty() {
            let below = Rect {
                y: list.y + 1,
                height: list.height.saturating_sub(1),
                ..list
            };
            let text = match self.rows.is_empty() {
                true => "no model is connected; /login connects one",
                false => "nothing matches; backspace widens",
            };
            say(text, Token::Muted, below, buffer, look);
        }
        caret
    }

    fn count(&self) -> String {
        match &self.round.0 {
            None => "all".into(),
            Some(ids) => {
                let is_known = |id: &&String| self.models.contains_key(*id);
                let count = ids.iter().filter(is_known).count();
                format!("{count}/{}", self.all.len())
            }
        }
    }

    fn words(&self, width: usize) -> (String, Token) {
        if let Some((note, token)) = &self.note {
            return (note.clone(), *token);
        }
        let keys = &self.keys;
        let order = format!("{}/{}", keys.up, keys.down);
        let words = hint(
            // It has no corners to leave room for.
            width + 4,
            &format!("{} in or out", keys.confirm),
            &[
                (order.as_str(), "order"),
                (keys.provider.as_str(), "provider"),
                (keys.all.as_str(), "all"),
                (keys.none.as_str(), "none"),
            ],
        );
        (words, Token::Dim)
    }

    fn row(&self, id: &str, is_selected: bool, width: usize, look: &Look) -> Line<'static> {
        let style = if is_selected {
            look.bold(Token::Accent)
        } else {
            look.fg(Token::Text)
        };
        let mark = match self.round.has(id) {
            true => Span::styled("✓ ", look.fg(Token::Success)),
            false => Span::raw("  "),
        };
        let lead = Span::styled(
            if is_selected { "› " } else { "  " },
            look.fg(Token::Accent),
        );
        let Some(model) = self.models.get(id) else {
            let name = Span::styled(sanitize_line(id).to_string(), look.fg(Token::Dim));
            let gone = Span::styled("not available", look.fg(Token::Warning));
            return with_right(vec![lead, mark, name], vec![gone], width);
        };
        let mut name = sanitize_line(&model.id).to_string();
        if let Some(level) = self.levels.get(id) {
            name.push_str(&format!(" :{}", level.as_str()));
        }
        let provider = sanitize_line(&model.provider).to_string();
        with_right(
            vec![lead, mark, Span::styled(name, style)],
            vec![Span::styled(provider, look.fg(Token::Dim))],
            width,
        )
    }
}
