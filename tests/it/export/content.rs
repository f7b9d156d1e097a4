//! What is in the documents.

use serde_json::json;

use super::page::{elements, text, tokens};
use super::{Draft, entries};

/// A conversation with two branches, every tool and every kind of entry.
fn talk() -> Draft {
    let mut draft = Draft::new();
    draft.entry(
        "model_change",
        json!({"provider": "anthropic", "modelId": "claude-x"}),
    );
    let asked = draft.user("please *look*\nat it");
    draft.answer(json!([
        {"type": "thinking", "thinking": "I wonder."},
        {"type": "text", "text": "# Plan\n\nlook, then `fix`"},
        {"type": "toolCall", "id": "1", "name": "read", "arguments": {"path": "src/main.rs", "offset": 3, "limit": 2}},
        {"type": "toolCall", "id": "2", "name": "bash", "arguments": {"command": "cargo test"}},
    ]));
    draft.result("1", "read", "fn main() {\n}", json!(null));
    draft.result("2", "bash", "all well", json!(null));
    draft.entry("label", json!({"targetId": asked, "label": "the start"}));
    draft.calls(
        "3",
        "edit",
        json!({"path": "a.rs", "oldText": "x", "newText": "y"}),
    );
    draft.result("3", "edit", "done", json!({"diff": "-1 x\n+1 y"}));
    draft.calls(
        "4",
        "write",
        json!({"path": "b.py", "content": "print(1)\n"}),
    );
    draft.result("4", "write", "written", json!(null));
    let fork = draft.says("the fork");
    draft.user("the branch that was left");
    let left = draft.says("its answer");
    draft.back_to(&fork);
    draft.entry(
        "branch_summary",
        json!({"summary": "what was left", "fromId": left}),
    );
    draft.entry("custom", json!({"customType": "notes", "data": {"n": 1}}));
    draft.entry(
        "custom_message",
        json!({"customType": "ext", "content": "by the way", "display": true}),
    );
    draft.message(json!({
        "role": "bashExecution", "command": "ls", "output": "a b", "exitCode": 2, "timestamp": 1,
    }));
    draft.entry(
        "compaction",
        json!({"summary": "in short", "firstKeptEntryId": fork, "tokensBefore": 1234}),
    );
    draft.entry("thinking_level_change", json!({"thinkingLevel": "high"}));
    draft.entry("from_the_future", json!({"what": "ever"}));
    draft.entry("session_info", json!({"name": "Fixing it"}));
    draft.says("the end");
    draft
}

#[test]
fn every_entry_of_every_branch_is_in_the_page_once() {
    let draft = talk();
    let page = draft.page();
    let tokens = tokens(&page);
    let mut places: Vec<usize> = Vec::new();
    for tag in ["article", "div"] {
        let own = elements(&tokens, tag)
            .into_iter()
            .filter(|e| e.contains_key("data-p"));
        places.extend(own.map(|e| e["id"][1..].parse::<usize>().unwrap()));
    }
    places.sort_unstable();
    let count = draft.lines.len() - 1;
    assert_eq!(places, (0..count).collect::<Vec<_>>());
}

#[test]
fn the_active_branch_is_shown_and_the_others_wait() {
    let page = talk().page();
    let tokens = tokens(&page);
    let hidden: Vec<&str> = elements(&tokens, "article")
        .into_iter()
        .filter(|article| article.contains_key("hidden"))
        .map(|article| &*article["data-t"])
        .collect();
    assert_eq!(hidden, ["the branch that was left", "its answer"]);
    let leaf = &elements(&tokens, "script")[0]["data-leaf"];
    let last = elements(&tokens, "article").pop().unwrap();
    assert_eq!(
        (&last["id"], &*last["data-t"]),
        (&format!("e{leaf}"), "the end")
    );
}

#[test]
fn the_tree_knows_parents_kinds_and_labels() {
    let page = talk().page();
    let tokens = tokens(&page);
    let articles = elements(&tokens, "article");
    let find = |says: &str| {
        let found = articles.iter().find(|article| article["data-t"] == says);
        *found.unwrap_or_else(|| panic!("{says:?} is not there"))
    };
    let fork = &find("the fork")["id"][1..];
    for says in ["the branch that was left", "what was left"] {
        assert_eq!(find(says)["data-p"], fork);
    }
    assert_eq!(find("please *look* at it")["data-l"], "the start");
    for (says, kind) in [
        ("please *look* at it", "user"),
        ("the fork", "answer"),
        ("[edit]", "calls"),
        ("what was left", "summary"),
        ("in short", "summary"),
        ("ls", "shell"),
        ("[ext] by the way", "note"),
        ("Thinking: high", "setting"),
        ("Extension: notes", "setting"),
        ("Entry: from_the_future", "other"),
    ] {
        assert_eq!(find(says)["data-k"], kind, "{says}");
    }
    let results = elements(&tokens, "div")
        .into_iter()
        .filter_map(|e| e.get("data-t"));
    let results: Vec<&String> = results.collect();
    assert_eq!(
        results,
        [
            "[read] src/main.rs:3-4",
            "[bash] cargo test",
            "[edit] a.rs",
            "[write] b.py"
        ]
    );
}

