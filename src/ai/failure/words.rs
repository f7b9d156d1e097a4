//! What a vendor says in the body of an error, whatever its shape.

use serde_json::Value;

/// As much of a vendor's message as is shown.
const MAX_MESSAGE: usize = 2000;

/// The vendor's own words in a body: JSON's `error.message` and its kin, a page's title, or the text.
pub fn vendor_message(body: &str) -> Option<String> {
    let body = body.trim();
    let found = match serde_json::from_str::<Value>(body) {
        Ok(value) => in_json(&value).unwrap_or_else(|| body.to_owned()),
        Err(_) if body.starts_with('<') => in_page(body),
        Err(_) => body.to_owned(),
    };
    let found = found.trim();
    (!found.is_empty()).then(|| shortened(found))
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
        text.push_str(raw);
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
        return title.split_whitespace().collect::<Vec<_>>().join(" ");
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
    words.join(" ")
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_MESSAGE) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
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
        assert_eq!(
            said("<!doctype html><html><TITLE>\n502 Bad\nGateway</TITLE><body>x"),
            "502 Bad Gateway"
        );
        assert_eq!(said("<p>Sorry,<b>no</b></p>"), "Sorry, no");
        assert_eq!(said(" plain "), "plain");
        assert_eq!(said("{\"a\":1}"), "{\"a\":1}");
        assert_eq!(vendor_message(" \n"), None);
        assert_eq!(said(&"é".repeat(9000)).chars().count(), MAX_MESSAGE + 1);
    }
}
