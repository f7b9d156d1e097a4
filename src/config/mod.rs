//! What the user chose, and where it lives.

pub mod jsonc;
pub mod keys;
pub mod problem;
pub mod theme;

pub use keys::{KeyChord, KeyName, Keymap};
pub use problem::{Place, Problem};
pub use theme::{Appearance, Color, Theme, ThemePath, Themes, Token};
