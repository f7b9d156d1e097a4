//! Painting in the terminal's own scrollback: rows that stay are written once and scroll away as a
//! program's output does; what still changes is rewritten where it stands.
//!
//! [`Rows`] is one frame, [`Painter`] makes bytes of it, [`row`] is one row on the screen. What stays and
//! what may change is decided elsewhere, as is who writes the bytes.

mod frame;
mod painter;
mod row;

pub use frame::Rows;
pub(super) use painter::CLEAR;
pub use painter::Painter;
