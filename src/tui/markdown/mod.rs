//! Markdown on a screen: streamed text in, rows of a given width out.
//!
//! - [`MarkdownStream`] grows piece by piece; what is finished is never parsed or rendered again at the
//!   same width. [`render`] is the same for text that is whole.
//! - [`Highlighter`] colours code; its grammars are loaded in the background, code is plain until then.
//! - [`sanitize`] is the one door for text from outside, [`wrap`] makes rows of it, [`written`]
//!   says what of a row was there before it was drawn.
//!
//! A text is cut into its top-level blocks (`blocks`), each of which is parsed by itself. So a link's
//! definition serves the links behind it, not those before it; it is shown as text as well.

mod blocks;
mod code;
mod highlight;
mod ink;
mod inline;
mod linking;
mod manner;
mod math;
mod mermaid;
mod render;
mod stream;
mod table;
pub mod wrap;
pub mod written;

pub use crate::tools::{sanitize, sanitize_line};
pub use highlight::{Highlighter, Painter};
pub use ink::Ink;
pub use manner::Manner;
pub use stream::{MarkdownStream, render};
