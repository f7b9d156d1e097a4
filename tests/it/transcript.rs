//! Cells and Markdown on a screen.

mod conversation;
mod hostile;
mod scrolling;
mod stage;
mod tools;
