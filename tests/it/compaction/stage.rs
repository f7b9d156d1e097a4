//! A conversation with a model of a chosen window, on real session files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use pi::agent::{CallContext, Drain, Hooks, Lane, Limits, NoHooks, Outcome, Tool};
use pi::ai::script::{ScriptedProvider, Turn, model};
use pi::ai::{
    CacheRetention, Clock, Delta, Model, Provider, Request, ThinkingLevel, Timeouts, ToolSpec,
};
use pi::config::settings::{BranchSummarySettings, CompactionSettings, RetrySettings};
use pi::config::{Env, Paths, Registry, Sources};
use pi::session::{Command, Compacted, Event, Events, Models, Place, Reply, Session, Setup, Stats};
use pi::store::{Access, Store};
use pi::tools::{LocalPlace, LocalWorkspace};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::words_of;

/// What a conversation is begun with.
pub struct Stage {
    pub window: u64,
    pub hooks: Arc<dyn Hooks>,
    pub settings: CompactionSettings,
    pub retry: bool,
    /// Before another attempt.
    pub pause: Duration,
    pub thinking: ThinkingLevel,
    /// Whether every request for a summary crashes.
    pub crashes: bool,
    /// The session to go on with.
    pub kept: Option<Kept>,
}

/// A session that was ended: its file, and the directory that holds it.
pub struct Kept {
    file: PathBuf,
    home: TempDir,
}

impl Stage {
    pub fn of(window: u64) -> Self {
        Stage {
            window,
            hooks: Arc::new(NoHooks),
            settings: CompactionSettings::default(),
            retry: false,
            pause: Duration::from_millis(1),
            thinking: ThinkingLevel::Off,
            crashes: false,
            kept: None,
        }
    }
}

pub struct Talk {
    pub session: Session,
    pub provider: ScriptedProvider,
    events: Events,
    home: TempDir,
}

impl Talk {
    pub fn new(window: u64, turns: impl IntoIterator<Item = Turn>) -> Self {
        Talk::on(Stage::of(window), turns)
    }

    pub fn on(stage: Stage, turns: impl IntoIterator<Item = Turn>) -> Self {
        let (home, file) = match stage.kept {
            Some(Kept { file, home }) => (home, Some(file)),
            None => (tempfile::tempdir().unwrap(), None),
        };
        let root = home.path().to_path_buf();
        let env: Env = [("HOME", root.to_str().unwrap())].into_iter().collect();
        let clock = Clock::fixed(1_000);
        let sources = Sources::new(&Paths::new(&env, &root), env, clock.clone());
        let (registry, _) = Registry::load(sources);
        let workspace = Arc::new(LocalWorkspace::new(LocalPlace {
            root: root.clone(),
            home: None,
            shell: None,
            temporary: std::env::temp_dir(),
        }));
        let provider = ScriptedProvider::new(turns);
        let sessions = root.join("sessions");
        let store = match &file {
            Some(file) => {
                let opened = Store::open(file, Access::Write, clock.clone());
                opened.unwrap().store
            }
            None => Store::create(&sessions, &root, None, None, clock.clone()),
        };
        let session = Session::start(Setup {
            budget: Default::default(),
            exports: Default::default(),
            store,
            session_dir: Box::new(move |_| Some(sessions.clone())),
            place_for: Box::new(|cwd| Err(format!("nothing stands in {}", cwd.display()))),
            provider: match stage.crashes {
                true => Arc::new(Crashing(provider.clone())),
                false => Arc::new(provider.clone()),
            },
            models: Arc::new(Models::new(registry)),
            model: Arc::new(Model {
                context_window: stage.window,
                ..model()
            }),
            thinking: stage.thinking,
            scope: Vec::new(),
            thinking_for: Box::new(|_| ThinkingLevel::Off),
            shell_prefix: None,
            place: Place {
                workspace,
                tools: vec![
                    Arc::new(Fetch::new("fetch")),
                    Arc::new(Fetch::new("read")),
                    Arc::new(Fetch::new("edit")),
                ],
                system: "the system prompt".into(),
                context_files: Vec::new(),
            },
            hooks: stage.hooks,
            compaction: stage.settings,
            branch_summary: BranchSummarySettings::default(),
            fallback: Vec::new(),
            retry: RetrySettings {
                enabled: stage.retry,
                base_delay: stage.pause,
                max_agent_delay: stage.pause,
                ..RetrySettings::default()
            },
            remember: Box::new(|_| Ok(())),
            limits: Limits {
                max_turns: None,
                max_repeats: 0,
            },
            drains: (Drain::OneAtATime, Drain::OneAtATime),
            thinking_budgets: Default::default(),
            cache: CacheRetention::Short,
            timeouts: Timeouts::default(),
            transport: Default::default(),
            cache_notices: false,
            clock,
        });
        let events = session.events();
        Talk {
            session,
            provider,
            events,
            home,
        }
    }

