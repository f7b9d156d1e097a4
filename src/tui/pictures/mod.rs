//! Pictures on the screen, on terminals that have kitty's graphics protocol with its placeholders.
//!
//! A picture is sent once, under a number; where it stands there are cells of a character that stands
//! for its parts, in a colour that is its number. So it is text to everything here: it scrolls, is cut
//! off, changes and goes away like other rows. Everywhere else there is a line that says what it is.

mod describe;
mod kitty;
mod table;

use std::fmt;
use std::sync::Arc;

use super::markdown::wrap::Row;

pub use describe::describe;
pub use kitty::{PLACEHOLDER, transmission};
pub use table::{forget_sent, revision};

/// Shows pictures. One is only where the terminal shows them.
#[derive(Clone)]
pub struct Pictures {
    /// Columns of a picture, at most.
    pub columns: usize,
    /// Called from another thread when one more can be shown.
    pub on_ready: Arc<dyn Fn() + Send + Sync>,
}

impl Pictures {
    /// The rows of a picture, no wider than `width`; `None` when it cannot be shown, or not yet.
    pub fn rows(&self, base64: &str, width: usize) -> Option<Vec<Row>> {
        let (pixels, number) = table::ready(base64, &self.on_ready)?;
        let size = kitty::size(pixels, self.columns.min(width));
        table::place(number, size);
        Some(kitty::rows(number, size))
    }
}

impl fmt::Debug for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pictures")
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}
