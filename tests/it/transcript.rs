//! Cells and Markdown on a screen.

mod conversation;
mod folding;
mod hostile;
mod links;
mod scrolling;
pub mod stage;
mod tools;
