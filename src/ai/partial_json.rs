//! JSON that is still arriving: a best-effort value at any moment, in time linear in all that arrived;
//! and the final reading of a tool call's arguments.
//!
//! The value so far holds every finished part, strings as far as they came, and leaves out a number
//! or a word that may still grow and a key without a value. Nesting deeper than [`MAX_DEPTH`] and
//! malformed text freeze the value; nothing panics. Reporting bad JSON is the loop's business.

use serde_json::{Map, Value};

/// Containers within containers, at most; the same as `serde_json` reads.
pub const MAX_DEPTH: usize = 127;

/// Reads a whole call's arguments. Nothing at all is `{}`; slips that models make inside strings (raw
/// control characters, wrong escapes) are mended; whatever is still no JSON comes back as
/// `Value::String` of the text, so that the loop can tell the model.
pub fn arguments(json: &str) -> Value {
    if json.trim().is_empty() {
        return Value::Object(Map::new());
    }
    if let Ok(value) = serde_json::from_str(json) {
        return value;
    }
    serde_json::from_str(&mended(json)).unwrap_or_else(|_| Value::String(json.to_owned()))
}

/// Escapes raw control characters inside strings, doubles backslashes that begin no escape, and puts
/// U+FFFD in the place of half characters.
pub(crate) fn mended(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 16);
    let mut in_string = false;
    let mut rest = json.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                in_string = !in_string;
                out.push(c);
            }
            '\\' if in_string => mend_escape(&mut rest, &mut out),
            c if in_string && c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

fn mend_escape(rest: &mut std::str::Chars<'_>, out: &mut String) {
    let after = rest.as_str();
    let four_digits =
        |s: &str| s.len() >= 5 && s.as_bytes()[1..5].iter().all(u8::is_ascii_hexdigit);
    match after.chars().next() {
        Some('u') if !four_digits(after) => out.push_str("\\\\"),
        Some('u') if is_half(after) => {
            let pair = after.strip_prefix(|_| true).and_then(|s| s.get(4..));
            let other = pair.and_then(|s| s.strip_prefix('\\'));
            let whole = is_first_half(after)
                && other.is_some_and(|s| four_digits(s) && is_half(s) && !is_first_half(s));
            let (taken, written) = match whole {
                true => (11, after.get(..11)),
                // Half of a character of which the other half is nowhere near.
                false => (5, Some("ufffd")),
            };
            out.push('\\');
            out.push_str(written.unwrap_or_default());
            *rest = after.get(taken..).unwrap_or_default().chars();
        }
        Some(c @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')) => {
            out.push('\\');
            out.push(c);
            rest.next();
        }
        _ => out.push_str("\\\\"),
    }
}

