//! The terminal: keys in, screen out.

mod commands;
mod completing;
mod documents;
mod doings;
mod history;
mod hostile;
mod layout;
mod panels;
mod pasting;
mod program;
mod pty;
mod running;
mod screen;
mod sessions;
mod tree;
mod typing;
