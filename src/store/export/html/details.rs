//! Pieces that articles and tools are made of: what folds, code, pictures, JSON.

use serde_json::Value;

use super::escape::escape;
use crate::ai::Content;
use crate::store::export::clean::{Clean, Cleaner};
use crate::store::export::image;
use crate::store::totals::grouped;
use crate::tools::human_size;

/// Output that is longer is folded.
const SHORT_LINES: usize = 16;

/// Begins something that folds; `class` is a literal.
pub(super) fn open(class: &str, is_open: bool, html: &mut String) {
    html.push_str("<details class=\"");
    html.push_str(class);
    html.push_str(if is_open {
        "\" open><summary>"
    } else {
        "\"><summary>"
    });
}

/// Whether a text is short enough to stand open.
pub(super) fn is_short(text: &str) -> bool {
    text.len() < 4000 && text.lines().nth(SHORT_LINES).is_none()
}

/// Code or output; `language` comes from [`super::escape::language`].
pub(super) fn code(text: &Clean<'_>, language: &str, first_line: Option<u64>, html: &mut String) {
    html.push_str("<pre class=\"code\" data-lang=\"");
    html.push_str(language);
    if let Some(first) = first_line {
        html.push_str("\" data-from=\"");
        html.push_str(&first.to_string());
    }
    html.push_str("\"><code>");
    escape(text.as_str(), html);
    html.push_str("</code></pre>");
}

/// A diff by the first character of its lines.
pub(super) fn diff(text: &Clean<'_>, html: &mut String) {
    html.push_str("<pre class=\"diff\">");
    for line in text.as_str().lines() {
        let tag = match line.as_bytes().first() {
            Some(b'+') => "<ins>",
            Some(b'-') => "<del>",
            _ => "<span>",
        };
        html.push_str(tag);
        escape(line, html);
        html.push('\n');
        html.push_str(match tag {
            "<ins>" => "</ins>",
            "<del>" => "</del>",
            _ => "</span>",
        });
    }
    html.push_str("</pre>");
}

/// A value behind a fold.
pub(super) fn json(name: &Clean<'_>, value: &Value, cleaner: &Cleaner<'_>, html: &mut String) {
    open("data", false, html);
    escape(name.as_str(), html);
    html.push_str("</summary>");
    code(&cleaner.json(value), "json", None, html);
    html.push_str("</details>");
}

/// The pictures among `blocks`.
pub(super) fn images(blocks: &[Content], cleaner: &Cleaner<'_>, html: &mut String) {
    for block in blocks {
        let Content::Image { data, mime_type } = block else {
            continue;
        };
        let kind = image::known_kind(mime_type);
        match kind.filter(|_| image::is_base64(data) && !cleaner.is_known_in(data)) {
            Some(kind) => {
                html.push_str("<img loading=\"lazy\" decoding=\"async\" alt=\"A picture of ");
                html.push_str(&human_size(image::size(data)));
                html.push_str("\" src=\"data:");
                html.push_str(kind);
                html.push_str(";base64,");
                html.push_str(data);
                html.push_str("\">");
            }
            None => {
                html.push_str("<p class=\"note\">A picture that cannot be shown (");
                escape(cleaner.line(mime_type).as_str(), html);
                html.push_str(")</p>");
            }
        }
    }
}

/// `1 line`, `1,200 lines`.
pub(super) fn lines(text: &str) -> String {
    match text.lines().count() {
        1 => "1 line".into(),
        count => format!("{} lines", grouped(count as u64)),
    }
}
