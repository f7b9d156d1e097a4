//! The loop: calls, queues, hooks, abort, limits. Scripted model, real tools of the test's own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pi::agent::hooks::{AgentStartChange, CallDecision};
use pi::agent::tool::CallContext;
use pi::agent::{
    AgentEvent, Brake, Choice, Concurrency, Ending, Hooks, Lane, Limits, NoHooks, Outcome, Pace,
    Queues, Run, Tool,
};
use pi::ai::script::{Gate, ScriptedProvider, Turn, model};
use pi::ai::{
    Auth, CacheRetention, Clock, Message, Request, SharedMessage, StopReason, ThinkingLevel,
    Timeouts, ToolCall, ToolSpec,
};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

type Work =
    Box<dyn Fn(Value, CallContext) -> futures::future::BoxFuture<'static, Outcome> + Send + Sync>;

/// A tool made of a closure.
struct Made {
    spec: ToolSpec,
    concurrency: Concurrency,
    file: bool,
    work: Work,
}

impl Made {
    fn new<F>(name: &str, work: impl Fn(Value, CallContext) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let parameters = json!({"type": "object", "properties": {
            "text": {"type": "string"}, "number": {"type": "integer"}, "path": {"type": "string"}}});
        Made {
            spec: ToolSpec {
                name: name.into(),
                description: "test".into(),
                parameters: Arc::new(parameters),
            },
            concurrency: Concurrency::Parallel,
            file: false,
            work: Box::new(move |args, cx| Box::pin(work(args, cx))),
        }
    }
}

#[async_trait]
impl Tool for Made {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn concurrency(&self) -> Concurrency {
        self.concurrency
    }

    fn mutates(&self, args: &Value) -> Option<std::path::PathBuf> {
        self.file
            .then(|| args["path"].as_str().unwrap_or("").into())
    }

    async fn call(&self, args: Value, cx: CallContext) -> Outcome {
        (self.work)(args, cx).await
    }
}

fn echo() -> Made {
    Made::new("echo", |args, _| async move {
        Outcome::text(args["text"].as_str().unwrap_or("nothing"))
    })
}

/// A run ready to go, and what it told.
struct Stage {
    provider: ScriptedProvider,
    tools: Vec<Arc<dyn Tool>>,
    hooks: Arc<dyn Hooks>,
    queues: Queues,
    limits: Limits,
    stop: CancellationToken,
    pace: Pace,
    events: Arc<Mutex<Vec<AgentEvent>>>,
}

impl Stage {
    fn new(turns: impl IntoIterator<Item = Turn>) -> Self {
        Stage {
            provider: ScriptedProvider::new(turns),
            tools: vec![Arc::new(echo())],
            hooks: Arc::new(NoHooks),
            queues: Queues::default(),
            limits: Limits {
                max_turns: None,
                max_repeats: 0,
            },
            stop: CancellationToken::new(),
            pace: Pace::default(),
            events: Arc::default(),
        }
    }

    fn with(mut self, tool: Made) -> Self {
        self.tools.push(Arc::new(tool));
        self
    }

    async fn run(&self, prompt: &str) -> Ending {
        let (_choice, chosen) = watch::channel(Choice {
            model: Arc::new(model()),
            thinking: ThinkingLevel::Off,
        });
        let run = Run {
            provider: Arc::new(self.provider.clone()),
            choice: chosen,
            request: Request {
                system: "system".into(),
                messages: Vec::new(),
                tools: Vec::new(),
                thinking: ThinkingLevel::Off,
                thinking_budgets: Default::default(),
                max_tokens: None,
                cache: CacheRetention::Short,
                session_id: None,
                auth: Auth::default(),
                timeouts: Timeouts::default(),
                transport: Default::default(),
                clock: Clock::fixed(1),
                tap: None,
            },
            tools: self.tools.clone(),
            hooks: self.hooks.clone(),
            queues: self.queues.clone(),
            limits: self.limits,
            stop: self.stop.clone(),
            pace: self.pace.clone(),
            checkpoint: None,
        };
        let events = self.events.clone();
        run.run(Vec::new(), vec![Message::user(prompt, 1)], &mut |event| {
            events.lock().unwrap().push(event)
        })
        .await
    }

