//! What the mouse does: the panel or the popup under it takes it.

use super::App;
use crate::tui::mouse::Mouse;
use crate::tui::msg::Effect;

impl App {
    pub(super) fn mouse(&mut self, mouse: Mouse) -> Vec<Effect> {
        if let Some(open) = &mut self.panel
            && let Some(mouse) = mouse.within(self.areas.input)
        {
            let step = open.panel.mouse(mouse);
            return self.take_step(step);
        }
        if let Some(mouse) = mouse.within(self.areas.popup) {
            return self.completion_mouse(mouse);
        }
        Vec::new()
    }
}
