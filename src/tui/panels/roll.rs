//! What lists with a search line have in common: what is typed, what of it is shown, which entry is
//! selected, which rows are seen. What the entries are and what choosing one means is their panel's.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use crate::config::{KeyChord, KeyName, Keymap};
use crate::tui::editor::typed;
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::{row_width, text_width, truncate};
use crate::tui::mouse::{Button, Mouse, MouseAct};

/// A list with a search line.
pub(super) struct Roll {
    /// What is typed.
    pub filter: String,
    /// The entries that match, by their places.
    shown: Vec<usize>,
    selected: usize,
    first: usize,
    page: usize,
    /// Where the entries were painted, from the panel's top left.
    rows: Rect,
    matcher: Matcher,
}

/// What a key did to the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rolled {
    /// The selection has moved, or not.
    Moved,
    /// Something else is typed: search again.
    Typed,
    /// The key is not the list's.
    Not,
}

impl Roll {
    pub fn new(filter: &str) -> Self {
        Roll {
            filter: filter.into(),
            shown: Vec::new(),
            selected: 0,
            first: 0,
            page: 1,
            rows: Rect::default(),
            matcher: Matcher::new(Config::DEFAULT),
        }
    }

    /// Shows those of the texts that match what is typed, first those that have all its words as they stand,
    /// in either case the best first; all of them in order when nothing is typed. The first is selected.
    pub fn search(&mut self, texts: impl Iterator<Item = String>) {
        self.first = 0;
        self.selected = 0;
        if self.filter.trim().is_empty() {
            self.shown = texts.enumerate().map(|(at, _)| at).collect();
            return;
        }
        let pattern = Pattern::parse(&self.filter, CaseMatching::Smart, Normalization::Smart);
        let candidates = texts.enumerate().map(|(at, text)| Candidate { at, text });
        let found = pattern.match_list(candidates, &mut self.matcher);
        let typed = self.filter.to_lowercase();
        let has_all = |candidate: &Candidate| {
            let text = candidate.text.to_lowercase();
            typed.split_whitespace().all(|word| text.contains(word))
        };
        let found = found.into_iter().map(|(candidate, _)| candidate);
        let (whole, parts): (Vec<_>, Vec<_>) = found.partition(has_all);
        let both = whole.into_iter().chain(parts);
        self.shown = both.map(|candidate| candidate.at).collect();
    }

    /// Shows the entries that have every word that is typed, those first that have them all in the first of
    /// their two texts.
    pub fn search_words(&mut self, texts: impl Iterator<Item = [String; 2]>) {
        self.first = 0;
        self.selected = 0;
        let typed = self.filter.to_lowercase();
        let has_all = |text: &str| {
            let text = text.to_lowercase();
            typed.split_whitespace().all(|word| text.contains(word))
        };
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        for (at, [name, more]) in texts.enumerate() {
            if has_all(&name) {
                first.push(at);
            } else if has_all(&format!("{name} {more}")) {
                rest.push(at);
            }
        }
        first.append(&mut rest);
        self.shown = first;
    }

    /// The place of the selected entry.
    pub fn selected(&self) -> Option<usize> {
        self.shown.get(self.selected).copied()
    }

    /// Selects the entry at this place, if it is shown.
    pub fn select(&mut self, place: usize) {
        if let Some(at) = self.shown.iter().position(|shown| *shown == place) {
            self.selected = at;
        }
    }

    /// Selects the entry that stands there among those that are shown, or the last.
    pub fn select_shown(&mut self, at: usize) {
        self.selected = at.min(self.shown.len().saturating_sub(1));
    }

    /// Where the selected entry stands among those that are shown.
    pub fn at(&self) -> usize {
        self.selected
    }

    /// The places of the entries that are shown.
    pub fn shown(&self) -> &[usize] {
        &self.shown
    }

