//! What comes back: the Responses API's events, one of them under an older name.

use super::super::exchange::{Decoder, Step};
use super::super::openai_responses;
use crate::ai::answer::Answer;
use crate::ai::failure::Fault;
use crate::ai::message::StopReason;
use crate::ai::model::Model;
use crate::ai::sse::SseEvent;

/// Names of the last event: this server's, and everybody's.
const OLD_END: &str = "\"response.done\"";
const END: &str = "\"response.completed\"";

/// Reads the events of one answer.
pub struct Events(openai_responses::Events);

impl Events {
    /// For an answer of `model`.
    pub fn new(model: &Model) -> Self {
        Events(openai_responses::Events::new(model).priced(openai_responses::tier_factor))
    }
}

impl Decoder for Events {
    fn event(&mut self, event: &SseEvent, answer: &mut Answer) -> Result<Step, Fault> {
        // The name stands in front of everything that a model may have written.
        let start = event.data.get(..64).unwrap_or(&event.data);
        if start.contains(OLD_END) {
            let renamed = SseEvent {
                event: String::new(),
                data: event.data.replacen(OLD_END, END, 1),
            };
            return self.0.event(&renamed, answer);
        }
        self.0.event(event, answer)
    }

    fn end(&mut self, answer: &mut Answer) -> Result<StopReason, Fault> {
        self.0.end(answer)
    }
}
