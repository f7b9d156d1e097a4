//! One model's history made acceptable to another.

use std::sync::Arc;

use pi::ai::handoff::{for_model, to_model_messages};
use pi::ai::message::{BashExecutionMessage, BranchSummaryMessage, CompactionSummaryMessage};
use pi::ai::{
    AssistantMessage, Body, Content, InputKind, Message, SharedMessage, StopReason, ToolCall,
    ToolResultMessage, Usage, UserMessage,
};
use serde_json::json;

use super::{ANTHROPIC, model, shared};

fn answer(model: &str, stop_reason: StopReason, content: Vec<Content>) -> Message {
    Message::Assistant(AssistantMessage {
        content,
        api: ANTHROPIC.into(),
        provider: "acme".into(),
        model: model.into(),
        provider_thinking_level: None,
        response_model: None,
        response_id: None,
        usage: Usage::default(),
        stop_reason,
        error_message: None,
        failure: None,
        timestamp: 2,
    })
}

fn call(id: &str) -> Content {
    Content::ToolCall(ToolCall {
        id: id.into(),
        name: "ls".into(),
        arguments: json!({}),
        thought_signature: Some("opaque".into()),
    })
}

fn result(id: &str, content: Content) -> Message {
    Message::ToolResult(ToolResultMessage {
        tool_call_id: id.into(),
        tool_name: "ls".into(),
        content: vec![content],
        details: None,
        is_error: false,
        timestamp: 3,
    })
}

fn thinking(text: &str, signature: &str, redacted: bool) -> Content {
    Content::Thinking {
        thinking: text.into(),
        thinking_signature: Some(signature.into()),
        redacted,
    }
}

fn hand_off(messages: Vec<Message>) -> Vec<SharedMessage> {
    for_model(&shared(messages), &model(ANTHROPIC, ""), |id| {
        id.replace('|', "_")
    })
}

/// Roles, and the ids of calls and results.
fn shape(messages: &[SharedMessage]) -> String {
    let words: Vec<String> = messages
        .iter()
        .map(|message| match &**message {
            Message::Assistant(assistant) => {
                let ids: Vec<&str> = assistant.tool_calls().map(|c| c.id.as_str()).collect();
                format!("assistant[{}]", ids.join(","))
            }
            Message::ToolResult(result) => format!("result[{}]", result.tool_call_id),
            other => other.role().to_owned(),
        })
        .collect();
    words.join(" ")
}

#[test]
fn a_models_own_history_is_shared_not_copied() {
    let history = shared(vec![
        Message::user("hi", 1),
        answer(
            "m1",
            StopReason::ToolUse,
            vec![thinking("", "enc", true), call("a|b")],
        ),
        result("a|b", Content::text("x")),
    ]);
    let out = for_model(&history, &model(ANTHROPIC, ""), |_| "never".into());
    assert_eq!(out.len(), 3);
    for (before, after) in history.iter().zip(&out) {
        assert!(Arc::ptr_eq(before, after));
    }
}

#[test]
fn another_models_thinking_and_its_opaque_parts_go() {
    let out = hand_off(vec![
        answer(
            "other",
            StopReason::ToolUse,
            vec![
                thinking("hm", "sig", false),
                thinking("", "enc", true),
                thinking("", "sig", false),
                call("a|b"),
            ],
        ),
        result("a|b", Content::text("x")),
        answer("other", StopReason::Stop, vec![thinking("hm", "", false)]),
    ]);
    assert_eq!(shape(&out), "assistant[a_b] result[a_b]");
    let assistant = out[0].as_assistant().unwrap();
    assert_eq!(assistant.content.len(), 1);
    let call = assistant.tool_calls().next().unwrap();
    assert_eq!(call.thought_signature, None);
}

#[test]
fn every_call_has_one_result_and_every_result_a_call() {
    let out = hand_off(vec![
        Message::user("1", 1),
        answer("m1", StopReason::ToolUse, vec![call("a"), call("b")]),
        result("b", Content::text("x")),
        result("b", Content::text("again")),
        Message::user("2", 1),
        result("a", Content::text("too late")),
        answer("m1", StopReason::Aborted, vec![call("c")]),
        result("c", Content::text("of an aborted answer")),
        answer("m1", StopReason::Error, vec![Content::text("half")]),
        answer("m1", StopReason::ToolUse, vec![call("d")]),
    ]);
    assert_eq!(
        shape(&out),
        "user assistant[a,b] result[b] result[a] user assistant[d] result[d]"
    );
    let Message::ToolResult(made_up) = &*out[3] else {
        panic!()
    };
    assert!(made_up.is_error);
}

#[test]
fn images_become_one_note_where_the_model_reads_none() {
    let image = || Content::Image {
        data: "aGk=".into(),
        mime_type: "image/png".into(),
    };
    let mut blind = model(ANTHROPIC, "");
    blind.input = vec![InputKind::Text];
    let history = shared(vec![
        Message::User(UserMessage {
            content: Body::Blocks(vec![Content::text("see"), image(), image()]),
            timestamp: 1,
        }),
        answer("m1", StopReason::ToolUse, vec![call("a")]),
        result("a", image()),
    ]);
    let out = for_model(&history, &blind, str::to_owned);
    let Message::User(user) = &*out[0] else {
        panic!()
    };
    let blocks = user.content.to_blocks();
    assert_eq!(blocks.len(), 2);
    assert!(blocks[1].as_text().unwrap().contains("reads no images"));
    let Message::ToolResult(result) = &*out[2] else {
        panic!()
    };
    assert!(
        result.content[0]
            .as_text()
            .unwrap()
            .contains("reads no images")
    );
}

#[test]
fn pis_own_messages_become_the_users_or_stay_private() {
    let bash = |exclude_from_context| {
        Message::BashExecution(BashExecutionMessage {
            command: "make".into(),
            output: "oops".into(),
            exit_code: Some(2),
            cancelled: false,
            truncated: true,
            full_output_path: Some("/tmp/all".into()),
            exclude_from_context,
            timestamp: 5,
        })
    };
    let out = to_model_messages(&shared(vec![
        bash(true),
        bash(false),
        Message::BranchSummary(BranchSummaryMessage {
            summary: "tried A".into(),
            from_id: "x".into(),
            timestamp: 6,
        }),
        Message::CompactionSummary(CompactionSummaryMessage {
            summary: "did B".into(),
            tokens_before: 9,
            timestamp: 7,
        }),
    ]));
    let texts: Vec<String> = out
        .iter()
        .map(|message| match &**message {
            Message::User(user) => user.content.to_text(),
            other => panic!("{}", other.role()),
        })
        .collect();
    assert_eq!(
        texts[0],
        "I ran this in the shell: `make`\n```\noops\n```\n\nIt ended with exit code 2.\n\nThis is not \
         all of it; all of it is in /tmp/all"
    );
    assert!(texts[1].contains("tried A") && texts[2].contains("did B"));
    assert_eq!(
        out.iter().map(|m| m.timestamp()).collect::<Vec<_>>(),
        [5, 6, 7]
    );
}
