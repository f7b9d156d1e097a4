//! JSON mode's events and stream parts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pi::agent::{AgentEvent, Outcome};
use pi::ai::delta::empty_message;
use pi::ai::script::model;
use pi::ai::{Clock, Delta, Message, SharedMessage, ThinkingLevel, ToolCall};
use pi::session::wire::event_to_json;
use pi::session::{
    Amount, BudgetScope, Compacted, Event, Fallback, Level, Placement, Question, Reason, Spent,
    SummaryRetry, UiNote,
};
use pi::store::Store;
use serde_json::{Value, json};

use super::page;

fn message() -> SharedMessage {
    Arc::new(Message::user("hello", 0))
}

fn agent_events() -> Vec<AgentEvent> {
    let (id, name, args) = (Arc::from("c1"), Arc::from("ls"), Arc::new(json!({})));
    let outcome = Arc::new(Outcome::text("a"));
    // Whoever adds a word has to add it below, too.
    match AgentEvent::AgentStart {
        AgentEvent::AgentStart
        | AgentEvent::TurnStart
        | AgentEvent::MessageStart { .. }
        | AgentEvent::MessageUpdate { .. }
        | AgentEvent::MessageEnd { .. }
        | AgentEvent::ToolStart { .. }
        | AgentEvent::ToolUpdate { .. }
        | AgentEvent::ToolEnd { .. }
        | AgentEvent::TurnEnd { .. }
        | AgentEvent::AgentEnd { .. } => {}
    }
    vec![
        AgentEvent::AgentStart,
        AgentEvent::TurnStart,
        AgentEvent::MessageStart { message: message() },
        AgentEvent::MessageUpdate {
            delta: Delta::TextStart { index: 0 },
        },
        AgentEvent::MessageEnd { message: message() },
        AgentEvent::ToolStart {
            id: Arc::clone(&id),
            name: Arc::clone(&name),
            args: args.clone(),
        },
        AgentEvent::ToolUpdate {
            id: Arc::clone(&id),
            name: Arc::clone(&name),
            args,
            partial: outcome.clone(),
        },
        AgentEvent::ToolEnd {
            id: Arc::clone(&id),
            name: Arc::clone(&name),
            outcome: outcome.clone(),
            duration: None,
        },
        AgentEvent::ToolEnd {
            id,
            name,
            outcome,
            duration: Some(Duration::ZERO),
        },
        AgentEvent::TurnEnd {
            message: message(),
            tool_results: vec![],
        },
        AgentEvent::AgentEnd {
            messages: vec![],
            will_retry: false,
        },
    ]
}

