//! Watching a session that another process writes: what is added to its file is told as if it were
//! said here, nothing can be said, and when the writer has ended the conversation becomes this
//! process's own.

use std::time::Duration;

use super::actor::Actor;
use super::choice::begin_record;
use super::command::Command;
use super::event::{Event, Level};
use super::snapshot::Fresh;
use crate::agent::AgentEvent;
use crate::ai::{Message, SharedMessage};
use crate::store::{self, Access, Followed, Opened, Store};

/// How often the file is looked at.
pub(super) const LOOK: Duration = Duration::from_millis(250);

/// What is known of a session that is being watched.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Whether messages were told since the faces built theirs from the view.
    has_told: bool,
    /// What went wrong last, so that it is told once.
    trouble: Option<String>,
    /// Whether the session cannot become this process's own.
    stays: bool,
}

impl Actor {
    /// Whether another process writes the session.
    pub(super) fn is_watching(&self) -> bool {
        self.ledger.view().watching.is_some()
    }

    /// Why a command cannot be obeyed here, if it would write to a session that is only watched.
    pub(super) fn only_watching(&self, command: &Command) -> Option<String> {
        let writes = matches!(
            command,
            Command::Prompt { .. }
                | Command::PromptIfIdle { .. }
                | Command::Queue { .. }
                | Command::Navigate { .. }
                | Command::SetLabel { .. }
                | Command::AppendCustom { .. }
                | Command::Compact { .. }
                | Command::SetModel { .. }
                | Command::CycleModel { .. }
                | Command::SetThinking(_)
                | Command::CycleThinking
                | Command::Bash { .. }
                | Command::Shell { .. }
                | Command::SetName(_)
        );
        let who = self.ledger.view().watching.clone().filter(|_| writes)?;
        Some(format!(
            "this session is only being watched: {who}; /clone goes on in a copy"
        ))
    }

    /// Looks whether the session has grown, and whether its writer is still there.
    pub(super) async fn look(&mut self) {
        let looked = self
            .ledger
            .try_store(|store| Ok((store.refresh()?, store.is_written())));
        let (growth, is_written) = match looked {
            Ok(looked) => looked,
            Err(error) => return self.troubled(error.to_string()),
        };
        match growth {
            Followed::None => {}
            Followed::Longer(messages) => self.tell_growth(messages),
            Followed::Moved => self.tell_move(),
            Followed::Replaced => return self.look_again().await,
        }
        if !is_written && !self.watch.stays {
            self.take_over().await;
        }
    }

    /// Tells the last `count` messages of the branch.
    fn tell_growth(&mut self, count: usize) {
        self.follow_choice();
        let name = self.ledger.view().name.clone();
        self.refresh_view();
        let view = self.ledger.view();
        if view.name != name {
            self.ledger.publish(Event::InfoChanged {
                name: view.name.clone(),
            });
        }
        let length = view.history.len();
        let added = (length - count..length).filter_map(|index| view.history.message(index));
        let added: Vec<SharedMessage> = added.collect();
        let is_result = |message: &SharedMessage| matches!(**message, Message::ToolResult(_));
        if !self.watch.has_told && added.first().is_some_and(is_result) {
            // Its call is in what faces have built: there it belongs.
            self.ledger.publish(Event::Switched);
            return;
        }
        for message in &added {
            self.watch.has_told = true;
            let message = message.clone();
            self.ledger.publish(Event::Agent(AgentEvent::MessageStart {
                message: message.clone(),
            }));
            self.ledger
                .publish(Event::Agent(AgentEvent::MessageEnd { message }));
        }
        let last = added.last().and_then(|message| message.as_assistant());
        if last.is_some_and(|answer| answer.tool_calls().next().is_none()) {
            self.ledger.publish(Event::Settled { aborted: false });
        }
    }

    /// Has the faces build theirs again.
    fn tell_move(&mut self) {
        self.follow_choice();
        self.refresh_view();
        self.watch.has_told = false;
        self.ledger.publish(Event::Switched);
    }

    /// The model and level that the writer has chosen meanwhile.
    fn follow_choice(&self) {
        let known = self
            .ledger
            .with_store(|store| Ok((store.model(), store.thinking())));
        if let Some((model, thinking)) = known {
            // Whoever watches does not ask it anything.
            let _ = self.restore_choice(model, thinking.as_deref());
        }
    }

    /// Reads a file that has been replaced.
    async fn look_again(&mut self) {
        match self.open_again(Access::Read).await {
            Ok(opened) => {
                self.ledger.replace_store(opened.store);
                self.watch.trouble = None;
                self.tell_move();
            }
            Err(why) => self.troubled(why.to_string()),
        }
    }

    /// Goes on with the session as its writer.
    async fn take_over(&mut self) {
        let (mut store, damage) = match self.open_again(Access::Write).await {
            Ok(opened) => (opened.store, opened.damage),
            // Another one was quicker: that one is watched now.
            Err(store::Error::InUse { .. }) => return self.refresh_view(),
            Err(why) => {
                self.watch.stays = true;
                return self.troubled(why.to_string());
            }
        };
        let known = self
            .ledger
            .with_store(|store| Ok((store.leaf(), store.branch().len())));
        let is_known = known == Some((store.leaf(), store.branch().len()));
        // What cannot be written now is tried again, and told, with the first message.
        let closed = store.close_interrupted_calls().unwrap_or(1);
        if is_known && closed == 0 {
            begin_record(&mut store, &self.choice.borrow().clone());
            self.runner.budget.open_session(&store);
            let fresh = Fresh::of(&store);
            self.ledger.replace_store(store);
            self.ledger.update_view(|view| fresh.put(view));
            self.watch = Watch::default();
        } else {
            self.arrive(store, None);
        }
        let text = "the process that wrote this session has ended: it goes on here";
        self.notice(Level::Info, text);
        if let Some(first) = damage.first() {
            let text = format!("the session file is damaged: {first}; all else was read");
            self.notice(Level::Warning, &text);
        }
    }

    async fn open_again(&mut self, access: Access) -> store::Result<Opened> {
        let path = self.ledger.view().file.clone().unwrap_or_default();
        let clock = self.runner.request.clock.clone();
        let lost = path.clone();
        let cwd = self.ledger.view().cwd.clone();
        let open = move || {
            let mut opened = Store::open(&path, access, clock)?;
            opened.store.assume_cwd(&cwd);
            Ok(opened)
        };
        // A long session takes its time; the conversation has none to lose meanwhile.
        let opened = tokio::task::spawn_blocking(open).await;
        opened.unwrap_or(Err(store::Error::NotASession { path: lost }))
    }

    /// Tells what is wrong, once.
    fn troubled(&mut self, why: String) {
        if self.watch.trouble.as_ref() != Some(&why) {
            self.notice(Level::Warning, &why);
            self.watch.trouble = Some(why);
        }
    }
}
