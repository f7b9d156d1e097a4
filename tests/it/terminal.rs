//! The terminal: keys in, screen out.

mod citizen;
mod commands;
mod completing;
mod copying;
mod documents;
mod doings;
mod history;
mod hostile;
mod hotkeys;
mod layout;
mod login;
mod panels;
mod program;
mod pty;
mod questions;
mod queue;
mod running;
mod screen;
mod searching;
mod selecting;
mod sessions;
mod stats;
mod themes;
mod tree;
mod typing;
mod welcome;
