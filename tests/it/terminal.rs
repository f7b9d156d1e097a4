//! The terminal: keys in, screen out.

mod pty;
mod screen;
