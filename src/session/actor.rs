//! The one owner of a conversation: takes commands one at a time, has at most one run and one shell
//! command under way, and ends what it began.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use futures::FutureExt;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{self, JoinHandle, JoinSet};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::Envelope;
use super::budget::Budget;
use super::choice::begin_record;
use super::command::{Command, Reply};
use super::compact::{Compactor, SummarySettings};
use super::event::{Event, Level};
use super::intake::{Intake, Taken};
use super::ledger::Ledger;
use super::models::Models;
use super::relocate::Decided;
use super::renew::{Renewal, brought};
use super::retry::Retry;
use super::setup::{Exports, Places, Remember, SessionDirs, Setup};
use super::turn::{Rest, Runner};
use super::view::View;
use super::watch::{self as watching, Watch};
use crate::agent::hooks::ask;
use crate::agent::{Choice, Lane, Pace, Queues};
use crate::ai::{Auth, Message, Model, Request, SharedMessage, ThinkingLevel};
use crate::config::resolve::ScopedModel;

pub(super) struct Actor {
    pub(super) setup: Fixed,
    pub(super) ledger: Arc<Ledger>,
    pub(super) runner: Arc<Runner>,
    pub(super) queues: Queues,
    pub(super) choice: watch::Sender<Choice>,
    commands: mpsc::UnboundedReceiver<Envelope>,
    pub(super) done: mpsc::UnboundedReceiver<Done>,
    pub(super) report: mpsc::UnboundedSender<Done>,
    /// The run, or the summary, that is under way.
    pub(super) run: Option<Task>,
    pub(super) shells: Vec<Task>,
    /// What the model has seen, kept between runs so that a prompt does not read it all again.
    pub(super) context: Option<Vec<SharedMessage>>,
    /// Shell commands that ended during a run: they join the conversation when it is over.
    pub(super) late: Vec<SharedMessage>,
    /// Who waits for the end of a run that is being stopped.
    pub(super) resting: Vec<oneshot::Sender<Reply>>,
    /// Said after the person stopped the run: for after it.
    pub(super) next: Vec<Message>,
    pub(super) intake: Intake,
    pub(super) intake_stop: CancellationToken,
    /// Hooks that take their time; they end with the conversation.
    pub(super) errands: JoinSet<()>,
    /// For a session that another process writes.
    pub(super) watch: Watch,
    /// Settings that wait for the end of the run.
    pub(super) renewal: Option<Renewal>,
}

/// The parts of the setup that the actor itself needs.
pub(super) struct Fixed {
    pub session_dir: SessionDirs,
    pub place_for: Places,
    pub models: Arc<Models>,
    /// Models that are as the caller says, whatever the files do.
    pub brought: Vec<Arc<Model>>,
    pub scope: Vec<ScopedModel>,
    pub thinking_for: Box<dyn Fn(&Model) -> ThinkingLevel + Send>,
    pub workspace: Arc<dyn crate::tools::Workspace>,
    pub exports: Exports,
    pub remember: Box<dyn Fn(Remember) -> Result<(), String> + Send>,
    pub shell_prefix: Option<String>,
}

/// Work under way.
pub(super) struct Task {
    pub work: Work,
    pub stop: CancellationToken,
    pub handle: JoinHandle<()>,
}

/// What kind of work it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Run,
    /// A compaction that was asked for; a run compacts by itself.
    Compaction,
    /// The summary of a branch.
    Branch,
    Shell,
}

/// What work under way came to.
pub(super) enum Done {
    Input(Box<Taken>),
    Run(Option<Rest>),
    /// A shell command: which, what is kept of it, who waits for it.
    Shell(
        task::Id,
        Option<SharedMessage>,
        Option<oneshot::Sender<Reply>>,
    ),
    /// The hooks have looked at a move to another session or entry.
    Decided(Box<Decided>),
    /// A summary has been written, or not; the reply is for whoever wanted it.
    Summary(Reply, oneshot::Sender<Reply>),
}

