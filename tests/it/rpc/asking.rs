//! Questions to the person: a hook asks, a program answers; in process, through the same reader and
//! writer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pi::agent::Hooks;
use pi::agent::hooks::{CallDecision, InputDecision};
use pi::ai::script::{ScriptedProvider, Turn, model};
use pi::ai::{Clock, Content, ToolCall};
use pi::config::{Env, Paths};
use pi::modes::rpc;
use pi::session::{Command, Level, Placement, Question, Reply, Session, Setup, Ui, UiNote};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};
use tokio_util::sync::CancellationToken;

/// Asks before every call, and whatever its prompts say.
struct Asking(Ui);

#[async_trait]
impl Hooks for Asking {
    async fn before_call(&self, call: &ToolCall, _args: &Value) -> CallDecision {
        match self.0.confirm("Run it?", &call.name, None).await {
            true => CallDecision::Run,
            false => CallDecision::Block("the person is against it".into()),
        }
    }

    async fn input(&self, text: &str, _images: &[Content]) -> InputDecision {
        let question = match text {
            "select" => Question::Select {
                title: "Which?".into(),
                options: vec!["a".into(), "b".into()],
            },
            "input" => Question::Input {
                title: "What?".into(),
                placeholder: "say".into(),
            },
            "editor" => Question::Editor {
                title: "Write".into(),
                prefill: "one\ntwo".into(),
            },
            "in time" => {
                let limit = Some(Duration::from_millis(20));
                let answer = self.0.select("Soon?", vec!["yes".into()], limit).await;
                return told(answer);
            }
            "notes" => {
                self.notes();
                return InputDecision::Handled;
            }
            _ => return InputDecision::Continue,
        };
        told(self.0.ask(question, None).await)
    }
}

impl Asking {
    fn notes(&self) {
        let key = || "k".to_owned();
        for note in [
            UiNote::Notify {
                level: Level::Warning,
                text: "careful".into(),
            },
            UiNote::Status {
                key: key(),
                text: Some("busy".into()),
            },
            UiNote::Status {
                key: key(),
                text: None,
            },
            UiNote::Widget {
                key: key(),
                lines: Some(vec!["l".into()]),
                placement: Placement::BelowEditor,
            },
            UiNote::Title("t".into()),
            UiNote::EditorText("e".into()),
        ] {
            self.0.tell(note);
        }
    }
}

/// The answer goes on as the prompt.
fn told(answer: Option<String>) -> InputDecision {
    InputDecision::Replace {
        text: format!("answer: {answer:?}"),
        images: vec![],
    }
}

/// A session whose hook asks.
fn session(home: &std::path::Path, turns: Vec<Turn>) -> (Session, Paths) {
    let env: Env = [("HOME", home.to_str().unwrap())].into_iter().collect();
    let provider = Arc::new(ScriptedProvider::new(turns));
    let ui = Ui::new();
    let setup = Setup {
        hooks: Arc::new(Asking(ui.clone())),
        ..Setup::in_memory(home, provider, model(), Clock::fixed(0))
    };
    let paths = Paths::new(&env, home);
    (Session::start_with_ui(setup, ui), paths)
}

/// A program at the other end of two pipes in memory.
struct Program {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    input: WriteHalf<DuplexStream>,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Program {
    fn start(session: Session, paths: Paths) -> Self {
        let (far, near) = tokio::io::duplex(64 * 1024);
        let (input, out) = tokio::io::split(far);
        let options = rpc::Options {
            paths,
            redact: true,
        };
        let served = rpc::run(session, options, input, out, CancellationToken::new());
        let (lines, input) = tokio::io::split(near);
        Program {
            lines: BufReader::new(lines).lines(),
            input,
            served: tokio::spawn(served),
        }
    }

    async fn say(&mut self, record: Value) {
        let line = format!("{record}\n");
        self.input.write_all(line.as_bytes()).await.unwrap();
    }

    async fn prompt(&mut self, text: &str) {
        self.say(json!({"id": text, "type": "prompt", "message": text}))
            .await;
    }

