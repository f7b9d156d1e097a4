//! The short way in, for programs that embed pi: a conversation in memory with the usual defaults, and
//! a question with its answer.

use std::path::Path;
use std::sync::Arc;

use super::event::Event;
use super::setup::{Exports, Place, Setup};
use super::{Budgets, Command, Models, Reply, Session};
use crate::agent::{AgentEvent, Drain, Lane, Limits, NoHooks};
use crate::ai::{
    CacheRetention, Clock, Model, Provider, SharedMessage, StopReason, ThinkingLevel, Timeouts,
};
use crate::config::settings::{BranchSummarySettings, CompactionSettings, RetrySettings};
use crate::config::{Env, Paths, Registry, Sources};
use crate::prompt::SystemPrompt;
use crate::store::Store;
use crate::tools::{LocalPlace, LocalWorkspace, ToolOptions, Workspace, builtin};

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(String);

impl Setup {
    /// A conversation that leaves nothing on disk and looks at no one's settings, keys or environment:
    /// `provider` answers as `model`, pi's own tools work in `cwd`. Every field can be changed before
    /// [`Session::start`].
    pub fn in_memory(cwd: &Path, provider: Arc<dyn Provider>, model: Model, clock: Clock) -> Self {
        let workspace: Arc<dyn Workspace> = Arc::new(LocalWorkspace::new(LocalPlace {
            root: cwd.to_path_buf(),
            home: None,
            shell: None,
            temporary: cwd.to_path_buf(),
        }));
        let tools = builtin(workspace.clone(), ToolOptions::default());
        let now = jiff::Timestamp::from_millisecond(clock.now()).unwrap_or_default();
        let date = now.strftime("%Y-%m-%d").to_string();
        let system = SystemPrompt {
            custom: None,
            append: &[],
            tools: &tools,
            context_files: &[],
            date: &date,
            cwd,
            docs: None,
        };
        // An environment without variables: no keys, no files of the person who runs this.
        let nobody = Env::default();
        let paths = Paths::new(&nobody, cwd);
        let (registry, _) = Registry::load(Sources::new(&paths, nobody, clock.clone()));
        Setup {
            store: Store::in_memory(cwd, None, clock.clone()),
            session_dir: Box::new(|_| None),
            place_for: Box::new(|cwd| {
                Err(format!("this program does not work in {}", cwd.display()))
            }),
            provider,
            models: Arc::new(Models::new(registry)),
            model: Arc::new(model),
            thinking: ThinkingLevel::Medium,
            scope: Vec::new(),
            thinking_for: Box::new(|_| ThinkingLevel::Medium),
            place: Place {
                system: system.to_text(),
                tools,
                workspace,
                context_files: Vec::new(),
            },
            shell_prefix: None,
            hooks: Arc::new(NoHooks),
            remember: Box::new(|_| Ok(())),
            limits: Limits {
                max_turns: None,
                max_repeats: 5,
            },
            compaction: CompactionSettings::default(),
            branch_summary: BranchSummarySettings::default(),
            fallback: Vec::new(),
            retry: RetrySettings::default(),
            budget: Budgets::default(),
            drains: (Drain::OneAtATime, Drain::OneAtATime),
            thinking_budgets: Default::default(),
            cache: CacheRetention::Short,
            timeouts: Timeouts::default(),
            transport: Default::default(),
            cache_notices: false,
            clock,
            exports: Exports::default(),
        }
    }
}

impl Session {
    /// Says `text` and waits for the last answer's text. A failed or aborted answer is an error.
    pub async fn ask(&self, text: impl Into<String>) -> Result<String, NoAnswer> {
        let mut events = self.events();
        let prompt = Command::Prompt {
            text: text.into(),
            images: Vec::new(),
            while_running: Lane::FollowUp,
        };
        if let Reply::Refused(why) | Reply::Cancelled(why) = self.send(prompt).await {
            return Err(NoAnswer(why));
        }
        let mut last: Option<SharedMessage> = None;
        while let Some(event) = events.recv().await {
            match &*event {
                Event::Agent(AgentEvent::MessageEnd { message }) => last = Some(message.clone()),
                Event::Settled { .. } => {
                    let answer = last.as_ref().and_then(|message| message.as_assistant());
                    return match answer {
                        Some(answer)
                            if matches!(
                                answer.stop_reason,
                                StopReason::Error | StopReason::Aborted
                            ) =>
                        {
                            let why = answer.error_message.clone();
                            Err(NoAnswer(why.unwrap_or_else(|| "the request failed".into())))
                        }
                        answer => Ok(answer.map(|answer| answer.to_text()).unwrap_or_default()),
                    };
                }
                _ => {}
            }
        }
        Err(NoAnswer("the session has ended".into()))
    }
}