    pub fn go(&mut self, by: isize) {
        let Some(last) = self.shown.len().checked_sub(1) else {
            return;
        };
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    pub fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Rolled {
        let is = |id: &str| keymap.matches(id, chord);
        let page = isize::try_from(self.page).unwrap_or(1);
        match () {
            () if is("tui.select.up") => self.go(-1),
            () if is("tui.select.down") => self.go(1),
            () if is("tui.select.pageUp") => self.go(-page),
            () if is("tui.select.pageDown") => self.go(page),
            () if chord == KeyChord::plain(KeyName::Home) => self.go(isize::MIN),
            () if chord == KeyChord::plain(KeyName::End) => self.go(isize::MAX),
            () if is("tui.editor.deleteCharBackward") => {
                self.filter.pop();
                return Rolled::Typed;
            }
            () if is("tui.editor.deleteToLineStart") || is("tui.editor.deleteWordBackward") => {
                self.filter.clear();
                return Rolled::Typed;
            }
            () => match typed(chord) {
                Some(text) => {
                    self.filter.push_str(&text);
                    return Rolled::Typed;
                }
                None => return Rolled::Not,
            },
        }
        Rolled::Moved
    }

    pub fn paste(&mut self, text: &str) {
        self.filter.push_str(sanitize_line(text).trim());
    }

    /// The place of the entry that was pressed with the left button, which is selected then.
    pub fn mouse(&mut self, mouse: Mouse) -> Option<usize> {
        if mouse.act != MouseAct::Press(Button::Left) {
            return None;
        }
        let row = usize::from(mouse.within(self.rows)?.row);
        let place = *self.shown.get(self.first + row)?;
        self.selected = self.first + row;
        Some(place)
    }

    /// Paints the search line in the first row of `inside` and the entries below; `area` is the panel's.
    /// `right` stands at the end of the search line. Returns where the caret belongs.
    pub fn draw(
        &mut self,
        (area, inside): (Rect, Rect),
        buffer: &mut Buffer,
        look: &Look,
        right: Vec<Span<'static>>,
        row: impl Fn(usize, bool) -> Line<'static>,
    ) -> Option<Position> {
        if inside.is_empty() {
            return None;
        }
        let width = usize::from(inside.width);
        let line = Rect {
            height: 1,
            ..inside
        };
        let prompt = vec![
            Span::styled("/ ", look.fg(Token::Dim)),
            Span::styled(
                sanitize_line(&self.filter).to_string(),
                look.fg(Token::Text),
            ),
        ];
        let taken = row_width(&right);
        let fits = row_width(&prompt) + 2 + taken <= width;
        Line::from(truncate(&prompt, width)).render(line, buffer);
        if fits && taken > 0 {
            let place = Rect {
                x: line.x + u16::try_from(width - taken).unwrap_or(0),
                width: u16::try_from(taken).unwrap_or(0),
                ..line
            };
            Line::from(right).render(place, buffer);
        }
        let caret = u16::try_from(2 + text_width(&self.filter))
            .unwrap_or(u16::MAX)
            .min(inside.width.saturating_sub(1));
        let rows = Rect {
            y: inside.y + 1,
            height: inside.height - 1,
            ..inside
        };
        self.draw_rows((area, rows), buffer, look, row);
        Some(Position {
            x: inside.x + caret,
            y: inside.y,
        })
    }

    /// Paints the entries alone; `area` is the panel's.
    pub fn draw_rows(
        &mut self,
        (area, rows): (Rect, Rect),
        buffer: &mut Buffer,
        look: &Look,
        row: impl Fn(usize, bool) -> Line<'static>,
    ) {
        self.rows = Rect {
            x: rows.x - area.x,
            y: rows.y - area.y,
            ..rows
        };
        self.page = usize::from(rows.height).max(1);
        self.first = self
            .first
            .clamp((self.selected + 1).saturating_sub(self.page), self.selected);
        for (y, at) in (rows.y..rows.bottom()).zip(self.first..self.shown.len()) {
            let is_selected = at == self.selected;
            let line = row(self.shown[at], is_selected);
            let place = Rect {
                y,
                height: 1,
                ..rows
            };
            if is_selected {
                buffer.set_style(place, look.bg(Token::SelectedBg));
            }
            line.render(place, buffer);
        }
    }

    /// Says in place of the entries why there are none, if there are none: `empty` where there never were.
    pub fn say_none(&self, all: usize, empty: &str, buffer: &mut Buffer, area: Rect, look: &Look) {
        if self.shown.is_empty() {
            let text = match all {
                0 => empty,
                _ => "nothing matches; backspace widens",
            };
            let rows = Rect {
                x: area.x + self.rows.x,
                y: area.y + self.rows.y,
                ..self.rows
            };
            say(text, Token::Muted, rows, buffer, look);
        }
    }
}

/// Puts `right` at the end of the row when there is room for some of it behind `left`.
pub(super) fn with_right(
    mut left: Vec<Span<'static>>,
    right: Vec<Span<'static>>,
    width: usize,
) -> Line<'static> {
    let used = row_width(&left);
    let room = width.saturating_sub(used + 2);
    if room >= 3 && !right.is_empty() {
        let right = truncate(&right, room);
        left.push(Span::raw(" ".repeat(width - used - row_width(&right))));
        left.extend(right);
    }
    Line::from(truncate(&left, width))
}

/// What keys do, for the frame's lower edge: as many as fit behind `count`.
pub(super) fn hint(width: usize, count: &str, keys: &[(&str, &str)]) -> String {
    let mut hint = count.to_owned();
    for (key, what) in keys {
        let next = format!(" · {key} {what}");
        // The frame's corners and the blanks beside the hint take four columns.
        if key.is_empty() || text_width(&hint) + text_width(&next) + 4 > width {
            continue;
        }
        hint.push_str(&next);
    }
    hint
}

/// A text in one row.
pub(super) fn say(text: &str, token: Token, area: Rect, buffer: &mut Buffer, look: &Look) {
    if area.is_empty() {
        return;
    }
    let spans = [Span::styled(
        sanitize_line(text).to_string(),
        look.fg(token),
    )];
    let line = Line::from(truncate(&spans, usize::from(area.width)));
    line.render(Rect { height: 1, ..area }, buffer);
}

struct Candidate {
    at: usize,
    text: String,
}

impl AsRef<str> for Candidate {
    fn as_ref(&self) -> &str {
        &self.text
    }
}