impl Actor {
    pub fn new(
        setup: Setup,
        view: Arc<RwLock<Arc<View>>>,
        commands: mpsc::UnboundedReceiver<Envelope>,
        pace: Pace,
    ) -> Self {
        let queues = Queues::default();
        queues.set_drain(Lane::Steering, setup.drains.0);
        queues.set_drain(Lane::FollowUp, setup.drains.1);
        let session_id = setup.store.id().to_owned();
        let scoped = setup.scope.iter().map(|scoped| &scoped.model);
        let all = std::iter::once(&setup.model).chain(scoped);
        let brought = brought(&setup.models, all);
        let first = Choice {
            thinking: setup.model.clamp_thinking(setup.thinking),
            model: setup.model,
        };
        let mut store = setup.store;
        begin_record(&mut store, &first);
        let budget = Budget::new(setup.budget, &store);
        let ledger = Arc::new(Ledger::new(store, view, queues.clone()));
        let told = setup.cache_notices;
        ledger.tells_misses.store(told, Ordering::Relaxed);
        let (choice, chosen) = watch::channel(first);
        let request = Request {
            system: setup.place.system,
            messages: Vec::new(),
            tools: Vec::new(),
            thinking: ThinkingLevel::Off,
            thinking_budgets: setup.thinking_budgets,
            max_tokens: None,
            cache: setup.cache,
            session_id: Some(session_id),
            auth: Auth::default(),
            timeouts: setup.timeouts,
            transport: setup.transport,
            clock: setup.clock,
            tap: None,
        };
        let settings = SummarySettings {
            compaction: setup.compaction,
            branch_summary: setup.branch_summary,
        };
        let retry = Arc::new(Retry::new(setup.retry, ledger.view().id.as_str()));
        let budget = Arc::new(budget);
        let compactor = Compactor {
            ledger: ledger.clone(),
            provider: setup.provider.clone(),
            hooks: setup.hooks.clone(),
            choice: chosen.clone(),
            request: request.clone(),
            retry: retry.clone(),
            budget: budget.clone(),
            auto: Arc::new(AtomicBool::new(settings.compaction.enabled)),
            settings,
            memory: Arc::default(),
        };
        let runner = Arc::new(Runner {
            ledger: ledger.clone(),
            provider: setup.provider,
            tools: setup.place.tools,
            hooks: setup.hooks,
            queues: queues.clone(),
            limits: setup.limits,
            choice: chosen,
            pace,
            request,
            compactor: Arc::new(compactor),
            retry,
            budget,
            is_over: Arc::default(),
            fallback: setup.fallback,
            models: setup.models.clone(),
        });
        let (report, done) = mpsc::unbounded_channel();
        Actor {
            setup: Fixed {
                session_dir: setup.session_dir,
                place_for: setup.place_for,
                models: setup.models,
                brought,
                scope: setup.scope,
                thinking_for: setup.thinking_for,
                workspace: setup.place.workspace,
                exports: setup.exports,
                remember: setup.remember,
                shell_prefix: setup.shell_prefix,
            },
            ledger,
            runner,
            queues,
            choice,
            commands,
            done,
            report,
            run: None,
            shells: Vec::new(),
            context: None,
            late: Vec::new(),
            resting: Vec::new(),
            next: Vec::new(),
            intake: Intake::default(),
            intake_stop: CancellationToken::new(),
            errands: JoinSet::new(),
            watch: Watch::default(),
            renewal: None,
        }
    }

