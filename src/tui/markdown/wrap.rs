//! Rows of at most so many columns, from styled text.
//!
//! Widths are those of whole graphemes, as ratatui's buffer counts them, so that wide characters, emoji
//! sequences and combining marks are never split and never overflow. The text is clean already (see
//! [`super::sanitize`]) and holds no line ends.

use ratatui::buffer::CellWidth;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

use super::written::{Seam, drawn};

/// One row, or one line before it is wrapped.
pub type Row = Vec<Span<'static>>;

/// Stands in for a character that is wider than the whole row.
const TOO_WIDE: &str = "…";

/// The columns that `text` takes.
pub fn text_width(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    text.graphemes(true).map(grapheme_width).sum()
}

/// The columns that a row takes.
pub fn row_width(row: &[Span<'_>]) -> usize {
    row.iter().map(|span| text_width(&span.content)).sum()
}

/// The columns that one character takes by itself.
pub fn char_width(char: char) -> usize {
    if char.is_ascii() {
        return 1;
    }
    grapheme_width(char.encode_utf8(&mut [0; 4]))
}

/// Breaks at spaces and between wide characters; a word longer than a row is broken where the row
/// ends. At least one row comes back.
pub fn wrap_words(line: &[Span<'_>], width: usize) -> Vec<Row> {
    match line {
        [span] if is_plain(&span.content) => wrap_plain(&span.content, span.style, width.max(1)),
        line => wrap_styled(line, width),
    }
}

/// [`wrap_words`] of ASCII in one style, the bulk of all text: rows are cut out of it as they are.
fn wrap_plain(text: &str, style: Style, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut before: Option<usize> = None;
    let mut cut = |from: usize, to: usize| {
        let row = text.get(from..to).unwrap_or_default();
        let seam = before.replace(to).map(|end| match end == from {
            true => Seam::Tight,
            false => Seam::Spaced,
        });
        let spans = seam.map(Seam::span).into_iter();
        rows.push(spans.chain([Span::styled(row.to_owned(), style)]).collect());
    };
    let mut row: Option<(usize, usize)> = None;
    let mut at = 0;
    while at < text.len() {
        let space = at;
        let is_space = |byte: &u8| *byte == b' ';
        let bytes = text.as_bytes();
        let word = space
            + bytes[space..]
                .iter()
                .take_while(|byte| is_space(byte))
                .count();
        at = word
            + bytes[word..]
                .iter()
                .take_while(|byte| !is_space(byte))
                .count();
        if word == at {
            break;
        }
        let mut start = match row {
            Some((start, _)) if at - start <= width => start,
            Some((start, end)) => {
                cut(start, end);
                word
            }
            None if word - space < width => space,
            None => word,
        };
        while at - start > width {
            cut(start, start + width);
            start += width;
        }
        row = Some((start, at));
    }
    match row {
        Some((start, end)) => cut(start, end),
        None if rows.is_empty() => rows.push(Row::new()),
        None => {}
    }
    rows
}

fn wrap_styled(line: &[Span<'_>], width: usize) -> Vec<Row> {
    let mut rows = Rows::new(width);
    let mut words = Words::default();
    for span in line {
        for (piece, kind) in pieces(&span.content) {
            match kind {
                Piece::Word => words.push(piece, span.style),
                Piece::Space => {
                    words.flush(&mut rows);
                    words.space.push((piece.to_owned(), span.style));
                }
                Piece::Wide => {
                    words.flush(&mut rows);
                    words.push(piece, span.style);
                    words.flush(&mut rows);
                }
            }
        }
    }
    words.flush(&mut rows);
    rows.finish()
}

/// Breaks exactly where rows end and keeps every space: for code and output.
pub fn wrap_hard(line: &[Span<'_>], width: usize) -> Vec<Row> {
    let mut rows = Rows::new(width);
    for span in line {
        rows.put_breaking(&span.content, span.style);
    }
    rows.finish()
}

/// One row: what does not fit gives way to an ellipsis.
pub fn truncate(line: &[Span<'_>], width: usize) -> Row {
    let mut rows = Rows::new(width.max(1));
    if row_width(line) <= width {
        for span in line {
            rows.put(&span.content, span.style);
        }
        return rows.row;
    }
    let room = width.saturating_sub(1);
    'line: for span in line {
        for grapheme in span.content.graphemes(true) {
            if rows.used + grapheme_width(grapheme) > room {
                rows.put(TOO_WIDE, span.style);
                break 'line;
            }
            rows.put(grapheme, span.style);
        }
    }
    rows.row
}

/// A full row on a ground: columns of space before, and spaces up to the width behind.
pub fn on_ground(row: Row, pad: usize, width: usize, ground: Style) -> Line<'static> {
    let mut spans = Vec::with_capacity(row.len() + 2);
    if pad > 0 {
        spans.push(drawn(Span::styled(" ".repeat(pad), ground)));
    }
    let used = pad + row_width(&row);
    for span in row {
        let style = ground.patch(span.style);
        spans.push(span.style(style));
    }
    if let Some(rest) = width.checked_sub(used).filter(|rest| *rest > 0) {
        spans.push(drawn(Span::styled(" ".repeat(rest), ground)));
    }
    Line::from(spans)
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn grapheme_width(grapheme: &str) -> usize {
    if grapheme.len() == 1 {
        return 1;
    }
    usize::from(grapheme.cell_width())
}

#[derive(Clone, Copy, PartialEq)]
enum Piece {
    Word,
    Space,
    /// A character of two columns: a row may end on either side of it.
    Wide,
}

/// Runs of words and of spaces, and single wide characters.
fn pieces(text: &str) -> Vec<(&str, Piece)> {
    let mut pieces = Vec::new();
    let (mut start, mut kind) = (0, Piece::Word);
    let mut add = |from: usize, to: usize, kind: Piece| {
        if from < to {
            pieces.push((&text[from..to], kind));
        }
    };
    if is_plain(text) {
        for (at, byte) in text.bytes().enumerate() {
            let next = if byte == b' ' {
                Piece::Space
            } else {
                Piece::Word
            };
            if next != kind {
                add(start, at, kind);
                (start, kind) = (at, next);
            }
        }
    } else {
        for (at, grapheme) in text.grapheme_indices(true) {
            let next = match grapheme {
                " " => Piece::Space,
                _ if grapheme_width(grapheme) > 1 => Piece::Wide,
                _ => Piece::Word,
            };
            if next != kind || next == Piece::Wide {
                add(start, at, kind);
                (start, kind) = (at, next);
            }
        }
    }
    add(start, text.len(), kind);
    pieces
}

/// The word being read, in as many pieces as it has styles, and the space before it.
#[derive(Default)]
struct Words {
    space: Vec<(String, Style)>,
    word: Vec<(String, Style)>,
    width: usize,
}

impl Words {
    fn push(&mut self, piece: &str, style: Style) {
        self.width += text_width(piece);
        match self.word.last_mut() {
            Some((text, last)) if *last == style => text.push_str(piece),
            _ => self.word.push((piece.to_owned(), style)),
        }
    }

    /// Puts the space and the word on this row, or the word alone on the next.
    fn flush(&mut self, rows: &mut Rows) {
        if self.word.is_empty() {
            return;
        }
        let space: usize = self.space.iter().map(|(text, _)| text.len()).sum();
        if rows.used > 0 && rows.used + space + self.width > rows.width {
            rows.end_row(match space {
                0 => Seam::Tight,
                _ => Seam::Spaced,
            });
        } else if space < rows.width {
            for (text, style) in &self.space {
                rows.put(text, *style);
            }
        }
        self.space.clear();
        for (text, style) in self.word.drain(..) {
            rows.put_breaking(&text, style);
        }
        self.width = 0;
    }
}

/// Rows as they fill up.
struct Rows {
    width: usize,
    rows: Vec<Row>,
    row: Row,
    used: usize,
    /// How the row goes on with the one above.
    seam: Option<Seam>,
}

impl Rows {
    fn new(width: usize) -> Self {
        Rows {
            width: width.max(1),
            rows: Vec::new(),
            row: Vec::new(),
            used: 0,
            seam: None,
        }
    }

    /// Adds to the row as it is.
    fn put(&mut self, text: &str, style: Style) {
        if text.is_empty() {
            return;
        }
        self.used += text_width(text);
        self.row.extend(self.seam.take().map(Seam::span));
        match self.row.last_mut() {
            Some(last) if last.style == style => last.content.to_mut().push_str(text),
            _ => self.row.push(Span::styled(text.to_owned(), style)),
        }
    }

    /// Adds to the row and goes on to the next wherever one is full.
    fn put_breaking(&mut self, text: &str, style: Style) {
        if self.used + text_width(text) <= self.width {
            return self.put(text, style);
        }
        let (mut start, mut run) = (0, 0);
        for (at, grapheme) in text.grapheme_indices(true) {
            let wide = grapheme_width(grapheme);
            if self.used + run + wide > self.width {
                self.put(&text[start..at], style);
                if self.used > 0 {
                    self.end_row(Seam::Tight);
                }
                (start, run) = (at, 0);
                if wide > self.width {
                    self.put(TOO_WIDE, style);
                    start = at + grapheme.len();
                    continue;
                }
            }
            run += wide;
        }
        self.put(&text[start..], style);
    }

    /// The next row goes on like this.
    fn end_row(&mut self, next: Seam) {
        self.rows.push(std::mem::take(&mut self.row));
        self.used = 0;
        self.seam = Some(next);
    }

    fn finish(mut self) -> Vec<Row> {
        if !self.row.is_empty() || self.rows.is_empty() {
            self.rows.push(self.row);
        }
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(rows: Vec<Row>) -> Vec<String> {
        let text = |row: Row| row.iter().map(|span| &*span.content).collect();
        rows.into_iter().map(text).collect()
    }

    fn words(text: &str, width: usize) -> Vec<String> {
        texts(wrap_words(&[Span::raw(text.to_owned())], width))
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(words("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(
            words("a incomprehensible b", 8),
            ["a", "incompre", "hensible", "b"]
        );
        assert_eq!(words("", 5), [""]);
    }

    #[test]
    fn wide_characters_break_between_and_never_inside() {
        assert_eq!(
            words("漢字かな交じり文", 5),
            ["漢字", "かな", "交じ", "り文"]
        );
        assert_eq!(words("👩‍💻👩‍💻👩‍💻", 4), ["👩‍💻👩‍💻", "👩‍💻"]);
        assert_eq!(words("漢", 1), ["…"]);
    }

    #[test]
    fn a_word_in_two_styles_is_one_word() {
        let line = [Span::raw("ab cd"), Span::styled("ef", Style::new().bold())];
        assert_eq!(texts(wrap_words(&line, 5)), ["ab", "cdef"]);
    }

    #[test]
    fn code_keeps_its_spaces() {
        let line = [Span::raw("    let x = 1;")];
        assert_eq!(texts(wrap_hard(&line, 8)), ["    let ", "x = 1;"]);
    }

    #[test]
    fn what_does_not_fit_gives_way_to_an_ellipsis() {
        let cut = |width| texts(vec![truncate(&[Span::raw("漢字abc")], width)]).concat();
        assert_eq!(cut(7), "漢字abc");
        assert_eq!(cut(6), "漢字a…");
        assert_eq!(cut(4), "漢…");
    }

    proptest! {
        #[test]
        fn the_short_way_is_the_same_as_the_long(text in "[ a-c]{0,60}", width in 1usize..20) {
            let line = [Span::raw(text)];
            prop_assert_eq!(texts(wrap_words(&line, width)), texts(wrap_styled(&line, width)));
        }

        #[test]
        fn no_row_is_wider_than_asked_and_nothing_is_lost(text in "\\PC{0,80}", width in 1usize..40) {
            let text = crate::tui::markdown::sanitize_line(&text).into_owned();
            let line = [Span::raw(text.clone())];
            for rows in [wrap_words(&line, width), wrap_hard(&line, width), vec![truncate(&line, width)]] {
                for row in &rows {
                    prop_assert!(row_width(row) <= width, "{:?}", row);
                }
            }
            if width > 2 {
                prop_assert_eq!(texts(wrap_hard(&line, width)).concat(), text);
            }
        }
    }
}
