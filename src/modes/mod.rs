//! Faces for programs: print, JSON and RPC.

use std::sync::Arc;

use crate::agent::Lane;
use crate::ai::{Content, Message, StopReason};
use crate::session::{Command, Event, Events, Reply, Session};

pub mod json;
pub mod print;
pub mod rpc;

/// Something to say, from the command line or standard input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prompt {
    /// The words.
    pub text: String,
    /// Pictures, as image blocks.
    pub images: Vec<Content>,
}

/// What a face for programs came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The model answered.
    Answered,
    /// The request failed or was aborted.
    Failed,
    /// A budget is used up; what was said before is in the session.
    OverBudget,
}

/// How saying a prompt went.
#[derive(Debug, PartialEq, Eq)]
enum Delivery {
    /// It was answered, or not; the events told.
    Settled,
    /// The same, but a budget is used up: there is no use in saying more.
    OverBudget,
    /// It was not even taken, since a budget is used up, with the way to go on.
    Unaffordable(String),
}

/// Whether a run that ended with this message has failed, so that nothing more is to be said.
fn has_failed(last: Option<&Message>) -> bool {
    let answer = last.and_then(Message::as_assistant);
    answer.is_some_and(|it| matches!(it.stop_reason, StopReason::Error | StopReason::Aborted))
}

/// Says `prompt` and hands every event to `see` until the conversation has settled.
async fn deliver(
    session: &Session,
    prompt: Prompt,
    events: &mut Events,
    mut see: impl FnMut(&Arc<Event>) -> std::io::Result<()>,
) -> std::io::Result<Delivery> {
    let is_over = |event: &Event| matches!(event, Event::Budget { exceeded: true, .. });
    let mut over = false;
    let command = Command::Prompt {
        text: prompt.text,
        images: prompt.images,
        while_running: Lane::FollowUp,
    };
    if let Reply::Refused(why) = session.send(command).await {
        // What is told of a refusal is told before it.
        while let Some(event) = events.try_recv() {
            over |= is_over(&event);
            see(&event)?;
        }
        return match over {
            true => Ok(Delivery::Unaffordable(why)),
            false => Err(std::io::Error::other(why)),
        };
    }
    while let Some(event) = events.recv().await {
        over |= is_over(&event);
        see(&event)?;
        if matches!(&*event, Event::Settled { .. }) {
            return Ok(match over {
                true => Delivery::OverBudget,
                false => Delivery::Settled,
            });
        }
    }
    Err(std::io::Error::other(
        "the conversation ended before the answer",
    ))
}
