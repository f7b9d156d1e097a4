//! The terminal: keys in, screen out.

mod citizen;
mod commands;
mod documents;
mod doings;
mod hostile;
mod layout;
mod models;
mod panels;
mod program;
mod pty;
mod reload;
mod running;
mod screen;
mod sessions;
mod settings;
mod tree;
mod trust;
mod typing;
