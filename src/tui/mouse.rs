//! The mouse: what was done with it, and where.

/// Something done with the mouse. Columns and rows count from 0, at the top left of the screen; a panel
/// is told them from its own top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What was done.
    pub act: MouseAct,
    /// Where, across.
    pub column: u16,
    /// Where, down.
    pub row: u16,
    /// Shift was held; most terminals keep such a mouse to themselves.
    pub shift: bool,
    /// Alt was held.
    pub alt: bool,
    /// Ctrl was held.
    pub ctrl: bool,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseAct {
    /// A button went down.
    Press(Button),
    /// The mouse moved with a button down.
    Drag(Button),
    /// The button went up.
    Release(Button),
    /// The wheel turned: notches from the terminal, rows for the app; down when positive.
    Wheel(i32),
}

/// A button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// The left one.
    Left,
    /// The one in the middle.
    Middle,
    /// The right one.
    Right,
}

impl Mouse {
    /// The same, told from another top left; `None` when it is not within `area`.
    pub fn within(self, area: ratatui::layout::Rect) -> Option<Mouse> {
        let inside = area.contains(ratatui::layout::Position {
            x: self.column,
            y: self.row,
        });
        inside.then(|| Mouse {
            column: self.column - area.x,
            row: self.row - area.y,
            ..self
        })
    }
}
