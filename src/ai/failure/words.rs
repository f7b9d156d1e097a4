//! What a vendor says in the body of an error, whatever its shape: a few lines of it at most, and then
//! how much there was.

use serde_json::Value;

use crate::ai::partial_json::PartialJson;

/// As much of a vendor's message as is shown, in characters and in lines.
const MAX_MESSAGE: usize = 800;
const MAX_LINES: usize = 6;

/// How long a body is of which a part may have been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// So many bytes.
    Of(u64),
    /// More than these.
    Over(u64),
}

/// The vendor's own words in a body: JSON's `error.message` and its kin, a page's title, or the text.
pub fn vendor_message(body: &str) -> Option<String> {
    words_of(body, Size::Of(body.len() as u64))
}

/// The same for the beginning of a body of this size.
pub fn words_of(body: &str, size: Size) -> Option<String> {
    Some(shortened(&all_of(body)?, size))
}

/// The same, however long they are.
pub fn all_of(body: &str) -> Option<String> {
    let body = body.trim();
    let found = match read(body) {
        Some(value) => in_json(&value).unwrap_or_else(|| body.to_owned()),
        None if body.starts_with('<') => in_page(body),
        None => body.to_owned(),
    };
    let found = found.trim();
    (!found.is_empty()).then(|| found.to_owned())
}

/// JSON, also where its end is missing.
fn read(body: &str) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(body) {
        return Some(value);
    }
    if !body.starts_with(['{', '[']) {
        return None;
    }
    let mut partial = PartialJson::new();
    partial.push(body);
    partial.value().cloned()
}

fn in_json(value: &Value) -> Option<String> {
    if let Value::Array(items) = value {
        return items.first().and_then(in_json);
    }
    let error = value.get("error").unwrap_or(value);
    let message = match error {
        Value::String(text) => Some(text.as_str()),
        _ => ["message", "detail", "error", "Message"]
            .iter()
            .find_map(|key| error.get(key).and_then(Value::as_str)),
    }?;
    let mut text = message.to_owned();
    let kind = ["type", "code"]
        .iter()
        .filter_map(|key| error.get(key).and_then(Value::as_str))
        .find(|kind| !kind.is_empty() && !message.contains(kind));
    if let Some(kind) = kind {
        text.push_str(&format!(" ({kind})"));
    }
    // OpenRouter passes on what the server behind it said.
    if let Some(raw) = error.pointer("/metadata/raw").and_then(Value::as_str) {
        text.push('\n');
        let behind = read(raw).and_then(|value| in_json(&value));
        text.push_str(behind.as_deref().unwrap_or(raw));
    }
    Some(text)
}

/// The title of an HTML page, or its words.
fn in_page(body: &str) -> String {
    let lower = body.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let from = at + lower[at..].find('>')? + 1;
        let to = from + lower[from..].find("</title")?;
        Some(&body[from..to])
    });
    if let Some(title) = title.map(str::trim).filter(|title| !title.is_empty()) {
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        return decoded(&title);
    }
    let mut words = String::new();
    let mut in_tag = false;
    for c in body.chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                words.push(' ');
            }
            c if !in_tag => words.push(c),
            _ => {}
        }
    }
    let words: Vec<&str> = words.split_whitespace().take(40).collect();
    decoded(&words.join(" "))
}

/// A page's words with its entities as the letters that they stand for.
fn decoded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = from.char_indices().take(12).find(|(_, c)| *c == ';');
        let letter = end.and_then(|(end, _)| letter(from.get(1..end)?));
        match (letter, end) {
            (Some(letter), Some((end, _))) => {
                out.push(letter);
                rest = from.get(end + 1..).unwrap_or_default();
            }
            _ => {
                out.push('&');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    out + rest
}

fn letter(entity: &str) -> Option<char> {
    let number = entity.strip_prefix('#');
    if let Some(hex) = number.and_then(|number| number.strip_prefix(['x', 'X'])) {
        return char::from_u32(u32::from_str_radix(hex, 16).ok()?);
    }
    if let Some(number) = number {
        return char::from_u32(number.parse().ok()?);
    }
    const NAMED: [(&str, char); 15] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("middot", '·'),
        ("bull", '•'),
        ("ndash", '–'),
        ("mdash", '—'),
        ("hellip", '…'),
        ("lsquo", '‘'),
        ("rsquo", '’'),
        ("copy", '©'),
        ("raquo", '»'),
    ];
    let found = NAMED.iter().find(|(name, _)| *name == entity);
    found.map(|(_, letter)| *letter)
}

