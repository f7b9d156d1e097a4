//! The tree as `/tree` lists it: what each filter shows, and how it hangs together.

use std::path::Path;

use pi::ai::{Message, ThinkingLevel};
use pi::store::{EntryId, Families, Filter, Kind, Role, Step, Store};
use serde_json::json;

use super::{answer, clock, message, note, result};

fn silent(stop: &str) -> Message {
    message(json!({
        "role": "assistant", "content": [{"type": "toolCall", "id": "c1", "name": "ls", "arguments": {}}],
        "api": "a", "provider": "p", "model": "m", "stopReason": stop, "timestamp": 2,
        "usage": {"input": 1, "output": 2, "cacheRead": 0, "cacheWrite": 0, "totalTokens": 3,
            "cost": {"input": 0.0, "output": 0.0, "cacheRead": 0.0, "cacheWrite": 0.0, "total": 0.0}},
    }))
}

/// What the person sees: lines and connectors as `/tree` draws them, a mark on the active branch.
fn drawn(store: &Store, filter: Filter) -> Vec<String> {
    let outline = store.outline(filter);
    let draw = outline.rows().iter().map(|row| {
        let width = outline.display_indent(row) as usize;
        let mut left = vec![' '; width];
        for gutter in outline.gutters(row).filter(|gutter| gutter.is_drawn) {
            left[gutter.position as usize] = '│';
        }
        if row.is_branch && width > 0 {
            left[width - 1] = if row.is_last { '└' } else { '├' };
        }
        let left: String = left.into_iter().collect();
        let entry = store.entry_at(row.index).unwrap();
        let name = match store.tree().node(row.index).unwrap().kind {
            Kind::Message => match entry["message"]["content"][0]["text"].as_str() {
                Some(text) => text.to_string(),
                None => "(call)".into(),
            },
            _ => entry["type"].as_str().unwrap().to_string(),
        };
        let mark = if row.is_active { "*" } else { "" };
        format!("{left}{name}{mark}")
    });
    draw.collect()
}

/// model · q1 · (call) · result · a1 ┬ q2 · a2 · label
///                                  └ q3 · failed call
fn forked() -> (Store, EntryId) {
    let mut store = Store::in_memory(Path::new("/work"), None, clock());
    store.append_model_change("p", "m").unwrap();
    store.append_thinking_change(ThinkingLevel::Low).unwrap();
    store.append_message(&Message::user("q1", 1)).unwrap();
    store.append_message(&silent("toolUse")).unwrap();
    store.append_message(&result("r1")).unwrap();
    let a1 = store.append_message(&answer("a1")).unwrap();
    let q2 = store.append_message(&Message::user("q2", 1)).unwrap();
    store.append_message(&answer("a2")).unwrap();
    store.append_label(q2.as_str(), Some("two")).unwrap();
    store.set_leaf(Some(a1.as_str())).unwrap();
    store.append_message(&Message::user("q3", 1)).unwrap();
    let last = store.append_message(&silent("aborted")).unwrap();
    (store, last)
}

#[test]
fn each_filter_shows_what_its_name_says_with_the_active_branch_first() {
    let (store, _) = forked();
    assert_eq!(
        drawn(&store, Filter::Default),
        ["q1*", "r1*", "a1*", "├q3*", "│ (call)*", "└q2", "  a2"]
    );
    assert_eq!(
        drawn(&store, Filter::NoTools),
        ["q1*", "a1*", "├q3*", "│ (call)*", "└q2", "  a2"]
    );
    assert_eq!(drawn(&store, Filter::UserOnly), ["q1*", "├q3*", "└q2"]);
    assert_eq!(drawn(&store, Filter::LabeledOnly), ["q2"]);
    assert_eq!(
        drawn(&store, Filter::All),
        [
            "model_change*",
            "thinking_level_change*",
            "q1*",
            "r1*",
            "a1*",
            "├q3*",
            "│ (call)*",
            "└q2",
            "  a2",
            "  label"
        ]
    );
}

#[test]
fn a_silent_answer_is_shown_where_the_conversation_stands() {
    let mut store = Store::in_memory(Path::new("/work"), None, clock());
    store.append_message(&Message::user("q", 1)).unwrap();
    store.append_message(&silent("toolUse")).unwrap();
    assert_eq!(drawn(&store, Filter::Default), ["q*", "(call)*"]);
    store.append_message(&result("r")).unwrap();
    assert_eq!(drawn(&store, Filter::All), ["q*", "r*"]);
}

#[test]
fn several_roots_and_hidden_branchings_keep_their_shape() {
    let mut store = Store::in_memory(Path::new("/work"), None, clock());
    store.append_message(&Message::user("one", 1)).unwrap();
    store.append_message(&answer("answer")).unwrap();
    store.set_leaf(None).unwrap();
    store.append_custom_message(&note("x")).unwrap();
    let setting = store.append_model_change("p", "m").unwrap();
    store.append_message(&Message::user("left", 1)).unwrap();
    store.set_leaf(Some(setting.as_str())).unwrap();
    store.append_message(&Message::user("right", 1)).unwrap();
    assert_eq!(
        drawn(&store, Filter::Default),
        ["custom_message*", "├right*", "└left", "one", " answer"]
    );
    let outline = store.outline(Filter::UserOnly);
    assert!(outline.has_many_roots());
    assert_eq!(outline.rows().len(), 3);
    // An entry that is hidden is found at what it hangs on.
    let default = store.outline(Filter::Default);
    let at = default.nearest(store.tree().find(setting.as_str()).unwrap());
    assert_eq!(at, Some(0));
}

#[test]
fn branches_have_a_last_entry_in_common() {
    let (store, last) = forked();
    let tree = store.tree();
    let labelled = (0..tree.len() as u32).find(|index| store.label_at(*index).is_some());
    let common = tree.common_ancestor(tree.find(last.as_str()), labelled);
    let a1 = common.and_then(|index| store.entry_at(index)).unwrap();
    assert_eq!(a1["message"]["content"][0]["text"], "a1");
    assert_eq!(tree.common_ancestor(labelled, None), None);
    assert_eq!(tree.common_ancestor(labelled, labelled), labelled);
}

#[test]
fn a_tree_as_deep_as_it_is_long_is_walked_without_recursion() {
    let mut store = Store::in_memory(Path::new("/work"), None, clock());
    let message = Message::user("x", 1);
    for _ in 0..20_000 {
        store.append_message(&message).unwrap();
    }
    let families = Families::of(store.tree());
    let (mut depth, mut deepest) = (0usize, 0);
    for step in families.walk() {
        match step {
            Step::Begin(_) => depth += 1,
            Step::End(_) => depth -= 1,
        }
        deepest = deepest.max(depth);
    }
    assert_eq!((depth, deepest), (0, 20_000));
    let outline = store.outline(Filter::Default);
    assert!(outline.rows().iter().all(|row| row.indent == 0));
    assert_eq!(outline.rows().len(), 20_000);
    let user = store
        .tree()
        .nodes()
        .iter()
        .all(|node| node.role == Role::User);
    assert!(user);
}
