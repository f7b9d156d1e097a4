//! Whatever a session holds, nothing of it acts in the page.

use proptest::prelude::*;
use serde_json::json;

use super::page::{Token, assert_balanced, elements, text, tokens};
use super::{Draft, entries};

/// Elements that pages of this program have, and no others.
const KNOWN: [&str; 54] = [
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "nav",
    "main",
    "section",
    "article",
    "footer",
    "div",
    "span",
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "dl",
    "dt",
    "dd",
    "ul",
    "ol",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "pre",
    "code",
    "a",
    "b",
    "small",
    "em",
    "strong",
    "del",
    "ins",
    "blockquote",
    "hr",
    "br",
    "img",
    "details",
    "summary",
    "mark",
    "time",
    "button",
    "input",
    "output",
    "select",
];
/// Attributes that pages of this program have, and no others.
const ATTRIBUTES: [&str; 38] = [
    "id",
    "class",
    "hidden",
    "open",
    "title",
    "datetime",
    "alt",
    "src",
    "href",
    "rel",
    "target",
    "loading",
    "decoding",
    "data-k",
    "data-p",
    "data-t",
    "data-l",
    "data-unshown",
    "data-lang",
    "data-from",
    "data-leaf",
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "role",
    "aria-label",
    "tabindex",
    "type",
    "placeholder",
    "spellcheck",
    "value",
    "start",
    "disabled",
    "checked",
    "style",
    "align",
];

/// Text that has done harm elsewhere.
const BAD: [&str; 16] = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "[x](javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "```\"><script>alert(1)</script>\nx\n```",
    "line\u{2028}separator\u{2029}",
    "\u{1b}]8;;https://evil.example\u{7}link\u{1b}]8;;\u{7}\u{1b}[31m",
    "</article></main><iframe src=//evil.example></iframe>",
    "<!-- <style>*{display:none}</style>",
    "&lt;script&gt;&amp;&#60;",
    "\u{202e}txt.exe\u{0}\u{7f}",
];

/// A session with that text in every place that text can be in.
fn session_of(bad: &str) -> Draft {
    let mut draft = Draft::new();
    draft.entry("model_change", json!({"provider": bad, "modelId": bad}));
    let first = draft.user(bad);
    draft.answer(json!([
        {"type": "thinking", "thinking": bad},
        {"type": "text", "text": bad},
        {"type": "toolCall", "id": "1", "name": bad, "arguments": {bad: bad}},
        {"type": "toolCall", "id": "2", "name": "bash", "arguments": {"command": bad}},
        {"type": "toolCall", "id": "3", "name": "edit", "arguments": {"path": bad, "oldText": bad, "newText": bad}},
        {"type": "toolCall", "id": "4", "name": "write", "arguments": {"path": format!("a.{bad}"), "content": bad}},
        {"type": "toolCall", "id": bad, "name": "read", "arguments": {"path": bad}},
        {"type": "image", "data": bad, "mimeType": bad},
    ]));
    draft.result("1", bad, bad, json!({"diff": bad}));
    draft.result("2", "bash", bad, json!(null));
    draft.result(
        "3",
        "edit",
        bad,
        json!({"diff": format!("+1 {bad}\n-2 {bad}")}),
    );
    draft.result("lone", bad, bad, json!(null));
    draft.message(json!({
        "role": "toolResult", "toolCallId": "x", "toolName": "read", "isError": true, "timestamp": 1,
        "content": [
            {"type": "image", "data": "aGk=\" onerror=\"alert(1)", "mimeType": "image/png"},
            {"type": "image", "data": "aGk=", "mimeType": "image/svg+xml"},
            {"type": "image", "data": "aGk=", "mimeType": "image/png"},
        ],
    }));
    draft.message(json!({
        "role": "bashExecution", "command": bad, "output": bad, "exitCode": 1, "timestamp": 1,
    }));
    draft.entry(
        "custom_message",
        json!({"customType": bad, "content": bad, "display": true}),
    );
    draft.entry("custom", json!({"customType": bad, "data": {bad: [bad]}}));
    draft.entry(bad, json!({bad: bad}));
    draft.entry("label", json!({"targetId": first, "label": bad}));
    draft.entry(
        "compaction",
        json!({"summary": bad, "firstKeptEntryId": first, "tokensBefore": 1}),
    );
    draft.entry("branch_summary", json!({"summary": bad, "fromId": bad}));
    draft.entry("session_info", json!({"name": bad}));
    draft.message(json!({
        "role": "assistant", "content": [], "model": bad, "provider": bad, "stopReason": "error",
        "errorMessage": bad, "timestamp": 1,
    }));
    draft
}

