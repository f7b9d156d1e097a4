//! The end: the terminal is given back, and what should not be forgotten stands on the shell's screen.

use std::io;
use std::path::Path;

use super::{Farewell, Terminal};
use crate::config::settings::TuiMode;
use crate::session::{Command, Reply};
use crate::tools::shell_quoted;
use crate::tui::markdown::sanitize_line;
use crate::tui::screen::take_panic;
use crate::tui::slash::is_private;

/// A farewell of more rows than this helps nobody.
const MOST_ROWS: usize = 2000;

impl Terminal {
    /// Gives the terminal back and says farewell.
    pub(super) async fn leave(mut self, folder: &Path) -> io::Result<u8> {
        let draft = self.app.draft();
        if !draft.trim().is_empty() && !is_private(&draft) {
            self.lost.push(draft);
        }
        let view = self.session.view();
        let waiting = view.steering.iter().chain(&view.follow_up);
        self.lost.extend(waiting.cloned());
        // Before the conversation is ended, which may take its time.
        self.drafts.finish(view, self.app.unsent());
        let code = self.code.unwrap_or(0);
        self.secretary.finish().await;
        self.keys.finish().await;
        self.memory.finish().await;
        let shutdown = self.session.send(Command::Shutdown);
        let left = self.give_back(code);
        let ended = shutdown.await;
        // After a hang-up there is nobody to say farewell to.
        if code == 129 || left.is_err() {
            return Ok(code);
        }
        let view = self.session.view();
        let has_said = !view.history.is_empty() || self.app.has_spoken();
        let is_fullscreen = self.screen.mode() == TuiMode::Fullscreen;
        if has_said && is_fullscreen && self.habits.farewell == Farewell::Transcript {
            self.screen.unprint()?;
            let (columns, _) = self.screen.size();
            self.app.prepare_print();
            let (transcript, look) = self.app.transcript();
            let (rows, more) = transcript.last_rows(columns, look, MOST_ROWS);
            let earlier = match &view.file {
                Some(_) => "… earlier rows are in the session file",
                None => "… earlier rows are left out",
            };
            let earlier = more.then(|| earlier.into());
            self.screen.print_lines(earlier.into_iter().chain(rows))?;
        }
        if has_said
            && let Some(file) = &view.file
            && file.exists()
        {
            let session = match file.parent() == Some(folder) {
                true => view.id.clone(),
                false => shell_quoted(file),
            };
            let hint = format!("To go on: pi --session {session}");
            let hint = sanitize_line(&hint).into_owned();
            self.screen.print_lines(std::iter::once(hint.into()))?;
        }
        if let Some(panic) = take_panic() {
            let line = sanitize_line(&panic).into_owned();
            self.screen.print_lines(std::iter::once(line.into()))?;
        }
        for text in self.lost {
            let rows = std::iter::once("Typed and not sent:".to_owned())
                .chain(text.lines().map(str::to_owned));
            let clean = rows.map(|row| sanitize_line(&row).into_owned().into());
            self.screen.print_lines(clean)?;
        }
        // Last, where it is seen: what is lost with this process.
        if let Reply::Refused(why) = ended {
            let row = sanitize_line(&format!("error: {why}")).into_owned();
            self.screen.print_lines(std::iter::once(row.into()))?;
            return Ok(code.max(1));
        }
        Ok(code)
    }
}
