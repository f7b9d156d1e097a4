//! What the mouse does: the panel or the popup under it takes it; the conversation is scrolled, selected
//! from and folded; the caret goes where the editor is clicked.

use super::App;
use crate::tui::mouse::{Button, Mouse, MouseAct};
use crate::tui::msg::Effect;

impl App {
    pub(super) fn mouse(&mut self, mouse: Mouse) -> Vec<Effect> {
        // What the hand has begun to hold it holds to the end, whatever it comes over.
        let is_held = match mouse.act {
            MouseAct::Drag(Button::Left) | MouseAct::Release(Button::Left) => self.hand.is_full(),
            _ => false,
        };
        if is_held {
            return self.hold(mouse);
        }
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
            MouseAct::Press(_) | MouseAct::Drag(_) | MouseAct::Release(_) => {
                return self.hold(mouse);
            }
        }
        Vec::new()
    }

    fn hold(&mut self, mouse: Mouse) -> Vec<Effect> {
        match mouse.act {
            MouseAct::Drag(Button::Left) => self.drag(mouse),
            MouseAct::Release(Button::Left) => return self.release(mouse),
            _ => {}
        }
        Vec::new()
    }

    /// The button went down below the conversation: the caret goes there.
    pub(super) fn press_below(&mut self, mouse: Mouse) {
        if self.panel.is_some() || self.finder.is_some() {
            return;
        }
        if let Some(at) = mouse.within(self.areas.text) {
            self.editor.place(at.column, at.row);
        }
    }
}