    /// The events in short: one word each, with what tells them apart.
    fn told(&self) -> Vec<String> {
        let mut told = Vec::new();
        for event in self.events.lock().unwrap().iter() {
            told.push(match event {
                AgentEvent::AgentStart => "agent_start".into(),
                AgentEvent::AgentEnd { messages, .. } => format!("agent_end {}", messages.len()),
                AgentEvent::TurnStart => "turn_start".into(),
                AgentEvent::TurnEnd { tool_results, .. } => {
                    format!("turn_end {}", tool_results.len())
                }
                AgentEvent::MessageStart { message } => format!("message_start {}", message.role()),
                AgentEvent::MessageUpdate { .. } => continue,
                AgentEvent::MessageEnd { message } => format!("message_end {}", said(message)),
                AgentEvent::ToolStart { id, .. } => format!("tool_start {id}"),
                AgentEvent::ToolUpdate { id, partial, .. } => {
                    format!("tool_update {id} {}", text(&partial.content))
                }
                AgentEvent::ToolEnd { id, outcome, .. } => {
                    format!(
                        "tool_end {id}{}",
                        if outcome.is_error { " error" } else { "" }
                    )
                }
            });
        }
        told
    }

    fn results(&self) -> Vec<(String, String, bool)> {
        let events = self.events.lock().unwrap();
        events
            .iter()
            .filter_map(|event| match event {
                AgentEvent::MessageEnd { message } => match &**message {
                    Message::ToolResult(result) => Some((
                        result.tool_call_id.clone(),
                        text(&result.content),
                        result.is_error,
                    )),
                    _ => None,
                },
                _ => None,
            })
            .collect()
    }

    /// The roles of the messages in request `n`.
    fn asked(&self, n: usize) -> Vec<String> {
        self.provider.requests()[n]
            .messages
            .iter()
            .map(said)
            .collect()
    }
}

fn text(content: &[pi::ai::Content]) -> String {
    pi::ai::message::joined_text(content)
}

fn said(message: &SharedMessage) -> String {
    match &**message {
        Message::User(user) => format!("user {}", user.content.to_text()),
        Message::Assistant(answer) => format!("assistant {}", answer.to_text()),
        Message::ToolResult(result) => format!("toolResult {}", result.tool_call_id),
        other => other.role().to_owned(),
    }
}

#[tokio::test]
async fn events_come_in_the_references_order() {
    let stage = Stage::new([
        Turn::new()
            .say("Looking.")
            .call("c1", "echo", json!({"text": "a"}))
            .call("c2", "echo", json!({"text": "b"})),
        Turn::text("Done."),
    ]);
    assert_eq!(stage.run("go").await, Ending::Finished);
    assert_eq!(
        stage.told(),
        [
            "agent_start",
            "turn_start",
            "message_start user",
            "message_end user go",
            "message_start assistant",
            "message_end assistant Looking.",
            "tool_start c1",
            "tool_start c2",
            "tool_end c1",
            "tool_end c2",
            "message_start toolResult",
            "message_end toolResult c1",
            "message_start toolResult",
            "message_end toolResult c2",
            "turn_end 2",
            "turn_start",
            "message_start assistant",
            "message_end assistant Done.",
            "turn_end 0",
            "agent_end 5",
        ]
    );
    assert_eq!(
        stage.asked(1),
        [
            "user go",
            "assistant Looking.",
            "toolResult c1",
            "toolResult c2"
        ]
    );
}

#[tokio::test]
async fn calls_of_one_message_run_beside_one_another() {
    let barrier = Arc::new(tokio::sync::Barrier::new(2));
    let meet = Made::new("meet", move |_, _| {
        let barrier = barrier.clone();
        async move {
            barrier.wait().await;
            Outcome::text("met")
        }
    });
    let stage = Stage::new([
        Turn::new()
            .call("c1", "meet", json!({}))
            .call("c2", "meet", json!({})),
        Turn::text("both"),
    ])
    .with(meet);
    // One after the other, the first would wait for ever.
    assert_eq!(stage.run("go").await, Ending::Finished);
    assert_eq!(stage.results().len(), 2);
}

/// Notes when a call begins and ends, and lets the others run in between.
fn noting(log: &Arc<Mutex<Vec<String>>>, name: &'static str) -> Made {
    let log = log.clone();
    Made::new(name, move |args, cx| {
        let log = log.clone();
        async move {
            log.lock().unwrap().push(format!("{} begins", cx.id));
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            log.lock().unwrap().push(format!("{} ends", cx.id));
            Outcome::text(args.to_string())
        }
    })
}

#[tokio::test]
async fn a_sequential_tool_makes_the_whole_batch_run_in_order() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let mut one = noting(&log, "one");
    one.concurrency = Concurrency::Sequential;
    let stage = Stage::new([
        Turn::new()
            .call("c1", "other", json!({}))
            .call("c2", "one", json!({}))
            .call("c3", "other", json!({})),
        Turn::text("done"),
    ])
    .with(one)
    .with(noting(&log, "other"));
    stage.run("go").await;
    let order = [
        "c1 begins",
        "c1 ends",
        "c2 begins",
        "c2 ends",
        "c3 begins",
        "c3 ends",
    ];
    assert_eq!(*log.lock().unwrap(), order);
}

