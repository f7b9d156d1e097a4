//! Frames as bytes: ratatui says which cells changed, this says it to the terminal. Collects one frame
//! in memory; a frame that changes nothing is no bytes at all.

use std::convert::Infallible;
use std::io::Write;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

use super::pen::Pen;
use super::shift::Shift;
use crate::tui::pictures::{is_drawn_over, transmission};

/// Between these the terminal shows nothing half done.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// The bytes of the frame in the making.
pub(super) struct Sink {
    size: Size,
    cells: Vec<u8>,
    frame: Vec<u8>,
    /// Where the frame in the making wants the caret.
    caret: Option<Position>,
    /// Where the terminal has it.
    shown: Option<Position>,
    /// Whether blanks are written one by one: what is drawn over cells goes away then, everywhere.
    spells_blanks: bool,
}

impl Sink {
    pub(super) fn new(size: Size) -> Self {
        Sink {
            size,
            cells: Vec::new(),
            frame: Vec::new(),
            caret: None,
            shown: None,
            spells_blanks: false,
        }
    }

    /// The frame, to be written in one go; empty when nothing changed since the last one.
    pub(super) fn take(&mut self) -> &[u8] {
        self.frame.clear();
        if !self.cells.is_empty() || self.caret != self.shown {
            self.frame.extend_from_slice(BEGIN);
            if self.shown.is_some() {
                self.frame.extend_from_slice(b"\x1b[?25l");
            }
            self.frame.append(&mut self.cells);
            if let Some(caret) = self.caret {
                go_to(caret.x, caret.y, &mut self.frame);
                self.frame.extend_from_slice(b"\x1b[?25h");
            }
            self.frame.extend_from_slice(END);
            self.shown = self.caret;
        }
        &self.frame
    }
}

impl Sink {
    /// In place of the frame as it would be without: the terminal moves rows, and these cells change.
    pub(super) fn move_rows(&mut self, shift: &Shift, changed: Vec<(u16, u16, &Cell)>) {
        self.cells.clear();
        let (top, bottom) = (shift.rows.start + 1, shift.rows.end);
        let (by, way) = (
            shift.up.unsigned_abs(),
            if shift.up > 0 { 'S' } else { 'T' },
        );
        let _ = write!(self.cells, "\x1b[{top};{bottom}r\x1b[{by}{way}\x1b[r");
        let Ok(()) = self.draw(changed.into_iter());
    }

    /// Whether the next frame is to write blanks one by one.
    pub(super) fn spell_blanks(&mut self, spells: bool) {
        self.spells_blanks = spells;
    }

    /// Draws a picture over cells that were written before.
    pub(super) fn picture(&mut self, (x, y): (u16, u16), drawing: &str) {
        go_to(x, y, &mut self.cells);
        self.cells.extend_from_slice(drawing.as_bytes());
    }

    /// Erases a row and writes all of it, for rows of which it is not certain what they show.
    pub(super) fn rewrite(&mut self, y: u16, cells: &[Cell]) {
        go_to(0, y, &mut self.cells);
        self.cells.extend_from_slice(b"\x1b[0m\x1b[2K");
        let mut covered = 0;
        let visible = (0..).zip(cells).filter_map(|(x, cell)| {
            if covered > 0 {
                covered -= 1;
                return None;
            }
            covered = UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
            Some((x, y, cell))
        });
        let Ok(()) = self.draw(visible);
    }
}

/// Everything painted was cleaned before; this is where it would matter if it was not.
fn harmless(symbol: &str) -> &str {
    if symbol.chars().any(char::is_control) {
        "\u{fffd}"
    } else {
        symbol
    }
}