#[test]
fn nothing_from_the_session_acts_in_the_page() {
    for bad in BAD {
        let page = session_of(bad).page();
        let tokens = tokens(&page);
        assert_balanced(&tokens);
        for token in &tokens {
            let Token::Open(name, attributes) = token else {
                continue;
            };
            let known =
                KNOWN.contains(&name.as_str()) || ["script", "option"].contains(&name.as_str());
            assert!(known, "{bad:?} made a <{name}>");
            for (attribute, value) in attributes {
                assert!(
                    ATTRIBUTES.contains(&attribute.as_str()),
                    "{bad:?} made {attribute}={value:?}"
                );
                assert!(
                    attribute != "style" || value.starts_with("text-align: "),
                    "{value:?}"
                );
            }
        }
        assert_eq!(elements(&tokens, "script").len(), 1, "{bad:?}");
        assert_eq!(elements(&tokens, "style").len(), 2, "{bad:?}");
        assert_eq!(elements(&tokens, "article").len(), 14, "{bad:?}");
        for link in elements(&tokens, "a") {
            assert!(
                link["href"].starts_with("https://"),
                "{bad:?} made {link:?}"
            );
        }
        let images = elements(&tokens, "img");
        let sources: Vec<&str> = images.iter().map(|image| &*image["src"]).collect();
        assert_eq!(sources, ["data:image/png;base64,aGk="], "{bad:?}");
        let is_control =
            |c: &char| c.is_control() && !"\n\t".contains(*c) || "\u{2028}\u{202e}".contains(*c);
        assert_eq!(page.chars().find(is_control), None, "{bad:?}");
    }
}

/// Who speaks, as a viewer of Markdown sees it.
fn headings(markdown: &str) -> Vec<String> {
    use pulldown_cmark::{Event, HeadingLevel, Parser, Tag};
    let mut found = Vec::new();
    let mut events = Parser::new(markdown);
    while let Some(event) = events.next() {
        if let Event::Start(Tag::Heading {
            level: HeadingLevel::H2,
            ..
        }) = event
            && let Some(Event::Text(title)) = events.next()
            && let Some((name, _)) = title.split_once(" · ")
        {
            found.push(name.to_owned());
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_markdown_breaks_out_of_its_entry(
        text in "([-*_~`#>|!<>&\"'()\\[\\]\\\\ \n\t:=a-c1é]|<[a-z]+ |</[a-z]+>|```|\\]\\(|http://|javascript:|<!--|&#x3c;){0,60}",
    ) {
        let mut draft = Draft::new();
        draft.user(&text);
        draft.says(&text);
        draft.user("the end");
        let tokens = tokens(&draft.page());
        assert_balanced(&tokens);
        let unknown = tokens.iter().find(|token| match token {
            Token::Open(name, _) => !KNOWN.contains(&name.as_str()) && name != "script" && name != "option",
            _ => false,
        });
        prop_assert_eq!(unknown, None);
        prop_assert_eq!(elements(&tokens, "article").len(), 3);
        for link in elements(&tokens, "a") {
            prop_assert!(link["href"].starts_with("http://"), "{:?}", link);
        }
        let markdown = draft.markdown();
        prop_assert_eq!(headings(&markdown), ["You", "claude-x", "You"], "{}", markdown);
    }
}

#[test]
fn what_was_said_can_be_read_as_it_was_said() {
    let page = session_of("<b>bold</b> & \"quoted\"").page();
    let read = text(&tokens(entries(&page)));
    // Words, thinking, a command, its output, a summary: in none of them is it markup.
    assert!(
        read.matches("<b>bold</b> & \"quoted\"").count() > 20,
        "{read}"
    );
}

#[test]
fn the_page_lets_nothing_run_or_load_but_its_own() {
    let page = session_of("x").page();
    let tokens = tokens(&page);
    let policy = elements(&tokens, "meta")
        .into_iter()
        .find(|meta| meta.contains_key("http-equiv"))
        .unwrap();
    let policy = &policy["content"];
    let rules: Vec<&str> = policy.split("; ").collect();
    assert_eq!(rules[0], "default-src 'none'");
    assert!(
        rules[1].starts_with("script-src 'sha256-") && rules[2].starts_with("style-src 'sha256-")
    );
    assert_eq!(
        rules[3..],
        ["img-src data:", "base-uri 'none'", "form-action 'none'"]
    );
    assert!(!policy.contains("unsafe"));
    for (tag, attribute) in [
        ("link", "href"),
        ("script", "src"),
        ("iframe", "src"),
        ("img", "srcset"),
    ] {
        for element in elements(&tokens, tag) {
            assert!(!element.contains_key(attribute), "<{tag} {attribute}>");
        }
    }
}

#[test]
fn half_a_surrogate_pair_and_a_torn_line_cost_nothing_else() {
    let mut draft = Draft::new();
    draft.user("cut here: HALF");
    let half = draft.lines[1].replace("HALF", "\\ud83d");
    draft.lines[1] = half;
    draft
        .lines
        .push("{\"type\":\"message\",\"id\":\"0badf".into());
    let (page, report) = draft.export(super::Format::Html, &super::Options::default());
    assert!(page.contains("cut here: \u{fffd}"));
    assert_eq!(report.entries, 1);
}
