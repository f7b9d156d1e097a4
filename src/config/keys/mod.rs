//! Which key starts which action: defaults from `keybindings.toml`, the user's own from
//! `keybindings.json`. Knows nothing of terminals; a face translates its events into [`KeyChord`]s.

mod chord;
mod keymap;
mod renamed;
mod table;

pub use chord::{ChordError, KeyChord, KeyName};
pub use keymap::Keymap;
pub use table::{Action, Group, Platform};
