//! Moves: to another session, to another entry of this one. The hooks look at them first, without
//! keeping the conversation waiting.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::actor::{Actor, Done};
use super::choice::begin_record;
use super::command::{LeaveWith, Reply};
use super::compact::Compactor;
use super::event::{Event, Level};
use super::setup::Place;
use super::snapshot::Fresh;
use super::turn::Runner;
use super::watch::Watch;
use crate::agent::hooks::{SessionChange, SessionDecision, ask};
use crate::agent::{Choice, Lane};
use crate::ai::{Message, ThinkingLevel, demo};
use crate::store::{self, Access, Damage, Landing, ModelRef, Opened, Store};

/// Where the conversation is to go.
#[derive(Debug, Clone)]
pub(super) enum Move {
    New {
        parent: Option<PathBuf>,
    },
    Switch {
        path: PathBuf,
        /// What to show of it.
        entry: Option<String>,
    },
    ForkFile {
        path: PathBuf,
    },
    Import {
        path: PathBuf,
    },
    Fork {
        entry: String,
    },
    Clone,
    Navigate {
        entry: String,
        summary: LeaveWith,
        label: Option<String>,
    },
}

/// A move that the hooks have looked at.
pub(super) struct Decided {
    pub to: Move,
    pub decision: SessionDecision,
    pub reply: oneshot::Sender<Reply>,
}

/// What waited in a session that is being left.
pub(super) struct Waiting {
    lanes: [(Lane, Vec<Message>); 2],
    next: Vec<Message>,
}

impl Actor {
    /// Asks the hooks, then goes.
    pub(super) async fn ask_to(&mut self, to: Move, reply: oneshot::Sender<Reply>) {
        let hooks = self.runner.hooks.clone();
        let stop = self.intake_stop.clone();
        let leaf = self.leaf();
        let look = async move {
            let path;
            let change = match &to {
                Move::New { .. } => SessionChange::Switch { target: None },
                Move::Switch { path: to, .. }
                | Move::ForkFile { path: to }
                | Move::Import { path: to } => {
                    path = to.to_string_lossy();
                    SessionChange::Switch {
                        target: Some(&path),
                    }
                }
                Move::Fork { entry } => SessionChange::Fork { entry },
                Move::Clone => SessionChange::Fork {
                    entry: leaf.as_deref().unwrap_or_default(),
                },
                Move::Navigate { entry, .. } => SessionChange::Tree { entry },
            };
            // A hook that is not waited for, or crashed, has no say.
            let decision = ask(&stop, hooks.before_session(change)).await;
            Decided {
                to,
                decision: decision.unwrap_or(SessionDecision::Continue),
                reply,
            }
        };
        let mut look: Pin<Box<dyn Future<Output = Decided> + Send>> = Box::pin(look);
        match (&mut look).now_or_never() {
            Some(decided) => self.go(decided).await,
            None => {
                let report = self.report.clone();
                self.errands.spawn(async move {
                    // The actor is gone: the conversation has ended.
                    let _ = report.send(Done::Decided(Box::new(look.await)));
                });
            }
        }
    }

    /// Goes, unless a hook is against it.
    pub(super) async fn go(&mut self, decided: Decided) {
        let Decided {
            to,
            decision,
            reply,
        } = decided;
        let supplied = match decision {
            SessionDecision::Continue => None,
            SessionDecision::Supply(value) => Some(value),
            SessionDecision::Cancel(reason) => {
                let _ = reply.send(Reply::Cancelled(reason));
                return;
            }
        };
        let answer = match to {
            Move::New { parent } => self.leave_for_new(parent).await,
            Move::Switch { path, entry } => self.switch(path, entry).await,
            Move::ForkFile { path } => self.fork_file(path).await,
            Move::Import { path } => self.import(path).await,
            Move::Fork { entry } => self.fork(Some(entry)).await,
            Move::Clone => self.fork(None).await,
            Move::Navigate {
                entry,
                summary,
                label,
            } => return self.navigate(entry, summary, label, supplied, reply).await,
        };
        let _ = reply.send(answer);
    }

    async fn leave_for_new(&mut self, parent: Option<PathBuf>) -> Reply {
        if let Err(why) = self.leave().await {
            return Reply::Refused(why);
        }
        let cwd = self.ledger.view().cwd.clone();
        let clock = self.runner.request.clock.clone();
        let store = match (self.setup.session_dir)(&cwd) {
            Some(dir) => Store::create(&dir, &cwd, None, parent, clock),
            None => Store::in_memory(&cwd, None, clock),
        };
        self.arrive(store, None);
        Reply::Done
    }

    /// Goes on with the session in `path`, which may belong to another directory, on the branch of `entry`.
    pub(super) async fn switch(&mut self, path: PathBuf, entry: Option<String>) -> Reply {
        if self.is_open(&path) {
            return Reply::Refused("this is the session that is open".into());
        }
        let clock = self.runner.request.clock.clone();
        let Some(entry) = entry else {
            return self
                .go_on_with(move || Store::open(&path, Access::Write, clock))
                .await;
        };
        let (tell, mut place) = oneshot::channel();
        let open = move || {
            let mut opened = Store::open(&path, Access::Write, clock)?;
            // One that has gone since it was found is shown by nothing.
            let _ = tell.send(opened.store.visit(&entry).unwrap_or_default());
            Ok(opened)
        };
        match self.go_on_with(open).await {
            Reply::Done => Reply::Place(place.try_recv().ok().flatten()),
            refused => refused,
        }
    }

