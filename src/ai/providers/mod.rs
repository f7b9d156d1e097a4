//! The wire APIs, one folder each: a request in the vendor's words, and the vendor's stream in ours.

mod anthropic;
mod azure;
mod bedrock;
mod billing;
mod cache_key;
mod codex;
mod exchange;
mod google;
mod headers;
mod lean;
mod limits;
mod mistral;
mod openai_completions;
mod openai_responses;
mod replay;
mod sampling;
mod switches;
mod told;
mod vertex;

use std::sync::Arc;

use super::http::HttpClient;
use super::model::Model;
use super::provider::Provider;
use exchange::Decoder;

pub use anthropic::Anthropic;
pub use azure::{AzureResponses, has_place};
pub use bedrock::Bedrock;
pub use codex::OpenAiCodex;
pub use google::Google;
pub use mistral::Mistral;
pub use openai_completions::OpenAiCompletions;
pub use openai_responses::OpenAiResponses;
pub use replay::{Recording, recording};
pub use vertex::{Vertex, google_credential_files};

/// An API that is spoken.
struct Spoken {
    api: &'static str,
    provider: fn(HttpClient) -> Arc<dyn Provider>,
    /// What reads its events, where nothing of a request matters for that.
    decoder: fn(&Model) -> Box<dyn Decoder>,
}

const SPOKEN: &[Spoken] = &[
    Spoken {
        api: "anthropic-messages",
        provider: |http| Arc::new(Anthropic::new(http)),
        decoder: |model| Box::new(anthropic::decoder(model)),
    },
    Spoken {
        api: "google-generative-ai",
        provider: |http| Arc::new(Google::new(http)),
        decoder: |model| Box::new(google::Chunks::new(model)),
    },
    Spoken {
        api: "google-vertex",
        provider: |http| Arc::new(Vertex::new(http)),
        decoder: |model| Box::new(google::Chunks::new(model)),
    },
    Spoken {
        api: "mistral-conversations",
        provider: |http| Arc::new(Mistral::new(http)),
        decoder: |model| Box::new(mistral::Chunks::new(model)),
    },
    Spoken {
        api: "bedrock-converse-stream",
        provider: |http| Arc::new(Bedrock::new(http)),
        decoder: |model| Box::new(bedrock::decoder(model)),
    },
    Spoken {
        api: "openai-completions",
        provider: |http| Arc::new(OpenAiCompletions::new(http)),
        decoder: |model| Box::new(openai_completions::decoder(model)),
    },
    Spoken {
        api: "openai-responses",
        provider: |http| Arc::new(OpenAiResponses::new(http)),
        decoder: |model| Box::new(openai_responses::decoder(model)),
    },
    Spoken {
        api: "azure-openai-responses",
        provider: |http| Arc::new(AzureResponses::new(http)),
        decoder: |model| Box::new(openai_responses::Events::new(model)),
    },
    Spoken {
        api: "openai-codex-responses",
        provider: |http| Arc::new(OpenAiCodex::new(http)),
        decoder: |model| Box::new(codex::decoder(model)),
    },
];

fn found(api: &str) -> Option<&'static Spoken> {
    SPOKEN.iter().find(|spoken| spoken.api == api)
}

/// The provider that speaks `api`; `None` for an API that is not spoken.
pub fn provider_for(api: &str, http: &HttpClient) -> Option<Arc<dyn Provider>> {
    Some((found(api)?.provider)(http.clone()))
}

/// The names of the APIs that are spoken.
pub fn spoken() -> impl Iterator<Item = &'static str> {
    SPOKEN.iter().map(|spoken| spoken.api)
}

