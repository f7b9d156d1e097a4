//! One row of the tree: connectors, marks, label, and what the entry says in the colour of its kind.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::branches::Branches;
use crate::ai::Millis;
use crate::session::OutlineRow;
use crate::store::Row;
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::truncate;

/// Columns of one step.
const STEP: usize = 3;

/// How rows are drawn.
pub(super) struct Manner<'a> {
    pub look: &'a Look,
    pub width: usize,
    /// Now and here, when the times of labels are shown.
    pub times: Option<(Millis, &'a TimeZone)>,
}

/// The row at `at`.
pub(super) fn draw(
    branches: &Branches,
    at: usize,
    is_selected: bool,
    manner: &Manner<'_>,
) -> Line<'static> {
    let look = manner.look;
    let Some((row, entry)) = branches.row(at) else {
        return Line::default();
    };
    let mark = if is_selected { "› " } else { "  " };
    let mut spans = vec![
        Span::styled(mark, look.fg(Token::Accent)),
        Span::styled(
            stem(branches, row, at, manner.width / 3),
            look.fg(Token::Dim),
        ),
    ];
    if branches.is_folded(row) && !branches.has_connector(row) {
        spans.push(Span::styled("⊞ ", look.fg(Token::Accent)));
    }
    if row.is_active {
        spans.push(Span::styled("• ", look.fg(Token::Accent)));
    }
    if let Some((label, since)) = &entry.label {
        let label = format!("[{}] ", sanitize_line(label));
        spans.push(Span::styled(label, look.fg(Token::Warning)));
        if let Some((now, zone)) = manner.times {
            let time = format!("{} ", time(*since, now, zone));
            spans.push(Span::styled(time, look.fg(Token::Muted)));
        }
    }
    let mut said = words(entry, look);
    if is_selected {
        for span in &mut said {
            span.style = span.style.add_modifier(Modifier::BOLD);
        }
    }
    spans.extend(said);
    let line = Line::from(truncate(&spans, manner.width));
    if is_selected {
        line.style(look.bg(Token::SelectedBg))
    } else {
        line
    }
}

/// Lines and connector; of a row that stands very far in, the part next to it.
fn stem(branches: &Branches, row: &Row, at: usize, most: usize) -> String {
    let steps = branches.indent(row);
    let most = (most / STEP).max(1);
    let first = steps.saturating_sub(most);
    let mut drawn = vec![' '; (steps - first) * STEP];
    let mut set = |step: usize, column: usize, sign: char| {
        let place = step.checked_sub(first).map(|step| step * STEP + column);
        if let Some(cell) = place.and_then(|place| drawn.get_mut(place)) {
            *cell = sign;
        }
    };
    for gutter in branches.gutters(row).filter(|gutter| gutter.is_drawn) {
        set(gutter.position as usize, 0, '│');
    }
    if branches.has_connector(row)
        && let Some(step) = steps.checked_sub(1)
    {
        set(step, 0, if row.is_last { '└' } else { '├' });
        let sign = match (branches.is_folded(row), branches.can_fold(at)) {
            (true, _) => '⊞',
            (false, true) => '⊟',
            (false, false) => '─',
        };
        set(step, 1, sign);
    }
    if first > 0 {
        set(first, 0, '…');
    }
    drawn.into_iter().collect()
}

/// Who said it, or what it is, and the beginning of it.
fn words(entry: &OutlineRow, look: &Look) -> Vec<Span<'static>> {
    let clean = |text: &str| sanitize_line(text).to_string();
    let text = clean(&entry.text);
    let note = entry.note.as_deref().map(clean);
    let two = |lead: &str, token: Token, text: String, style: Style| {
        vec![
            Span::styled(format!("{lead} "), look.fg(token)),
            Span::styled(text, style),
        ]
    };
    let plain = look.fg(Token::Text);
    let dim = |name: &str| {
        let text = match text.is_empty() {
            true => format!("[{name}]"),
            false => format!("[{name}: {text}]"),
        };
        vec![Span::styled(text, look.fg(Token::Dim))]
    };
    if !entry.is_read {
        return vec![Span::styled("…", look.fg(Token::Dim))];
    }
    match entry.kind.as_str() {
        "user" => two("user:", Token::Accent, text, plain),
        "assistant" => {
            let (said, style) = match (text.is_empty(), note) {
                (false, _) => (text, plain),
                (true, Some(note)) if note == "aborted" => {
                    ("(stopped)".to_owned(), look.fg(Token::Muted))
                }
                (true, Some(why)) => (why, look.fg(Token::Error)),
                (true, None) => ("(no words)".to_owned(), look.fg(Token::Muted)),
            };
            two("assistant:", Token::Success, said, style)
        }
        "toolResult" => {
            let lead = format!("[{}]", note.unwrap_or_else(|| "tool".into()));
            two(&lead, Token::Muted, text, look.fg(Token::Muted))
        }
        "bashExecution" => dim("shell"),
        "custom_message" => {
            let lead = format!("[{}]", note.unwrap_or_else(|| "custom".into()));
            two(&lead, Token::CustomMessageLabel, text, plain)
        }
        "compaction" => two("[compaction]", Token::BorderAccent, text, plain),
        "branch_summary" => two("[branch summary]", Token::Warning, text, plain),
        "model_change" => dim("model"),
        "thinking_level_change" => dim("thinking"),
        "label" if text.is_empty() => dim("label taken away"),
        "label" => dim("label"),
        "session_info" if text.is_empty() => dim("name taken away"),
        "session_info" => dim("name"),
        other => dim(&clean(other)),
    }
}

/// The time of a day; with the day, and the year, where these are others.
fn time(at: Millis, now: Millis, zone: &TimeZone) -> String {
    let here = |at| Some(Timestamp::from_millisecond(at).ok()?.to_zoned(zone.clone()));
    let (Some(at), Some(now)) = (here(at), here(now)) else {
        return String::new();
    };
    let form = match (at.date() == now.date(), at.year() == now.year()) {
        (true, _) => "%H:%M",
        (false, true) => "%m-%d %H:%M",
        (false, false) => "%Y-%m-%d %H:%M",
    };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_says_as_much_of_the_day_as_is_needed() {
        // 2026-11-21 08:30 in UTC.
        let now = 1_795_249_800_000;
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let hours = |hours: i64| time(now - hours * 3_600_000, now, &zone);
        assert_eq!(hours(2), "07:30");
        assert_eq!(hours(24), "11-20 09:30");
        assert_eq!(hours(24 * 365), "2025-11-21 09:30");
        assert_eq!(time(i64::MAX, now, &zone), "");
    }
}
