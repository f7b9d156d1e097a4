//! The conversation's record and its audience behind one lock: what happens is first written to the
//! store, then told to everyone, in one order that all of them share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::permanence::Permanence;

use super::audience::{Audience, Listener};
use super::cache_miss::CacheMiss;
use super::command::Saying;
use super::event::{Event, Level};
use super::view::View;
use crate::agent::{AgentEvent, Lane, Queues};
use crate::ai::{Body, Content, Message, SharedMessage};
use crate::store::{self, Store};

/// Writes, then tells. Shared by the actor and by the run or command that it has under way.
pub(super) struct Ledger {
    // Held for one append (a single write) and for handing pointers to the audience.
    state: Arc<Mutex<State>>,
    permanence: Permanence,
    // Replaced whole; held for a pointer copy.
    view: Arc<RwLock<Arc<View>>>,
    queues: Queues,
    /// Whether the person is told of prompt caches that were missed (`showCacheMissNotices`).
    pub tells_misses: AtomicBool,
}

/// The record and its audience.
pub(super) struct State {
    store: Store,
    audience: Audience,
    queued: usize,
    /// Set while the disk refuses, so that the person is told once.
    failing: bool,
    /// What the person has been told of this session file.
    told: Told,
}

/// Said once of a session file.
#[derive(Default)]
struct Told {
    doubt: bool,
    strangers: bool,
}

impl Ledger {
    pub fn new(store: Store, view: Arc<RwLock<Arc<View>>>, queues: Queues) -> Self {
        let state = State {
            store,
            audience: Audience::default(),
            queued: 0,
            failing: false,
            told: Told::default(),
        };
        Ledger {
            state: Arc::new(Mutex::new(state)),
            permanence: Permanence::default(),
            view,
            queues,
            tells_misses: AtomicBool::new(false),
        }
    }

    /// Tells everything from now on to `listener`.
    pub fn subscribe(&self, listener: Listener) {
        self.state().audience.add(listener);
    }

    /// Tells everyone.
    pub fn publish(&self, event: Event) {
        self.state().tell(event);
    }

    /// Writes what an event of a run finishes, then tells everyone.
    pub fn record(&self, event: AgentEvent) {
        let mut state = self.state();
        let missed = self.missed(&state, &event);
        match &event {
            AgentEvent::MessageStart { message } if matches!(**message, Message::User(_)) => {
                self.tell_queue(&mut state, false);
            }
            AgentEvent::MessageEnd { message } => self.write(&mut state, message),
            AgentEvent::AgentEnd { .. } => state.retry(),
            _ => {}
        }
        let is_milestone = match &event {
            AgentEvent::MessageEnd { message } => matches!(**message, Message::User(_)),
            AgentEvent::TurnEnd { .. } | AgentEvent::AgentEnd { .. } => true,
            _ => false,
        };
        state.tell(Event::Agent(event));
        if let Some(text) = missed {
            let level = Level::Info;
            state.tell(Event::Notice { level, text });
        }
        self.attend(&mut state, is_milestone);
    }

    /// What to tell of a prompt cache that an answer, not yet written, has missed.
    fn missed(&self, state: &State, event: &AgentEvent) -> Option<String> {
        let AgentEvent::MessageEnd { message } = event else {
            return None;
        };
        let answer = message.as_assistant()?;
        if !self.tells_misses.load(Ordering::Relaxed) {
            return None;
        }
        let before = state.store.last_request()?;
        let usage = state.store.totals().usage;
        let cached = usage.cache_read > 0 || usage.cache_write > 0;
        let model = self.view().model.clone();
        CacheMiss::between(before.as_assistant()?, answer, &model, cached)?.notice()
    }

    /// Sees to it that what was written stays, and that what could not be is tried again; neither is
    /// waited for.
    fn attend(&self, state: &mut State, is_milestone: bool) {
        state.notice_strangers();
        if state.failing {
            self.permanence.retry(&self.state);
        } else if is_milestone {
            self.permanence.sync(&self.state, &state.store);
        }
    }

    /// Writes a message that no run has said.
    pub fn record_message(&self, message: &SharedMessage) {
        let mut state = self.state();
        self.write(&mut state, message);
        self.attend(&mut state, true);
    }

    /// Tells everyone what waits in the queues, if that has changed or `always`.
    pub fn tell_queues(&self, always: bool) {
        let mut state = self.state();
        self.tell_queue(&mut state, always);
    }

