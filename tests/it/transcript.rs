//! Cells and Markdown on a screen.

mod conversation;
mod folding;
mod hostile;
mod links;
mod pictures;
mod scrolling;
pub mod stage;
mod tools;