    /// Reads up to the next record of that type.
    async fn next(&mut self, kind: &str) -> Value {
        let look = async {
            loop {
                let line = self.lines.next_line().await.unwrap().unwrap();
                let record: Value = serde_json::from_str(&line).unwrap();
                if record["type"] == kind {
                    return record;
                }
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(60), look).await;
        found.unwrap_or_else(|_| panic!("no {kind} came"))
    }

    /// What the run that now begins was prompted with.
    async fn prompted(&mut self) -> String {
        let start = self.next("message_start").await;
        let text = start["message"]["content"][0]["text"]
            .as_str()
            .unwrap()
            .to_owned();
        self.next("agent_settled").await;
        text
    }

    async fn finish(mut self) {
        self.input.shutdown().await.unwrap();
        let end = tokio::time::timeout(Duration::from_secs(60), self.served).await;
        end.unwrap().unwrap().unwrap();
    }
}

fn request(asked: &Value) -> Value {
    let mut request = asked.clone();
    request.as_object_mut().unwrap().remove("id").unwrap();
    request
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_that_asks_is_answered_by_the_program() {
    let home = tempfile::tempdir().unwrap();
    let turns = (0..4).map(|_| Turn::text("ok")).collect();
    let (session, paths) = session(home.path(), turns);
    let mut program = Program::start(session, paths);
    let kind = "extension_ui_request";
    for (prompt, expected, answer, outcome) in [
        (
            "select",
            json!({"type": kind, "method": "select", "title": "Which?", "options": ["a", "b"]}),
            json!({"value": "b"}),
            r#"Some("b")"#,
        ),
        (
            "input",
            json!({"type": kind, "method": "input", "title": "What?", "placeholder": "say"}),
            json!({"value": "this"}),
            r#"Some("this")"#,
        ),
        (
            "editor",
            json!({"type": kind, "method": "editor", "title": "Write", "prefill": "one\ntwo"}),
            json!({"cancelled": true}),
            "None",
        ),
    ] {
        program.prompt(prompt).await;
        let asked = program.next(kind).await;
        assert_eq!(request(&asked), expected);
        // Other commands are answered while the question is open; a wrong id changes nothing.
        program
            .say(json!({"type": "extension_ui_response", "id": "other", "value": "x"}))
            .await;
        program
            .say(json!({"type": "extension_ui_response", "id": "999", "value": "x"}))
            .await;
        program.say(json!({"id": "s", "type": "get_state"})).await;
        assert_eq!(program.next("response").await["id"], "s");
        let mut response = answer;
        response["type"] = "extension_ui_response".into();
        response["id"] = asked["id"].clone();
        program.say(response).await;
        assert_eq!(
            program.next("response").await["data"]["disposition"],
            "started"
        );
        assert_eq!(program.prompted().await, format!("answer: {outcome}"));
    }
    program.prompt("in time").await;
    let asked = program.next(kind).await;
    assert_eq!(asked["timeout"], 20);
    assert_eq!(program.prompted().await, "answer: None");
    program.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_waits_for_a_yes_and_an_abort_takes_the_question_away() {
    let home = tempfile::tempdir().unwrap();
    let call = || Turn::tool("c", "bash", json!({"command": "echo ran >> ran.txt"}));
    let turns = vec![call(), call(), Turn::text("ok"), call()];
    let (session, paths) = session(home.path(), turns);
    let mut program = Program::start(session, paths);
    program.prompt("go").await;
    for confirmed in [true, false] {
        let asked = program.next("extension_ui_request").await;
        let expected = json!({"type": "extension_ui_request", "method": "confirm", "title": "Run it?", "message": "bash"});
        assert_eq!(request(&asked), expected);
        program
            .say(
                json!({"type": "extension_ui_response", "id": asked["id"], "confirmed": confirmed}),
            )
            .await;
        let end = program.next("tool_execution_end").await;
        assert_eq!(end["isError"], !confirmed);
    }
    program.next("agent_settled").await;
    assert_eq!(
        std::fs::read_to_string(home.path().join("ran.txt")).unwrap(),
        "ran\n"
    );
    program.prompt("again").await;
    program.next("extension_ui_request").await;
    program.say(json!({"id": "a", "type": "abort"})).await;
    assert_eq!(program.next("agent_settled").await["aborted"], true);
    program.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_input_dismisses_what_is_asked() {
    let home = tempfile::tempdir().unwrap();
    let (session, paths) = session(home.path(), vec![Turn::tool("c", "ls", json!({}))]);
    let mut program = Program::start(session, paths);
    program.prompt("go").await;
    program.next("extension_ui_request").await;
    program.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_are_told_in_order_and_want_no_answer() {
    let home = tempfile::tempdir().unwrap();
    let (session, paths) = session(home.path(), vec![]);
    let mut program = Program::start(session, paths);
    program.prompt("notes").await;
    let kind = "extension_ui_request";
    for expected in [
        json!({"type": kind, "method": "notify", "message": "careful", "notifyType": "warning"}),
        json!({"type": kind, "method": "setStatus", "statusKey": "k", "statusText": "busy"}),
        json!({"type": kind, "method": "setStatus", "statusKey": "k"}),
        json!({"type": kind, "method": "setWidget", "widgetKey": "k", "widgetLines": ["l"], "widgetPlacement": "belowEditor"}),
        json!({"type": kind, "method": "setTitle", "title": "t"}),
        json!({"type": kind, "method": "set_editor_text", "text": "e"}),
    ] {
        assert_eq!(request(&program.next(kind).await), expected);
    }
    program.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_is_a_question_is_answered_with_nothing_at_once() {
    let home = tempfile::tempdir().unwrap();
    let (session, _) = session(home.path(), vec![Turn::text("ok")]);
    assert!(!session.ui().is_there());
    let asked = session.ui().confirm("Really?", "", None);
    let answered = tokio::time::timeout(Duration::from_secs(60), asked).await;
    assert!(!answered.unwrap());
    let late = Command::Answer {
        id: 1,
        answer: None,
    };
    assert!(matches!(session.send(late).await, Reply::Refused(_)));
}
