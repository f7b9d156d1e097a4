//! Pictures on the screen, by the protocol that the terminal has.
//!
//! Where a picture stands there are cells of a character that stands for its parts, in a colour that is its
//! number. So it is text to everything here: it scrolls, is cut off, changes and goes away like other rows.
//! With kitty's protocol the picture is sent once and the terminal puts it where those cells are
//! ([`transmission`]); with the others the cells are blanks, over which `screen` draws what it finds in a
//! frame ([`parts`]). Everywhere else there is a line that says what it is.

mod art;
mod cells;
mod describe;
mod drawn;
mod kitty;
mod parts;
mod protocol;
mod sixel;
mod table;

use std::fmt;
use std::sync::Arc;

use super::abilities::Abilities;
use super::markdown::wrap::Row;
use cells::{CELL, Pixels};

pub use describe::describe;
pub use kitty::{PLACEHOLDER, transmission};
pub use parts::{Part, is_drawn_over, parts};
pub use protocol::{Protocol, Way};
pub use table::{forget_sent, revision};

#[cfg(test)]
pub(super) use sixel::tests::decode as decode_sixels;

/// Shows pictures, once it is known how.
#[derive(Clone)]
pub struct Pictures {
    columns: usize,
    way: Way,
    protocol: Option<Protocol>,
    cell: Pixels,
    on_ready: Arc<dyn Fn() + Send + Sync>,
}

impl Pictures {
    /// Pictures of so many columns at most. `on_ready` is called from another thread when one more can be
    /// shown.
    pub fn new(columns: usize, way: Way, on_ready: Arc<dyn Fn() + Send + Sync>) -> Self {
        let protocol = match way {
            Way::Said(protocol) => Some(protocol),
            Way::Found { .. } => None,
        };
        Pictures {
            columns,
            way,
            protocol,
            cell: CELL,
            on_ready,
        }
    }

    /// Goes by what is known of the terminal; whether pictures are others now. Where they cannot be drawn
    /// over cells, because rows are not kept track of, only kitty's remain.
    pub fn fit(&mut self, known: &Abilities, can_draw: bool) -> bool {
        let is_possible = |protocol: &Protocol| can_draw || *protocol == Protocol::Kitty;
        let protocol = self.way.protocol(known).filter(is_possible);
        let told = known.cell_size.map(|(w, h)| (u32::from(w), u32::from(h)));
        let is_sane = |(w, h): &Pixels| (3..=40).contains(w) && (6..=80).contains(h);
        let cell = match protocol {
            Some(Protocol::Iterm2 | Protocol::Sixel) => told.filter(is_sane).unwrap_or(CELL),
            // Kitty sees to it itself.
            Some(Protocol::Kitty) | None => CELL,
        };
        let now = (protocol, cell);
        let before = (self.protocol, self.cell);
        (self.protocol, self.cell) = now;
        before != now
    }

    /// How they are told to the terminal, if they are.
    pub fn protocol(&self) -> Option<Protocol> {
        self.protocol
    }

    /// The rows of a picture, no wider than `width`; `None` when it cannot be shown, or not yet.
    pub fn rows(&self, base64: &str, width: usize) -> Option<Vec<Row>> {
        let protocol = self.protocol?;
        let most = self.columns.min(width);
        if protocol == Protocol::Kitty {
            let (pixels, number) = table::ready(base64, &self.on_ready)?;
            let size = cells::size(pixels, most, self.cell);
            table::place(number, size);
            return Some(cells::rows(protocol, number, size));
        }
        let is_base64 = table::is_base64(base64).then_some(base64);
        let pixels = describe::pixels(is_base64?).filter(|pixels| table::is_decodable(*pixels))?;
        let size = cells::size(pixels, most, self.cell);
        let number = drawn::ready(base64, protocol, (size, self.cell), &self.on_ready)?;
        Some(cells::rows(protocol, number, size))
    }
}

impl fmt::Debug for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pictures")
            .field("columns", &self.columns)
            .field("way", &self.way)
            .field("protocol", &self.protocol)
            .field("cell", &self.cell)
            .finish_non_exhaustive()
    }
}
