//! Everything that pi does, seen from outside: one module per capability.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop loudly"
)]

mod support;

#[cfg(feature = "tui")]
mod agent;
#[cfg(feature = "tui")]
mod budget;
#[cfg(feature = "tui")]
mod catalog;
#[cfg(feature = "tui")]
mod cli;
#[cfg(feature = "tui")]
mod compaction;
#[cfg(feature = "tui")]
mod completions;
#[cfg(feature = "tui")]
mod config;
#[cfg(feature = "tui")]
mod docs;
#[cfg(feature = "tui")]
mod export;
#[cfg(feature = "tui")]
mod house;
#[cfg(feature = "tui")]
mod json;
#[cfg(feature = "tui")]
mod local;
#[cfg(feature = "tui")]
mod logins;
#[cfg(feature = "tui")]
mod print;
#[cfg(feature = "tui")]
mod retry;
#[cfg(feature = "tui")]
mod rpc;
#[cfg(feature = "tui")]
mod search;
#[cfg(feature = "tui")]
mod session;
#[cfg(feature = "tui")]
mod sessions;
#[cfg(feature = "tui")]
mod store;
#[cfg(feature = "tui")]
mod terminal;
#[cfg(feature = "tui")]
mod tools;
#[cfg(feature = "tui")]
mod transcript;
#[cfg(feature = "tui")]
mod tree;
#[cfg(feature = "tui")]
mod update;
mod wire;
