//! Limits on what a tool hands to the model: whole lines from the head (files) or the tail (commands),
//! whichever of the two limits is hit first.

use serde::Serialize;

/// Lines that a tool hands over at most.
pub const MAX_LINES: u64 = 2000;
/// Bytes that a tool hands over at most.
pub const MAX_BYTES: usize = 50 * 1024;
/// In place of a limit on lines where there is none: the largest integer that any JSON reader keeps.
pub(super) const NO_LIMIT: u64 = (1 << 53) - 1;
/// Characters of one line that grep hands over at most.
pub(super) const MAX_GREP_LINE: usize = 500;

/// What was cut, as programs read it in a result's details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Truncation {
    /// Whether anything was cut.
    pub truncated: bool,
    /// By which limit.
    pub truncated_by: Option<Limit>,
    /// Lines before the cut; a newline at the end opens one more.
    pub total_lines: u64,
    /// Bytes before the cut.
    pub total_bytes: u64,
    /// Lines left.
    pub output_lines: usize,
    /// Bytes left.
    pub output_bytes: usize,
    /// Whether what is left is only the end of one line.
    pub last_line_partial: bool,
    /// Whether nothing is left because the first line alone is too long.
    pub first_line_exceeds_limit: bool,
    /// The limit on lines.
    pub max_lines: u64,
    /// The limit on bytes.
    pub max_bytes: usize,
}

/// One of the two limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Limit {
    /// On lines.
    Lines,
    /// On bytes.
    Bytes,
}

/// Keeps whole lines from the start.
pub(super) fn head(text: &str, max_lines: u64) -> (&str, Truncation) {
    let mut facts = untouched(text, max_lines);
    if facts.total_lines <= max_lines && text.len() <= MAX_BYTES {
        return (text, facts);
    }
    facts.truncated = true;
    facts.truncated_by = Some(Limit::Lines);
    let mut end = None;
    let mut lines = 0;
    for (start, line) in lines_of(text) {
        if lines as u64 == max_lines {
            break;
        }
        if start + line.len() > MAX_BYTES {
            facts.truncated_by = Some(Limit::Bytes);
            facts.first_line_exceeds_limit = lines == 0;
            break;
        }
        end = Some(start + line.len());
        lines += 1;
    }
    let kept = &text[..end.unwrap_or(0)];
    facts.output_lines = lines;
    facts.output_bytes = kept.len();
    (kept, facts)
}

/// Keeps whole lines from the end; of a last line that is too long by itself, its end.
pub(super) fn tail(text: &str) -> (&str, Truncation) {
    let mut facts = untouched(text, MAX_LINES);
    if facts.total_lines <= MAX_LINES && text.len() <= MAX_BYTES {
        return (text, facts);
    }
    facts.truncated = true;
    facts.truncated_by = Some(Limit::Lines);
    let mut start = text.len();
    let mut lines = 0;
    // Where the line that is looked at ends.
    let mut end = text.len();
    while (lines as u64) < MAX_LINES {
        let line_start = memchr::memrchr(b'\n', &text.as_bytes()[..end]).map_or(0, |at| at + 1);
        if text.len() - line_start > MAX_BYTES {
            facts.truncated_by = Some(Limit::Bytes);
            // An empty last line is only the newline of the one before it.
            if lines == 0 || start == text.len() {
                start = (text.len() - MAX_BYTES..=text.len())
                    .find(|&at| text.is_char_boundary(at))
                    .unwrap_or(text.len());
                lines = lines.max(1);
                facts.last_line_partial = true;
            }
            break;
        }
        start = line_start;
        lines += 1;
        if line_start == 0 {
            break;
        }
        end = line_start - 1;
    }
    let kept = &text[start..];
    facts.output_lines = lines;
    facts.output_bytes = kept.len();
    (kept, facts)
}

/// Cuts a line of grep's output; tells whether it had to.
pub(super) fn grep_line(line: &str) -> (String, bool) {
    match line.char_indices().nth(MAX_GREP_LINE) {
        Some((cut, _)) => (format!("{}... [truncated]", &line[..cut]), true),
        None => (line.to_string(), false),
    }
}

/// A size as people read it: `512B`, `50.0KB`, `1.2MB`.
pub fn human_size(bytes: u64) -> String {
    const KB: f64 = 1024.0;
    match bytes {
        0..1024 => format!("{bytes}B"),
        1024..1_048_576 => format!("{:.1}KB", bytes as f64 / KB),
        _ => format!("{:.1}MB", bytes as f64 / KB / KB),
    }
}

fn untouched(text: &str, max_lines: u64) -> Truncation {
    let total_lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1;
    Truncation {
        truncated: false,
        truncated_by: None,
        total_lines: total_lines as u64,
        total_bytes: text.len() as u64,
        output_lines: total_lines,
        output_bytes: text.len(),
        last_line_partial: false,
        first_line_exceeds_limit: false,
        max_lines,
        max_bytes: MAX_BYTES,
    }
}

/// Every line with the place where it starts.
fn lines_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split('\n').map(move |line| {
        let here = start;
        start += line.len() + 1;
        (here, line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_cut_after_whole_lines() {
        let text = "x\n".repeat(MAX_LINES as usize + 5);
        let (kept, facts) = head(&text, MAX_LINES);
        assert_eq!(kept.lines().count() as u64, MAX_LINES);
        assert_eq!(facts.truncated_by, Some(Limit::Lines));
        assert_eq!(facts.total_lines, MAX_LINES + 6);

        let text = format!("{}\n", "é".repeat(500)).repeat(60);
        let (kept, facts) = head(&text, MAX_LINES);
        assert_eq!(facts.truncated_by, Some(Limit::Bytes));
        assert_eq!((facts.output_lines, kept.len()), (51, 51 * 1001 - 1));

        let text = "y".repeat(MAX_BYTES + 1);
        let (kept, facts) = head(&text, MAX_LINES);
        assert_eq!(kept, "");
        assert!(facts.first_line_exceeds_limit);
    }

    #[test]
    fn exactly_the_limit_is_not_cut() {
        let text = format!("{}x", "x\n".repeat(MAX_LINES as usize - 1));
        assert!(!head(&text, MAX_LINES).1.truncated);
        assert!(!tail(&text).1.truncated);
        let text = "x".repeat(MAX_BYTES);
        assert!(!head(&text, MAX_LINES).1.truncated);
        assert!(!tail(&text).1.truncated);
    }

    #[test]
    fn the_tail_is_cut_before_whole_lines() {
        let text: String = (1..=3000).map(|n| format!("{n}\n")).collect();
        let (kept, facts) = tail(&text);
        assert!(kept.starts_with("1002\n") && kept.ends_with("3000\n"));
        assert_eq!((facts.output_lines, facts.total_lines), (2000, 3001));
    }

    #[test]
    fn of_one_endless_line_the_end_is_kept_even_when_a_newline_follows() {
        for end in ["", "\n"] {
            let text = format!("{}é{end}", "a".repeat(2 * MAX_BYTES));
            let (kept, facts) = tail(&text);
            assert!(kept.ends_with(&format!("aé{end}")) && kept.len() <= MAX_BYTES);
            assert!(facts.last_line_partial);
        }
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        let text = "日".repeat(MAX_BYTES);
        let (kept, _) = tail(&text);
        assert!(kept.len() <= MAX_BYTES && kept.chars().all(|c| c == '日'));
        let (line, cut) = grep_line(&"日".repeat(501));
        assert!(cut && line.starts_with(&"日".repeat(500)));
    }
}