    fn is_open(&self, path: &Path) -> bool {
        let current = self.ledger.view().file.clone();
        current.is_some_and(|current| is_same_file(&current, path))
    }

    /// Copies a session file to where this directory's are, and goes on with the copy here.
    async fn import(&mut self, path: PathBuf) -> Reply {
        if self.is_open(&path) {
            let why = "this is the session that is open; /clone goes on in a copy of it";
            return Reply::Refused(why.into());
        }
        let Some(dir) = (self.setup.session_dir)(&self.ledger.view().cwd) else {
            let why = "this pi keeps no sessions (--no-session), so there is nowhere to import to";
            return Reply::Refused(why.into());
        };
        let clock = self.runner.request.clock.clone();
        let view = self.ledger.view();
        let (cwd, open) = (view.cwd.clone(), view.id.clone());
        let import = move || Store::import(&path, &dir, &cwd, &open, clock);
        let imported = match read(import).await {
            Ok(imported) => imported,
            Err(why) => return Reply::Refused(why),
        };
        if let Err(why) = self.leave().await {
            imported.undo();
            return Reply::Refused(why);
        }
        self.arrive(imported.opened.store, None);
        self.tell_damage_of(&imported.opened.damage);
        if let Some(was_of) = imported.was_of {
            let is_gone = if was_of.is_dir() {
                ""
            } else {
                ", which is not here"
            };
            let text = format!(
                "imported: it was of {}{is_gone}; it goes on in {}",
                was_of.display(),
                self.ledger.view().cwd.display()
            );
            self.notice(Level::Info, &text);
        }
        Reply::Done
    }

    /// Goes on in a copy of a session file that somebody else may be writing.
    async fn fork_file(&mut self, path: PathBuf) -> Reply {
        let cwd = self.ledger.view().cwd.clone();
        let Some(dir) = (self.setup.session_dir)(&cwd) else {
            let why = "this pi keeps no sessions (--no-session), so there is nowhere to copy to";
            return Reply::Refused(why.into());
        };
        let clock = self.runner.request.clock.clone();
        self.go_on_with(move || Store::fork_file(&path, &dir, &cwd, None, clock))
            .await
    }

    /// Goes on in a new session that has the path up to before `entry`, or the whole branch.
    async fn fork(&mut self, entry: Option<String>) -> Reply {
        let landing = self.ledger.try_store(|store| match &entry {
            Some(entry) => store.landing_before(entry).map(Some),
            None if store.transcript().is_empty() => Ok(None),
            None => Ok(Some(Landing {
                leaf: store.leaf(),
                text: None,
            })),
        });
        let landing = match landing {
            Ok(Some(landing)) => landing,
            Ok(None) => return Reply::Refused("there is nothing to clone yet".into()),
            Err(error) => return Reply::Refused(error.to_string()),
        };
        let waiting = match self.leave().await {
            Ok(waiting) => waiting,
            Err(why) => return Reply::Refused(why),
        };
        // What the run left behind belongs to a clone, too.
        let leaf = match entry {
            Some(_) => landing.leaf.map(|leaf| leaf.to_string()),
            None => self.leaf(),
        };
        let dir = (self.setup.session_dir)(&self.ledger.view().cwd);
        let made = self
            .ledger
            .try_store(|store| store.fork(leaf.as_deref(), dir.as_deref()));
        match made {
            Ok(store) => self.arrive(store, None),
            Err(error) => {
                self.put_back(waiting);
                return Reply::Refused(error.to_string());
            }
        }
        match entry {
            Some(_) => Reply::Text(landing.text),
            None => Reply::Done,
        }
    }

    /// Leaves for a session that is to be read from disk first.
    async fn go_on_with(
        &mut self,
        open: impl FnOnce() -> store::Result<Opened> + Send + 'static,
    ) -> Reply {
        let mut opened = match read(open).await {
            Ok(opened) => opened,
            Err(why) => return Reply::Refused(why),
        };
        // One that does not say where it belongs goes on where this one is.
        let goes_on_here = opened.store.assume_cwd(&self.ledger.view().cwd);
        let cwd = opened.store.cwd().to_path_buf();
        let place = match self.place_in(&cwd) {
            Ok(place) => place,
            Err(why) => return Reply::Refused(why),
        };
        if let Err(why) = self.leave().await {
            return Reply::Refused(why);
        }
        self.arrive(opened.store, place);
        self.tell_damage_of(&opened.damage);
        if goes_on_here {
            let text = "the session does not say which directory it belongs to: it goes on here";
            self.notice(Level::Warning, text);
        }
        Reply::Done
    }