#[tokio::test]
async fn changes_of_one_file_keep_the_models_order_and_other_files_do_not_wait() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let mut change = noting(&log, "change");
    change.file = true;
    let stage = Stage::new([
        Turn::new()
            .call("c1", "change", json!({"path": "/a"}))
            .call("c2", "change", json!({"path": "/a"}))
            .call("c3", "change", json!({"path": "/b"})),
        Turn::text("done"),
    ])
    .with(change);
    stage.run("go").await;
    let log = log.lock().unwrap();
    let at = |what: &str| log.iter().position(|line| line == what).unwrap();
    assert!(at("c1 ends") < at("c2 begins"), "{log:?}");
    assert!(at("c3 begins") < at("c1 ends"), "{log:?}");
}

#[tokio::test]
async fn whatever_goes_wrong_with_a_call_the_model_sees_an_error_result() {
    let crash = Made::new("crash", |_, _| async { panic!("tool bug") });
    let stage = Stage::new([
        Turn::new()
            .call("c1", "nothing", json!({}))
            .call_chunks("c2", "echo", ["{\"text\": \"unfin"])
            .call("c3", "echo", json!({"number": "many"}))
            .call("c4", "crash", json!({}))
            .call("c5", "echo", json!({"text": 7, "number": "3"})),
        Turn::text("I see."),
    ])
    .with(crash);
    assert_eq!(stage.run("go").await, Ending::Finished);
    let results = stage.results();
    let starts = [
        (
            "c1",
            "There is no tool named \"nothing\". The tools are: echo, crash.",
            true,
        ),
        (
            "c2",
            "The arguments for echo are not valid JSON, and it was not run: EOF",
            true,
        ),
        (
            "c3",
            "The arguments for echo are not valid, and it was not run:\n- number: must be integer",
            true,
        ),
        ("c4", "The tool crash crashed.", true),
        ("c5", "7", false),
    ];
    assert_eq!(results.len(), starts.len());
    for ((id, text, is_error), (want_id, want_text, want_error)) in results.iter().zip(starts) {
        assert_eq!((id.as_str(), *is_error), (want_id, want_error));
        assert!(text.starts_with(want_text), "{id}: {text}");
    }
}

#[tokio::test]
async fn partial_results_are_told_while_the_tool_runs() {
    let go = Gate::new();
    let gate = go.clone();
    let slow = Made::new("slow", move |_, cx| {
        let gate = gate.clone();
        async move {
            cx.progress.report(Outcome::text("half"));
            gate.open();
            tokio::task::yield_now().await;
            Outcome::text("whole")
        }
    });
    let stage = Stage::new([Turn::tool("c1", "slow", json!({})), Turn::text("ok")]).with(slow);
    stage.run("go").await;
    let told = stage.told();
    let update = told
        .iter()
        .position(|line| line == "tool_update c1 half")
        .expect("no update");
    assert!(update < told.iter().position(|line| line == "tool_end c1").unwrap());
    drop(go);
}

#[tokio::test]
async fn results_that_all_ask_to_end_skip_the_next_request() {
    let last = || {
        Made::new("last", |_, _| async {
            Outcome {
                terminate: true,
                ..Outcome::text("bye")
            }
        })
    };
    let stage = Stage::new([Turn::tool("c1", "last", json!({}))]).with(last());
    assert_eq!(stage.run("go").await, Ending::Terminated);
    assert_eq!(stage.provider.requests().len(), 1);

    let mixed = Stage::new([
        Turn::new()
            .call("c1", "last", json!({}))
            .call("c2", "echo", json!({})),
        Turn::text("still here"),
    ])
    .with(last());
    assert_eq!(mixed.run("go").await, Ending::Finished);
    assert_eq!(mixed.provider.requests().len(), 2);
}

#[tokio::test]
async fn a_model_that_repeats_itself_without_effect_is_stopped() {
    let again = || Turn::tool("c", "echo", json!({"text": "same"}));
    let mut stage = Stage::new((0..9).map(|_| again()));
    stage.limits.max_repeats = 4;
    assert_eq!(
        stage.run("go").await,
        Ending::Repeating {
            tools: vec!["echo".into()],
            rounds: 4
        }
    );
    assert_eq!(stage.provider.requests().len(), 4);
}