fn shortened(text: &str, size: Size) -> String {
    let long = text.char_indices().nth(MAX_MESSAGE).map(|(at, _)| at);
    let high = text
        .match_indices('\n')
        .nth(MAX_LINES - 1)
        .map(|(at, _)| at);
    let Some(at) = long.into_iter().chain(high).min() else {
        return text.to_owned();
    };
    format!("{}… (cut: it is {size} long)", text[..at].trim_end())
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (words, bytes) = match self {
            Size::Of(bytes) => ("", *bytes),
            Size::Over(bytes) => ("more than ", *bytes),
        };
        match bytes {
            0..1024 => write!(f, "{words}{bytes} bytes"),
            1024..1_048_576 => write!(f, "{words}{} KB", bytes / 1024),
            _ => write!(f, "{words}{} MB", bytes / 1_048_576),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_vendors_words_in_every_usual_body() {
        let said = |body: &str| vendor_message(body).unwrap_or_default();
        assert_eq!(
            said(r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#),
            "Overloaded (overloaded_error)"
        );
        assert_eq!(said(r#"{"error":"model not found"}"#), "model not found");
        assert_eq!(said(r#"{"detail":"bad"}"#), "bad");
        assert_eq!(said(r#"[{"error":{"message":"m","code":400}}]"#), "m");
        assert_eq!(
            said(r#"{"error":{"message":"m","metadata":{"raw":"behind"}}}"#),
            "m\nbehind"
        );
        let raw = "{\n \"error\": {\n \"message\": \"too long\"\n}\n}";
        let body = serde_json::json!({"error": {"message": "m", "metadata": {"raw": raw}}});
        assert_eq!(said(&body.to_string()), "m\ntoo long");
        assert_eq!(
            said("<!doctype html><html><TITLE>\n502 Bad\nGateway</TITLE><body>x"),
            "502 Bad Gateway"
        );
        assert_eq!(
            said("<title>Access &amp; &lt;b&gt; &#39;x&#x27; &middot; A&B &nope; &</title>"),
            "Access & <b> 'x' · A&B &nope; &"
        );
        assert_eq!(said("<p>Sorry,<b>no</b></p>"), "Sorry, no");
        assert_eq!(said(" plain "), "plain");
        assert_eq!(said("{\"a\":1}"), "{\"a\":1}");
        assert_eq!(vendor_message(" \n"), None);
    }

    #[test]
    fn a_few_lines_are_shown_and_how_much_there_was() {
        let said = |body: &str| vendor_message(body).unwrap_or_default();
        let long = said(&"é".repeat(9000));
        assert!(long.starts_with(&"é".repeat(MAX_MESSAGE)));
        assert!(long.ends_with("é… (cut: it is 17 KB long)"), "{long}");
        let high = said(&"a\nb\n\n".repeat(300));
        assert_eq!(high, "a\nb\n\na\nb… (cut: it is 1 KB long)");
        // The beginning of a JSON body that does not end.
        let body = format!("{{\"error\": {{\"message\": \"no. {}", "word ".repeat(5000));
        let cut = words_of(&body, Size::Of(5_242_880)).unwrap();
        assert!(cut.starts_with("no. word word"), "{cut}");
        assert!(cut.ends_with("… (cut: it is 5 MB long)"), "{cut}");
        let cut = words_of(&"x".repeat(2000), Size::Over(65_536)).unwrap();
        assert!(cut.ends_with("x… (cut: it is more than 64 KB long)"));
    }
}
