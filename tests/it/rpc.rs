//! RPC over pipes: the real binary as a program's child, a scripted model behind it.

mod asking;
pub mod client;
mod commands;
mod ending;
mod flow;
mod framing;
mod sessions;
mod shell;