/// Writing to memory cannot fail.
fn go_to(x: u16, y: u16, out: &mut Vec<u8>) {
    let _ = write!(out, "\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1);
}

/// Blanks that many cells, by writing them or at once; true when the terminal writes on behind them.
fn blank(cells: u16, written: bool, out: &mut Vec<u8>) -> bool {
    if !written {
        let _ = write!(out, "\x1b[{cells}X");
        return false;
    }
    out.resize(out.len() + usize::from(cells), b' ');
    true
}

impl Backend for Sink {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut pen = Pen::default();
        // Where the terminal writes next, as far as that is certain.
        let mut next = None;
        let mut content = content.peekable();
        while let Some((x, y, cell)) = content.next() {
            if let Some(picture) = transmission(cell.symbol(), cell.fg) {
                self.cells.extend_from_slice(picture.as_bytes());
            }
            if next != Some((x, y)) {
                go_to(x, y, &mut self.cells);
            }
            if *cell == Cell::EMPTY {
                let mut blanks = 1;
                let is_next = |next: &(u16, u16, &Cell), blanks| {
                    *next.2 == Cell::EMPTY && (next.0, next.1) == (x.saturating_add(blanks), y)
                };
                while content.next_if(|next| is_next(next, blanks)).is_some() {
                    blanks += 1;
                }
                pen.change(Pen::default(), &mut self.cells);
                let is_short = blanks <= 8 || self.spells_blanks;
                next =
                    blank(blanks, is_short, &mut self.cells).then(|| (x.saturating_add(blanks), y));
                continue;
            }
            let (symbol, color) = match is_drawn_over(cell.symbol()) {
                true => (" ", Color::Reset),
                false => (harmless(cell.symbol()), cell.fg),
            };
            let wanted = Pen::new(color, cell.bg, cell.modifier).linked(cell.underline_color);
            pen.change(wanted, &mut self.cells);
            self.cells.extend_from_slice(symbol.as_bytes());
            // Terminals do not agree on the width of clusters: after one, say where to go on.
            let one_char = symbol.chars().nth(1).is_none();
            next = one_char.then(|| (x.saturating_add(1), y));
        }
        pen.change(Pen::default(), &mut self.cells);
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.caret = None;
        Ok(())
    }

    /// The position follows.
    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.caret.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.caret = Some(position.into());
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.cells.clear();
        self.cells.extend_from_slice(b"\x1b[0m\x1b[2J");
        Ok(())
    }

    /// Only whole screens are ever cleared.
    fn clear_region(&mut self, _: ClearType) -> Result<(), Infallible> {
        self.clear()
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::default(),
        })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::{Style, Stylize};
    use ratatui::text::{Line, Span};
    use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

    use super::*;
    use crate::tui::links::Link;

    struct Bench(Terminal<Sink>);

    impl Bench {
        fn new() -> Self {
            let viewport = Viewport::Fixed(Rect::new(0, 0, 20, 2));
            let sink = Sink::new(Size::new(20, 2));
            Bench(Terminal::with_options(sink, TerminalOptions { viewport }).unwrap())
        }

        /// What a frame with this line sends, as text.
        fn paint(&mut self, line: &str, caret: Option<(u16, u16)>) -> String {
            self.paint_line(line.into(), caret)
        }

        fn paint_line(&mut self, line: Line, caret: Option<(u16, u16)>) -> String {
            let paint = |frame: &mut Frame| {
                frame.render_widget(line, frame.area());
                if let Some(caret) = caret {
                    frame.set_cursor_position(caret);
                }
            };
            self.0.draw(paint).unwrap();
            String::from_utf8(self.0.backend_mut().take().to_vec()).unwrap()
        }
    }

    fn update(body: &str) -> String {
        format!("\x1b[?2026h{body}\x1b[?2026l")
    }

    #[test]
    fn only_what_changed_is_sent() {
        let mut bench = Bench::new();
        assert_eq!(bench.paint("hello", None), update("\x1b[1;1Hhello"));
        assert_eq!(bench.paint("hello", None), "");
        assert_eq!(bench.paint("help", None), update("\x1b[1;4Hp "));
    }

    #[test]
    fn the_caret_moves_alone_and_hides_while_cells_change() {
        let mut bench = Bench::new();
        let shown = bench.paint("a", Some((1, 0)));
        assert_eq!(shown, update("\x1b[1;1Ha\x1b[1;2H\x1b[?25h"));
        assert_eq!(bench.paint("a", Some((1, 0))), "");
        let moved = bench.paint("a", Some((0, 1)));
        assert_eq!(moved, update("\x1b[?25l\x1b[2;1H\x1b[?25h"));
        assert_eq!(bench.paint("a", None), update("\x1b[?25l"));
    }

    #[test]
    fn after_a_cluster_the_place_is_said_again() {
        let mut bench = Bench::new();
        let family = "\u{1f468}\u{200d}\u{1f469}";
        assert_eq!(
            bench.paint(&format!("{family}ab"), None),
            update(&format!("\x1b[1;1H{family}\x1b[1;3Hab"))
        );
        assert_eq!(
            bench.paint("e\u{301}x", None),
            update("\x1b[1;1He\u{301}\x1b[1;2Hx  ")
        );
    }

    #[test]
    fn styles_are_set_once_and_taken_back() {
        let mut bench = Bench::new();
        let line = Line::from(vec![
            "a".bold().red(),
            "b".bold().red(),
            "c".fg(Color::Rgb(1, 2, 3)),
            "d".into(),
        ]);
        assert_eq!(
            bench.paint_line(line, None),
            update("\x1b[1;1H\x1b[0;1;31mab\x1b[0;38;2;1;2;3mc\x1b[39md")
        );
    }

    #[test]
    fn a_link_is_opened_and_closed_and_has_no_colour() {
        let mut bench = Bench::new();
        let link = Link::to("https://example.com").unwrap();
        let number = link.number();
        let line = Line::from(vec![
            Span::styled("a", link.on(Style::new())),
            Span::styled("b", link.on(Style::new().bold())),
            "c".into(),
        ]);
        let open = format!("\x1b]8;id=pi{number};https://example.com\x1b\\");
        assert_eq!(
            bench.paint_line(line, None),
            update(&format!("\x1b[1;1H{open}a\x1b[0;1mb\x1b]8;;\x1b\\\x1b[0mc"))
        );
    }

    #[test]
    fn a_control_character_in_a_cell_never_gets_out() {
        let mut bench = Bench::new();
        bench.0.current_buffer_mut()[(0, 0)].set_symbol("\x1b[2J");
        let area = Rect::new(0, 0, 20, 2);
        let paint = |frame: &mut Frame| frame.buffer_mut().set_style(area, Style::new());
        bench.0.draw(paint).unwrap();
        assert_eq!(
            str::from_utf8(bench.0.backend_mut().take()).unwrap(),
            update("\x1b[1;1H\u{fffd}")
        );
    }
}
