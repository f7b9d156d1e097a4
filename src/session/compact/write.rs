//! A summary of texts of any length: in one request where they fit into the window, else piece by piece,
//! each summary carried on into the next.

use super::request::Asker;
use super::serialise::head;
use super::words::{self, Focus, Task};
use super::{Compactor, NotCompacted};
use crate::agent::Choice;
use crate::ai::{StopReason, Usage, overflow};
use crate::session::event::Reason;
use tokio_util::sync::CancellationToken;

use super::limits::Limits;

/// How often pieces are made smaller when the model says that they are too long.
const HALVINGS: u32 = 3;

/// A summary and what it took.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Written {
    pub text: String,
    pub usage: Usage,
}

/// Writes summaries with one model.
pub(super) struct Writer<'a> {
    asker: Asker<'a>,
    limits: Limits,
    density: f64,
}

impl<'a> Writer<'a> {
    /// `density` is how many bytes of the conversation are a token.
    pub fn new(
        compactor: &'a Compactor,
        choice: Choice,
        limits: Limits,
        density: f64,
        reason: Option<Reason>,
        stop: &'a CancellationToken,
    ) -> Self {
        let output = limits.output(&choice.model, choice.thinking);
        Writer {
            asker: Asker {
                compactor,
                choice,
                reason,
                output,
                stop,
            },
            limits,
            density,
        }
    }

    /// Summarises `parts`, in order, on top of the `previous` summary.
    pub async fn write(
        &self,
        task: Task,
        parts: &[String],
        previous: Option<&str>,
        focus: Focus<'_>,
    ) -> Result<Written, NotCompacted> {
        let mut most = self.limits.input_bytes(self.asker.output, self.density);
        let mut written = Written::default();
        let mut summary = previous.map(str::to_owned);
        let mut halvings = 0;
        let mut is_short = false;
        let mut from = 0;
        while from < parts.len() {
            // A summary that others wrote may be of any length.
            let before = summary.as_deref().map(|summary| head(summary, most / 2));
            let instructions = match focus {
                Focus::Usual => 0,
                Focus::Also(text) | Focus::Instead(text) => text.len(),
            };
            let room = most.saturating_sub(before.map_or(0, str::len) + instructions);
            let (text, next) = piece(parts, from, room.max(most / 4));
            let mut prompt = task.prompt(&text, before, focus);
            if is_short {
                prompt.push_str(&words::shorter(self.asker.output / 3));
            }
            let answer = self.asker.ask(prompt).await;
            written.usage.add(&answer.usage);
            if self.asker.stop.is_cancelled() {
                return Err(NotCompacted::Aborted);
            }
            match answer.stop_reason {
                StopReason::Aborted => return Err(NotCompacted::Aborted),
                StopReason::Error if overflow::is_overflow(&answer, 0) && halvings < HALVINGS => {
                    halvings += 1;
                    most /= 2;
                    continue;
                }
                StopReason::Length if !is_short => {
                    is_short = true;
                    continue;
                }
                _ => {}
            }
            summary = Some(text_of(&answer)?);
            from = next;
        }
        written.text = summary.unwrap_or_default();
        Ok(written)
    }
}

/// What an answer says, if it can stand as a summary.
fn text_of(answer: &crate::ai::AssistantMessage) -> Result<String, NotCompacted> {
    let failed = |why: String| Err(NotCompacted::Failed(why));
    match answer.stop_reason {
        StopReason::Error => {
            let why = answer.error_message.as_deref().unwrap_or("no reason given");
            return failed(format!("the summary could not be written: {why}"));
        }
        StopReason::Length => {
            return failed("the summary did not come to an end within its limit of tokens".into());
        }
        StopReason::ToolUse => {
            return failed("the model called a tool instead of writing a summary".into());
        }
        StopReason::Stop | StopReason::Aborted => {}
    }
    let text = answer.to_text().trim().to_owned();
    match text.is_empty() {
        true => failed("the model wrote an empty summary".into()),
        false => Ok(text),
    }
}

/// As many of the parts from `from` on as fit into `room` bytes, and where the next piece begins. One
/// part that does not fit is cut.
fn piece(parts: &[String], from: usize, room: usize) -> (String, usize) {
    const CUT: &str = "\n\n[… the rest is left out]";
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate().skip(from) {
        if !text.is_empty() && text.len() + part.len() + 2 > room {
            return (text, at);
        }
        if text.is_empty() && part.len() > room {
            text = format!("{}{CUT}", head(part, room));
            return (text, at + 1);
        }
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(part);
    }
    (text, parts.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hold_whole_parts_and_lose_none() {
        let parts: Vec<String> = ["aaaa", "bb", "cccccccccc", "d"].map(String::from).into();
        assert_eq!(
            piece(&parts, 0, 100),
            ("aaaa\n\nbb\n\ncccccccccc\n\nd".into(), 4)
        );
        assert_eq!(piece(&parts, 0, 8), ("aaaa\n\nbb".into(), 2));
        let (cut, next) = piece(&parts, 2, 8);
        assert!(cut.starts_with("cccccccc\n\n["), "{cut}");
        assert_eq!(next, 3);
        assert_eq!(piece(&parts, 3, 0).1, 4);
    }
}
