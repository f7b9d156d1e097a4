//! What the tests stand on.
#![allow(dead_code, reason = "each module of the tests uses a part of it")]

#[cfg(feature = "tui")]
pub mod chosen;
#[cfg(feature = "tui")]
mod life_line;
pub mod model_server;
#[cfg(feature = "tui")]
pub mod pty;
#[cfg(feature = "tui")]
pub mod screen;
pub mod secure;
#[cfg(feature = "tui")]
mod test_pi;

#[cfg(feature = "tui")]
pub use life_line::LifeLine;
#[cfg(feature = "tui")]
pub use test_pi::{Ran, Running, TestPi, messages_of, read_session};
#[cfg(feature = "tui")]
pub mod talk;

/// Where pi looks for local servers: nowhere, whatever runs on the machine of the tests.
pub const NO_SERVERS: [(&str, &str); 4] = [
    ("OLLAMA_HOST", "127.0.0.1:1"),
    ("LLAMA_BASE_URL", "http://127.0.0.1:1"),
    ("LMSTUDIO_BASE_URL", "http://127.0.0.1:1"),
    ("VLLM_BASE_URL", "http://127.0.0.1:1"),
];
