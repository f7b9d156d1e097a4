//! RPC: commands in, responses and events out, one JSON object a line; for programs that hold pi as a
//! child process.
//!
//! ```text
//! stdin ─ input ─► request ─► answer ─┐ responses
//!                                     ├─► output ─► stdout
//!                 the session's events ┘
//! ```
//!
//! One loop owns the conversation with the program: it reads while commands run, writes responses
//! before later events, and never holds more than a handful of either. What it promises to programs is
//! in `docs/rpc.md`; the JSON of events and messages is `session::wire`'s.

mod answer;
pub mod command;
pub mod input;
mod output;
mod reply;
pub mod request;
mod serve;

pub use serve::{Options, run};
