//! The one owner of a conversation: takes commands one at a time, has at most one run and one shell
//! command under way, and ends what it began.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::Envelope;
use super::choice::begin_record;
use super::command::{Command, Reply};
use super::event::{Event, Level};
use super::intake::{Intake, Taken};
use super::ledger::{Ledger, text_of};
use super::models::Models;
use super::setup::{Exports, Remember, Setup};
use super::shell;
use super::snapshot::Fresh;
use super::turn::{Rest, Runner};
use super::view::View;
use crate::agent::hooks::{SessionChange, SessionDecision, ask};
use crate::agent::{Choice, Ending, Lane, Pace, Queues};
use crate::ai::{Auth, Message, Model, Request, SharedMessage, ThinkingLevel};
use crate::config::resolve::ScopedModel;
use crate::store::Store;

/// How long a run may take to come to rest when the conversation ends.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) struct Actor {
    pub(super) setup: Fixed,
    pub(super) ledger: Arc<Ledger>,
    pub(super) runner: Arc<Runner>,
    pub(super) queues: Queues,
    pub(super) choice: watch::Sender<Choice>,
    commands: mpsc::UnboundedReceiver<Envelope>,
    done: mpsc::UnboundedReceiver<Done>,
    pub(super) report: mpsc::UnboundedSender<Done>,
    pub(super) run: Option<Task>,
    shell: Option<Task>,
    /// What the model has seen, kept between runs so that a prompt does not read it all again.
    context: Option<Vec<SharedMessage>>,
    /// Shell commands that ended during a run: they join the conversation when it is over.
    late: Vec<SharedMessage>,
    /// Said after the person stopped the run: for after it.
    pub(super) next: Vec<Message>,
    pub(super) intake: Intake,
    pub(super) intake_stop: CancellationToken,
    /// Hooks that take their time; they end with the conversation.
    pub(super) errands: JoinSet<()>,
}

/// The parts of the setup that the actor itself needs.
pub(super) struct Fixed {
    new_store: Box<dyn Fn() -> Store + Send>,
    pub models: Arc<Models>,
    pub scope: Vec<ScopedModel>,
    pub thinking_for: Box<dyn Fn(&Model) -> ThinkingLevel + Send>,
    pub workspace: Arc<dyn crate::tools::Workspace>,
    pub exports: Exports,
    pub remember: Box<dyn Fn(Remember) -> Result<(), String> + Send>,
    shell_prefix: Option<String>,
}

/// Work under way.
pub(super) struct Task {
    pub stop: CancellationToken,
    handle: JoinHandle<()>,
}

/// What work under way came to.
pub(super) enum Done {
    Input(Box<Taken>),
    Run(Option<Rest>),
    Shell(Option<SharedMessage>),
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
        let first = Choice {
            thinking: setup.model.clamp_thinking(setup.thinking),
            model: setup.model,
        };
        let mut store = setup.store;
        begin_record(&mut store, &first);
        let ledger = Arc::new(Ledger::new(store, view, queues.clone()));
        let (choice, chosen) = watch::channel(first);
        let runner = Arc::new(Runner {
            ledger: ledger.clone(),
            provider: setup.provider,
            tools: setup.tools,
            hooks: setup.hooks,
            queues: queues.clone(),
            limits: setup.limits,
            choice: chosen,
            pace,
            request: Request {
                system: setup.system,
                messages: Vec::new(),
                tools: Vec::new(),
                thinking: ThinkingLevel::Off,
                thinking_budgets: setup.thinking_budgets,
                max_tokens: None,
                cache: setup.cache,
                session_id: Some(session_id),
                auth: Auth::default(),
                timeouts: setup.timeouts,
                clock: setup.clock,
                tap: None,
            },
        });
        let (report, done) = mpsc::unbounded_channel();
        Actor {
            setup: Fixed {
                new_store: setup.new_store,
                models: setup.models,
                scope: setup.scope,
                thinking_for: setup.thinking_for,
                workspace: setup.workspace,
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
            shell: None,
            context: None,
            late: Vec::new(),
            next: Vec::new(),
            intake: Intake::default(),
            intake_stop: CancellationToken::new(),
            errands: JoinSet::new(),
        }
    }

