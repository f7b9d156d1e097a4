//! Links on the screen (OSC 8): web pages, and files for the editor.
//!
//! A cell of the screen has no room for an address. It has a colour for underlines, which pi does not
//! use: that carries the number of a [`Link`], so that a link lives through wrapping, truncation and the
//! comparing of frames. [`crate::tui::screen`] turns the number back into the address.
//!
//! - [`Linker`] makes links of addresses and paths; there is none where the terminal shows no links.
//! - [`find`] finds addresses and paths in text.

mod find;
mod linker;
mod table;

pub use find::{Found, find};
pub use linker::Linker;
pub use table::Link;
