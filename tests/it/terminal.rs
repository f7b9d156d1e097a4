//! The terminal: keys in, screen out.

mod citizen;
mod commands;
mod documents;
mod doings;
mod hostile;
mod hotkeys;
mod layout;
mod login;
mod panels;
mod program;
mod pty;
mod questions;
mod running;
mod screen;
mod sessions;
mod stats;
mod tree;
mod typing;
mod welcome;