#[tokio::test]
async fn the_same_call_with_another_result_is_no_repetition() {
    let count = Arc::new(AtomicUsize::new(0));
    let tick = Made::new("tick", move |_, _| {
        let n = count.fetch_add(1, Ordering::SeqCst);
        async move { Outcome::text(n.to_string()) }
    });
    let turns = (0..9)
        .map(|_| Turn::tool("c", "tick", json!({})))
        .chain([Turn::text("done")]);
    let mut stage = Stage::new(turns).with(tick);
    stage.limits.max_repeats = 3;
    assert_eq!(stage.run("go").await, Ending::Finished);
}

#[tokio::test]
async fn max_turns_bounds_a_run_and_leaves_no_call_without_a_result() {
    let turns = (0..9).map(|n| Turn::tool(&format!("c{n}"), "echo", json!({"text": n})));
    let mut stage = Stage::new(turns);
    stage.limits.max_turns = Some(3);
    assert_eq!(stage.run("go").await, Ending::TurnLimit(3));
    assert_eq!(stage.provider.requests().len(), 3);
    assert_eq!(stage.results().len(), 3);
}

#[tokio::test]
async fn steering_waits_for_the_tools_and_follow_ups_for_the_end() {
    let stage = Stage::new([
        Turn::tool("c1", "say_more", json!({})),
        Turn::text("steered"),
        Turn::text("followed"),
        Turn::text("followed again"),
    ]);
    let queues = stage.queues.clone();
    let say_more = Made::new("say_more", move |_, _| {
        queues.push(Lane::FollowUp, Message::user("later 1", 1));
        queues.push(Lane::FollowUp, Message::user("later 2", 1));
        queues.push(Lane::Steering, Message::user("now", 1));
        async { Outcome::text("said") }
    });
    let stage = stage.with(say_more);
    assert_eq!(stage.run("go").await, Ending::Finished);
    assert_eq!(
        stage.asked(3),
        [
            "user go",
            "assistant ",
            "toolResult c1",
            "user now",
            "assistant steered",
            "user later 1",
            "assistant followed",
            "user later 2",
        ]
    );
}

#[tokio::test]
async fn a_lane_that_drains_all_at_once_makes_one_turn() {
    let stage = Stage::new([Turn::text("first"), Turn::text("both")]);
    stage
        .queues
        .set_drain(Lane::FollowUp, pi::agent::Drain::All);
    stage.queues.push(Lane::FollowUp, Message::user("a", 1));
    stage.queues.push(Lane::FollowUp, Message::user("b", 1));
    stage.run("go").await;
    assert_eq!(
        stage.asked(1),
        ["user go", "assistant first", "user a", "user b"]
    );
}

#[tokio::test]
async fn abort_while_streaming_keeps_the_words_and_drops_the_calls() {
    let gate = Gate::new();
    let stage = Stage::new([Turn::new()
        .say("half a thought")
        .call("c1", "echo", json!({}))
        .wait(&gate)
        .say("never said")]);
    let stop = stage.stop.clone();
    let (ending, ()) = tokio::join!(stage.run("go"), async {
        gate.reached().await;
        stop.cancel();
    });
    assert_eq!(ending, Ending::Aborted);
    let events = stage.events.lock().unwrap().clone();
    let Some(AgentEvent::AgentEnd { messages, .. }) = events.last() else {
        panic!("no end")
    };
    let answer = messages.last().unwrap().as_assistant().unwrap();
    assert_eq!(answer.stop_reason, StopReason::Aborted);
    assert_eq!(answer.to_text(), "half a thought");
    assert_eq!(answer.tool_calls().count(), 0);
}

#[tokio::test]
async fn abort_while_tools_run_gives_every_call_a_result_even_when_a_tool_ignores_it() {
    let begun = Gate::new();
    let gate = begun.clone();
    let deaf = Made::new("deaf", move |_, _| {
        let gate = gate.clone();
        async move {
            gate.open();
            std::future::pending::<()>().await;
            Outcome::text("never")
        }
    });
    let stage = Stage::new([Turn::new().call("c1", "deaf", json!({"path": "/x"})).call(
        "c2",
        "echo",
        json!({"text": "quick"}),
    )])
    .with(deaf);
    let stop = stage.stop.clone();
    let events = stage.events.clone();
    let (ending, ()) = tokio::join!(stage.run("go"), async {
        // The quick one has ended, so the deaf one is under way.
        loop {
            let quick_ended = events
                .lock()
                .unwrap()
                .iter()
                .any(|event| matches!(event, AgentEvent::ToolEnd { id, .. } if &**id == "c2"));
            if quick_ended {
                break;
            }
            tokio::task::yield_now().await;
        }
        stop.cancel();
    });
    assert_eq!(ending, Ending::Aborted);
    let results = stage.results();
    assert_eq!(
        results[0],
        (
            "c1".into(),
            "Aborted by the user before it finished.".into(),
            true
        )
    );
    assert_eq!(results[1], ("c2".into(), "quick".into(), false));
    assert_eq!(
        stage.provider.requests().len(),
        1,
        "nothing is asked after an abort"
    );
}