    /// Lives until it is told to shut down or its last handle is gone.
    pub async fn live(mut self) {
        let mut looks = tokio::time::interval(watching::LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.tell_rested();
            tokio::select! {
                Some(done) = self.done.recv() => self.finished(done).await,
                _ = looks.tick(), if self.is_watching() => self.look().await,
                envelope = self.commands.recv() => match envelope {
                    None => break,
                    Some(Envelope::Subscribe(listener)) => self.ledger.subscribe(listener),
                    Some(Envelope::Command(Command::Shutdown, reply)) => {
                        let answer = self.end().await;
                        // Whoever asked may have gone.
                        let _ = reply.send(answer);
                        return;
                    }
                    Some(Envelope::Command(
                        command @ (Command::Export { .. } | Command::Share { .. }),
                        reply,
                    )) => self.document(command, reply),
                    Some(Envelope::Command(command, reply)) => self.obey(command, reply).await,
                },
            }
        }
        self.end().await;
    }

    /// Asks local servers what they have, without keeping the conversation waiting.
    pub(super) fn look_for_local(&mut self, reply: oneshot::Sender<Reply>) {
        let (models, stop) = (self.setup.models.clone(), self.intake_stop.clone());
        let ledger = self.ledger.clone();
        self.errands.spawn(async move {
            models.look_for_local(&stop).await;
            let asked = models.clone();
            let complaints = task::spawn_blocking(move || asked.complaints()).await;
            for text in complaints.unwrap_or_default() {
                let level = Level::Warning;
                ledger.publish(Event::Notice { level, text });
            }
            // Whoever asked may have gone.
            let troubles = models.registry().local().troubles.clone();
            let _ = reply.send(Reply::LocalModels(models.choices(), troubles));
        });
    }

    /// Asks the hooks what else there is, without keeping the conversation waiting.
    pub(super) fn discover(&mut self, reason: String, reply: oneshot::Sender<Reply>) {
        let (hooks, stop) = (self.runner.hooks.clone(), self.intake_stop.clone());
        self.errands.spawn(async move {
            // A hook that crashed, or was not waited for, brings nothing.
            let found = ask(&stop, hooks.resources_discover(&reason)).await;
            let _ = reply.send(Reply::Resources(found.unwrap_or_default()));
        });
    }

    pub(super) fn begin(&mut self, prompts: Vec<Message>) {
        self.renew_now();
        let stop = CancellationToken::new();
        let runner = self.runner.clone();
        let context = self.context.take();
        let report = self.report.clone();
        let token = stop.clone();
        let (models, choice) = (self.setup.models.clone(), self.choice.clone());
        let ledger = self.ledger.clone();
        self.runner.is_over.store(false, Ordering::Relaxed);
        self.ledger.update_view(|view| view.running = true);
        let handle = tokio::spawn(async move {
            let run = async {
                models.look_at_chosen(&choice, &ledger, &token).await;
                runner.run(prompts, context, token.clone()).await
            };
            let rest = AssertUnwindSafe(run).catch_unwind().await;
            // The actor is gone: nobody wants to know.
            let _ = report.send(Done::Run(rest.ok()));
        });
        self.run = Some(Task {
            work: Work::Run,
            stop,
            handle,
        });
    }

    async fn finished(&mut self, done: Done) {
        match done {
            Done::Decided(decided) => self.go(*decided).await,
            Done::Summary(answer, reply) => self.summarised(answer, reply),
            Done::Input(taken) => self.taken(*taken),
            done => self.ended(done),
        }
    }

    /// What came to its end when the conversation did, or its stay in a session: nothing follows it.
    pub(super) fn ended(&mut self, done: Done) {
        match done {
            // A move that was asked for before the end is not made any more.
            Done::Decided(decided) => {
                let _ = decided
                    .reply
                    .send(Reply::Refused("the session was left".into()));
            }
            Done::Summary(answer, reply) => {
                self.run = None;
                self.landed(answer, reply);
            }
            Done::Input(taken) => taken.refuse("the session was left"),
            Done::Run(rest) => self.run_finished(rest),
            Done::Shell(id, message, reply) => self.shell_ended(id, message, reply),
        }
    }

    pub(super) fn notice(&self, level: Level, text: &str) {
        self.ledger.publish(Event::Notice {
            level,
            text: text.into(),
        });
    }
}
