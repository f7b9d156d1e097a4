//! The event stream of both Google APIs: chunks of parts, a `finishReason` in the last one, and the
//! tokens so far in each. There is no last event: the stream ends.
//!
//! Calls come whole. Models before Gemini 3 give them no ids, and others may give the same one twice:
//! every call of an answer has an id of its own here.

use serde_json::Value;

use super::super::exchange::{Decoder, Step, early_end, odd_end, stream_error, unreadable};
use super::super::lean::Count;
use super::super::told::Told;
use super::chunk::{Candidate, Chunk, FunctionCall, Part, UsageMetadata};
use crate::ai::answer::Answer;
use crate::ai::failure::Fault;
use crate::ai::message::StopReason;
use crate::ai::model::Model;
use crate::ai::partial_json;
use crate::ai::sse::SseEvent;

/// Reads the chunks of one answer.
pub struct Chunks {
    model: Model,
    stop_reason: Option<StopReason>,
    // A reason that is a failure; told at the end, so that usage still arrives.
    failure: Option<Fault>,
    open: Option<Open>,
    // The ids of the calls so far.
    ids: Vec<String>,
    tokens: Tokens,
}

/// The block that is being filled.
#[derive(Clone, Copy)]
struct Open {
    place: usize,
    thought: bool,
}

/// Tokens as Google counts them.
#[derive(Default)]
struct Tokens {
    prompt: u64,
    cached: u64,
    tools: u64,
    answer: u64,
    thoughts: u64,
}

impl Chunks {
    /// For an answer of `model`.
    pub fn new(model: &Model) -> Self {
        Chunks {
            model: model.clone(),
            stop_reason: None,
            failure: None,
            open: None,
            ids: Vec::new(),
            tokens: Tokens::default(),
        }
    }

    fn take(&mut self, chunk: Chunk<'_>, answer: &mut Answer) {
        answer.set_response_id(chunk.response_id.as_deref().unwrap_or_default());
        if let Some(version) = chunk.model_version.as_deref() {
            // Vertex and tuned models name it with a path.
            let name = version.rsplit('/').next().unwrap_or_default();
            answer.set_response_model(name);
        }
        if let Some(counts) = &chunk.usage_metadata {
            self.count(counts, answer);
        }
        let mut candidates = chunk.candidates.into_iter().flatten();
        if let Some(candidate) = candidates.next() {
            self.candidate(candidate, answer);
        }
        if let Some(feedback) = &chunk.prompt_feedback
            && let Some(reason) = feedback["blockReason"].as_str()
        {
            self.failure = Some(blocked(reason, &feedback["blockReasonMessage"]));
        }
    }

    fn candidate(&mut self, candidate: Candidate<'_>, answer: &mut Answer) {
        let parts = candidate.content.and_then(|content| content.parts);
        for part in parts.into_iter().flatten() {
            self.part(part, answer);
        }
        if let Some(reason) = candidate.finish_reason.as_deref() {
            let said = candidate.finish_message.as_deref().unwrap_or_default();
            self.finish_reason(reason, said);
        }
    }

    fn part(&mut self, part: Part<'_>, answer: &mut Answer) {
        let signature = part.thought_signature.as_deref().unwrap_or_default();
        if let Some(text) = part.text.as_deref()
            && (!text.is_empty() || !signature.is_empty())
        {
            let thought = part.thought.unwrap_or_default();
            let place = self.place(thought, answer);
            match thought {
                _ if text.is_empty() => {}
                true => answer.push_thinking(place, text),
                false => answer.push_text(place, text),
            }
            if !signature.is_empty() {
                answer.sign(place, signature);
            }
        }
        if let Some(call) = part.function_call {
            self.call(&call, signature, answer);
        }
    }

    /// The open block of this kind.
    fn place(&mut self, thought: bool, answer: &mut Answer) -> usize {
        match self.open {
            Some(open) if open.thought == thought => return open.place,
            _ => self.close(answer),
        }
        let place = match thought {
            true => answer.start_thinking(None),
            false => answer.start_text(),
        };
        self.open = Some(Open { place, thought });
        place
    }

    fn close(&mut self, answer: &mut Answer) {
        if let Some(open) = self.open.take() {
            answer.end(open.place);
        }
    }