#[tokio::test]
async fn a_failed_request_ends_the_run_with_its_message() {
    let stage = Stage::new([Turn::error("overloaded")]);
    assert_eq!(stage.run("go").await, Ending::Failed);
    let told = stage.told();
    assert_eq!(
        told[4..],
        [
            "message_start assistant",
            "message_end assistant ",
            "turn_end 0",
            "agent_end 2"
        ]
    );
}

/// Steps in everywhere.
struct Meddler {
    log: Mutex<Vec<String>>,
}

#[async_trait]
impl Hooks for Meddler {
    async fn before_agent_start(&self, _prompt: &str, _system: &str) -> AgentStartChange {
        AgentStartChange::default()
    }

    async fn context(&self, mut messages: Vec<SharedMessage>) -> Vec<SharedMessage> {
        messages.push(Arc::new(Message::user("injected", 1)));
        messages
    }

    async fn before_call(&self, call: &ToolCall, args: &Value) -> CallDecision {
        self.log
            .lock()
            .unwrap()
            .push(format!("before {} {args}", call.id));
        match call.id.as_str() {
            "c1" => CallDecision::Block("not today".into()),
            "c2" => CallDecision::RunWith(json!({"text": "changed"})),
            _ => CallDecision::Run,
        }
    }

    async fn after_call(&self, call: &ToolCall, _args: &Value, outcome: Outcome) -> Outcome {
        if call.id == "c3" {
            return Outcome::error("replaced");
        }
        outcome
    }
}

#[tokio::test]
async fn a_hook_blocks_changes_and_injects() {
    let meddler = Arc::new(Meddler {
        log: Mutex::default(),
    });
    let mut stage = Stage::new([
        Turn::new()
            .call("c1", "echo", json!({"text": "one"}))
            .call("c2", "echo", json!({"text": "two"}))
            .call("c3", "echo", json!({"text": "three"})),
        Turn::text("done"),
    ]);
    stage.hooks = meddler.clone();
    stage.run("go").await;
    assert_eq!(
        stage.results(),
        [
            ("c1".into(), "not today".into(), true),
            ("c2".into(), "changed".into(), false),
            ("c3".into(), "replaced".into(), true),
        ]
    );
    assert_eq!(
        *meddler.log.lock().unwrap(),
        [
            "before c1 {\"text\":\"one\"}",
            "before c2 {\"text\":\"two\"}",
            "before c3 {\"text\":\"three\"}"
        ]
    );
    // Injected into each request, kept in none.
    assert_eq!(stage.asked(0), ["user go", "user injected"]);
    assert_eq!(stage.asked(1).last().unwrap(), "user injected");
    assert_eq!(
        stage
            .asked(1)
            .iter()
            .filter(|line| *line == "user injected")
            .count(),
        1
    );
}

/// Falls over.
struct Crasher;

#[async_trait]
impl Hooks for Crasher {
    async fn before_call(&self, _call: &ToolCall, _args: &Value) -> CallDecision {
        panic!("hook bug")
    }
}

#[tokio::test]
async fn a_hook_that_crashes_blocks_the_call_and_not_the_run() {
    let mut stage = Stage::new([Turn::tool("c1", "echo", json!({})), Turn::text("done")]);
    stage.hooks = Arc::new(Crasher);
    assert_eq!(stage.run("go").await, Ending::Finished);
    assert!(stage.results()[0].2);
}

#[tokio::test]
async fn a_reader_that_does_not_keep_up_holds_the_stream_and_not_the_abort() {
    let (brake, pace) = Brake::new();
    let mut stage = Stage::new([Turn::text("one two three four five")]);
    stage.pace = pace;
    brake.set(true);
    let events = stage.events.clone();
    let stop = stage.stop.clone();
    let (ending, ()) = tokio::join!(stage.run("go"), async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let updates = |event: &&AgentEvent| matches!(event, AgentEvent::MessageUpdate { .. });
        assert_eq!(events.lock().unwrap().iter().filter(updates).count(), 0);
        stop.cancel();
    });
    assert_eq!(ending, Ending::Aborted);
    drop(brake);
}