/// Whether `uXXXX` is one half of a character that is written as two.
fn is_half(escape: &str) -> bool {
    let bytes = escape.as_bytes();
    let high = matches!(bytes.get(1), Some(b'd' | b'D'));
    high && matches!(bytes.get(2), Some(b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F'))
}

fn is_first_half(escape: &str) -> bool {
    is_half(escape)
        && matches!(
            escape.as_bytes().get(2),
            Some(b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B')
        )
}

/// A JSON document so far.
#[derive(Debug, Clone, Default)]
pub struct PartialJson {
    root: Option<Value>,
    // The way from the root to the container that is open.
    path: Vec<Step>,
    state: State,
    // A key, a number or a word that is not whole yet.
    token: String,
    // The first half of a surrogate pair written as `\uXXXX`.
    high: Option<u16>,
}

#[derive(Debug, Clone)]
enum Step {
    Key(String),
    Last,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Value,
    ValueOrEnd,
    KeyOrEnd,
    Key,
    Colon,
    AfterValue,
    String(Part),
    Escape(Part),
    Unicode {
        part: Part,
        digits: u8,
        code: u16,
    },
    Word,
    Frozen,
}

/// What a string is: the name of a member, or a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Name,
    Value,
}

impl PartialJson {
    /// An empty document.
    pub fn new() -> Self {
        PartialJson::default()
    }

    /// What there is of the value; `None` before it has begun.
    pub fn value(&self) -> Option<&Value> {
        self.root.as_ref()
    }

    /// Takes the next piece of text.
    pub fn push(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if self.state == State::Frozen {
                return;
            }
            let taken = match self.state {
                State::String(part) => self.string_run(part, rest),
                _ => 0,
            };
            if taken > 0 {
                rest = &rest[taken..];
                continue;
            }
            // A word ends before the character behind it, which is then looked at again.
            if self.step(c) {
                rest = &rest[c.len_utf8()..];
            }
        }
    }

    /// The text is over: a number or a word at its end is whole.
    pub fn end(&mut self) {
        if self.state == State::Word {
            self.end_word();
        }
    }

    /// Takes plain characters of a string in one go; returns how many bytes.
    fn string_run(&mut self, part: Part, rest: &str) -> usize {
        let run = memchr::memchr2(b'"', b'\\', rest.as_bytes()).unwrap_or(rest.len());
        if run > 0 {
            self.flush_high(part);
            self.append(part, &rest[..run]);
        }
        run
    }

    /// Looks at one character; false when it has to be looked at again.
    fn step(&mut self, c: char) -> bool {
        match (self.state, c) {
            (State::String(Part::Name), '"') => {
                self.flush_high(Part::Name);
                self.state = State::Colon;
            }
            (State::String(Part::Value), '"') => {
                self.flush_high(Part::Value);
                self.state = State::AfterValue;
            }
            (State::String(part), _) => self.state = State::Escape(part),
            (State::Escape(part), c) => self.escape(part, c),
            (State::Unicode { part, digits, code }, c) => self.unicode(part, digits, code, c),
            (State::Word, '0'..='9' | 'a'..='z' | 'A'..='Z' | '+' | '-' | '.') => {
                self.token.push(c);
            }
            (State::Word, _) => {
                self.end_word();
                return false;
            }
            (_, ' ' | '\t' | '\n' | '\r') => {}
            (State::ValueOrEnd, ']') | (State::KeyOrEnd, '}') => self.close(),
            (State::Value | State::ValueOrEnd, c) => self.begin(c),
            (State::KeyOrEnd | State::Key, '"') => {
                self.token.clear();
                self.state = State::String(Part::Name);
            }
            (State::Colon, ':') => {
                let key = std::mem::take(&mut self.token);
                self.path.pop();
                self.path.push(Step::Key(key));
                self.state = State::Value;
            }
            (State::AfterValue, ',') => {
                self.state = match self.path.last() {
                    Some(Step::Key(_)) => State::Key,
                    Some(Step::Last) => State::Value,
                    None => State::Frozen,
                };
            }
            (State::AfterValue, '}') if matches!(self.path.last(), Some(Step::Key(_))) => {
                self.close();
            }
            (State::AfterValue, ']') if matches!(self.path.last(), Some(Step::Last)) => {
                self.close();
            }
            _ => self.state = State::Frozen,
        }
        true
    }

    fn begin(&mut self, c: char) {
        match c {
            '{' => {
                self.put(Value::Object(Map::new()));
                self.path.push(Step::Key(String::new()));
                self.state = State::KeyOrEnd;
            }
            '[' => {
                self.put(Value::Array(Vec::new()));
                self.path.push(Step::Last);
                self.state = State::ValueOrEnd;
            }
            '"' => {
                self.put(Value::String(String::new()));
                self.state = State::String(Part::Value);
            }
            '-' | '0'..='9' | 't' | 'f' | 'n' => {
                self.token.clear();
                self.token.push(c);
                self.state = State::Word;
            }
            _ => self.state = State::Frozen,
        }
        if self.path.len() > MAX_DEPTH {
            self.state = State::Frozen;
        }
    }

    fn close(&mut self) {
        self.path.pop();
        self.state = State::AfterValue;
    }

    fn end_word(&mut self) {
        match serde_json::from_str(&self.token) {
            Ok(value) => {
                self.put(value);
                self.state = State::AfterValue;
            }
            Err(_) => self.state = State::Frozen,
        }
    }

    fn escape(&mut self, part: Part, c: char) {
        self.state = State::String(part);
        let plain = match c {
            'u' => {
                self.state = State::Unicode {
                    part,
                    digits: 0,
                    code: 0,
                };
                return;
            }
            'b' => "\u{8}",
            'f' => "\u{c}",
            'n' => "\n",
            'r' => "\r",
            't' => "\t",
            '"' => "\"",
            '\\' => "\\",
            '/' => "/",
            other => {
                self.flush_high(part);
                self.append(part, "\\");
                return self.append(part, other.encode_utf8(&mut [0; 4]));
            }
        };
        self.flush_high(part);
        self.append(part, plain);
    }

    fn unicode(&mut self, part: Part, digits: u8, code: u16, c: char) {
        let Some(digit) = c.to_digit(16) else {
            self.state = State::Frozen;
            return;
        };
        let code = code << 4 | digit as u16;
        if digits < 3 {
            let digits = digits + 1;
            self.state = State::Unicode { part, digits, code };
            return;
        }
        self.state = State::String(part);
        let units: Vec<u16> = self.high.take().into_iter().chain([code]).collect();
        for unit in char::decode_utf16(units) {
            match unit {
                Ok(c) => self.append(part, c.encode_utf8(&mut [0; 4])),
                Err(half) if (0xd800..0xdc00).contains(&half.unpaired_surrogate()) => {
                    self.flush_high(part);
                    self.high = Some(half.unpaired_surrogate());
                }
                Err(_) => self.append(part, "\u{fffd}"),
            }
        }
    }

    /// A first half that found no second one.
    fn flush_high(&mut self, part: Part) {
        if self.high.take().is_some() {
            self.append(part, "\u{fffd}");
        }
    }

    fn append(&mut self, part: Part, text: &str) {
        match part {
            Part::Name => self.token.push_str(text),
            Part::Value => {
                if let Some(Value::String(so_far)) = self.current() {
                    so_far.push_str(text);
                }
            }
        }
    }

    /// Puts a value where the next one belongs.
    fn put(&mut self, value: Value) {
        let Some(last) = self.path.pop() else {
            self.root = Some(value);
            return;
        };
        match (self.current(), &last) {
            (Some(Value::Object(map)), Step::Key(key)) => {
                map.insert(key.clone(), value);
            }
            (Some(Value::Array(items)), Step::Last) => items.push(value),
            _ => {}
        }
        self.path.push(last);
    }

    /// The value at the end of the path; at most [`MAX_DEPTH`] steps.
    fn current(&mut self) -> Option<&mut Value> {
        let mut at = self.root.as_mut()?;
        for step in &self.path {
            at = match (at, step) {
                (Value::Object(map), Step::Key(key)) => map.get_mut(key)?,
                (Value::Array(items), Step::Last) => items.last_mut()?,
                _ => return None,
            };
        }
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn so_far(text: &str) -> Value {
        let mut json = PartialJson::new();
        json.push(text);
        json.value().cloned().unwrap_or(Value::Null)
    }

    #[test]
    fn shows_what_has_come_so_far() {
        assert_eq!(so_far(""), Value::Null);
        assert_eq!(so_far(r#"{"pa"#), json!({}));
        assert_eq!(so_far(r#"{"path": "/ho"#), json!({"path": "/ho"}));
        assert_eq!(so_far(r#"{"n": 12"#), json!({}));
        assert_eq!(so_far(r#"{"n": 12,"#), json!({"n": 12}));
        assert_eq!(
            so_far(r#"{"e": [{"old": "a\n\"b"}, {"new": "\ud83d\ude4"#),
            json!({"e": [{"old": "a\n\"b"}, {"new": ""}]})
        );
        assert_eq!(so_far(r#"{"a": "\ud83d\ude48"}"#), json!({"a": "🙈"}));
    }

    #[test]
    fn bad_text_freezes_the_value_and_is_handed_back_whole() {
        assert_eq!(so_far(r#"{"a": 1, oops}"#), json!({"a": 1}));
        assert_eq!(so_far("{]"), json!({}));
        assert_eq!(arguments(r#"{"a": "#), json!(r#"{"a": "#));
        assert_eq!(arguments(" "), json!({}));
        assert_eq!(
            arguments("{\"a\": \"tab\there \\d \\u12\"}"),
            json!({"a": "tab\there \\d \\u12"})
        );
        so_far(&"[".repeat(100_000));
        so_far(&r#"{"a":"#.repeat(100_000));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e9..1e9).prop_map(|n: f64| Value::from(n)),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((".{0,5}", inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whole_documents_read_as_serde_reads_them(
            value in any_json(),
            pretty in any::<bool>(),
            size in 1usize..9,
        ) {
            let text = if pretty { format!("{value:#}") } else { value.to_string() };
            let mut json = PartialJson::new();
            let letters: Vec<char> = text.chars().collect();
            for piece in letters.chunks(size) {
                json.push(&piece.iter().collect::<String>());
            }
            json.end();
            let expected: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(json.value(), Some(&expected));
            prop_assert_eq!(arguments(&text), expected);
        }

        #[test]
        fn any_text_is_read_without_panic(text in "[\\[\\]{}\",:\\\\u0-9a-f \u{e9}-]{0,80}") {
            let mut json = PartialJson::new();
            json.push(&text);
            json.end();
            let _ = arguments(&text);
        }
    }
}
