//! What one step of the caret is: a grapheme cluster, or a paste's stand-in.
//!
//! A large paste stands in the text as one character of the last private-use plane; nothing else in
//! the text may be such a character, [`clean`] sees to it.

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

/// Columns that a tab takes.
pub const TAB: u16 = 4;

/// The characters that stand in for pastes.
pub const STAND_INS: std::ops::RangeInclusive<char> = '\u{10F000}'..='\u{10FFFD}';

/// Makes text fit for the editor: line ends become `\n`, other control characters but tab go, and
/// stray stand-ins are replaced.
pub fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' => {
                characters.next_if_eq(&'\n');
                clean.push('\n');
            }
            '\n' | '\t' => clean.push(c),
            c if c.is_control() => {}
            c if STAND_INS.contains(&c) => clean.push(char::REPLACEMENT_CHARACTER),
            c => clean.push(c),
        }
    }
    clean
}

/// The units of `text` with their byte offsets.
pub fn units(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.grapheme_indices(true)
        .flat_map(|(at, cluster)| split_stand_ins(at, cluster))
}

// Marks may join a stand-in to its neighbours; the caret steps over it alone all the same.
fn split_stand_ins(at: usize, cluster: &str) -> impl Iterator<Item = (usize, &str)> {
    let plain = cluster.len() < 4 || !cluster.contains(|c| STAND_INS.contains(&c));
    let mut rest = cluster;
    let mut at = at;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = match rest.find(|c| STAND_INS.contains(&c)) {
            _ if plain => rest.len(),
            Some(0) => rest.chars().next().map_or(rest.len(), char::len_utf8),
            Some(index) => index,
            None => rest.len(),
        };
        let (unit, tail) = rest.split_at(end);
        let start = at;
        at += end;
        rest = tail;
        Some((start, unit))
    })
}

/// Columns of a unit that is no stand-in.
pub fn width(unit: &str) -> u16 {
    match unit {
        "\t" => TAB,
        unit if unit.starts_with(char::is_control) => 0,
        unit => unit.cell_width(),
    }
}

/// The end of the unit that begins at or spans `at`.
pub fn after(text: &str, at: usize) -> usize {
    let start = line_start(text, at);
    units(text.get(start..).unwrap_or(""))
        .map(|(offset, unit)| start + offset + unit.len())
        .find(|end| *end > at)
        .unwrap_or(text.len())
}

/// The start of the unit that ends at or spans `at`.
pub fn before(text: &str, at: usize) -> usize {
    let start = line_start(text, at);
    if start == at {
        return at.saturating_sub(1);
    }
    units(text.get(start..).unwrap_or(""))
        .map(|(offset, _)| start + offset)
        .take_while(|unit| *unit < at)
        .last()
        .unwrap_or(start)
}

/// `at` itself when it lies between two units, else the end of the unit that it lies in.
pub fn snap(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    let start = line_start(text, at);
    if at == start {
        return at;
    }
    units(text.get(start..).unwrap_or(""))
        .map(|(offset, unit)| start + offset + unit.len())
        .find(|end| *end >= at)
        .unwrap_or(text.len())
}

/// The start of the line that `at` is in.
pub fn line_start(text: &str, at: usize) -> usize {
    memchr::memrchr(b'\n', &text.as_bytes()[..at.min(text.len())]).map_or(0, |newline| newline + 1)
}

/// The end of the line that `at` is in, before its newline.
pub fn line_end(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |newline| at + newline)
}
