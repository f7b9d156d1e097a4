//! Secrets stay here.

use serde_json::{Value, json};

use super::{Draft, Format, Options, masking};

const KNOWN: &str = "correct-horse-battery";
const KEY: &str = "sk-ant-api03-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7";

/// Two secrets in every place that text can be in.
fn leaky() -> Draft {
    let both = format!("it is {KNOWN}, and {KEY}.");
    let both = both.as_str();
    let mut draft = Draft::new();
    let first = draft.user(both);
    draft.answer(json!([
        {"type": "thinking", "thinking": both},
        {"type": "text", "text": format!("**{both}** [x](https://a.b/?k={KNOWN}) \\{KEY}")},
        {"type": "toolCall", "id": "1", "name": "bash", "arguments": {"command": format!("curl -H {KEY} {KNOWN}")}},
        {"type": "toolCall", "id": "2", "name": "write", "arguments": {"path": both, "content": both}},
        {"type": "toolCall", "id": "3", "name": "edit", "arguments": {"path": "a", "oldText": both, "newText": both}},
        {"type": "toolCall", "id": "4", "name": both, "arguments": {"deep": [{both: both}], "password": "aB3dE6gH9jK2mN5p"}},
    ]));
    draft.result(
        "1",
        "bash",
        &format!("\u{1b}[31mcorrect-\u{1b}[0mhorse-battery {both}"),
        Value::Null,
    );
    draft.result("3", "edit", both, json!({"diff": format!("+1 {both}")}));
    draft.result("lone", both, both, Value::Null);
    draft.entry("label", json!({"targetId": first, "label": both}));
    draft.entry("session_info", json!({"name": both}));
    draft.entry("custom", json!({"customType": both, "data": {"x": both}}));
    draft.entry("novel", json!({"x": both}));
    draft.entry(
        "compaction",
        json!({"summary": both, "firstKeptEntryId": first, "tokensBefore": 1}),
    );
    draft
        .message(json!({"role": "bashExecution", "command": both, "output": both, "timestamp": 1}));
    draft.message(json!({
        "role": "assistant", "content": [], "model": both, "stopReason": "error", "errorMessage": both,
        "timestamp": 1,
    }));
    draft
}

#[test]
fn no_secret_is_in_any_document() {
    for format in [Format::Html, Format::Markdown] {
        let (document, report) = leaky().export(format, &masking(&[KNOWN]));
        for secret in [KNOWN, &KEY[12..], "aB3dE6gH9jK2mN5p", "horse-battery"] {
            assert!(!document.contains(secret), "{secret} is in {document}");
        }
        assert!(document.contains("sk-ant-…[redacted]"));
        assert!(report.masked > 20, "{}", report.masked);
    }
}

#[test]
fn without_a_redactor_everything_stays() {
    for format in [Format::Html, Format::Markdown] {
        let (document, report) = leaky().export(format, &Options::default());
        assert!(document.contains(KNOWN) && document.contains(KEY));
        assert_eq!(report.masked, 0);
    }
}