fn events() -> Vec<Event> {
    // The same: the compiler names what is missing.
    match Event::Switched {
        Event::Agent(_)
        | Event::QueueUpdate { .. }
        | Event::Settled { .. }
        | Event::Switched
        | Event::InfoChanged { .. }
        | Event::ModelChanged(_)
        | Event::ThinkingChanged(_)
        | Event::ShellStart { .. }
        | Event::ShellUpdate(_)
        | Event::ShellEnd(_)
        | Event::Ask { .. }
        | Event::AskOver { .. }
        | Event::Ui { .. }
        | Event::CompactionStart { .. }
        | Event::CompactionEnd { .. }
        | Event::RetryStart { .. }
        | Event::RetryEnd { .. }
        | Event::Fallback(_)
        | Event::SummaryRetry(_)
        | Event::EntryAppended(_)
        | Event::Budget { .. }
        | Event::Notice { .. } => {}
    }
    let ask_within = |question, timeout| Event::Ask {
        id: 1,
        question,
        timeout,
    };
    let ask = |question| ask_within(question, None);
    let title = || "t".to_owned();
    let mut events: Vec<Event> = agent_events().into_iter().map(Event::Agent).collect();
    events.extend([
        Event::QueueUpdate {
            steering: vec![],
            follow_up: vec![],
        },
        Event::Settled { aborted: false },
        Event::Switched,
        Event::InfoChanged {
            name: Some("n".into()),
        },
        Event::InfoChanged { name: None },
        Event::ModelChanged(Arc::new(model())),
        Event::Fallback(Fallback::To {
            from: Arc::new(model()),
            to: Arc::new(model()),
            error: "e".into(),
        }),
        Event::Fallback(Fallback::Exhausted {
            failed: vec![(Arc::new(model()), "e".into())],
            skipped: vec![("x/y".into(), "no key")],
        }),
        Event::ThinkingChanged(ThinkingLevel::Low),
        Event::ShellStart {
            line: "ls".into(),
            excluded: false,
        },
        Event::ShellUpdate(Arc::new(Outcome::text(""))),
        Event::ShellEnd(message()),
        Event::Notice {
            level: Level::Info,
            text: "x".into(),
        },
        ask(Question::Select {
            title: title(),
            options: vec![],
        }),
        ask(Question::Confirm {
            title: title(),
            message: "m".into(),
        }),
        ask(Question::Input {
            title: title(),
            placeholder: "p".into(),
        }),
        ask(Question::Editor {
            title: title(),
            prefill: "p".into(),
        }),
        ask_within(
            Question::Select {
                title: title(),
                options: vec![],
            },
            Some(Duration::ZERO),
        ),
        Event::AskOver { id: 1 },
    ]);
    events.extend(notes().into_iter().map(|note| Event::Ui { id: 2, note }));
    events.extend(by_itself());
    events
}

fn notes() -> Vec<UiNote> {
    let key = || "k".to_owned();
    // The same.
    match UiNote::Title(key()) {
        UiNote::Notify { .. }
        | UiNote::Status { .. }
        | UiNote::Widget { .. }
        | UiNote::Title(_)
        | UiNote::EditorText(_) => {}
    }
    vec![
        UiNote::Notify {
            level: Level::Info,
            text: "x".into(),
        },
        UiNote::Status {
            key: key(),
            text: Some("x".into()),
        },
        UiNote::Widget {
            key: key(),
            lines: Some(vec![]),
            placement: Placement::AboveEditor,
        },
        UiNote::Title("x".into()),
        UiNote::EditorText("x".into()),
    ]
}

/// What the conversation does by itself.
fn by_itself() -> Vec<Event> {
    let reason = Reason::Threshold;
    let end = |result, error| Event::CompactionEnd {
        reason,
        result,
        aborted: false,
        will_retry: false,
        error,
    };
    let delay = Duration::ZERO;
    let retry_end = |error| Event::RetryEnd {
        success: false,
        attempt: 1,
        error,
    };
    let spent = Spent {
        scope: BudgetScope::Run,
        amount: Amount::Money {
            used: 1.0,
            limit: 2.0,
        },
    };
    let scheduled = SummaryRetry::Scheduled {
        attempt: 1,
        max_attempts: 3,
        delay,
        error: "e".into(),
    };
    let attempt = |reason| Event::SummaryRetry(SummaryRetry::Attempt { reason });
    vec![
        Event::CompactionStart { reason },
        end(Some(Arc::new(Compacted::default())), None),
        end(None, Some("e".into())),
        Event::RetryStart {
            attempt: 1,
            max_attempts: 3,
            delay,
            error: "e".into(),
        },
        retry_end(None),
        retry_end(Some("e".into())),
        Event::SummaryRetry(scheduled),
        attempt(Some(reason)),
        attempt(None),
        Event::SummaryRetry(SummaryRetry::Finished),
        Event::EntryAppended(Arc::new(json!({}))),
        Event::Budget {
            spent,
            exceeded: false,
        },
        Event::Budget {
            spent,
            exceeded: true,
        },
    ]
}

