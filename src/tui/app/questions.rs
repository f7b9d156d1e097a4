//! Questions that the conversation asks: one at a time in the editor's place, each with its time.
//!
//! The conversation itself ends a question whose time is over; here the seconds that are left are shown.

use std::time::Duration;

use super::{App, OpenPanel};
use crate::ai::Millis;
use crate::config::KeyChord;
use crate::session::Question;
use crate::tui::panels::{self, News, Panel};

/// A question that is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asking {
    /// Names it in the answer.
    pub id: u64,
    /// When it counts as dismissed.
    pub until: Option<Millis>,
    /// Until when Enter is meant for the editor in whose place it has opened.
    pub deaf: Millis,
}

/// For so long after a question has opened over what is typed, Enter does not answer it.
const DEAF: Millis = 300;

impl App {
    /// Something is asked.
    pub(super) fn asked(&mut self, id: u64, question: &Question, timeout: Option<Duration>) {
        let time = timeout.map(|time| Millis::try_from(time.as_millis()).unwrap_or(Millis::MAX));
        let until = time.map(|time| self.now.saturating_add(time));
        let asking = Asking { id, until, deaf: 0 };
        self.questions.push((asking, panels::question(question)));
        self.next_question();
    }

    /// Puts a panel in the editor's place; a question that stood there is asked again after it.
    pub(super) fn open(&mut self, panel: impl Panel + 'static) {
        let opened = OpenPanel {
            panel: Box::new(panel),
            question: None,
            leaving: None,
        };
        self.put(opened);
    }

    /// The same, for a panel that is there already.
    pub(super) fn put(&mut self, opened: OpenPanel) {
        if let Some(before) = self.panel.replace(opened)
            && let Some(asking) = before.question
        {
            self.questions.insert(0, (asking, before.panel));
        }
    }

    /// Takes a question away that nobody waits for any more.
    pub(super) fn question_over(&mut self, id: u64) {
        self.questions.retain(|(waiting, _)| waiting.id != id);
        let is_open = |open: &OpenPanel| open.question.is_some_and(|asking| asking.id == id);
        if self.panel.as_ref().is_some_and(is_open) {
            self.panel = None;
            self.next_question();
        }
    }

    /// Opens the next question when the place is free.
    pub(super) fn next_question(&mut self) {
        if self.panel.is_none() && !self.questions.is_empty() {
            let (mut asking, panel) = self.questions.remove(0);
            if !self.editor.is_empty() {
                asking.deaf = self.now.saturating_add(DEAF);
            }
            self.panel = Some(OpenPanel {
                panel,
                question: Some(asking),
                leaving: None,
            });
            self.count_down();
        }
    }

    /// Whether this key was meant for the editor in whose place a question has just opened.
    pub(super) fn comes_too_soon(&self, chord: KeyChord) -> bool {
        let is = |id: &str| self.settings.keymap.matches(id, chord);
        let asking = self.panel.as_ref().and_then(|open| open.question);
        asking.is_some_and(|asking| self.now < asking.deaf)
            && (is("tui.select.confirm") || is("tui.input.submit"))
    }

    /// Tells the question that is open how many seconds are left.
    pub(super) fn count_down(&mut self) {
        let now = self.now;
        if let Some(open) = &mut self.panel
            && let Some(until) = open.question.and_then(|asking| asking.until)
        {
            let left = until.saturating_sub(now).max(0);
            let seconds = u64::try_from(left).unwrap_or(0).div_ceil(1000);
            open.panel.told(News::Left(seconds));
        }
    }

    /// How long until that changes.
    pub(super) fn next_second(&self) -> Option<Millis> {
        let asking = self.panel.as_ref()?.question?;
        let left = asking.until?.saturating_sub(self.now);
        match left % 1000 {
            _ if left <= 0 => None,
            0 => Some(1000),
            rest => Some(rest),
        }
    }
}
