//! What the tests stand on.
#![allow(dead_code, reason = "each module of the tests uses a part of it")]

#[cfg(feature = "tui")]
pub mod chosen;
mod life_line;
pub mod model_server;
pub mod pty;
pub mod screen;
mod test_pi;

pub use life_line::LifeLine;
pub use test_pi::{Ran, Running, TestPi, messages_of, read_session};
pub mod talk;
