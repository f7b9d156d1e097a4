//! Print mode: prompts in, the last answer's text out.
//!
//! Trouble is told on the side and never costs the answer. What comes from outside cannot steer a
//! terminal; an answer that goes into a file or a pipe is left as it is.

use std::io::Write;

use super::{Delivery, Outcome, Prompt, deliver, has_failed};
use crate::agent::AgentEvent;
use crate::ai::failure::in_words;
use crate::ai::{AssistantMessage, Content, Message, SharedMessage, StopReason};
use crate::session::{Event, Fallback, Level, Session};
use crate::tools::sanitize;

/// Where the answer goes.
pub struct Out<W> {
    /// Takes the bytes.
    pub writer: W,
    /// Whether a person's terminal shows them.
    pub is_terminal: bool,
}

/// Says the prompts in order and writes the last answer's text to `out`; trouble goes to `err`.
pub async fn run(
    session: &Session,
    prompts: Vec<Prompt>,
    out: &mut Out<impl Write>,
    err: &mut impl Write,
) -> std::io::Result<Outcome> {
    let mut last: Option<SharedMessage> = None;
    // The last answer with words, for a run that is cut behind the results of tools.
    let mut said: Option<SharedMessage> = None;
    // Whether the run was cut short; a limit tells so when the run is over.
    let mut limited = false;
    let mut over_budget = false;
    // Why none of several models has answered.
    let mut exhausted: Option<String> = None;
    let mut events = session.paced_events();
    for prompt in prompts {
        said = None;
        exhausted = None;
        let delivery = deliver(session, prompt, &mut events, |event| {
            match &**event {
                Event::Agent(AgentEvent::MessageEnd { message }) => {
                    if has_words(message) {
                        said = Some(message.clone());
                    }
                    last = Some(message.clone());
                }
                Event::Agent(AgentEvent::AgentEnd { .. }) => limited = false,
                Event::RetryStart {
                    attempt,
                    max_attempts,
                    delay,
                    error,
                } => {
                    let again = in_words(*delay);
                    let note = format!("{error}; attempt {attempt} of {max_attempts} in {again}");
                    tell(err, "note", &note);
                }
                Event::Fallback(fallback @ Fallback::To { .. }) => {
                    tell(err, "note", &fallback.to_string());
                }
                Event::Fallback(fallback @ Fallback::Exhausted { .. }) => {
                    exhausted = Some(fallback.to_string());
                }
                // With what to do next, where the request fails for it.
                Event::CompactionEnd {
                    error: Some(why), ..
                } => tell(err, "warning", why),
                Event::Notice { level, text } => {
                    limited |= *level == Level::Warning;
                    tell(err, word_for(*level), text);
                }
                _ => {}
            }
            Ok(())
        })
        .await?;
        match delivery {
            // What was to be said next builds on an answer that is not there.
            Delivery::Settled if has_failed(last.as_deref()) => break,
            Delivery::Settled if limited && !is_answer(last.as_deref()) => break,
            Delivery::Settled => {}
            Delivery::OverBudget => {
                over_budget = true;
                break;
            }
            Delivery::Unaffordable(why) => {
                tell(err, "error", &why);
                return Ok(Outcome::OverBudget);
            }
        }
    }
    let outcome = match last.as_deref() {
        Some(Message::Assistant(answer)) => match answer.stop_reason {
            StopReason::Error | StopReason::Aborted => {
                let why = exhausted.as_deref().or(answer.error_message.as_deref());
                tell(err, "error", why.unwrap_or("the request failed"));
                Outcome::Failed
            }
            StopReason::Stop | StopReason::Length | StopReason::ToolUse => {
                let said = answer.content.iter().filter(|_| !answer.is_blank());
                for text in said.filter_map(|block| block.as_text()) {
                    out.line(text)?;
                }
                if answer.stop_reason == StopReason::Length {
                    tell(
                        err,
                        "warning",
                        "the answer is cut off: the model's output limit was reached",
                    );
                } else if answer.is_blank() {
                    tell(err, "warning", "the model answered with nothing");
                } else if only_thinks(answer) {
                    let nothing = "the model answered with nothing (it only thought)";
                    tell(err, "warning", nothing);
                }
                Outcome::Answered
            }
        },
        // The run was cut after a tool's result: by a limit, which has been told, or by the tool itself.
        Some(_) => {
            if let Some(answer) = said.as_deref().and_then(Message::as_assistant) {
                for text in answer.content.iter().filter_map(|block| block.as_text()) {
                    out.line(text)?;
                }
            }
            match limited {
                true => Outcome::Failed,
                false => Outcome::Answered,
            }
        }
        None => Outcome::Answered,
    };
    out.writer.flush()?;
    match over_budget {
        true => Ok(Outcome::OverBudget),
        false => Ok(outcome),
    }
}

impl<W: Write> Out<W> {
    fn line(&mut self, text: &str) -> std::io::Result<()> {
        if self.is_terminal {
            writeln!(self.writer, "{}", sanitize(text))
        } else {
            writeln!(self.writer, "{text}")
        }
    }
}

fn is_answer(last: Option<&Message>) -> bool {
    last.is_some_and(|message| message.as_assistant().is_some())
}

/// Whether it has thoughts, and nothing else.
fn only_thinks(answer: &AssistantMessage) -> bool {
    let is_nothing = |block: &Content| match block {
        Content::Thinking { .. } => true,
        other => other.as_text().is_some_and(|text| text.trim().is_empty()),
    };
    answer.content.iter().all(is_nothing)
}

/// Whether it is an answer that says something.
fn has_words(message: &Message) -> bool {
    message.as_assistant().is_some_and(|answer| {
        let mut texts = answer.content.iter().filter_map(|block| block.as_text());
        texts.any(|text| !text.trim().is_empty())
    })
}

fn tell(err: &mut impl Write, word: &str, text: &str) {
    // There is nowhere else to say that standard error is gone.
    let _ = writeln!(err, "{word}: {}", sanitize(text));
}

fn word_for(level: Level) -> &'static str {
    match level {
        Level::Info => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}
