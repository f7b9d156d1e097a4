//! One session in one row: its title to the left, where, how long and how old to the right.

use ratatui::text::{Line, Span};

use super::Whereabouts;
use crate::ai::Millis;
use crate::store::index::{Listed, Snippet, Sort};
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::{char_width, row_width, text_width, truncate};

/// How a row is drawn.
pub(super) struct Drawing<'a> {
    pub at: &'a Whereabouts,
    pub look: &'a Look,
    pub width: usize,
    pub sort: Sort,
    /// With the directory.
    pub with_directory: bool,
    /// With the file.
    pub with_path: bool,
}

/// Columns that a title keeps.
const TITLE: usize = 16;

impl Drawing<'_> {
    /// A session; `found` is where in what was said the words were found.
    pub fn row(
        &self,
        listed: &Listed,
        found: Option<&Snippet>,
        is_selected: bool,
    ) -> Line<'static> {
        let look = self.look;
        let is_open = self.at.open.as_deref() == Some(listed.path.as_path());
        let (mark, style) = match (is_selected, listed.digest.name.is_some()) {
            (true, _) => ("› ", look.bold(Token::Accent)),
            (false, true) => ("  ", look.fg(Token::Accent)),
            (false, false) => ("  ", look.fg(Token::Text)),
        };
        let right = self.right(listed);
        let current = if is_open { " ✓" } else { "" };
        let room = self
            .width
            .saturating_sub(text_width(mark) + text_width(current) + text_width(&right) + 2)
            .max(1);
        let mut row = vec![Span::styled(mark, look.fg(Token::Accent))];
        let mut title = vec![Span::styled(title(listed), style)];
        if let Some(found) = found {
            title = truncate(&title, room / 3);
            title.push(Span::styled(" · ", look.fg(Token::Dim)));
            title.extend(self.words(found));
        }
        row.extend(truncate(&title, room));
        row.push(Span::styled(current, look.fg(Token::Success)));
        let gap = self
            .width
            .saturating_sub(row_width(&row) + text_width(&right));
        row.push(Span::raw(" ".repeat(gap)));
        row.push(Span::styled(right, look.fg(Token::Dim)));
        let line = Line::from(truncate(&row, self.width));
        match is_selected {
            true => line.style(look.bg(Token::SelectedBg)),
            false => line,
        }
    }

    /// What was said, with what was searched for standing out.
    fn words(&self, found: &Snippet) -> Vec<Span<'static>> {
        let (muted, accent) = (self.look.fg(Token::Muted), self.look.fg(Token::Accent));
        let mut spans = Vec::new();
        let mut at = 0;
        for range in &found.matches {
            let before = found.text.get(at..range.start).unwrap_or_default();
            let within = found.text.get(range.clone()).unwrap_or_default();
            spans.push(Span::styled(sanitize_line(before).into_owned(), muted));
            spans.push(Span::styled(sanitize_line(within).into_owned(), accent));
            at = range.end;
        }
        let rest = found.text.get(at..).unwrap_or_default();
        spans.push(Span::styled(sanitize_line(rest).into_owned(), muted));
        spans
    }

    fn right(&self, listed: &Listed) -> String {
        let when = match self.sort {
            Sort::Created => listed.digest.created,
            _ => listed.modified,
        };
        let count = listed.digest.messages;
        let words = match (self.width >= 50, count) {
            (true, 1) => " message ",
            (true, _) => " messages",
            (false, _) => "",
        };
        let figures = format!("{count:>4}{words} {:>4}", age(self.at.now, when));
        let place = match (self.with_path, self.with_directory) {
            (true, _) => listed.path.to_string_lossy().into_owned(),
            (false, true) => listed.digest.cwd.clone(),
            (false, false) => return figures,
        };
        let room = self.width.saturating_sub(text_width(&figures) + TITLE + 5);
        let most = if self.with_path { room } else { room * 2 / 3 };
        let place = end_of(&short(&place, self.at.home.as_deref()), most);
        format!("{place} {figures}")
    }
}

/// What a session is called: its name, or how it began.
pub(super) fn title(listed: &Listed) -> String {
    let digest = &listed.digest;
    let title = digest.name.as_deref().unwrap_or(&digest.first);
    let title = sanitize_line(title);
    match title.trim() {
        "" => "(nothing was said)".to_owned(),
        title => title.to_owned(),
    }
}

/// A path with `~` for the home directory, without what could steer a terminal.
pub(super) fn short(path: &str, home: Option<&str>) -> String {
    let below = home.and_then(|home| path.strip_prefix(home));
    let path = match below {
        Some(below) if below.is_empty() || below.starts_with('/') => format!("~{below}"),
        _ => path.to_owned(),
    };
    sanitize_line(&path).into_owned()
}

/// The end of a path that fits: there it says most.
fn end_of(path: &str, width: usize) -> String {
    if text_width(path) <= width {
        return path.to_owned();
    }
    if width < 4 {
        return String::new();
    }
    let mut used = 1;
    let fits = |c: &char| {
        used += char_width(*c);
        used <= width
    };
    let end: Vec<char> = path.chars().rev().take_while(fits).collect();
    std::iter::once('…').chain(end.into_iter().rev()).collect()
}

/// How long ago, in one word.
fn age(now: Millis, then: Millis) -> String {
    let minutes = now.saturating_sub(then) / 60_000;
    let (hours, days) = (minutes / 60, minutes / (60 * 24));
    match () {
        () if minutes < 1 => "now".into(),
        () if minutes < 60 => format!("{minutes}m"),
        () if hours < 24 => format!("{hours}h"),
        () if days < 7 => format!("{days}d"),
        () if days < 30 => format!("{}w", days / 7),
        () if days < 365 => format!("{}mo", days / 30),
        () => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_one_word() {
        const MINUTE: i64 = 60_000;
        const DAY: i64 = 24 * 60 * MINUTE;
        let ages = [
            0,
            5 * MINUTE,
            3 * 60 * MINUTE,
            DAY,
            8 * DAY,
            60 * DAY,
            800 * DAY,
        ];
        let ages = ages.map(|ago| age(1000 * DAY, 1000 * DAY - ago));
        assert_eq!(ages, ["now", "5m", "3h", "1d", "1w", "2mo", "2y"]);
        assert_eq!(age(0, DAY), "now", "a clock that went back");
        assert_eq!(age(i64::MAX, i64::MIN), age(i64::MAX, 0));
    }

    #[test]
    fn a_path_keeps_its_end() {
        assert_eq!(short("/home/me/engine", Some("/home/me")), "~/engine");
        assert_eq!(short("/home/meg", Some("/home/me")), "/home/meg");
        assert_eq!(end_of("~/code/engine", 8), "…/engine");
        assert_eq!(end_of("~/数据/引擎", 6), "…/引擎");
        assert_eq!(end_of("~/code", 3), "");
    }
}
