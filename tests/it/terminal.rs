//! The terminal: keys in, screen out.

mod citizen;
mod commands;
mod documents;
mod doings;
mod hostile;
mod layout;
mod panels;
mod program;
mod pty;
mod regular;
mod running;
mod screen;
mod sessions;
mod tree;
mod typing;
