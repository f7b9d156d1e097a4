//! What the mouse does: the panel or the popup under it takes it; the conversation is scrolled, selected
//! from and folded; the caret goes where the editor is clicked.

use super::App;
use crate::tui::mouse::{Button, Mouse, MouseAct};
use crate::tui::msg::Effect;

impl App {
    pub(super) fn mouse(&mut self, mouse: Mouse) -> Vec<Effect> {
        let here = mouse.within(self.areas.input);
        if let Some(open) = &mut self.panel
            && let Some(here) = here
        {
            if let MouseAct::Wheel(rows) = mouse.act {
                open.panel.scroll(rows);
                return Vec::new();
            }
            let step = open.panel.mouse(here);
            return self.take_step(step);
        }
        if let Some(mouse) = mouse.within(self.areas.popup) {
            return self.completion_mouse(mouse);
        }
        match mouse.act {
            MouseAct::Wheel(rows) => {
                let rows = isize::try_from(rows).unwrap_or(0);
                self.transcript.scroll_lines(rows);
            }
            MouseAct::Press(Button::Left) => self.press(mouse),
            MouseAct::Drag(Button::Left) => self.drag(mouse),
            MouseAct::Release(Button::Left) => return self.release(mouse),
            MouseAct::Press(_) | MouseAct::Drag(_) | MouseAct::Release(_) => {}
        }
        Vec::new()
    }
}

impl App {
    /// The button went down below the conversation: the caret goes there.
    pub(super) fn press_below(&mut self, mouse: Mouse) {
        if self.panel.is_some() || self.finder.is_some() {
            return;
        }
        if let Some(at) = mouse.within(self.areas.text) {
            self.editor.place(at.column, at.row);
        }
    }

    /// A drag that began below the conversation.
    pub(super) fn drag_below(&mut self, _mouse: Mouse) {}
}
