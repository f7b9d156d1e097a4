//! Faces for programs: print, JSON and RPC.

use std::sync::Arc;

use crate::agent::Lane;
use crate::ai::Content;
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
}

/// Says `prompt` and hands every event to `see` until the conversation has settled.
async fn deliver(
    session: &Session,
    prompt: Prompt,
    events: &mut Events,
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
            return Ok(());
        }
    }
    Err(std::io::Error::other(
        "the conversation ended before the answer",
    ))
}
