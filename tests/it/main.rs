//! Everything that pi does, seen from outside: one module per capability.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop loudly"
)]

mod support;

mod agent;
mod budget;
mod catalog;
mod cli;
mod compaction;
mod completions;
mod config;
mod docs;
mod export;
mod house;
mod json;
mod print;
mod retry;
mod rpc;
mod search;
mod session;
mod sessions;
mod store;
mod terminal;
mod tools;
mod transcript;
mod tree;
mod wire;
