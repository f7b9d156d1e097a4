//! What a server remembers of a conversation for as long as a socket stands, so that the next request
//! need only hold what is new. Of what was said, digests are kept and not the words.

use ring::digest::{Context, SHA256};
use serde_json::{Map, Value};

type Digest = [u8; 32];

/// What was said over a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    response_id: String,
    // Of all fields but the input, and the limit of the answer.
    fields: Digest,
    // Of each item of the input, and of the answer.
    items: Vec<Digest>,
}

/// A request that goes on where the last one ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continued {
    /// The response that it goes on from.
    pub response_id: String,
    /// How many items of its input the server knows.
    pub known: usize,
}

impl Continuation {
    /// After `body` was answered by the response `response_id`, whose items in the next request's
    /// input will be `answer`.
    pub fn new(body: &Value, response_id: &str, answer: &[Value]) -> Self {
        Continuation {
            response_id: response_id.to_owned(),
            fields: fields(body),
            items: input(body).iter().chain(answer).map(digest).collect(),
        }
    }

    /// Whether `body` begins with all that was said, and is otherwise the same request.
    pub fn of(&self, body: &Value) -> Option<Continued> {
        let input = input(body);
        let begins_so = input.len() >= self.items.len()
            && input
                .iter()
                .zip(&self.items)
                .all(|(item, known)| digest(item) == *known);
        let continued = Continued {
            response_id: self.response_id.clone(),
            known: self.items.len(),
        };
        (begins_so && fields(body) == self.fields).then_some(continued)
    }
}

impl Continued {
    /// The same request without what the server knows.
    pub fn shorten(&self, body: &Value) -> Value {
        let mut short = body.as_object().cloned().unwrap_or_default();
        let new = input(body).get(self.known..).unwrap_or_default();
        short.insert(
            "previous_response_id".into(),
            self.response_id.clone().into(),
        );
        short.insert("input".into(), new.to_vec().into());
        Value::Object(short)
    }
}

fn input(body: &Value) -> &[Value] {
    body.get("input")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn fields(body: &Value) -> Digest {
    let rest: Map<String, Value> = body
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| {
            // The limit becomes lower with the room that is left for the answer.
            let changes = ["input", "previous_response_id", "max_output_tokens"];
            !changes.contains(&name.as_str())
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    digest(&Value::Object(rest))
}

fn digest(value: &Value) -> Digest {
    struct Into(Context);
    impl std::io::Write for Into {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut into = Into(Context::new(&SHA256));
    // Writing to a digest does not fail, nor does a value whose keys are text.
    let _ = serde_json::to_writer(&mut into, value);
    let mut digest = Digest::default();
    digest.copy_from_slice(into.0.finish().as_ref());
    digest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(input: &[&str]) -> Value {
        json!({"model": "m", "input": input, "store": false})
    }

    #[test]
    fn what_the_server_knows_is_left_out() {
        let said = Continuation::new(&body(&["a"]), "resp_1", &["b".into()]);
        let next = body(&["a", "b", "c"]);
        let short = said.of(&next).unwrap().shorten(&next);
        let expected = json!({"model": "m", "input": ["c"], "store": false,
            "previous_response_id": "resp_1"});
        assert_eq!(short, expected);
    }

    #[test]
    fn another_beginning_or_another_request_is_no_continuation() {
        let said = Continuation::new(&body(&["a"]), "resp_1", &["b".into()]);
        for other in [
            body(&["a"]),
            body(&["a", "x", "c"]),
            body(&["x", "b", "c"]),
            json!(7),
        ] {
            assert_eq!(said.of(&other), None, "{other}");
        }
        let mut other = body(&["a", "b", "c"]);
        other["model"] = "n".into();
        assert_eq!(said.of(&other), None);
    }
}
