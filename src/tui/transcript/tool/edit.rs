//! `edit src/main.rs`, and what has changed.

use ratatui::text::Span;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::super::paint::Paint;
use super::{ToolCall, View, diff};
use crate::tui::look::Token;

const SHOWN: usize = 10;
/// Longer replacements are not shown before they are made.
const LONGEST: usize = 20_000;

pub(super) fn view(call: &ToolCall, width: usize, paint: &Paint<'_>) -> View {
    let mut title = vec![call.name_span(paint), Span::raw(" "), call.path_span(paint)];
    let edits = call.args().get("edits").and_then(Value::as_array);
    let count = edits.map_or(0, Vec::len);
    let diff = call
        .details()
        .and_then(|details| details.get("diff"))
        .and_then(Value::as_str);
    let body = match (call.is_error(), diff) {
        (Some(false), Some(diff)) => {
            let (added, removed) = diff::count(diff);
            let mut tally = |text, token| title.push(Span::styled(text, paint.look.fg(token)));
            tally(format!(" +{added}"), Token::ToolDiffAdded);
            tally(format!(" -{removed}"), Token::ToolDiffRemoved);
            diff::rows(diff, width, paint)
        }
        (None, _) => {
            let preview = preview(call);
            if count > 1 {
                let text = format!(" ({count} changes)");
                title.push(Span::styled(text, paint.look.fg(Token::Muted)));
            }
            diff::rows(&preview, width, paint)
        }
        _ => call.output(SHOWN, width, paint),
    };
    View {
        title: vec![title],
        body,
    }
}

/// What the edits are about to change, as far as they are written: without the lines' numbers, which
/// only the file knows.
fn preview(call: &ToolCall) -> String {
    let args = call.args();
    let edits = args.get("edits").and_then(Value::as_array);
    let edits = edits.map_or(std::slice::from_ref(args), Vec::as_slice);
    let texts = edits.iter().filter_map(|edit| {
        let text = |name| edit.get(name).and_then(Value::as_str);
        Some((text("oldText")?, text("newText")?))
    });
    let mut lines: Vec<String> = Vec::new();
    let mut room = LONGEST;
    for (old, new) in texts {
        let Some(left) = room.checked_sub(old.len() + new.len()) else {
            break;
        };
        room = left;
        if !lines.is_empty() {
            lines.push(" ...".into());
        }
        let diff = TextDiff::from_lines(old, new);
        lines.extend(diff.iter_all_changes().map(|change| {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            format!("{sign} {}", change.value().trim_end_matches(['\n', '\r']))
        }));
    }
    lines.join("\n")
}
