//! The terminal: keys in, screen out.

mod commands;
mod copying;
mod documents;
mod doings;
mod hostile;
mod layout;
mod panels;
mod program;
mod pty;
mod queue;
mod running;
mod screen;
mod searching;
mod selecting;
mod sessions;
mod tree;
mod typing;
