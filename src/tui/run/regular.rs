//! What the loop does otherwise in the regular mode: sizes are waited for until they rest, and the
//! conversation stays in the terminal at the end.

use std::io;
use std::time::Duration;

use tokio::time::Instant;

use super::Terminal;
use crate::config::settings::TuiMode;

/// A size is painted in the regular mode once no other has come for this time: all is written again.
const REST: Duration = Duration::from_millis(40);

/// At the latest after this time, while sizes keep coming.
const UNREST: Duration = Duration::from_millis(400);

impl Terminal {
    /// When the next frame may be painted.
    pub(super) fn next_frame(&self) -> Instant {
        let next = self.painted + self.frame();
        match self.resized {
            Some((first, last)) => next.max((last + REST).min(first + UNREST)),
            None => next,
        }
    }

    /// Goes over to another mode.
    pub(super) fn switch(&mut self, mode: TuiMode) -> io::Result<()> {
        if mode == TuiMode::Regular {
            self.app.prepare_rows();
        }
        self.screen.switch(mode)?;
        self.app.set_mode(mode);
        self.dirty = true;
        Ok(())
    }

    /// Gives the terminal back; in the regular mode with the whole conversation in it.
    pub(super) fn give_back(&mut self, code: u8) -> io::Result<()> {
        if code != 129 && self.screen.mode() == TuiMode::Regular {
            // What was told last may not have been painted.
            let painted = self.paint();
            let rows = self.app.last_rows(self.screen.size().0);
            let painted = painted.and_then(|()| self.screen.paint_rows(rows));
            return self.screen.leave().and(painted);
        }
        self.screen.leave()
    }
}
