//! The caret, put somewhere with the mouse.

use super::Editor;

impl Editor {
    /// Puts the caret at a column and row of the area it was last drawn in, or at the nearest place.
    pub fn place(&mut self, column: u16, row: u16) {
        let row = self.scroll + usize::from(row);
        let layout = self.layout();
        let row = row.min(layout.rows().len().saturating_sub(1));
        let at = layout.at(row, column);
        self.undo.pause();
        self.buffer.move_to(at);
        self.moved();
    }
}