    /// Works on the store; a failure is told to the person once.
    pub fn with_store<T>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, store::Error>,
    ) -> Option<T> {
        let mut state = self.state();
        let result = work(&mut state.store);
        let done = state.settle(result);
        self.attend(&mut state, false);
        done
    }

    /// The same, its failure handed on too.
    pub fn try_store<T>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, store::Error>,
    ) -> Result<T, store::Error> {
        let mut state = self.state();
        let result = work(&mut state.store);
        if let Err(error @ (store::Error::Write { .. } | store::Error::Changed { .. })) = &result {
            state.tell_failing(error);
        }
        result
    }

    /// Changes the view.
    pub fn update_view(&self, change: impl FnOnce(&mut View)) {
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = View::clone(&view);
        change(&mut next);
        *view = Arc::new(next);
    }

    /// The conversation as it is now.
    pub fn view(&self) -> Arc<View> {
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        view.clone()
    }

    /// Puts another store in the place of this one.
    pub fn replace_store(&self, store: Store) {
        let mut state = self.state();
        state.store = store;
        state.failing = false;
        state.told = Told::default();
    }

    fn write(&self, state: &mut State, message: &SharedMessage) {
        let result = state.store.append_message(message);
        if state.settle(result.map(drop)).is_some() {
            state.written();
        }
        let so_far = Arc::new(state.store.branch());
        let usage = state.store.totals().usage;
        let context = message
            .as_assistant()
            .map_or(0, |answer| answer.usage.context_tokens());
        self.update_view(|view| {
            view.so_far = so_far;
            view.usage = usage;
            if context > 0 {
                view.context_tokens = Some(context);
            }
        });
    }

    fn tell_queue(&self, state: &mut State, always: bool) {
        let texts =
            |lane| -> Vec<String> { self.queues.waiting(lane).iter().map(text_of).collect() };
        let (steering, follow_up) = (texts(Lane::Steering), texts(Lane::FollowUp));
        let queued = steering.len() + follow_up.len();
        if !always && queued == state.queued {
            return;
        }
        state.queued = queued;
        self.update_view(|view| {
            view.steering.clone_from(&steering);
            view.follow_up.clone_from(&follow_up);
        });
        state.tell(Event::QueueUpdate {
            steering,
            follow_up,
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Tries once more to write what is in memory only.
    pub fn retry(&mut self) {
        if self.failing && self.store.flush().is_ok() {
            self.written();
        }
    }

    /// Tells the person once that what was written may not be permanent.
    pub fn doubt(&mut self, error: &store::Error) {
        if !std::mem::replace(&mut self.told.doubt, true) {
            let text = format!(
                "{error}. What was said is in the session file, but a power cut may take it."
            );
            let level = Level::Warning;
            self.tell(Event::Notice { level, text });
        }
    }

    /// Tells the person once that somebody else writes the session.
    fn notice_strangers(&mut self) {
        let count = self.store.take_strangers();
        if count > 0 && !std::mem::replace(&mut self.told.strangers, true) {
            let text = "another program is writing this session too; what it says is kept as a branch of its own".into();
            let level = Level::Warning;
            self.tell(Event::Notice { level, text });
        }
    }

    /// Whether the disk refuses.
    pub fn is_failing(&self) -> bool {
        self.failing
    }

    fn tell(&mut self, event: Event) {
        self.audience.tell(event);
    }

    /// Tells the person once when the disk begins to refuse.
    fn settle<T>(&mut self, result: Result<T, store::Error>) -> Option<T> {
        let error = match result {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        self.tell_failing(&error);
        None
    }

    fn tell_failing(&mut self, error: &store::Error) {
        if !std::mem::replace(&mut self.failing, true) {
            let after = match error {
                store::Error::Changed { .. } => {
                    "Nothing is written into it; what is said from here on is in memory only, and /export keeps it."
                }
                _ => {
                    "The conversation goes on in memory; writing is tried again until it succeeds."
                }
            };
            self.tell(Event::Notice {
                level: Level::Error,
                text: format!("{error}. {after}"),
            });
        }
    }

    /// Tells the person once that the disk has given in: a message, and all that waited before it, is
    /// in the file.
    fn written(&mut self) {
        if std::mem::take(&mut self.failing) {
            self.tell(Event::Notice {
                level: Level::Info,
                text: "the session file can be written again; nothing was lost".into(),
            });
        }
    }
}

/// A queued message, as it was said.
pub(super) fn saying(message: Message) -> Saying {
    let text = text_of(&message);
    let body = match message {
        Message::User(user) => user.content,
        Message::Custom(custom) => custom.content,
        _ => return text.into(),
    };
    let mut images = match body {
        Body::Text(_) => Vec::new(),
        Body::Blocks(blocks) => blocks,
    };
    images.retain(|block| matches!(block, Content::Image { .. }));
    Saying { text, images }
}

/// The words of a queued message.
pub(super) fn text_of(message: &Message) -> String {
    match message {
        Message::User(user) => user.content.to_text(),
        Message::Custom(custom) => custom.content.to_text(),
        _ => String::new(),
    }
}