/// The fields of each type, those that are not always there with a question mark.
fn fields(objects: &[Value]) -> BTreeMap<String, Vec<String>> {
    let mut seen: BTreeMap<String, Vec<(String, usize)>> = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for object in objects {
        let name = object["type"].as_str().unwrap().to_owned();
        *counts.entry(name.clone()).or_default() += 1;
        let fields = seen.entry(name).or_default();
        for key in object
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| *key != "type")
        {
            match fields.iter_mut().find(|(known, _)| known == key) {
                Some((_, count)) => *count += 1,
                None => fields.push((key.clone(), 1)),
            }
        }
    }
    let marked = seen.into_iter().map(|(name, fields)| {
        let all = counts[&name];
        let mark = |(field, count)| {
            if count < all {
                format!("{field}?")
            } else {
                field
            }
        };
        let fields = fields.into_iter().map(mark).collect();
        (name, fields)
    });
    marked.collect()
}

fn header_lines() -> Vec<Value> {
    let cwd = Path::new("/work");
    let parent = Some("/a.jsonl".into());
    [None, parent]
        .map(|parent| {
            Store::create(cwd, cwd, None, parent, Clock::fixed(0))
                .header()
                .to_value()
        })
        .into()
}

#[test]
fn every_event_is_documented_with_its_fields() {
    let mut objects: Vec<Value> = events().iter().filter_map(event_to_json).collect();
    objects.extend(header_lines());
    let code = fields(&objects);
    let page = page("docs/json.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut documented = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').collect();
        let name = cells[0].trim().trim_end_matches('`').to_owned();
        if name == "type" {
            continue;
        }
        let fields = cells[1]
            .split_whitespace()
            .map(|field| field.trim_matches('`').to_owned());
        assert!(
            documented
                .insert(name, fields.collect::<Vec<_>>())
                .is_none()
        );
    }
    assert_eq!(documented, code);
}

#[test]
fn every_stream_part_is_documented_with_its_fields() {
    let (index, text) = (0, Arc::from("x"));
    let text = || Arc::clone(&text);
    let call = ToolCall {
        id: "c1".into(),
        name: "ls".into(),
        arguments: json!({}),
        thought_signature: None,
    };
    match Delta::Start {
        Delta::Start
        | Delta::TextStart { .. }
        | Delta::Text { .. }
        | Delta::TextEnd { .. }
        | Delta::ThinkingStart { .. }
        | Delta::Thinking { .. }
        | Delta::ThinkingEnd { .. }
        | Delta::ToolCallStart { .. }
        | Delta::ToolCall { .. }
        | Delta::ToolCallEnd { .. }
        | Delta::Done(_) => {}
    }
    let deltas = [
        Delta::Start,
        Delta::TextStart { index },
        Delta::Text {
            index,
            text: text(),
        },
        Delta::TextEnd {
            index,
            text: text(),
        },
        Delta::ThinkingStart { index },
        Delta::Thinking {
            index,
            text: text(),
        },
        Delta::ThinkingEnd {
            index,
            text: text(),
        },
        Delta::ToolCallStart {
            index,
            id: text(),
            name: text(),
        },
        Delta::ToolCall {
            index,
            json: text(),
        },
        Delta::ToolCallEnd {
            index,
            call: Arc::new(call),
        },
        Delta::Done(Arc::new(empty_message(&model(), 0))),
    ];
    let parts: Vec<Value> = deltas
        .into_iter()
        .filter_map(|delta| event_to_json(&Event::Agent(AgentEvent::MessageUpdate { delta })))
        .map(|json| json["assistantMessageEvent"].clone())
        .collect();
    let shown = parts.iter().map(|part| {
        let keys = part.as_object().unwrap().keys();
        let own: Vec<&str> = keys
            .map(String::as_str)
            .filter(|key| !["type", "contentIndex"].contains(key))
            .collect();
        let name = part["type"].as_str().unwrap();
        if own.is_empty() {
            format!("`{name}`")
        } else {
            format!("`{name} {{{}}}`", own.join(", "))
        }
    });
    let shown: Vec<String> = shown.collect();
    let page = page("docs/json.md").replace(" ·\n", " · ");
    assert!(
        page.contains(&format!("\n{}\n", shown.join(" · "))),
        "{shown:?}"
    );
}
