//! Faces for programs: print and JSON (RPC in a later issue).

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::agent::Lane;
use crate::ai::Content;
use crate::session::{Command, Event, Reply, Session};

pub mod json;
pub mod print;

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
}

/// Says `prompt` and hands every event to `see` until the conversation has settled.
async fn deliver(
    session: &Session,
    prompt: Prompt,
    events: &mut UnboundedReceiver<Arc<Event>>,
    mut see: impl FnMut(&Arc<Event>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let command = Command::Prompt {
        text: prompt.text,
        images: prompt.images,
        while_running: Lane::FollowUp,
    };
    if let Reply::Refused(why) = session.send(command).await {
        return Err(std::io::Error::other(why));
    }
    while let Some(event) = events.recv().await {
        see(&event)?;
        if matches!(&*event, Event::Settled { .. }) {
            break;
        }
    }
    Ok(())
}
