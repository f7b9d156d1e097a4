//! A diff for people: line numbers, four lines of context, `...` for what is left out. The format is
//! the reference's, since other programs read it: a sign (`+`, `-` or space), the line's number padded
//! to one width, a space, the line.

use std::time::Duration;

use similar::{DiffTag, TextDiff};

const CONTEXT: usize = 4;
/// After this a diff that is not the shortest will do.
const PATIENCE: Duration = Duration::from_millis(300);

/// The diff, and the first line of `new` that is changed.
pub(super) fn numbered(old: &str, new: &str) -> (String, Option<usize>) {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let longest = old.split('\n').count().max(new.split('\n').count());
    let mut rows = Rows {
        width: longest.to_string().len(),
        rows: Vec::new(),
    };
    let mut first_changed = None;
    let ops = diff.ops();
    for (index, op) in ops.iter().enumerate() {
        let (removed, added) = (op.old_range(), op.new_range());
        if op.tag() != DiffTag::Equal {
            first_changed.get_or_insert(added.start + 1);
            for at in removed {
                rows.push('-', at, old_lines.get(at));
            }
            for at in added {
                rows.push('+', at, new_lines.get(at));
            }
            continue;
        }
        // Changes and equal stretches take turns.
        let after_change = if index > 0 { CONTEXT } else { 0 };
        let before_change = if index + 1 < ops.len() { CONTEXT } else { 0 };
        if removed.len() <= after_change + before_change {
            removed.for_each(|at| rows.push(' ', at, old_lines.get(at)));
            continue;
        }
        for at in removed.start..removed.start + after_change {
            rows.push(' ', at, old_lines.get(at));
        }
        if after_change + before_change > 0 {
            rows.rows
                .push(format!(" {:rows_width$} ...", "", rows_width = rows.width));
        }
        for at in removed.end - before_change..removed.end {
            rows.push(' ', at, old_lines.get(at));
        }
    }
    (rows.rows.join("\n"), first_changed)
}

struct Rows {
    width: usize,
    rows: Vec<String>,
}

impl Rows {
    fn push(&mut self, sign: char, at: usize, line: Option<&&str>) {
        let line = line.map_or("", |line| line.strip_suffix('\n').unwrap_or(line));
        let row = format!("{sign}{:>width$} {line}", at + 1, width = self.width);
        self.rows.push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shown_with_four_lines_around_them() {
        let old: String = (1..=30).map(|n| format!("line {n}\n")).collect();
        let new = old
            .replace("line 8\n", "eight\nand a half\n")
            .replace("line 25\n", "");
        let (diff, first) = numbered(&old, &new);
        assert_eq!(first, Some(8));
        insta::assert_snapshot!(diff, @r"
            ...
          4 line 4
          5 line 5
          6 line 6
          7 line 7
        - 8 line 8
        + 8 eight
        + 9 and a half
          9 line 9
         10 line 10
         11 line 11
         12 line 12
            ...
         21 line 21
         22 line 22
         23 line 23
         24 line 24
        -25 line 25
         26 line 26
         27 line 27
         28 line 28
         29 line 29
            ...
        ");
    }

    #[test]
    fn a_missing_newline_at_the_end_is_a_change() {
        assert_eq!(
            numbered("a\nb", "a\nb\n"),
            (" 1 a\n-2 b\n+2 b".into(), Some(2))
        );
        assert_eq!(numbered("", "a\n"), ("+1 a".into(), Some(1)));
    }
}