#[test]
fn every_tool_is_shown_in_its_own_way() {
    let page = talk().page();
    for shown in [
        "<b>read</b> <code>src/main.rs:3-4</code>",
        "<pre class=\"code\" data-lang=\"rs\" data-from=\"3\"><code>fn main() {\n}</code></pre>",
        "<b>$</b> <code>cargo test</code>",
        "<pre class=\"diff\"><del>-1 x\n</del><ins>+1 y\n</ins></pre>",
        "<b>write</b> <code>b.py</code> <small>1 line</small>",
        "<pre class=\"code\" data-lang=\"py\" data-from=\"1\"><code>print(1)\n</code></pre>",
        "<b>$</b> <code>ls</code> <small>exit code 2</small>",
        "<details class=\"thinking\"><summary>Thinking</summary>",
    ] {
        assert!(page.contains(shown), "{shown} is not in {}", entries(&page));
    }
    // What the edit was to do is not told twice.
    assert_eq!(page.matches("<pre class=\"diff\">").count(), 1);
}

#[test]
fn the_head_tells_of_the_session_and_not_of_the_system_prompt() {
    let page = talk().page();
    let read = text(&tokens(entries(&page)));
    for fact in [
        "Fixing it",
        "019ab3c4-7d11-7abc-9def-0123456789ab",
        "/home/ada/engine",
        "2026-11-21T09:00:00.000Z",
        "anthropic/claude-x",
        "7,200 in",
        "$1.5000",
    ] {
        assert!(read.contains(fact), "{fact} is not in {read}");
    }
    assert!(page.contains("<title>Fixing it</title>"));
}

#[test]
fn markdown_has_the_active_branch_from_its_beginning() {
    let markdown = talk().markdown();
    let beginning = "# Fixing it\n\n- **Session**: 019ab3c4-7d11-7abc-9def-0123456789ab\n";
    assert!(markdown.starts_with(beginning), "{markdown}");
    let mut from = 0;
    for piece in [
        "## You · 2026-11-21 09:00\n\nplease *look*\nat it\n",
        "## claude-x · 2026-11-21 09:00\n",
        "<details><summary>Thinking</summary>\n\n```text\nI wonder.\n```\n\n</details>\n",
        "\n# Plan\n\nlook, then `fix`\n",
        "\n**read** ` src/main.rs:3-4 `\n",
        "\n**bash**\n\n```sh\ncargo test\n```\n",
        "<details><summary>Result of bash</summary>\n\n```text\nall well\n```\n\n</details>\n",
        "```diff\n-1 x\n+1 y\n```",
        "the fork",
        "## Summary of a branch that was left",
        "## ext",
        "by the way",
        "## Shell",
        "> Exit code 2.",
        "## Summary of what was before (1234 tokens)",
        "in short",
        "the end",
    ] {
        let found = markdown[from..].find(piece);
        from += found.unwrap_or_else(|| panic!("{piece:?} is not behind {from} in {markdown}"));
    }
    assert!(!markdown.contains("its answer") && !markdown.contains("from_the_future"));
}

#[test]
fn a_message_of_markdown_cannot_swallow_what_follows() {
    let mut draft = Draft::new();
    draft.says("look: \n\n~~~~rust\nfn unfinished() {");
    draft.says("<details><summary>more</summary>\n<!-- and");
    draft.user("the end");
    let markdown = draft.markdown();
    assert!(markdown.contains("fn unfinished() {\n~~~~\n"), "{markdown}");
    assert!(
        markdown.contains("&lt;details>&lt;summary>more&lt;/summary>\n&lt;!-- and"),
        "{markdown}"
    );
}

#[test]
fn a_picture_is_in_the_page_and_named_in_markdown() {
    let mut draft = Draft::new();
    draft.message(json!({"role": "user", "timestamp": 1, "content": [
        {"type": "text", "text": "see"},
        {"type": "image", "data": "iVBORw0KGgo=", "mimeType": "image/png"},
    ]}));
    assert!(
        draft
            .page()
            .contains("src=\"data:image/png;base64,iVBORw0KGgo=\"")
    );
    assert!(draft.markdown().contains("*A picture (image/png, 9B)*"));
}

#[test]
fn a_session_in_memory_is_exported_as_well() {
    use pi::ai::{Clock, Message};
    use pi::store::Store;
    let mut store = Store::in_memory("/proj".as_ref(), None, Clock::fixed(0));
    store
        .append_message(&Message::user("said in passing", 1))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("deep/er/talk.html");
    let options = super::Options::default();
    let report =
        pi::store::export::export_store(&store, &out, super::Format::Html, &options).unwrap();
    assert_eq!((report.path.as_deref(), report.entries), (Some(&*out), 1));
    assert!(
        std::fs::read_to_string(&out)
            .unwrap()
            .contains("said in passing")
    );
}
