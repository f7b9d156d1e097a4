//! A turn in the events of OpenAI's Responses API, as the page "Streaming events" of its reference shows
//! them (platform.openai.com/docs/api-reference/responses-streaming).

use serde_json::{Value, json};

use super::turn::{Block, Turn};

/// The bytes of the stream. The finished response would repeat every item; it is left empty, since a
/// reader of the stream has them all.
pub fn responses_events(turn: &Turn) -> Vec<u8> {
    let mut stream = Stream::default();
    let begun = json!({"id": "resp_1", "object": "response", "status": "in_progress",
        "model": "scripted", "output": []});
    stream.event("response.created", json!({"response": begun}));
    stream.event("response.in_progress", json!({"response": begun}));
    for (index, block) in turn.blocks.iter().enumerate() {
        match block {
            Block::Thinking(text) => stream.thinking(index, text),
            Block::Text(text) => stream.text(index, text),
            Block::Call { id, name, json } => stream.call(index, id, name, json),
        }
    }
    let (input, output) = turn.usage;
    let (status, details) = match turn.length {
        true => ("incomplete", json!({"reason": "max_output_tokens"})),
        false => ("completed", Value::Null),
    };
    let response = json!({"id": "resp_1", "object": "response", "status": status, "error": null,
        "incomplete_details": details, "model": "scripted", "output": [],
        "usage": {"input_tokens": input, "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": output, "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": input + output}});
    stream.event(&format!("response.{status}"), json!({"response": response}));
    stream.out.into_bytes()
}

#[derive(Default)]
struct Stream {
    out: String,
    sequence: u64,
}

impl Stream {
    fn event(&mut self, name: &str, mut fields: Value) {
        fields["type"] = json!(name);
        fields["sequence_number"] = json!(self.sequence);
        self.sequence += 1;
        self.out
            .push_str(&format!("event: {name}\ndata: {fields}\n\n"));
    }

    fn item(&mut self, what: &str, index: usize, item: Value) {
        let fields = json!({"output_index": index, "item": item});
        self.event(&format!("response.output_item.{what}"), fields);
    }

    fn thinking(&mut self, index: usize, text: &str) {
        let id = format!("rs_{index}");
        let item = json!({"id": id, "type": "reasoning", "summary": []});
        self.item("added", index, item);
        let at = |part: Value| {
            let mut fields = json!({"item_id": id, "output_index": index, "summary_index": 0});
            let part = part.as_object().unwrap().clone();
            fields.as_object_mut().unwrap().extend(part);
            fields
        };
        let part = |text: &str| json!({"part": {"type": "summary_text", "text": text}});
        self.event("response.reasoning_summary_part.added", at(part("")));
        for word in text.split_inclusive(' ') {
            let fields = at(json!({"delta": word}));
            self.event("response.reasoning_summary_text.delta", fields);
        }
        let done = at(json!({"text": text}));
        self.event("response.reasoning_summary_text.done", done);
        self.event("response.reasoning_summary_part.done", at(part(text)));
        let item = json!({"id": id, "type": "reasoning", "encrypted_content": "c2VhbGVk",
            "summary": [{"type": "summary_text", "text": text}]});
        self.item("done", index, item);
    }

    /// What repeats the text before the item is done is left out.
    fn text(&mut self, index: usize, text: &str) {
        let id = format!("msg_{index}");
        let item = |status: &str, content: Value| {
            json!({"id": id, "type": "message", "status": status, "role": "assistant",
                "content": content})
        };
        self.item("added", index, item("in_progress", json!([])));
        for word in text.split_inclusive(' ') {
            let fields = json!({"item_id": id, "output_index": index, "content_index": 0,
                "delta": word});
            self.event("response.output_text.delta", fields);
        }
        let part = json!({"type": "output_text", "text": text, "annotations": []});
        self.item("done", index, item("completed", json!([part])));
    }

    fn call(&mut self, index: usize, call_id: &str, name: &str, arguments: &str) {
        let id = format!("fc_{index}");
        let item = |status: &str, arguments: &str| {
            json!({"id": id, "type": "function_call", "status": status, "call_id": call_id,
                "name": name, "arguments": arguments})
        };
        self.item("added", index, item("in_progress", ""));
        let letters: Vec<char> = arguments.chars().collect();
        for piece in letters.chunks(8) {
            let piece: String = piece.iter().collect();
            let fields = json!({"item_id": id, "output_index": index, "delta": piece});
            self.event("response.function_call_arguments.delta", fields);
        }
        let fields = json!({"item_id": id, "output_index": index, "arguments": arguments});
        self.event("response.function_call_arguments.done", fields);
        self.item("done", index, item("completed", arguments));
    }
}
