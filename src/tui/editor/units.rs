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

/// Whether a character is kept for standing in for pastes.
pub fn is_stand_in(c: char) -> bool {
    STAND_INS.contains(&c)
}

/// Makes text fit for the editor: line ends become `\n`, and stray stand-ins are replaced. As in the
/// reference the other control characters below the blank go, but tab does not; those above `~` stay and
/// are shown as something unknown.
pub fn clean(text: &str) -> String {
    let clean = plain(text);
    match has_stand_in(&clean) {
        true => clean.replace(is_stand_in, "\u{fffd}"),
        false => clean,
    }
}

/// The same, with stray stand-ins left in: for a text that is kept aside.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    let is_odd = |byte: u8| byte < b' ' && !matches!(byte, b'\n' | b'\t');
    // Most of a large text is taken over as it is.
    while let Some(at) = rest.bytes().position(is_odd) {
        let (good, odd) = rest.split_at(at);
        plain.push_str(good);
        rest = &odd[1..];
        if odd.starts_with('\r') {
            rest = rest.strip_prefix('\n').unwrap_or(rest);
            plain.push('\n');
        }
    }
    plain.push_str(rest);
    plain
}

/// Whether any character of a text is kept for standing in for pastes.
pub fn has_stand_in(text: &str) -> bool {
    // The first byte of all of them.
    memchr::memchr(0xf4, text.as_bytes()).is_some() && text.contains(is_stand_in)
}

/// The units of `text` with their byte offsets.
pub fn units(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.grapheme_indices(true)
        .flat_map(|(at, cluster)| split_stand_ins(at, cluster))
}

// Marks may join a stand-in to its neighbours; the caret steps over it alone all the same.
fn split_stand_ins(at: usize, cluster: &str) -> impl Iterator<Item = (usize, &str)> {
    let plain = cluster.len() < 4 || !cluster.contains(is_stand_in);
    let mut rest = cluster;
    let mut at = at;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = match rest.find(is_stand_in) {
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
        unit if unit.starts_with(char::is_control) => 1,
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
