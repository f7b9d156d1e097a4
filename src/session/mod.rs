//! One living conversation: the only door to the storeys below.

mod actor;
mod again;
pub mod ask;
mod audience;
mod branch;
pub mod budget;
mod cache_miss;
mod choice;
pub mod command;
mod compact;
pub mod connection;
mod document;
mod embed;
mod ending;
pub mod event;
mod fallback;
mod intake;
mod ledger;
mod listing;
pub mod local;
pub mod models;
mod naming;
mod orders;
mod outline;
mod permanence;
mod relocate;
mod renew;
mod retry;
pub mod setup;
mod share;
mod shell;
mod snapshot;
mod spending;
mod turn;
pub mod view;
mod watch;
pub mod wire;

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::{mpsc, oneshot};

use crate::agent::Brake;
use actor::Actor;
use audience::Listener;

pub use ask::{Host, Placement, Ui, UiNote};
pub use audience::Events;
pub use budget::Budgets;
pub use command::{
    BUSY, Command, Compacted, ContextUsage, Disposition, EntryWords, ForkPoint, LeaveWith,
    ModelSpend, NO_OTHER_MODEL, OutlineRow, Reply, Saying, Stats,
};
pub use connection::Connection;
pub use embed::NoAnswer;
pub use event::{
    Amount, BudgetScope, Event, Fallback, Level, Question, Reason, Spent, SummaryRetry,
};
pub use local::LocalSearch;
pub use models::Models;
pub use renew::Renewal;
pub use setup::{Exports, Place, Places, Remember, SessionDirs, Setup};
pub use view::{History, View};

/// A handle on a living conversation. Cheap to clone; the conversation ends with
/// [`Command::Shutdown`] or with its last handle.
#[derive(Clone)]
pub struct Session {
    commands: mpsc::UnboundedSender<Envelope>,
    // Replaced whole by the actor, read by faces: held for a pointer copy only.
    view: Arc<RwLock<Arc<View>>>,
    brake: Arc<Brake>,
    ui: Ui,
}

/// Something on its way to the actor.
enum Envelope {
    /// Do this, and answer there.
    Command(Command, oneshot::Sender<Reply>),
    /// Tell this one everything from now on.
    Subscribe(Listener),
}

impl Session {
    /// Begins a conversation on the current tokio runtime. With a store that was opened for reading the
    /// conversation is watched: it follows the file, and nothing can be said in it (see
    /// [`View::watching`]).
    pub fn start(setup: Setup) -> Self {
        Session::start_with_ui(setup, Ui::new())
    }

    /// The same; `ui` is what its hooks and tools ask the person with.
    pub fn start_with_ui(mut setup: Setup, ui: Ui) -> Self {
        // Calls that a killed pi left open; what cannot be written is tried again with the first message.
        let _ = setup.store.close_interrupted_calls();
        let (commands, inbox) = mpsc::unbounded_channel();
        let view = Arc::new(RwLock::new(Arc::new(snapshot::first_view(&setup))));
        let (brake, pace) = Brake::new();
        let actor = Actor::new(setup, view.clone(), inbox, pace);
        ui.attach(actor.ledger.clone());
        let asked = ui.clone();
        tokio::spawn(async move {
            actor.live().await;
            asked.detach();
        });
        Session {
            commands,
            view,
            brake: Arc::new(brake),
            ui,
        }
    }

    /// Sends a command. The future is the reply; the command is on its way even if it is dropped.
    pub fn send(&self, command: Command) -> impl Future<Output = Reply> + Send + 'static {
        let (reply, answer) = oneshot::channel();
        let sent = match command {
            // Not by way of the actor: it may be what waits for the answer.
            Command::Answer { id, answer } => {
                let _ = reply.send(self.answer(id, answer));
                Ok(())
            }
            command => self.commands.send(Envelope::Command(command, reply)),
        };
        async move {
            let gone = || Reply::Refused("the session has ended".into());
            match sent {
                Ok(()) => answer.await.unwrap_or_else(|_| gone()),
                Err(_) => gone(),
            }
        }
    }

    /// Every event from now on, in order, without loss.
    pub fn events(&self) -> Events {
        self.listen(None)
    }

    /// The same for a reader that may be slow: far behind, it holds the run until it has caught up.
    pub fn paced_events(&self) -> Events {
        self.listen(Some(self.brake.clone()))
    }

    /// Asks the person and is told here; a face that can ask takes [`Ui::host`].
    pub fn ui(&self) -> &Ui {
        &self.ui
    }

    fn answer(&self, id: u64, answer: Option<String>) -> Reply {
        match self.ui.answer(id, answer) {
            true => Reply::Done,
            false => Reply::Refused("nothing of that id is being asked".into()),
        }
    }

    /// The conversation as it is now.
    pub fn view(&self) -> Arc<View> {
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        view.clone()
    }

    /// Looks at the conversation without keeping it alive.
    pub fn viewer(&self) -> impl Fn() -> Arc<View> + Send + Sync + 'static {
        let view = self.view.clone();
        move || view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn listen(&self, brake: Option<Arc<Brake>>) -> Events {
        let (listener, events) = audience::listener(brake);
        // A failed send means that the session has ended: the events then end at once.
        let _ = self.commands.send(Envelope::Subscribe(listener));
        events
    }
}
