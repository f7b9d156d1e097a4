//! Folds the text into rows no wider than the window.
//!
//! Rows cover the text without gap or overlap (but for the newlines), break behind blanks where they
//! can and between units where they must.

use super::units;

/// One row: the bytes `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its first byte.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
    /// Its columns.
    pub width: u16,
}

/// All rows of a text at a width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    rows: Vec<Row>,
    // Parallel to the units of the text: where each begins and how wide it is.
    places: Vec<(usize, u16)>,
}

impl Layout {
    /// Folds `text`. `width_of` says how many columns a unit takes.
    pub fn new(text: &str, width: u16, width_of: impl Fn(&str) -> u16) -> Self {
        let width = width.max(1);
        let mut layout = Layout {
            rows: Vec::new(),
            places: Vec::new(),
        };
        let mut start = 0;
        for line in text.split('\n') {
            layout.fold(line, start, width, &width_of);
            start += line.len() + 1;
        }
        layout
    }

    fn fold(&mut self, line: &str, base: usize, width: u16, width_of: &impl Fn(&str) -> u16) {
        let mut row = Row {
            start: base,
            end: base,
            width: 0,
        };
        // Where the row could end behind a blank, and how wide it is up to there.
        let mut blank: Option<(usize, u16)> = None;
        for (offset, unit) in units::units(line) {
            let columns = width_of(unit).min(width);
            let at = base + offset;
            if row.width + columns > width {
                let (end, end_width) = blank.unwrap_or((at, row.width));
                self.rows.push(Row {
                    end,
                    width: end_width,
                    ..row
                });
                row.start = end;
                row.width -= end_width;
                blank = None;
                // The word that moved down may itself fill a row.
                if row.width + columns > width {
                    self.rows.push(Row { end: at, ..row });
                    row.start = at;
                    row.width = 0;
                }
            }
            row.width += columns;
            row.end = at + unit.len();
            if unit.starts_with(char::is_whitespace) {
                blank = Some((row.end, row.width));
            }
            self.places.push((at, columns));
        }
        row.end = base + line.len();
        self.rows.push(row);
    }

    /// The rows, at least one.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row and column of the caret at `at`.
    pub fn locate(&self, at: usize) -> (usize, u16) {
        let row = self
            .rows
            .partition_point(|row| row.start <= at)
            .saturating_sub(1);
        let start = self.rows.get(row).map_or(0, |row| row.start);
        let column = self.places_from(start).take_while(|(unit, _)| *unit < at);
        (row, column.map(|(_, columns)| columns).sum())
    }

    /// Where the caret lands in `row` when it aims at `column`.
    pub fn at(&self, row: usize, column: u16) -> usize {
        let Some(target) = self.rows.get(row) else {
            return self.rows.last().map_or(0, |row| row.end);
        };
        let soft_end = self
            .rows
            .get(row + 1)
            .is_some_and(|next| next.start == target.end);
        let mut passed = 0;
        let mut last = target.start;
        for (unit, columns) in self.places_from(target.start) {
            if unit >= target.end {
                break;
            }
            last = unit;
            if passed + columns > column {
                return unit;
            }
            passed += columns;
        }
        // Behind the last unit of a folded row the caret would already be on the next one.
        if soft_end { last } else { target.end }
    }

    fn places_from(&self, start: usize) -> impl Iterator<Item = (usize, u16)> {
        let first = self.places.partition_point(|(unit, _)| *unit < start);
        self.places[first..].iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str, width: u16) -> Vec<&str> {
        Layout::new(text, width, units::width)
            .rows()
            .iter()
            .map(|row| &text[row.start..row.end])
            .collect()
    }

    #[test]
    fn rows_break_behind_blanks_and_long_words_where_they_must() {
        assert_eq!(folded("one two three", 8), ["one two ", "three"]);
        assert_eq!(folded("abcdefgh ij", 5), ["abcde", "fgh ", "ij"]);
        assert_eq!(folded("a\n\nb", 5), ["a", "", "b"]);
        assert_eq!(folded("日本語", 4), ["日本", "語"]);
        assert_eq!(folded("", 4), [""]);
    }

    #[test]
    fn the_caret_is_found_and_put_back_where_it_was() {
        let layout = Layout::new("one two three", 8, units::width);
        assert_eq!(layout.locate(4), (0, 4));
        assert_eq!(layout.locate(8), (1, 0));
        assert_eq!(layout.at(1, 3), 11);
        assert_eq!(
            layout.at(0, 99),
            7,
            "the end of a folded row is the next row's start"
        );
    }

    proptest! {
        #[test]
        fn rows_cover_any_text_and_are_never_too_wide(text in "(\\PC|\n|\t| ){0,60}", width in 1u16..20) {
            let text = units::clean(&text);
            let layout = Layout::new(&text, width, units::width);
            let mut covered = 0;
            for row in layout.rows() {
                let gap = &text[covered..row.start];
                prop_assert!(gap.is_empty() || gap == "\n");
                prop_assert!(row.width <= width);
                let sum: u16 = units::units(&text[row.start..row.end])
                    .map(|(_, unit)| units::width(unit).min(width))
                    .sum();
                prop_assert_eq!(sum, row.width);
                covered = row.end;
            }
            prop_assert_eq!(covered, text.len());
            for at in text.char_indices().map(|(at, _)| at) {
                let at = units::snap(&text, at);
                let (row, column) = layout.locate(at);
                prop_assert!(row < layout.rows().len());
                prop_assert!(column <= width);
            }
        }
    }
}
