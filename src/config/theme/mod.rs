//! Colours by role: the theme files of the reference, its 51 roles and the 5 later ones. Knows nothing
//! of any screen library; a face translates [`Color`].

mod color;
mod page;
mod parse;
mod shade;
mod shelf;
mod system;
mod token;

pub use color::Color;
pub use parse::Theme;
pub use shelf::{Appearance, ThemePath, Themes};
pub use system::{SYSTEM, Surroundings};
pub use token::Token;
