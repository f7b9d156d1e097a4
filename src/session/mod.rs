//! One living conversation: the only door to the storeys below.

pub mod command;
pub mod event;
pub mod view;
pub mod wire;

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::{mpsc, oneshot};

pub use command::{Command, Reply, Stats};
pub use event::{Event, Level, Question};
pub use view::{History, View};

/// A handle on a living conversation. Cheap to clone; the conversation ends with
/// [`Command::Shutdown`] or with its last handle.
#[derive(Clone)]
pub struct Session {
    commands: mpsc::UnboundedSender<Envelope>,
    // Replaced whole by the actor, read by faces: held for a pointer copy only.
    view: Arc<RwLock<Arc<View>>>,
}

/// A command on its way to the actor.
pub(crate) enum Envelope {
    /// Do this, and answer there.
    Command(Command, oneshot::Sender<Reply>),
    /// Tell me everything from now on.
    Subscribe(mpsc::UnboundedSender<Arc<Event>>),
}

impl Session {
    /// Sends a command. The future is the reply; the command is on its way even if it is dropped.
    pub fn send(&self, command: Command) -> impl Future<Output = Reply> + Send + 'static {
        let (reply, answer) = oneshot::channel();
        let sent = self.commands.send(Envelope::Command(command, reply));
        async move {
            let gone = || Reply::Refused("the session has ended".into());
            match sent {
                Ok(()) => answer.await.unwrap_or_else(|_| gone()),
                Err(_) => gone(),
            }
        }
    }

    /// Every event from now on, in order, without loss.
    pub fn events(&self) -> mpsc::UnboundedReceiver<Arc<Event>> {
        let (events, receiver) = mpsc::unbounded_channel();
        // A failed send means the session has ended: the receiver then ends at once.
        let _ = self.commands.send(Envelope::Subscribe(events));
        receiver
    }

    /// The conversation as it is now.
    pub fn view(&self) -> Arc<View> {
        self.view
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
