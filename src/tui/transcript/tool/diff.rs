//! A diff in the tools' own format (`+12 new`, `-12 old`, ` 12 same`) in colours, with the words that
//! changed reversed where lines became others.

use ratatui::style::{Modifier, Style};
use ratatui::text::Span;
use similar::{ChangeTag, TextDiff};

use super::super::fold;
use super::super::paint::Paint;
use crate::tui::look::Token;
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::Row;

/// Rows that are shown folded.
const SHOWN: usize = 40;
/// More changed lines in a row are not compared one by one.
const MOST_PAIRS: usize = 16;
/// Longer lines are not compared word by word.
const LONGEST: usize = 500;

/// How many lines were added and removed.
pub(super) fn count(diff: &str) -> (usize, usize) {
    let lines = |mark| diff.lines().filter(|line| line.starts_with(mark)).count();
    (lines('+'), lines('-'))
}

pub(super) fn rows(diff: &str, width: usize, paint: &Paint<'_>) -> Vec<Row> {
    let clean: Vec<_> = diff.trim_end().split('\n').map(sanitize_line).collect();
    let lines: Vec<&str> = clean.iter().map(|line| &**line).collect();
    let mut rows = styled(&lines, paint).into_iter();
    fold::head(diff, SHOWN, width, paint, |_| {
        rows.next().unwrap_or_default()
    })
}

fn styled(lines: &[&str], paint: &Paint<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let run = |from: usize, mark: char| {
            let lines = lines.iter().skip(from);
            lines.take_while(|line| line.starts_with(mark)).count()
        };
        let removed = run(at, '-');
        let added = run(at + removed, '+');
        if removed == added && (1..=MOST_PAIRS).contains(&removed) {
            // As many lines as before: each became the one in its place.
            let pairs = (at..at + removed).map(|old| (lines[old], lines[old + removed]));
            let pairs = pairs.map(|(old, new)| {
                by_words(old, new, paint).unwrap_or_else(|| (whole(old, paint), whole(new, paint)))
            });
            let (old, new): (Vec<Row>, Vec<Row>) = pairs.unzip();
            rows.extend(old.into_iter().chain(new));
        } else {
            let count = (removed + added).max(1);
            rows.extend(
                lines
                    .iter()
                    .skip(at)
                    .take(count)
                    .map(|line| whole(line, paint)),
            );
        }
        at += (removed + added).max(1);
    }
    rows
}

fn whole(line: &str, paint: &Paint<'_>) -> Row {
    vec![Span::styled(line.to_owned(), style(line, paint))]
}

fn style(line: &str, paint: &Paint<'_>) -> Style {
    paint.look.fg(match line.as_bytes().first() {
        Some(b'+') => Token::ToolDiffAdded,
        Some(b'-') => Token::ToolDiffRemoved,
        _ => Token::ToolDiffContext,
    })
}

/// One line that became another: what changed is reversed.
fn by_words(old: &str, new: &str, paint: &Paint<'_>) -> Option<(Row, Row)> {
    if old.len() > LONGEST || new.len() > LONGEST {
        return None;
    }
    let (old_mark, old_text) = split_number(old);
    let (new_mark, new_text) = split_number(new);
    let diff = TextDiff::from_words(old_text, new_text);
    // Lines with little in common are easier to read plain.
    if diff.ratio() < 0.4 {
        return None;
    }
    let (old_style, new_style) = (style(old, paint), style(new, paint));
    let mut before = vec![Span::styled(old_mark.to_owned(), old_style)];
    let mut after = vec![Span::styled(new_mark.to_owned(), new_style)];
    for change in diff.iter_all_changes() {
        let text = change.value().to_owned();
        let bright = |style: Style| match text.trim().is_empty() {
            true => style,
            false => style.add_modifier(Modifier::REVERSED),
        };
        match change.tag() {
            ChangeTag::Equal => {
                before.push(Span::styled(text.clone(), old_style));
                after.push(Span::styled(text, new_style));
            }
            ChangeTag::Delete => before.push(Span::styled(text.clone(), bright(old_style))),
            ChangeTag::Insert => after.push(Span::styled(text.clone(), bright(new_style))),
        }
    }
    Some((before, after))
}

/// The mark and number of a line, and its text.
fn split_number(line: &str) -> (&str, &str) {
    let digits = line
        .char_indices()
        .skip(1)
        .find(|(_, char)| !matches!(char, ' ' | '0'..='9'));
    let number = digits.map_or(line.len(), |(at, _)| at);
    // The text's own indentation stays with the text.
    let head = &line[..number];
    let end = head.trim_end_matches(' ').len();
    let end = (end + 1).min(number);
    line.split_at(end)
}
