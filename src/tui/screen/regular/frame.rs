//! One frame of the regular mode.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::text::Line;

/// What a frame adds, and what stands below it: from the top `lasting`, `live`, `block`. The last two
/// together are no higher than the screen.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// All that was written is void: `lasting` begins anew, and what the terminal has is cleared.
    pub again: bool,
    /// Rows that come to stay, below those of the frames before.
    pub lasting: Vec<Line<'static>>,
    /// Rows that may change with any frame.
    pub live: Vec<Line<'static>>,
    /// What the person works with: status, editor or panel, footer.
    pub block: Buffer,
    /// Where in the block the caret shows, if it does.
    pub caret: Option<Position>,
}
