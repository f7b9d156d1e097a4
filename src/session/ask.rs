//! Questions to the person, asked from anywhere in a conversation: by hooks, by tools, by extensions.
//!
//! [`Ui`] is a handle that they hold. A face that can put questions to somebody says so with
//! [`Ui::host`]; as long as it does, a question is told as [`Event::Ask`] and answered with
//! [`super::Command::Answer`]. Without such a face every question is answered with "nobody is there" at
//! once. A question ends with its answer, its time, its asker (an aborted run drops it) or its face;
//! where it was not the answer, [`Event::AskOver`] says so.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::event::{Event, Level, Question};
use super::ledger::Ledger;

/// Asks and tells the person. Cheap to clone; make it first, hand it to those who ask, then to
/// [`super::Session::start_with_ui`].
#[derive(Clone, Default)]
pub struct Ui(Arc<Inner>);

#[derive(Default)]
struct Inner {
    // Held for a look-up or an insertion only.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ledger: Option<Arc<Ledger>>,
    hosts: usize,
    last_id: u64,
    open: HashMap<u64, oneshot::Sender<Option<String>>>,
}

/// A face that puts questions to somebody. When the last one is dropped, nobody is there any more.
pub struct Host(Ui);

/// Something for the person's screen that wants no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UiNote {
    /// A message.
    Notify {
        /// How much it matters.
        level: Level,
        /// In words.
        text: String,
    },
    /// A line among the footer's.
    Status {
        /// Names the line.
        key: String,
        /// `None` takes it away.
        text: Option<String>,
    },
    /// Lines beside the editor.
    Widget {
        /// Names the lines.
        key: String,
        /// `None` takes them away.
        lines: Option<Vec<String>>,
        /// Where.
        placement: Placement,
    },
    /// The window's title.
    Title(String),
    /// The text in the editor.
    EditorText(String),
}

/// Where a widget is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Placement {
    /// Above the editor.
    #[default]
    AboveEditor,
    /// Below it.
    BelowEditor,
}

impl Ui {
    /// Nobody is there yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether somebody is there to answer.
    pub fn is_there(&self) -> bool {
        let state = self.state();
        state.hosts > 0 && state.ledger.is_some()
    }

    /// Says that questions reach somebody from now on, until the host is dropped.
    pub fn host(&self) -> Host {
        self.state().hosts += 1;
        Host(self.clone())
    }

    /// Asks. `None` when it was dismissed, when `timeout` is over, or when nobody is there.
    pub async fn ask(&self, question: Question, timeout: Option<Duration>) -> Option<String> {
        let (id, ledger, answer) = {
            let mut state = self.state();
            let ledger = state.ledger.clone().filter(|_| state.hosts > 0)?;
            state.last_id += 1;
            let id = state.last_id;
            let (sender, answer) = oneshot::channel();
            state.open.insert(id, sender);
            (id, ledger, answer)
        };
        // From here on the question is closed whichever way this ends, a drop included.
        let _open = Open {
            ui: self,
            ledger: &ledger,
            id,
        };
        ledger.publish(Event::Ask {
            id,
            question,
            timeout,
        });
        let answer = async { answer.await.ok().flatten() };
        match timeout {
            Some(limit) => tokio::time::timeout(limit, answer).await.ok().flatten(),
            None => answer.await,
        }
    }

    /// Asks for one of `options`.
    pub async fn select(
        &self,
        title: impl Into<String>,
        options: Vec<String>,
        timeout: Option<Duration>,
    ) -> Option<String> {
        let title = title.into();
        self.ask(Question::Select { title, options }, timeout).await
    }

    /// Asks for a yes; anything else is a no.
    pub async fn confirm(
        &self,
        title: impl Into<String>,
        message: impl Into<String>,
        timeout: Option<Duration>,
    ) -> bool {
        let question = Question::Confirm {
            title: title.into(),
            message: message.into(),
        };
        self.ask(question, timeout).await.as_deref() == Some("yes")
    }

    /// Tells, without an answer. Nobody there, nobody told.
    pub fn tell(&self, note: UiNote) {
        let (id, ledger) = {
            let mut state = self.state();
            let Some(ledger) = state.ledger.clone().filter(|_| state.hosts > 0) else {
                return;
            };
            state.last_id += 1;
            (state.last_id, ledger)
        };
        ledger.publish(Event::Ui { id, note });
    }

    /// From now on events go out there.
    pub(super) fn attach(&self, ledger: Arc<Ledger>) {
        self.state().ledger = Some(ledger);
    }

    /// The conversation has ended: nothing that was asked will be answered.
    pub(super) fn detach(&self) {
        let mut state = self.state();
        state.ledger = None;
        state.open.clear();
    }

    /// Answers a question; false when there is none of that id.
    pub(super) fn answer(&self, id: u64, answer: Option<String>) -> bool {
        let asked = self.state().open.remove(&id);
        // An asker that has gone in this moment is closing its question.
        asked.is_some_and(|asked| asked.send(answer).is_ok())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.hosts -= 1;
        if state.hosts == 0 {
            // Each asker finds its question dismissed.
            state.open.clear();
        }
    }
}

/// A question that waits.
struct Open<'a> {
    ui: &'a Ui,
    ledger: &'a Ledger,
    id: u64,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let unanswered = self.ui.state().open.remove(&self.id).is_some();
        if unanswered {
            self.ledger.publish(Event::AskOver { id: self.id });
        }
    }
}
