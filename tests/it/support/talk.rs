//! A conversation through its only door: commands in, events out, a scripted model behind it.

use std::sync::{Arc, Mutex};

use pi::agent::{Drain, Hooks, Lane, Limits, NoHooks};
use pi::ai::script::{ScriptedProvider, Turn, model};
use pi::ai::{CacheRetention, Clock, Message, ThinkingLevel, Timeouts};
use pi::config::settings::{BranchSummarySettings, CompactionSettings, RetrySettings};
use pi::config::{Env, Paths, Registry, Sources};
use pi::session::{
    Budgets, Command, Event, Events, Exports, Models, Place, Remember, Session, Setup,
};
use pi::store::Store;
use pi::tools::{DEFAULT_TOOLS, LocalPlace, LocalWorkspace, ToolOptions, Workspace, builtin};
use tempfile::TempDir;

/// A conversation over a scripted model, in a temporary directory.
pub struct Talk {
    pub session: Session,
    pub events: Events,
    pub provider: ScriptedProvider,
    pub remembered: Arc<Mutex<Vec<Remember>>>,
    pub home: TempDir,
}

impl Talk {
    pub fn new(turns: impl IntoIterator<Item = Turn>) -> Self {
        Talk::with_hooks(turns, Arc::new(NoHooks))
    }

    pub fn with_hooks(turns: impl IntoIterator<Item = Turn>, hooks: Arc<dyn Hooks>) -> Self {
        Talk::with_shell(turns, hooks, None)
    }

    /// With a shell of its own: a script beside which the conversation lives, or the usual one.
    pub fn with_shell(
        turns: impl IntoIterator<Item = Turn>,
        hooks: Arc<dyn Hooks>,
        shell: Option<std::path::PathBuf>,
    ) -> Self {
        Talk::begin(tempfile::tempdir().unwrap(), None, turns, shell, |setup| {
            setup.hooks = hooks;
        })
    }

    /// A conversation that is not set up as usual.
    pub fn with(turns: impl IntoIterator<Item = Turn>, change: impl FnOnce(&mut Setup)) -> Self {
        Talk::begin(tempfile::tempdir().unwrap(), None, turns, None, change)
    }

    /// A conversation that begins with this store, which is in `home`.
    pub fn over(home: TempDir, store: Store, turns: impl IntoIterator<Item = Turn>) -> Self {
        Talk::begin(home, Some(store), turns, None, |_| {})
    }