    /// Lives until it is told to shut down or its last handle is gone.
    pub async fn live(mut self) {
        loop {
            tokio::select! {
                Some(done) = self.done.recv() => self.finished(done),
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
                    Some(Envelope::Command(command, reply)) => {
                        let answer = self.obey(command).await;
                        let _ = reply.send(answer);
                    }
                },
            }
        }
        self.end().await;
    }

    async fn obey(&mut self, command: Command) -> Reply {
        match command {
            Command::Prompt {
                text,
                images,
                while_running,
            } => self.prompt(text, images, while_running),
            Command::Abort => {
                for task in [&self.run, &self.shell].into_iter().flatten() {
                    task.stop.cancel();
                }
                std::mem::take(&mut self.intake_stop).cancel();
                Reply::Done
            }
            Command::TakeQueue => {
                let waiting = [Lane::Steering, Lane::FollowUp].map(|lane| self.queues.clear(lane));
                self.ledger.tell_queues(false);
                let next = std::mem::take(&mut self.next);
                Reply::Queue(waiting.iter().flatten().chain(&next).map(text_of).collect())
            }
            Command::NewSession => self.new_session().await,
            Command::SetModel { provider, id } => match self.setup.models.find(&provider, &id) {
                Some(model) => self.choose(model, None).await,
                None => Reply::Refused(format!(
                    "there is no model {provider}/{id}; /model lists those there are"
                )),
            },
            Command::CycleModel { forward } => self.cycle_model(forward).await,
            Command::SetThinking(level) => self.think(level).await,
            Command::CycleThinking => self.cycle_thinking().await,
            Command::SetDrain { lane, drain } => {
                self.queues.set_drain(lane, drain);
                Reply::Done
            }
            Command::Bash { line, excluded } => self.bash(line, excluded).await,
            Command::SetName(name) => {
                let name = name.trim().to_owned();
                self.ledger
                    .with_store(|store| store.append_session_info(&name));
                let name = (!name.is_empty()).then_some(name);
                self.ledger.update_view(|view| view.name.clone_from(&name));
                self.ledger.publish(Event::InfoChanged { name });
                Reply::Done
            }
            Command::Models => {
                for problem in self.setup.models.reload() {
                    self.notice(Level::Warning, &problem.to_string());
                }
                Reply::Models(self.setup.models.choices())
            }
            Command::Resources { reason } => {
                let hook = self.runner.hooks.resources_discover(&reason);
                // A hook that crashed, or was not waited for, brings nothing.
                let found = ask(&self.intake_stop, hook).await;
                Reply::Resources(found.unwrap_or_default())
            }
            Command::Stats => Reply::Stats(Box::new(self.stats())),
            Command::Answer { .. } => Reply::Refused("nothing was asked".into()),
            Command::Shutdown | Command::Export { .. } | Command::Share { .. } => Reply::Done,
        }
    }

    pub(super) fn begin(&mut self, prompts: Vec<Message>) {
        let stop = CancellationToken::new();
        let runner = self.runner.clone();
        let context = self.context.take();
        let report = self.report.clone();
        let token = stop.clone();
        self.ledger.update_view(|view| view.running = true);
        let handle = tokio::spawn(async move {
            let rest = AssertUnwindSafe(runner.run(prompts, context, token))
                .catch_unwind()
                .await;
            // The actor is gone: nobody wants to know.
            let _ = report.send(Done::Run(rest.ok()));
        });
        self.run = Some(Task { stop, handle });
    }

    fn finished(&mut self, done: Done) {
        match done {
            Done::Input(taken) => self.taken(*taken),
            Done::Run(rest) => self.run_finished(rest),
            Done::Shell(message) => {
                self.shell = None;
                let Some(message) = message else { return };
                if self.run.is_some() {
                    self.late.push(message.clone());
                } else {
                    self.keep_shell(message.clone());
                }
                self.ledger.publish(Event::ShellEnd(message));
            }
        }
    }

    fn run_finished(&mut self, rest: Option<Rest>) {
        let stopped = self.run.take().is_some_and(|task| task.stop.is_cancelled());
        let ending = match rest {
            Some(rest) => {
                self.context = Some(rest.context);
                rest.ending
            }
            None => {
                self.notice(
                    Level::Error,
                    "the run crashed; this is a defect in pi. What was said is on disk.",
                );
                Ending::Failed
            }
        };
        for message in std::mem::take(&mut self.late) {
            self.keep_shell(message);
        }
        match &ending {
            Ending::TurnLimit(limit) => self.notice(
                Level::Warning,
                &format!("stopped after {limit} answers (--max-turns); say anything to go on"),
            ),
            Ending::Repeating { tools, rounds } => self.notice(
                Level::Warning,
                &format!(
                    "stopped: the model called {} {rounds} times in a row with the same arguments and the same result (maxRepeatedToolCalls)",
                    tools.join(", ")
                ),
            ),
            _ => {}
        }
        let ledger = self.ledger.clone();
        // Nobody waits for the disk; the end does it again and waits.
        drop(tokio::task::spawn_blocking(move || {
            ledger.with_store(|store| store.sync())
        }));
        // What came in while the run was ending has not been seen by it.
        let goes_on = matches!(ending, Ending::Finished | Ending::Terminated) && !stopped;
        if goes_on {
            let mut waiting = self.queues.take(Lane::Steering);
            if waiting.is_empty() {
                waiting = self.queues.take(Lane::FollowUp);
            }
            if !waiting.is_empty() {
                return self.begin(waiting);
            }
        }
        self.refresh_view();
        let aborted = stopped || ending == Ending::Aborted;
        self.tell_damage();
        self.ledger.publish(Event::Settled { aborted });
        let next = std::mem::take(&mut self.next);
        if !next.is_empty() {
            self.begin(next);
        }
    }

    async fn new_session(&mut self) -> Reply {
        match self
            .runner
            .hooks
            .before_session(SessionChange::Switch { target: None })
            .await
        {
            SessionDecision::Cancel(reason) => return Reply::Refused(reason),
            SessionDecision::Continue | SessionDecision::Supply(_) => {}
        }
        self.rest().await;
        if let Err(why) = self.save() {
            return Reply::Refused(format!("{why}; a new session would lose them"));
        }
        let mut store = (self.setup.new_store)();
        let choice = self.choice.borrow().clone();
        begin_record(&mut store, &choice);
        let mut request = self.runner.request.clone();
        request.session_id = Some(store.id().to_owned());
        self.runner = Arc::new(Runner {
            ledger: self.ledger.clone(),
            provider: self.runner.provider.clone(),
            tools: self.runner.tools.clone(),
            hooks: self.runner.hooks.clone(),
            queues: self.queues.clone(),
            limits: self.runner.limits,
            choice: self.runner.choice.clone(),
            pace: self.runner.pace.clone(),
            request,
        });
        self.context = None;
        let fresh = Fresh::of(&store);
        self.ledger.replace_store(store);
        self.ledger.update_view(|view| fresh.put(view));
        self.ledger.tell_queues(false);
        self.ledger.publish(Event::Switched);
        Reply::Done
    }

    async fn bash(&mut self, line: String, excluded: bool) -> Reply {
        if self.shell.is_some() {
            return Reply::Refused("a shell command is running already; Escape stops it".into());
        }
        let stop = CancellationToken::new();
        let command = shell::Shell {
            workspace: self.setup.workspace.clone(),
            hooks: self.runner.hooks.clone(),
            ledger: self.ledger.clone(),
            clock: self.runner.request.clock.clone(),
            prefix: self.setup.shell_prefix.clone(),
            stop: stop.clone(),
        };
        let report = self.report.clone();
        let handle = tokio::spawn(async move {
            let message = AssertUnwindSafe(command.run(line, excluded))
                .catch_unwind()
                .await;
            let _ = report.send(Done::Shell(message.ok()));
        });
        self.shell = Some(Task { stop, handle });
        Reply::Done
    }

    fn keep_shell(&mut self, message: SharedMessage) {
        self.ledger.record_message(&message);
        if let Some(context) = &mut self.context {
            context.push(message);
        }
    }

    fn refresh_view(&self) {
        let fresh = self.ledger.with_store(|store| Ok(Fresh::of(store)));
        self.ledger.update_view(|view| {
            view.running = false;
            if let Some(fresh) = fresh {
                fresh.put(view);
            }
        });
    }

    pub(super) fn notice(&self, level: Level, text: &str) {
        self.ledger.publish(Event::Notice {
            level,
            text: text.into(),
        });
    }

    /// Tells what could not be read as it should, once.
    fn tell_damage(&self) {
        let damage = self.ledger.with_store(|store| Ok(store.take_damage()));
        if let Some(first) = damage.unwrap_or_default().first() {
            let text = format!("the session file is damaged: {first}; all else was read");
            self.notice(Level::Warning, &text);
        }
    }

    /// Stops what is under way and waits for it.
    async fn rest(&mut self) {
        // What waits must not begin another run.
        for lane in [Lane::Steering, Lane::FollowUp] {
            self.queues.clear(lane);
        }
        self.next.clear();
        self.intake_stop.cancel();
        self.errands.shutdown().await;
        for mut task in [self.run.take(), self.shell.take()].into_iter().flatten() {
            task.stop.cancel();
            if tokio::time::timeout(PATIENCE, &mut task.handle)
                .await
                .is_err()
            {
                task.handle.abort();
                // Aborted is what it was to be.
                let _ = (&mut task.handle).await;
            }
        }
        while let Ok(done) = self.done.try_recv() {
            self.finished(done);
        }
        for message in std::mem::take(&mut self.late) {
            self.keep_shell(message);
        }
        self.ledger.update_view(|view| view.running = false);
    }

    /// Puts everything on disk; in words what could not be.
    fn save(&self) -> Result<(), String> {
        let unsaved = self.ledger.with_store(|store| {
            if store.totals().counts.messages == 0 {
                // Nothing was said: there is to be no file.
                return Ok(None);
            }
            // What the disk refuses now is counted, not told twice.
            let _ = store.flush().and_then(|()| store.sync());
            Ok(store.path().map(|path| (store.unsaved(), path)))
        });
        match unsaved.flatten() {
            Some((count, path)) if count > 0 => Err(format!(
                "{count} entries could not be saved to {}",
                path.display()
            )),
            _ => Ok(()),
        }
    }

    async fn end(&mut self) -> Reply {
        self.rest().await;
        match self.save() {
            Ok(()) => Reply::Done,
            Err(why) => Reply::Refused(why),
        }
    }
}