    fn tell_damage_of(&self, damage: &[Damage]) {
        if let Some(first) = damage.first() {
            let text = format!("the session file is damaged: {first}; all else was read");
            self.notice(Level::Warning, &text);
        }
    }

    /// What a session in `cwd` stands on; `None` when that is where this one stands.
    fn place_in(&self, cwd: &Path) -> Result<Option<Place>, String> {
        if cwd == self.ledger.view().cwd {
            return Ok(None);
        }
        if !cwd.is_dir() {
            return Err(format!(
                "the session's directory is gone: {}",
                cwd.display()
            ));
        }
        (self.setup.place_for)(cwd).map(Some)
    }

    /// Stops what is under way and puts everything on disk.
    /// What waited goes with the session that is left, unless it is not left after all.
    pub(super) async fn leave(&mut self) -> Result<Waiting, String> {
        let waiting = Waiting {
            lanes: [Lane::Steering, Lane::FollowUp].map(|lane| (lane, self.queues.waiting(lane))),
            next: self.next.clone(),
        };
        self.rest().await;
        self.intake_stop = CancellationToken::new();
        if let Err(why) = self.save() {
            self.put_back(waiting);
            return Err(format!("{why}; leaving the session would lose them"));
        }
        Ok(waiting)
    }

    /// The session was not left: what waited in it waits again.
    fn put_back(&mut self, waiting: Waiting) {
        for (lane, messages) in waiting.lanes {
            for message in messages {
                self.queues.push(lane, message);
            }
        }
        for message in waiting.next {
            self.queues.push(Lane::FollowUp, message);
        }
        self.ledger.tell_queues(true);
    }

    /// Puts another session in the place of this one, and tells everyone.
    pub(super) fn arrive(&mut self, mut store: Store, place: Option<Place>) {
        // As at the start: calls that a killed pi left open.
        let _ = store.close_interrupted_calls();
        let missed = self.restore_choice(store.model(), store.thinking().as_deref());
        let choice = self.choice.borrow().clone();
        begin_record(&mut store, &choice);
        let mut runner = Runner::clone(&self.runner);
        runner.request.session_id = Some(store.id().to_owned());
        if let Some(place) = place {
            // What waited belongs to where this was.
            if let Some(waiting) = &mut self.renewal {
                waiting.place = None;
            }
            self.ledger.update_view(|view| {
                view.cwd = store.cwd().to_path_buf();
                let names = place.tools.iter().map(|tool| tool.spec().name.clone());
                view.tools = names.collect();
                view.context_files.clone_from(&place.context_files);
            });
            self.setup.workspace = place.workspace;
            runner.tools = place.tools;
            runner.request.system = place.system;
        }
        runner.compactor = Arc::new(Compactor {
            request: runner.request.clone(),
            ..Compactor::clone(&runner.compactor)
        });
        self.runner = Arc::new(runner);
        self.context = None;
        self.runner.budget.open_session(&store);
        let fresh = Fresh::of(&store);
        self.ledger.replace_store(store);
        self.ledger.update_view(|view| fresh.put(view));
        self.watch = Watch::default();
        self.ledger.tell_queues(false);
        self.ledger.publish(Event::Switched);
        if let Some(missed) = missed {
            self.notice(Level::Warning, &missed);
        }
    }

    /// The model and level that a session was left with, where they can be had; what to tell the person where
    /// the model cannot.
    pub(super) fn restore_choice(
        &self,
        known: Option<ModelRef>,
        level: Option<&str>,
    ) -> Option<String> {
        let before = self.choice.borrow().clone();
        let left = known.map(|ModelRef { provider, id }| {
            let found = match before.model.provider == provider && before.model.id == id {
                // Whoever answers already can.
                true => Ok(before.model.clone()),
                false => self.setup.models.left_with(&provider, &id),
            };
            found.map_err(|why| {
                let instead = before.model.full_id();
                format!(
                    "this session's model {provider}/{id} cannot be used ({why}); {instead} answers"
                )
            })
        });
        let (model, missed) = match left {
            Some(Ok(model)) => (model, None),
            Some(Err(missed)) => (before.model.clone(), Some(missed)),
            None => (before.model.clone(), None),
        };
        let level = level.and_then(ThinkingLevel::parse);
        let thinking = model.clamp_thinking(level.unwrap_or(before.thinking));
        let choice = Choice { model, thinking };
        self.ledger.update_view(|view| {
            view.model = choice.model.clone();
            view.demo = choice.model.provider == demo::PROVIDER;
            view.thinking = thinking;
        });
        self.choice.send_replace(choice.clone());
        if choice.model != before.model {
            self.ledger.publish(Event::ModelChanged(choice.model));
        }
        if thinking != before.thinking {
            self.ledger.publish(Event::ThinkingChanged(thinking));
        }
        missed
    }
}

/// Reads a session aside: a long one takes its time. In words why not.
async fn read<T: Send + 'static>(
    read: impl FnOnce() -> store::Result<T> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => read.map_err(|error| error.to_string()),
        Err(crash) => Err(format!("the session cannot be read: {crash}")),
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}
