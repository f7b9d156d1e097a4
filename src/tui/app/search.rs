//! Searching the conversation: a row to type in stands in the editor's place.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Widget};

use super::App;
use crate::config::KeyChord;
use crate::tui::editor::Editor;
use crate::tui::look::Token;
use crate::tui::markdown::wrap::{row_width, truncate};
use crate::tui::msg::Effect;

/// The row to type in.
#[derive(Default)]
pub(super) struct Finder {
    editor: Editor,
}

impl App {
    /// Opens the search with these words typed already.
    pub(super) fn open_search(&mut self, words: &str) -> Vec<Effect> {
        if self.terminal_scrolls() {
            return Vec::new();
        }
        let mut finder = Finder::default();
        finder.editor.insert(words);
        self.finder = Some(finder);
        self.search_typed()
    }

    /// Searches for what is typed.
    fn search_typed(&mut self) -> Vec<Effect> {
        let words = self.finder.as_ref().map(|finder| finder.editor.text());
        let scan = self.transcript.search(&words.unwrap_or_default());
        scan.map(Box::new).map(Effect::Scan).into_iter().collect()
    }

    pub(super) fn finder_key(&mut self, chord: KeyChord) -> Vec<Effect> {
        let keymap = &self.settings.keymap;
        let is = |id: &str| keymap.matches(id, chord);
        let look = &self.settings.look;
        match () {
            () if is("app.suspend") => return vec![Effect::Suspend],
            () if is("tui.altScreen.search") || is("tui.input.tab") => self.close_search(true),
            () if is("tui.altScreen.searchClose") || is("app.clear") => self.close_search(false),
            () if is("tui.altScreen.searchNext") || is("tui.select.down") => {
                self.transcript.search_on(true, look);
            }
            () if is("tui.altScreen.searchPrevious") || is("tui.select.up") => {
                self.transcript.search_on(false, look);
            }
            () if self.scroll_key(chord) => {}
            () => {
                if let Some(finder) = &mut self.finder {
                    let before = finder.editor.revision();
                    finder.editor.key(chord, &self.settings.keymap);
                    if finder.editor.revision() != before {
                        return self.search_typed();
                    }
                }
            }
        }
        Vec::new()
    }

    pub(super) fn finder_paste(&mut self, text: &str) -> Vec<Effect> {
        let line = text.trim().lines().next().unwrap_or_default();
        if let Some(finder) = &mut self.finder {
            finder.editor.insert(line);
        }
        self.search_typed()
    }

    fn close_search(&mut self, stay: bool) {
        self.finder = None;
        self.transcript.end_search(stay);
    }

    /// The rows that the search takes; `None` while there is none.
    pub(super) fn finder_height(&self, room: u16) -> Option<u16> {
        self.finder.as_ref()?;
        Some(if room >= 6 { 3 } else { 1 })
    }

    pub(super) fn draw_finder(&mut self, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        let look = &self.settings.look;
        let finder = self.finder.as_mut()?;
        let mut inside = area;
        if area.height >= 3 {
            let keys = &self.settings.keymap;
            let hints = format!(
                " {} next · {} before · {} back · {} stays ",
                first(&keys.describe("tui.altScreen.searchNext")),
                first(&keys.describe("tui.select.up")),
                first(&keys.describe("tui.altScreen.searchClose")),
                first(&keys.describe("tui.input.tab")),
            );
            let hints = [Span::styled(hints, look.fg(Token::Dim))];
            let block = Block::new()
                .borders(Borders::TOP | Borders::BOTTOM)
                .border_style(look.fg(Token::BorderAccent))
                .title_bottom(Line::from(truncate(&hints, usize::from(area.width))));
            inside = block.inner(area);
            block.render(area, buffer);
        }
        let count = match self.transcript.search_progress() {
            None => String::new(),
            Some(progress) if progress.of == 0 && progress.all => "no matches ".to_owned(),
            Some(progress) => {
                let more = if progress.all { "" } else { "…" };
                format!("{}/{}{more} ", progress.at, progress.of)
            }
        };
        let label = Line::styled(" find: ", look.fg(Token::Accent));
        let count = [Span::styled(count, look.fg(Token::Muted))];
        let label_width = u16::try_from(label.width()).unwrap_or(0).min(inside.width);
        let room = inside.width - label_width;
        let count_width = u16::try_from(row_width(&count)).unwrap_or(0);
        let count_width = if count_width + 8 <= room {
            count_width
        } else {
            0
        };
        label.render(inside, buffer);
        let field = Rect {
            x: inside.x + label_width,
            width: room - count_width,
            height: inside.height.min(1),
            ..inside
        };
        let right = Rect {
            x: field.right(),
            width: count_width,
            ..field
        };
        Line::from(count.to_vec()).render(right, buffer);
        // One row, however much is typed: the end of it is shown.
        finder.editor.resize(field.width, field.height);
        if finder.editor.is_empty() {
            Line::styled("words in the conversation", look.fg(Token::Dim)).render(field, buffer);
        }
        let drawn = finder
            .editor
            .draw(field, buffer, look.fg(Token::Text), Style::new());
        drawn.caret
    }
}

/// The first of an action's keys.
fn first(keys: &str) -> &str {
    keys.split('/').next().unwrap_or(keys)
}
