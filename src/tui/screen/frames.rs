//! Frames as the bytes that bring the terminal from one to the next: what moved is moved, what changed
//! is written, and nothing else. Knows no terminal.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

use super::gallery::Gallery;
use super::shift::Shift;
use super::sink::Sink;
use crate::tui::pictures::is_drawn_over;

/// What the terminal shows.
pub(super) struct Frames {
    terminal: Terminal<Sink>,
    /// The last frame; `None` when the terminal shows something else.
    shown: Option<Buffer>,
    /// The rows of the last frame that terminals may draw wider or narrower than we count.
    unsure: Vec<(u16, Vec<Cell>)>,
    /// The pictures that are drawn over cells.
    gallery: Gallery,
}

impl Frames {
    /// For a terminal of that many columns and rows, which is blank.
    pub fn new(size: (u16, u16)) -> Self {
        Frames {
            terminal: blank(size),
            shown: None,
            unsure: Vec::new(),
            gallery: Gallery::default(),
        }
    }

    /// The terminal has this size now, or shows something else: the next frame is all of it. Clearing is a
    /// part of that frame, so nothing flickers.
    pub fn renew(&mut self, size: (u16, u16)) {
        *self = Frames::new(size);
        let Ok(()) = ratatui::backend::Backend::clear(self.terminal.backend_mut());
    }

    /// The bytes that bring the terminal to the next frame; none when it is the last one again.
    pub fn next(&mut self, paint: impl FnOnce(&mut Frame)) -> &[u8] {
        self.terminal
            .backend_mut()
            .spell_blanks(!self.gallery.is_empty());
        let now = match self.terminal.draw(paint) {
            Ok(frame) => frame.buffer.clone(),
            Err(never) => match never {},
        };
        let sink = self.terminal.backend_mut();
        if let Some(before) = &mut self.shown
            && let Some(shift) = Shift::between(before, &now)
            && !self.gallery.is_in(&shift.rows)
        {
            shift.apply(before);
            sink.move_rows(&shift, before.diff(&now));
            self.unsure.retain_mut(|(y, _)| {
                let place = shift.place(*y);
                *y = place.unwrap_or_default();
                place.is_some()
            });
        }
        let unsure = unsure_rows(&now);
        let mut rewritten = Vec::new();
        for (y, cells) in changed_rows(&self.unsure, &unsure, &now) {
            sink.rewrite(y, &cells);
            rewritten.push(y);
        }
        for (x, y, picture) in self.gallery.next(self.shown.as_ref(), &now, &rewritten) {
            sink.picture((x, y), &picture);
        }
        self.unsure = unsure;
        self.shown = Some(now);
        sink.take()
    }
}

/// The rows with clusters of several characters: flags, families, hearts. Terminals do not agree on
/// their width, so that what stands behind them on the screen is not certain.
fn unsure_rows(buffer: &Buffer) -> Vec<(u16, Vec<Cell>)> {
    let width = usize::from(buffer.area.width).max(1);
    let is_cluster =
        |cell: &Cell| cell.symbol().chars().nth(1).is_some() && !is_drawn_over(cell.symbol());
    let rows = (buffer.area.y..).zip(buffer.content.chunks(width));
    rows.filter(|(_, row)| row.iter().any(is_cluster))
        .map(|(y, row)| (y, row.to_vec()))
        .collect()
}

/// What has become of the rows that were or are unsure, where that is not what they were.
fn changed_rows(
    before: &[(u16, Vec<Cell>)],
    now: &[(u16, Vec<Cell>)],
    buffer: &Buffer,
) -> Vec<(u16, Vec<Cell>)> {
    let width = usize::from(buffer.area.width).max(1);
    let is_now = |y: u16| now.iter().any(|(other, _)| *other == y);
    let fresh = now.iter().filter(|row| !before.contains(row)).cloned();
    let gone = before
        .iter()
        .filter(|(y, _)| !is_now(*y))
        .filter_map(|(y, _)| {
            let row = buffer
                .content
                .chunks(width)
                .nth(usize::from(y - buffer.area.y))?;
            Some((*y, row.to_vec()))
        });
    fresh.chain(gone).collect()
}

