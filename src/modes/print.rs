//! Print mode: prompts in, the last answer's text out.

use std::io::Write;

use super::{Outcome, Prompt, deliver};
use crate::agent::AgentEvent;
use crate::ai::{Message, SharedMessage, StopReason};
use crate::session::{Event, Level, Session};

/// Says the prompts in order and writes the last answer's text to `out`; trouble goes to `err`.
pub async fn run(
    session: &Session,
    prompts: Vec<Prompt>,
    out: &mut impl Write,
    err: &mut impl Write,
) -> std::io::Result<Outcome> {
    let mut last: Option<SharedMessage> = None;
    let mut notices: Vec<(Level, String)> = Vec::new();
    let mut events = session.events();
    for prompt in prompts {
        deliver(session, prompt, &mut events, |event| {
            match &**event {
                Event::Agent(AgentEvent::MessageEnd { message }) => last = Some(message.clone()),
                Event::Notice { level, text } => notices.push((*level, text.clone())),
                _ => {}
            }
            Ok(())
        })
        .await?;
        for (level, text) in notices.drain(..) {
            let word = match level {
                Level::Info => "note",
                Level::Warning => "warning",
                Level::Error => "error",
            };
            writeln!(err, "{word}: {text}")?;
        }
    }
    let outcome = match last.as_deref() {
        Some(Message::Assistant(answer)) => match answer.stop_reason {
            StopReason::Error | StopReason::Aborted => {
                let why = answer
                    .error_message
                    .as_deref()
                    .unwrap_or("the request failed");
                writeln!(err, "error: {why}")?;
                Outcome::Failed
            }
            StopReason::Stop | StopReason::Length | StopReason::ToolUse => {
                for text in answer.content.iter().filter_map(|block| block.as_text()) {
                    writeln!(out, "{text}")?;
                }
                Outcome::Answered
            }
        },
        // The run was cut after a tool's result: a limit, which has been reported.
        Some(_) => Outcome::Failed,
        None => Outcome::Answered,
    };
    out.flush()?;
    Ok(outcome)
}