    pub fn say(&self, text: &str) {
        let command = Command::Prompt {
            text: text.into(),
            images: Vec::new(),
            while_running: Lane::Steering,
        };
        drop(self.session.send(command));
    }

    /// Says `text` and follows the run to its rest.
    pub async fn ask(&mut self, text: &str) -> Vec<Arc<Event>> {
        self.say(text);
        self.settled().await
    }

    pub async fn settled(&mut self) -> Vec<Arc<Event>> {
        self.until("settled").await
    }

    /// The events up to the first of that name.
    pub async fn until(&mut self, name: &str) -> Vec<Arc<Event>> {
        let mut seen = Vec::new();
        while let Some(event) = self.events.recv().await {
            let is_last = event.name() == name;
            seen.push(event);
            if is_last {
                return seen;
            }
        }
        panic!("the session ended before {name}");
    }

    /// Ends the conversation and waits until its file is free.
    pub async fn end(mut self) -> Kept {
        let file = self.file();
        self.session.send(Command::Shutdown).await;
        while self.events.recv().await.is_some() {}
        Kept {
            file,
            home: self.home,
        }
    }

    /// What request `n` carried, in words.
    pub fn asked(&self, n: usize) -> Vec<String> {
        let messages = &self.provider.requests()[n].messages;
        messages.iter().map(|message| words_of(message)).collect()
    }

    pub fn file(&self) -> PathBuf {
        self.session.view().file.clone().unwrap()
    }

    /// What the model would be told by whoever opens the file.
    pub fn told(&self) -> Vec<String> {
        let store = open(&self.file());
        let context = store.context();
        context
            .messages
            .iter()
            .map(|message| words_of(message))
            .collect()
    }

    /// The entries of the file of one type, as they are in it.
    pub fn entries(&self, kind: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.file()).unwrap();
        let entries = text.lines().map(|line| serde_json::from_str(line).unwrap());
        entries
            .filter(|entry: &Value| entry["type"] == kind)
            .collect()
    }

    /// The id of the last message of that role.
    pub fn last_entry(&self, role: &str) -> String {
        let entries = self.entries("message");
        let mut entries = entries.iter().rev();
        let entry = entries.find(|entry| entry["message"]["role"] == role);
        entry.unwrap()["id"].as_str().unwrap().to_owned()
    }

    pub async fn stats(&self) -> Stats {
        match self.session.send(Command::Stats).await {
            Reply::Stats(stats) => *stats,
            other => panic!("{other:?}"),
        }
    }
}

pub fn open(file: &Path) -> Store {
    Store::open(file, Access::Read, Clock::fixed(1_000))
        .unwrap()
        .store
}

/// A summary, as the model would write it.
pub fn summary(text: &str) -> Turn {
    Turn::text(text)
}

pub fn names(events: &[Arc<Event>]) -> Vec<&'static str> {
    events.iter().map(|event| event.name()).collect()
}

/// What the last compaction among these came to.
pub fn compacted(events: &[Arc<Event>]) -> Option<Arc<Compacted>> {
    events.iter().rev().find_map(|event| match &**event {
        Event::CompactionEnd { result, .. } => result.clone(),
        _ => None,
    })
}

/// Answers as scripted, but crashes when it is asked for a summary.
struct Crashing(ScriptedProvider);

impl Provider for Crashing {
    fn stream(
        &self,
        model: &Model,
        request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        assert_eq!(request.system, "the system prompt", "no summaries here");
        self.0.stream(model, request, stop)
    }
}

/// A tool that returns as much as it is asked for.
struct Fetch(ToolSpec);

impl Fetch {
    fn new(name: &str) -> Self {
        Fetch(ToolSpec {
            name: name.into(),
            description: "returns text".into(),
            parameters: Arc::new(json!({"type": "object", "properties": {
                "bytes": {"type": "number"}, "path": {"type": "string"},
                "for_ever": {"type": "boolean"}}})),
        })
    }
}

#[async_trait]
impl Tool for Fetch {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    async fn call(&self, args: Value, _cx: CallContext) -> Outcome {
        if args["for_ever"] == true {
            return std::future::pending().await;
        }
        let bytes = args["bytes"].as_u64().unwrap_or(4) as usize;
        Outcome::text("r".repeat(bytes))
    }
}