fn blank((columns, rows): (u16, u16)) -> Terminal<Sink> {
    let options = TerminalOptions {
        viewport: Viewport::Fixed(Rect::new(0, 0, columns, rows)),
    };
    match Terminal::with_options(Sink::new(Size::new(columns, rows)), options) {
        Ok(terminal) => terminal,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::Style;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    fn buffer(rows: &[&str]) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, rows.len() as u16));
        for (y, row) in (0..).zip(rows) {
            buffer.set_string(0, y, row, Style::new());
        }
        buffer
    }

    #[test]
    fn a_row_that_had_or_has_a_flag_is_written_anew_when_it_changes_and_only_then() {
        let with = buffer(&["flag 🇩🇪", "plain"]);
        let unsure = unsure_rows(&with);
        assert_eq!(unsure.len(), 1);
        let rows = |before: &[_], now: &Buffer| -> Vec<u16> {
            let changed = changed_rows(before, &unsure_rows(now), now);
            changed.into_iter().map(|(y, _)| y).collect()
        };
        assert_eq!(rows(&[], &with), [0], "first seen");
        assert_eq!(rows(&unsure, &with), [0u16; 0], "unchanged");
        assert_eq!(rows(&unsure, &buffer(&["flag", "plain"])), [0], "gone");
        assert_eq!(rows(&unsure, &buffer(&["flag 🇩🇪", "other"])), [0u16; 0]);
    }
    /// A line: where its text begins, and what it says.
    fn any_line() -> impl Strategy<Value = String> {
        prop_oneof![
            2 => Just(String::new()),
            6 => "[ab]{1,3}",
            2 => "[a-c ]{1,20}",
            1 => "[a日🇩é]{1,9}",
        ]
    }

    proptest! {
        /// A terminal that was sent the bytes shows the frame, whatever stood there before.
        #[test]
        fn the_terminal_shows_each_frame(
            lines in prop::collection::vec(any_line(), 0..60),
            steps in prop::collection::vec((0usize..60, 0u16..4, any::<bool>()), 1..12),
        ) {
            let size = (20, 12);
            let mut frames = Frames::new(size);
            let mut terminal = vt100::Parser::new(size.1.try_into().unwrap(), size.0.try_into().unwrap(), 0);
            for (from, footer, is_styled) in steps {
                let mut wanted = String::new();
                let bytes = frames.next(|frame| {
                    let area = frame.area();
                    let style = if is_styled { Style::new().reversed() } else { Style::new() };
                    let shown = lines.iter().skip(from).take(usize::from(area.height - footer));
                    for (y, line) in (0..).zip(shown) {
                        frame.buffer_mut().set_string(0, y, line, if y % 3 == 0 { style } else { Style::new() });
                    }
                    for y in area.height - footer..area.height {
                        frame.buffer_mut().set_string(0, y, "----", Style::new());
                    }
                    wanted = text(frame.buffer_mut());
                });
                terminal.process(bytes);
                let rows = terminal.screen().rows(0, size.0).map(|row| row.trim_end().to_owned());
                prop_assert_eq!(rows.collect::<Vec<_>>().join("\n"), wanted);
            }
        }
    }

    fn text(buffer: &Buffer) -> String {
        let rows = buffer
            .content
            .chunks(usize::from(buffer.area.width))
            .map(|row| {
                let mut covered = 0;
                let mut text = String::new();
                for cell in row {
                    if covered > 0 {
                        covered -= 1;
                        continue;
                    }
                    covered = UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
                    text.push_str(cell.symbol());
                }
                text.trim_end().to_owned()
            });
        rows.collect::<Vec<_>>().join("\n")
    }
}
