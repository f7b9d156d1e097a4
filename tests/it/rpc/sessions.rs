//! Other sessions, other entries, the tree.

use serde_json::{Value, json};

use super::client::Client;
use crate::support::model_server::{Hold, Turn};
use crate::support::{TestPi, read_session};

/// Two questions and their answers.
fn talked() -> (TestPi, Client) {
    let pi = TestPi::new([Turn::text("One."), Turn::text("Two.")]);
    let mut client = Client::start(&pi);
    client.prompt("first");
    client.prompt("second");
    (pi, client)
}

fn file(client: &mut Client) -> String {
    let state = client.data(json!({"type": "get_state"}));
    state["sessionFile"].as_str().unwrap().to_owned()
}

fn messages(client: &mut Client) -> usize {
    let messages = client.data(json!({"type": "get_messages"}))["messages"].clone();
    messages.as_array().unwrap().len()
}

fn not_cancelled() -> Value {
    json!({"cancelled": false})
}

#[test]
fn a_new_session_names_its_parent_and_the_old_one_can_be_gone_back_to() {
    let (pi, mut client) = talked();
    let old = file(&mut client);
    let new = json!({"type": "new_session", "parentSession": old});
    assert_eq!(client.data(new), not_cancelled());
    assert_eq!(messages(&mut client), 0);
    pi.server.push(Turn::text("Three."));
    client.prompt("third");
    let fresh = file(&mut client);
    assert_ne!(fresh, old);
    assert_eq!(read_session(fresh.as_ref())[0]["parentSession"], old);
    let back = json!({"type": "switch_session", "sessionPath": old});
    assert_eq!(client.data(back), not_cancelled());
    assert_eq!((file(&mut client), messages(&mut client)), (old.clone(), 4));
    // Events go on in the same stream.
    pi.server.push(Turn::text("Four."));
    client.prompt("fourth");
    assert_eq!(messages(&mut client), 6);
    let error = client.error(json!({"type": "switch_session", "sessionPath": "no-such.jsonl"}));
    assert!(error.contains("no-such.jsonl"), "{error}");
    assert_eq!(file(&mut client), old);
}

#[test]
fn entries_are_listed_behind_a_cursor() {
    let (pi, mut client) = talked();
    let all = client.data(json!({"type": "get_entries"}));
    let entries = all["entries"].as_array().unwrap().clone();
    assert_eq!(entries, pi.session()[1..]);
    assert_eq!(all["leafId"], entries.last().unwrap()["id"]);
    let since = json!({"type": "get_entries", "since": entries[2]["id"]});
    assert_eq!(
        client.data(since)["entries"].as_array().unwrap(),
        &entries[3..]
    );
    client.error(json!({"type": "get_entries", "since": "nobody"}));
    let mut empty = Client::start_with(&pi, &["--model", "oai/scripted", "--no-session"]);
    let leaf = empty.data(json!({"type": "get_entries"}))["leafId"].clone();
    assert!(leaf.is_null() || leaf.is_string());
}

#[test]
fn the_leaf_moves_and_the_tree_shows_branches_and_labels() {
    let (pi, mut client) = talked();
    let points = client.data(json!({"type": "get_fork_messages"}))["messages"].clone();
    let texts: Vec<&Value> = points
        .as_array()
        .unwrap()
        .iter()
        .map(|point| &point["text"])
        .collect();
    assert_eq!(texts, ["first", "second"]);
    let second = points[1]["entryId"].clone();
    let moved = client.data(json!({"type": "navigate_tree", "entryId": second, "label": "here"}));
    assert_eq!(moved, json!({"cancelled": false, "editorText": "second"}));
    assert_eq!(messages(&mut client), 2);
    pi.server.push(Turn::text("Other."));
    client.prompt("another second");
    let first = points[0]["entryId"].clone();
    client.data(json!({"type": "set_label", "entryId": first, "label": "start"}));
    client.error(json!({"type": "set_label", "entryId": "nobody", "label": "x"}));
    let data = client.data(json!({"type": "get_tree"}));
    let entries = client.data(json!({"type": "get_entries"}));
    assert_eq!(data["leafId"], entries["leafId"]);
    let mut labels = Vec::new();
    let mut forks = 0;
    let mut seen = Vec::new();
    let mut stack: Vec<Value> = data["tree"].as_array().unwrap().clone();
    while let Some(node) = stack.pop() {
        let children = node["children"].as_array().unwrap().clone();
        for child in &children {
            assert_eq!(child["entry"]["parentId"], node["entry"]["id"]);
        }
        forks += usize::from(children.len() > 1);
        if let Some(label) = node.get("label") {
            assert!(node["labelTimestamp"].as_str().unwrap().ends_with('Z'));
            labels.push((node["entry"]["id"].clone(), label.clone()));
        }
        seen.push(node["entry"].clone());
        stack.extend(children);
    }
    assert_eq!(seen.len(), entries["entries"].as_array().unwrap().len());
    assert_eq!(forks, 1);
    labels.sort_by_key(|(_, label)| label.to_string());
    assert_eq!(labels, [(second, json!("here")), (first, json!("start"))]);
    let mut rows = |filter: &str| {
        let data = client.data(json!({"type": "list_tree", "filter": filter}));
        let rows = data["rows"].as_array().unwrap().iter();
        rows.map(|row| {
            format!(
                "{}{}",
                row["text"].as_str().unwrap(),
                match row.get("label") {
                    Some(label) => format!(" #{}", label.as_str().unwrap()),
                    None => String::new(),
                }
            )
        })
        .collect::<Vec<_>>()
    };
    // The branch that the conversation is on stands first.
    assert_eq!(
        rows("user-only"),
        ["first #start", "another second", "second #here"]
    );
    assert_eq!(rows("labeled-only"), ["first #start", "second #here"]);
    assert!(rows("all").len() > rows("default").len());
    let why = client.error(json!({"type": "list_tree", "filter": "some"}));
    assert!(why.contains("labeled-only"), "{why}");
}