/// Whether [`provider_for`] knows `api`.
pub fn is_spoken(api: &str) -> bool {
    found(api).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::exchange::Decoder;
    use crate::ai::answer::Answer;
    use crate::ai::clock::Clock;
    use crate::ai::delta::Delta;
    use crate::ai::message::StopReason;
    use crate::ai::script;
    use crate::ai::sse::SseEvent;

    /// Events of either vendor whose every part is replaced by everything else in turn.
    fn twisted(events: &[Value]) -> Vec<Vec<Value>> {
        let odd = [
            Value::Null,
            json!(-1),
            json!(u64::MAX),
            json!("é\u{1b}[2J"),
            json!([]),
            json!([[{}]]),
            json!({"a": {}}),
        ];
        let mut all = Vec::new();
        for (at, event) in events.iter().enumerate() {
            let mut places = Vec::new();
            list(event, String::new(), &mut places);
            for place in places {
                for value in &odd {
                    let mut events = events.to_vec();
                    if let Some(part) = events[at].pointer_mut(&place) {
                        *part = value.clone();
                    }
                    all.push(events);
                }
            }
        }
        all
    }

    fn list(value: &Value, path: String, out: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    list(value, format!("{path}/{key}"), out);
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    list(value, format!("{path}/{index}"), out);
                }
            }
            _ => {}
        }
        out.push(path);
    }

    fn survives(mut decoder: impl Decoder, events: &[Value]) {
        let mut answer = Answer::new(&script::model(), &Clock::fixed(0));
        for event in events {
            let event = SseEvent {
                event: String::new(),
                data: event.to_string(),
            };
            if decoder.event(&event, &mut answer).is_err() {
                answer.fail(StopReason::Error, "as it should", None);
                return;
            }
        }
        let _ = decoder.end(&mut answer);
        answer.finish(StopReason::Stop);
        assert!(matches!(answer.take_deltas().last(), Some(Delta::Done(_))));
    }

    /// The same for an API whose events have names: each is an object of one field.
    fn survives_named(mut decoder: impl Decoder, events: &[Value]) {
        let mut answer = Answer::new(&script::model(), &Clock::fixed(0));
        for (name, data) in events.iter().filter_map(Value::as_object).flatten() {
            let event = SseEvent {
                event: name.clone(),
                data: data.to_string(),
            };
            if decoder.event(&event, &mut answer).is_err() {
                answer.fail(StopReason::Error, "as it should", None);
                return;
            }
        }
        let _ = decoder.end(&mut answer);
        answer.finish(StopReason::Stop);
        assert!(matches!(answer.take_deltas().last(), Some(Delta::Done(_))));
    }

    #[test]
    fn no_event_whatever_its_shape_brings_a_decoder_down() {
        let bedrock = [
            json!({"messageStart": {"role": "assistant"}}),
            json!({"contentBlockDelta": {"contentBlockIndex": 0,
                "delta": {"reasoningContent": {"text": "a"}}}}),
            json!({"contentBlockDelta": {"contentBlockIndex": 0,
                "delta": {"reasoningContent": {"signature": "s"}}}}),
            json!({"contentBlockDelta": {"contentBlockIndex": 0,
                "delta": {"reasoningContent": {"redactedContent": "aGk="}}}}),
            json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "b"}}}),
            json!({"contentBlockStop": {"contentBlockIndex": 0}}),
            json!({"contentBlockStart": {"contentBlockIndex": 1,
                "start": {"toolUse": {"toolUseId": "t", "name": "n"}}}}),
            json!({"contentBlockDelta": {"contentBlockIndex": 1,
                "delta": {"toolUse": {"input": "{}"}}}}),
            json!({"messageStop": {"stopReason": "tool_use"}}),
            json!({"metadata": {"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3,
                "cacheReadInputTokens": 4, "cacheWriteInputTokens": 5}}}),
        ];
        for events in twisted(&bedrock) {
            survives_named(super::bedrock::decoder(&script::model()), &events);
        }
        let anthropic = [
            json!({"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 1,
                "cache_read_input_tokens": 2}}}),
            json!({"type": "content_block_start", "index": 0,
                "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
            json!({"type": "content_block_delta", "index": 0,
                "delta": {"type": "signature_delta", "signature": "s"}}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "content_block_start", "index": 1,
                "content_block": {"type": "tool_use", "id": "t", "name": "n", "input": {}}}),
            json!({"type": "content_block_delta", "index": 1,
                "delta": {"type": "input_json_delta", "partial_json": "{}"}}),
            json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"},
                "usage": {"output_tokens": 1}}),
        ];
        for events in twisted(&anthropic) {
            survives(super::anthropic::decoder(&script::model()), &events);
        }
        let openai = [
            json!({"id": "i", "model": "m", "choices": [{"index": 0, "delta": {"content": "a",
                "reasoning": "b", "reasoning_details": [{"type": "reasoning.encrypted",
                    "id": "c", "data": "d"}]}}]}),
            json!({"choices": [{"delta": {"tool_calls": [{"index": 0, "id": "c",
                "function": {"name": "n", "arguments": "{}"}}]}, "finish_reason": "stop"}]}),
            json!({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2,
                "prompt_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 4}}}),
        ];
        for events in twisted(&openai) {
            let decoder = super::openai_completions::decoder(&script::model());
            survives(decoder, &events);
        }
        let responses = [
            json!({"type": "response.created", "response": {"id": "r"}}),
            json!({"type": "response.output_item.added", "output_index": 0,
                "item": {"type": "reasoning", "id": "rs", "summary": []}}),
            json!({"type": "response.reasoning_summary_text.delta", "output_index": 0,
                "item_id": "rs", "delta": "a"}),
            json!({"type": "response.output_item.done", "output_index": 0, "item":
                {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text",
                    "text": "ab"}]}}),
            json!({"type": "response.output_item.added", "output_index": 1, "item":
                {"type": "function_call", "id": "fc", "call_id": "c", "name": "n",
                    "arguments": ""}}),
            json!({"type": "response.function_call_arguments.delta", "output_index": 1,
                "item_id": "fc", "delta": "{"}),
            json!({"type": "response.function_call_arguments.done", "output_index": 1,
                "item_id": "fc", "arguments": "{}"}),
            json!({"type": "response.output_item.done", "output_index": 2, "item":
                {"type": "message", "id": "m", "phase": "commentary",
                    "content": [{"type": "output_text", "text": "b"}]}}),
            json!({"type": "response.completed", "response": {"id": "r", "status": "completed",
                "service_tier": "flex", "output": [{"type": "reasoning", "id": "rs",
                    "encrypted_content": "e"}], "usage": {"input_tokens": 1, "output_tokens": 2,
                    "total_tokens": 3, "input_tokens_details": {"cached_tokens": 3}}}}),
            json!({"type": "error", "code": "c", "message": "m", "error": {"type": "t"}}),
        ];
        for events in twisted(&responses) {
            survives(
                super::openai_responses::Events::new(&script::model()),
                &events,
            );
        }
        let google = [
            json!({"candidates": [{"content": {"parts": [{"text": "a", "thought": true,
                "thoughtSignature": "c2ln"}], "role": "model"}, "index": 0}],
                "usageMetadata": {"promptTokenCount": 9, "cachedContentTokenCount": 10},
                "modelVersion": "x/y", "responseId": "r"}),
            json!({"candidates": [{"content": {"parts": [{"text": "b"},
                {"functionCall": {"id": "c", "name": "n", "args": {"a": 1}},
                    "thoughtSignature": "c2ln"},
                {"functionCall": {"id": "c", "name": "n"}}]}}]}),
            json!({"candidates": [{"finishReason": "SAFETY", "finishMessage": "m"}],
                "promptFeedback": {"blockReason": "OTHER", "blockReasonMessage": "m"},
                "usageMetadata": {"candidatesTokenCount": 1, "thoughtsTokenCount": 2}}),
        ];
        for events in twisted(&google) {
            survives(super::google::Chunks::new(&script::model()), &events);
        }
        let mistral = [
            json!({"id": "i", "model": "m", "choices": [{"index": 0, "delta": {"content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "a"}]},
                {"type": "text", "text": "b"}, "c"]}}]}),
            json!({"choices": [{"delta": {"content": "d", "tool_calls": [{"id": "abcdefghi",
                "index": 0, "function": {"name": "n", "arguments": "{"}}]}}]}),
            json!({"choices": [{"delta": {"tool_calls": [{"id": "null", "index": 1,
                "function": {"name": "n", "arguments": {"a": 1}}}]}, "finish_reason": "tool_calls"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 2, "num_cached_tokens": 3}}),
        ];
        for events in twisted(&mistral) {
            survives(super::mistral::Chunks::new(&script::model()), &events);
        }
    }
}
