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
use crate::agent::Choice;
use crate::agent::hooks::{SessionChange, SessionDecision, ask};
use crate::ai::{ThinkingLevel, demo};
use crate::store::{self, Access, Landing, ModelRef, Opened, Store};

/// Where the conversation is to go.
#[derive(Debug, Clone)]
pub(super) enum Move {
    New {
        parent: Option<PathBuf>,
    },
    Switch {
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
                Move::Switch { path: to } | Move::Import { path: to } => {
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
            Move::Switch { path } => self.switch(path).await,
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

    /// Goes on with the session in `path`, which may belong to another directory.
    pub(super) async fn switch(&mut self, path: PathBuf) -> Reply {
        let current = self.ledger.view().file.clone();
        if current.is_some_and(|current| is_same_file(&current, &path)) {
            return Reply::Refused("this is the session that is open".into());
        }
        let clock = self.runner.request.clock.clone();
        self.go_on_with(move || Store::open(&path, Access::Write, clock))
            .await
    }

    /// Copies a session file to where this directory's are, and goes on with the copy.
    async fn import(&mut self, path: PathBuf) -> Reply {
        let Some(dir) = (self.setup.session_dir)(&self.ledger.view().cwd) else {
            let why = "this pi keeps no sessions (--no-session), so there is nowhere to import to";
            return Reply::Refused(why.into());
        };
        let clock = self.runner.request.clock.clone();
        self.go_on_with(move || Store::import(&path, &dir, clock))
            .await
    }

    /// Goes on in a new session that has the path up to before `entry`, or the whole branch.
    async fn fork(&mut self, entry: Option<String>) -> Reply {
        let landing = self.ledger.try_store(|store| match &entry {
            Some(entry) => store.landing_before(entry),
            None => Ok(Landing {
                leaf: store.leaf(),
                text: None,
            }),
        });
        let landing = match landing {
            Ok(landing) => landing,
            Err(error) => return Reply::Refused(error.to_string()),
        };
        if let Err(why) = self.leave().await {
            return Reply::Refused(why);
        }
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
            Err(error) => return Reply::Refused(error.to_string()),
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
        // A long session takes its time; the conversation has none to lose meanwhile.
        let mut opened = match tokio::task::spawn_blocking(open).await {
            Ok(Ok(opened)) => opened,
            Ok(Err(error)) => return Reply::Refused(error.to_string()),
            Err(crash) => return Reply::Refused(format!("the session cannot be read: {crash}")),
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
        if goes_on_here {
            let text = "the session does not say which directory it belongs to: it goes on here";
            self.notice(Level::Warning, text);
        }
        if let Some(first) = opened.damage.first() {
            let text = format!("the session file is damaged: {first}; all else was read");
            self.notice(Level::Warning, &text);
        }
        Reply::Done
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
    pub(super) async fn leave(&mut self) -> Result<(), String> {
        self.rest().await;
        self.intake_stop = CancellationToken::new();
        self.save()
            .map_err(|why| format!("{why}; leaving the session would lose them"))
    }

    /// Puts another session in the place of this one, and tells everyone.
    pub(super) fn arrive(&mut self, mut store: Store, place: Option<Place>) {
        // As at the start: calls that a killed pi left open.
        let _ = store.close_interrupted_calls();
        self.restore_choice(store.model(), store.thinking().as_deref());
        let choice = self.choice.borrow().clone();
        begin_record(&mut store, &choice);
        let mut runner = Runner::clone(&self.runner);
        runner.request.session_id = Some(store.id().to_owned());
        if let Some(place) = place {
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
    }

    /// The model and level that a session was left with, where they can be had.
    pub(super) fn restore_choice(&self, known: Option<ModelRef>, level: Option<&str>) {
        let before = self.choice.borrow().clone();
        let model = known
            .and_then(|known| self.setup.models.find(&known.provider, &known.id))
            .filter(|model| self.setup.models.is_connected(&model.provider))
            .unwrap_or_else(|| before.model.clone());
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
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}
