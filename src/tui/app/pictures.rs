//! Pictures in the transcript, as the terminal turns out to show them.

use super::{App, setup};
use crate::config::settings::TuiMode;

impl App {
    /// Pictures by what is known of the terminal, in the mode that it is in. In the regular one it moves rows
    /// itself, so that nothing can be drawn over them.
    pub(super) fn fit_pictures(&mut self) {
        self.fit_pictures_to(self.mode == TuiMode::Fullscreen);
    }

    /// For rows that are printed: what would be drawn over them is told in words.
    pub fn prepare_print(&mut self) {
        self.fit_pictures_to(false);
    }

    fn fit_pictures_to(&mut self, can_draw: bool) {
        if let Some(pictures) = &mut self.settings.manner.pictures
            && pictures.fit(&self.abilities, can_draw)
        {
            self.transcript.set_up(setup(&self.view, &self.settings));
        }
    }
}
