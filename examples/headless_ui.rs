//! A face without a screen that answers questions: `cargo run --example headless_ui`. A hook asks before
//! each command; this program says yes to `echo` and no to everything else.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use pi::agent::hooks::{CallDecision, Hooks};
use pi::ai::ToolCall;
use pi::ai::script::{ScriptedProvider, Turn, model};
use pi::session::{Command, Event, Question, Session, Setup, Ui};
use serde_json::{Value, json};

/// Asks the person before a command runs.
struct AskFirst(Ui);

#[async_trait]
impl Hooks for AskFirst {
    async fn before_call(&self, _call: &ToolCall, args: &Value) -> CallDecision {
        let command = args["command"].as_str().unwrap_or_default();
        match self.0.confirm("Run this?", command, None).await {
            true => CallDecision::Run,
            false => CallDecision::Block("The person does not want that.".into()),
        }
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "this program is its output")]
async fn main() -> Result<(), Box<dyn Error>> {
    let script = ScriptedProvider::new([
        Turn::tool("call_1", "bash", json!({"command": "echo hello"})),
        Turn::tool("call_2", "bash", json!({"command": "rm -rf everything"})),
        Turn::text("One ran, one did not."),
    ]);
    let home = tempfile::tempdir()?;
    let (ui, clock) = (Ui::new(), pi::system_clock());
    let mut setup = Setup::in_memory(home.path(), Arc::new(script), model(), clock);
    setup.hooks = Arc::new(AskFirst(ui.clone()));
    let session = Session::start_with_ui(setup, ui.clone());

    // Somebody is there: without this every question is answered at once with "nobody".
    let host = ui.host();
    let (face, mut events) = (session.clone(), session.events());
    let answering = tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if let Event::Ask { id, question, .. } = &*event
                && let Question::Confirm { title, message } = question
            {
                let answer = match message.starts_with("echo ") {
                    true => "yes",
                    false => "no",
                };
                println!("{title} {message} → {answer}");
                let answer = Some(answer.to_owned());
                face.send(Command::Answer { id: *id, answer }).await;
            }
        }
    });
    println!("{}", session.ask("try two commands").await?);
    session.send(Command::Shutdown).await;
    answering.await?;
    drop(host);
    Ok(())
}
