//! The terminal: keys in, screen out.

mod citizen;
mod commands;
mod completing;
mod copying;
mod documents;
mod doings;
mod history;
mod hostile;
mod layout;
mod panels;
mod program;
mod pty;
mod queue;
mod regular;
mod running;
mod screen;
mod searching;
mod selecting;
mod sessions;
mod themes;
mod tree;
mod typing;
