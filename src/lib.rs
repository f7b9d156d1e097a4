//! pi: a terminal coding agent.
//!
//! The library is the agent; the binary puts faces on it. A guided tour, from the ground up:
//!
//! - [`ai`] talks to models: the vocabulary, the catalogue, the wire APIs.
//! - [`agent`] is the loop: model → tools → model → done.
//! - [`tools`] are the hands: read, write, edit, bash, grep, find, ls.
//! - [`store`] is the memory: an append-only tree in JSONL.
//! - [`config`] is what the user chose, [`prompt`] what the model is told.
//! - [`session`] is one living conversation, the only door to all of the above.
//! - `modes`, `tui` (and later `server`, `extensions`) are faces; `cli` wires a session to a face.
//!
//! A file imports from its own folder and from folders earlier in this list, never upward; a test
//! (`tests/it/house.rs`) holds it. See `docs/architecture.md`.

/// The time of this machine, for [`session::Setup`] and [`store::Store`]. The library reads no clock by
/// itself.
pub fn system_clock() -> ai::Clock {
    ai::Clock::new(|| {
        let since = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

pub mod agent;
pub mod ai;
pub mod config;
pub mod modes;
pub mod prompt;
pub mod session;
pub mod store;
pub mod tools;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "tui")]
pub mod tui;
