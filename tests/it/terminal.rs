//! The terminal: keys in, screen out.

mod commands;
mod documents;
mod hostile;
mod layout;
mod panels;
mod program;
mod pty;
mod running;
mod screen;
mod typing;