    fn begin(
        home: TempDir,
        store: Option<Store>,
        turns: impl IntoIterator<Item = Turn>,
        shell: Option<std::path::PathBuf>,
        change: impl FnOnce(&mut Setup),
    ) -> Self {
        let root = home.path().to_path_buf();
        let models = r#"{"providers": {"own": {"baseUrl": "http://127.0.0.1:1", "api": "openai-completions",
            "apiKey": "x", "models": [{"id": "small"}, {"id": "thinker", "reasoning": true}]}}}"#;
        std::fs::create_dir_all(root.join(".pi/agent")).unwrap();
        std::fs::write(root.join(".pi/agent/models.json"), models).unwrap();
        let env: Env = [("HOME", root.to_str().unwrap())].into_iter().collect();
        let clock = Clock::fixed(1_000);
        let sources = Sources::new(&Paths::new(&env, &root), env, clock.clone());
        let (registry, problems) = Registry::load(sources);
        assert_eq!(problems, []);
        let workspace: Arc<dyn Workspace> = Arc::new(LocalWorkspace::new(LocalPlace {
            root: root.clone(),
            home: None,
            shell,
            temporary: std::env::temp_dir(),
        }));
        let all = builtin(workspace.clone(), ToolOptions::default());
        let is_default = |name: &str| DEFAULT_TOOLS.contains(&name);
        let provider = ScriptedProvider::new(turns);
        let remembered = Arc::new(Mutex::new(Vec::new()));
        let memory = remembered.clone();
        let sessions = root.join("sessions");
        let store =
            store.unwrap_or_else(|| Store::create(&sessions, &root, None, None, clock.clone()));
        let mut setup = Setup {
            store,
            session_dir: Box::new(move |_| Some(sessions.clone())),
            place_for: Box::new(|cwd| Err(format!("nothing stands in {}", cwd.display()))),
            provider: Arc::new(provider.clone()),
            models: Arc::new(Models::new(registry)),
            model: Arc::new(model()),
            thinking: ThinkingLevel::Medium,
            scope: Vec::new(),
            thinking_for: Box::new(|_| ThinkingLevel::Medium),
            shell_prefix: None,
            place: Place {
                workspace,
                tools: all
                    .into_iter()
                    .filter(|tool| is_default(&tool.spec().name))
                    .collect(),
                system: "the system prompt".into(),
                context_files: Vec::new(),
            },
            hooks: Arc::new(NoHooks),
            compaction: CompactionSettings::default(),
            branch_summary: BranchSummarySettings::default(),
            fallback: Vec::new(),
            budget: Budgets::default(),
            retry: RetrySettings {
                enabled: false,
                ..RetrySettings::default()
            },
            remember: Box::new(move |choice| {
                memory.lock().unwrap().push(choice);
                Ok(())
            }),
            limits: Limits {
                max_turns: None,
                max_repeats: 5,
            },
            drains: (Drain::OneAtATime, Drain::OneAtATime),
            thinking_budgets: Default::default(),
            cache: CacheRetention::Short,
            timeouts: Timeouts::default(),
            transport: Default::default(),
            cache_notices: false,
            clock,
            exports: Exports {
                viewer: "https://viewer.example/".into(),
                temporary: root.clone(),
                ..Exports::default()
            },
        };
        change(&mut setup);
        let session = Session::start(setup);
        let events = session.events();
        Talk {
            session,
            events,
            provider,
            remembered,
            home,
        }
    }

    pub fn say(&self, text: &str) {
        self.say_on(text, Lane::Steering);
    }

    pub fn say_on(&self, text: &str, while_running: Lane) {
        let command = Command::Prompt {
            text: text.into(),
            images: Vec::new(),
            while_running,
        };
        drop(self.session.send(command));
    }

    /// The events up to one that `is_last` accepts, with it.
    pub async fn until(&mut self, is_last: impl Fn(&Event) -> bool) -> Vec<Arc<Event>> {
        let mut seen = Vec::new();
        while let Some(event) = self.events.recv().await {
            let last = is_last(&event);
            seen.push(event);
            if last {
                return seen;
            }
        }
        panic!("the session ended");
    }

    pub async fn settled(&mut self) -> Vec<Arc<Event>> {
        self.until(|event| matches!(event, Event::Settled { .. }))
            .await
    }

    /// What request `n` carried, in words.
    pub fn asked(&self, n: usize) -> Vec<String> {
        let messages = &self.provider.requests()[n].messages;
        messages.iter().map(|message| words_of(message)).collect()
    }

    /// What the session file keeps, in words.
    pub fn kept(&self) -> Vec<String> {
        let file = self.session.view().file.clone().unwrap();
        let text = std::fs::read_to_string(file).unwrap();
        text.lines()
            .filter_map(|line| {
                let entry: serde_json::Value = serde_json::from_str(line).unwrap();
                let message =
                    serde_json::from_value::<Message>(entry.get("message")?.clone()).unwrap();
                Some(words_of(&message))
            })
            .collect()
    }
}

pub fn words_of(message: &Message) -> String {
    match message {
        Message::User(user) => format!("user {}", user.content.to_text()),
        Message::Assistant(answer) => format!("assistant {}", answer.to_text()),
        Message::ToolResult(result) => {
            format!("result {}", pi::ai::message::joined_text(&result.content))
        }
        Message::BashExecution(bash) => format!("bash {} → {}", bash.command, bash.output.trim()),
        Message::Custom(custom) => format!("custom {}", custom.content.to_text()),
        other => other.role().into(),
    }
}
