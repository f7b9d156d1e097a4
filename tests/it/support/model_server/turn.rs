//! One turn of a scripted server: what it says, and how it fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};

use serde_json::Value;

use super::dialects;

/// One turn of the script.
#[derive(Debug, Clone)]
pub struct Turn {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) blocks: Vec<Block>,
    pub(super) raw: Option<Vec<u8>>,
    pub(super) usage: (u64, u64),
    pub(super) length: bool,
    pub(super) chunk: Option<usize>,
    pub(super) cut_at: Option<usize>,
    pub(super) held: Option<(usize, Hold)>,
    pub(super) coding: Option<Coding>,
    pub(super) end: End,
}

#[derive(Debug, Clone)]
pub enum Block {
    Text(String),
    Thinking(String),
    Call {
        id: String,
        name: String,
        json: String,
    },
}

/// How the response ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As HTTP wants it.
    Whole,
    /// The connection is closed in the middle of the body.
    HangUp,
    /// The connection is reset in the middle of the body.
    Reset,
    /// Nothing more comes, and the connection stays.
    Stall,
    /// Not even a head is sent, and the connection stays.
    NoAnswer,
    /// As it should, and a web socket is pinged once more while it waits.
    Pinging,
    /// A web socket is closed with this code and reason.
    Close(u16, &'static str),
    /// Over a web socket comes a frame of no kind that there is.
    OddFrame,
    /// Not even a head is sent: the connection is reset.
    ResetAtOnce,
}

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    Zstd,
}

/// A gate in an answer; clones are the same gate.
#[derive(Debug, Clone, Default)]
pub struct Hold(Arc<HoldState>);

#[derive(Debug, Default)]
struct HoldState {
    open: AtomicBool,
    reached: Mutex<bool>,
    changed: Condvar,
}

impl Hold {
    pub fn new() -> Self {
        Hold::default()
    }

    /// Lets the answer go on.
    pub fn open(&self) {
        self.0.open.store(true, Ordering::SeqCst);
    }

    /// Waits until an answer stands at the gate.
    pub fn wait_until_reached(&self) {
        let reached = self.0.reached.lock().unwrap();
        drop(self.0.changed.wait_while(reached, |r| !*r).unwrap());
    }

    pub(super) fn is_open(&self) -> bool {
        self.0.open.load(Ordering::SeqCst)
    }

    pub(super) fn reach(&self) {
        *self.0.reached.lock().unwrap() = true;
        self.0.changed.notify_all();
    }
}

impl Turn {
    /// An empty answer, to be filled.
    pub fn new() -> Self {
        Turn {
            status: 200,
            headers: Vec::new(),
            blocks: Vec::new(),
            raw: None,
            usage: (10, 5),
            length: false,
            chunk: None,
            cut_at: None,
            held: None,
            coding: None,
            end: End::Whole,
        }
    }

    /// An answer of text alone, one event a word.
    pub fn text(text: &str) -> Self {
        Turn::new().say(text)
    }

    /// An answer that is one tool call with the id `call_1`.
    pub fn tool(name: &str, arguments: Value) -> Self {
        Turn::new().call("call_1", name, arguments)
    }

    /// A response with this status and plain body.
    pub fn status(status: u16, body: &str) -> Self {
        let turn = Turn {
            status,
            ..Turn::raw(body)
        };
        turn.header("content-type", "text/plain")
    }

    /// A response with this status and JSON body.
    pub fn json(status: u16, body: Value) -> Self {
        let turn = Turn {
            status,
            ..Turn::raw(body.to_string())
        };
        turn.header("content-type", "application/json")
    }

    /// A response with this status and an HTML page.
    pub fn html(status: u16, body: &str) -> Self {
        let turn = Turn {
            status,
            ..Turn::raw(body)
        };
        turn.header("content-type", "text/html; charset=utf-8")
    }

    /// An event stream of exactly these bytes.
    pub fn raw(body: impl Into<Vec<u8>>) -> Self {
        Turn {
            raw: Some(body.into()),
            ..Turn::new()
        }
    }

    /// A server that accepts the request and never says anything.
    pub fn silent() -> Self {
        Turn::new().ending(End::NoAnswer)
    }

    pub fn say(self, text: &str) -> Self {
        self.block(Block::Text(text.to_owned()))
    }

    pub fn thinking(self, text: &str) -> Self {
        self.block(Block::Thinking(text.to_owned()))
    }

    pub fn call(self, id: &str, name: &str, arguments: Value) -> Self {
        self.call_text(id, name, &arguments.to_string())
    }

    /// A call whose arguments are this text, right or wrong.
    pub fn call_text(self, id: &str, name: &str, json: &str) -> Self {
        self.block(Block::Call {
            id: id.to_owned(),
            name: name.to_owned(),
            json: json.to_owned(),
        })
    }

    /// Token counts: prompt and answer.
    pub fn usage(mut self, input: u64, output: u64) -> Self {
        self.usage = (input, output);
        self
    }

    /// Ends for want of room.
    pub fn out_of_room(mut self) -> Self {
        self.length = true;
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends the body in pieces of `size` bytes.
    pub fn in_chunks(mut self, size: usize) -> Self {
        self.chunk = Some(size);
        self
    }

    /// Sends only the first `bytes` bytes of the body.
    pub fn cut_at(mut self, bytes: usize) -> Self {
        self.cut_at = Some(bytes);
        self
    }

    /// Waits at the gate before the byte `at` of the body.
    pub fn hold_at(mut self, at: usize, hold: &Hold) -> Self {
        self.held = Some((at, hold.clone()));
        self
    }

    pub fn gzip(mut self) -> Self {
        self.coding = Some(Coding::Gzip);
        self
    }

    pub fn zstd(mut self) -> Self {
        self.coding = Some(Coding::Zstd);
        self
    }

    /// The bytes of the whole body in the format that `path` speaks.
    pub fn bytes_at(&self, path: &str) -> Vec<u8> {
        self.body_for(path)
    }

    pub fn ending(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// The body in the wire format that `path` speaks.
    pub(super) fn body_for(&self, path: &str) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        (dialects::of(path).events)(self)
    }
}
