//! What the tests stand on.
#![allow(dead_code, reason = "each module of the tests uses a part of it")]

pub mod model_server;
pub mod pty;