    fn call(&mut self, call: &FunctionCall<'_>, signature: &str, answer: &mut Answer) {
        self.close(answer);
        let name = call.name.as_deref().unwrap_or_default();
        let given = call.id.as_deref().filter(|id| !id.is_empty());
        let fresh = given.filter(|given| !self.ids.iter().any(|id| id == given));
        let id = match fresh {
            Some(id) => id.to_owned(),
            // The time parts it from those of other answers.
            None => format!("{name}_{}_{}", answer.begun(), self.ids.len() + 1),
        };
        let place = answer.start_call(&id, name);
        self.ids.push(id);
        match call.args.map(|args| args.get()) {
            Some(args) if args != "null" => answer.push_json(place, args),
            _ => answer.push_json(place, "{}"),
        }
        if !signature.is_empty() {
            answer.sign(place, signature);
        }
        answer.end(place);
    }

    fn finish_reason(&mut self, reason: &str, said: &str) {
        self.stop_reason = match reason {
            "" => return,
            "STOP" => Some(StopReason::Stop),
            "MAX_TOKENS" => Some(StopReason::Length),
            _ => {
                self.failure = Some(failed(reason, said));
                return;
            }
        };
    }

    /// Takes over the counts that are there; those that are not keep their value.
    fn count(&mut self, counts: &UsageMetadata, answer: &mut Answer) {
        let tokens = &mut self.tokens;
        for (figure, said) in [
            (&mut tokens.prompt, counts.prompt_token_count),
            (&mut tokens.cached, counts.cached_content_token_count),
            (&mut tokens.tools, counts.tool_use_prompt_token_count),
            (&mut tokens.answer, counts.candidates_token_count),
            (&mut tokens.thoughts, counts.thoughts_token_count),
        ] {
            if let Count(Some(said)) = said {
                *figure = said;
            }
        }
        let usage = answer.usage_mut();
        usage.cache_read = tokens.cached;
        usage.input = (tokens.prompt + tokens.tools).saturating_sub(tokens.cached);
        usage.output = tokens.answer + tokens.thoughts;
        usage.total_tokens = usage.input + usage.output + usage.cache_read;
        self.model.price(usage);
    }
}

/// Reasons for which an answer is none. A call that the model wrote badly may come well the next time.
fn failed(reason: &str, said: &str) -> Fault {
    let mut fault = match reason {
        "MALFORMED_FUNCTION_CALL" | "MALFORMED_RESPONSE" | "UNEXPECTED_TOOL_CALL" => {
            Fault::garbled(format!("ended the answer with the reason {reason:?}"))
        }
        _ => odd_end(reason),
    };
    if !said.is_empty() {
        let said: String = said.chars().take(500).collect();
        fault.words.push_str(&format!(": {said}"));
    }
    fault
}

fn blocked(reason: &str, said: &Value) -> Fault {
    let mut words = format!("did not answer: the request was blocked with the reason {reason:?}");
    if let Some(said) = said.as_str() {
        words.push_str(&format!(": {said}"));
    }
    Fault::refused(words)
}

impl Decoder for Chunks {
    fn event(&mut self, event: &SseEvent, answer: &mut Answer) -> Result<Step, Fault> {
        let mended;
        let chunk: Chunk<'_> = match serde_json::from_str(&event.data) {
            Ok(chunk) => chunk,
            Err(error) => {
                mended = partial_json::mended(&event.data);
                serde_json::from_str(&mended).map_err(|_| unreadable(&event.data, &error))?
            }
        };
        if chunk.error.is_some_and(|error| error.get() != "null") {
            return Err(stream_error(&event.data, answer));
        }
        self.take(chunk, answer);
        Ok(Step::More)
    }

    fn told(&self) -> Told {
        Told::of(self.stop_reason.is_some(), self.failure.is_some())
    }

    fn end(&mut self, answer: &mut Answer) -> Result<StopReason, Fault> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        match self.stop_reason {
            Some(StopReason::Stop) if answer.has_calls() => Ok(StopReason::ToolUse),
            Some(reason) => Ok(reason),
            None => Err(early_end()),
        }
    }
}