#[test]
fn a_chain_of_a_hundred_thousand_entries_is_a_tree_like_any_other() {
    let pi = TestPi::new([]);
    let mut lines = vec![json!({"type": "session", "version": 3, "id": "long", "timestamp": "2026-01-01T00:00:00.000Z", "cwd": pi.project()}).to_string()];
    let mut parent = Value::Null;
    for n in 0..100_000u32 {
        let id = format!("{n:08x}");
        lines.push(json!({"type": "custom", "id": id, "parentId": parent, "timestamp": "2026-01-01T00:00:00.000Z", "customType": "x"}).to_string());
        parent = id.into();
    }
    let path = pi.write("long.jsonl", lines.join("\n") + "\n");
    let mut client = Client::start_with(
        &pi,
        &[
            "--model",
            "oai/scripted",
            "--session",
            path.to_str().unwrap(),
        ],
    );
    let text = client.data(json!({"type": "get_tree"}));
    let text = text.as_str().unwrap();
    // Two entries of the start: the model and its level.
    assert_eq!(text.matches("\"children\":[").count(), 100_002);
    assert_eq!(text.matches(&"]}".repeat(100_000)).count(), 1);
    assert_eq!(client.finish().0, 0);
}

#[test]
fn forks_clones_and_imports_go_on_in_files_of_their_own() {
    let (pi, mut client) = talked();
    let old = file(&mut client);
    let points = client.data(json!({"type": "get_fork_messages"}))["messages"].clone();
    let second = points[1]["entryId"].clone();
    let forked = client.data(json!({"type": "fork", "entryId": second}));
    assert_eq!(forked, json!({"text": "second", "cancelled": false}));
    assert_eq!(messages(&mut client), 2);
    let fork = file(&mut client);
    assert_ne!(fork, old);
    pi.server.push(Turn::text("Other."));
    client.prompt("another second");
    assert_eq!(read_session(fork.as_ref())[0]["parentSession"], old);
    assert_eq!(client.data(json!({"type": "clone"})), not_cancelled());
    assert_eq!(messages(&mut client), 4);
    assert_ne!(file(&mut client), fork);
    let copy = pi.home().join("elsewhere.jsonl");
    std::fs::copy(&old, &copy).unwrap();
    let import = json!({"type": "import_session", "sessionPath": "~/elsewhere.jsonl"});
    assert_eq!(client.data(import), not_cancelled());
    assert_eq!(messages(&mut client), 4);
    assert_ne!(file(&mut client), copy.display().to_string());
    let open = file(&mut client);
    let why = client.error(json!({"type": "import_session", "sessionPath": open}));
    assert!(why.contains("the session that is open"), "{why}");
    client.error(json!({"type": "fork", "entryId": "nobody"}));
    client.error(json!({"type": "navigate_tree", "entryId": "nobody"}));
}

#[test]
fn a_branch_is_summarised_as_it_is_left_unless_that_is_aborted() {
    let (pi, mut client) = talked();
    let points = client.data(json!({"type": "get_fork_messages"}))["messages"].clone();
    let first = points[0]["entryId"].clone();
    let leave = json!({"type": "navigate_tree", "entryId": first, "summarize": true, "customInstructions": "be short"});
    let gate = Hold::new();
    pi.server.push(Turn::text("A summary.").hold_at(1, &gate));
    let left = client.send(leave.clone());
    gate.wait_until_reached();
    assert_eq!(
        client.data(json!({"type": "get_state"}))["isCompacting"],
        true
    );
    client.data(json!({"type": "abort"}));
    assert_eq!(client.response(&left)["data"], json!({"cancelled": true}));
    assert_eq!(
        (
            messages(&mut client),
            client.data(json!({"type": "get_state"}))["isCompacting"].clone()
        ),
        (4, json!(false))
    );
    gate.open();
    pi.server.push(Turn::text("A summary."));
    assert_eq!(client.data(leave)["editorText"], "first");
    let kept = client.data(json!({"type": "get_messages"}))["messages"].clone();
    assert_eq!(kept.as_array().unwrap().len(), 1);
    assert_eq!(kept[0]["role"], "branchSummary");
}
