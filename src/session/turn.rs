//! One run, from the person's words to rest: hooks, context, the loop, and what became of it.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::ledger::Ledger;
use crate::agent::hooks::ask;
use crate::agent::{AgentEvent, Choice, Ending, Hooks, Limits, Pace, Queues, Run, Tool};
use crate::ai::{Body, Content, Message, Provider, Request, SharedMessage, UserMessage};
use crate::store::Store;

/// What every run of a conversation has in common.
pub(super) struct Runner {
    pub ledger: Arc<Ledger>,
    pub provider: Arc<dyn Provider>,
    pub tools: Vec<Arc<dyn Tool>>,
    pub hooks: Arc<dyn Hooks>,
    pub queues: Queues,
    pub limits: Limits,
    pub request: Request,
    pub choice: watch::Receiver<Choice>,
    pub pace: Pace,
}

/// What became of it.
pub(super) struct Rest {
    /// How the run ended.
    pub ending: Ending,
    /// The context as it is now, for the next run.
    pub context: Vec<SharedMessage>,
}

impl Runner {
    /// Runs `prompts` to rest. `context` is the conversation so far, read from the store when not given.
    pub async fn run(
        &self,
        mut prompts: Vec<Message>,
        context: Option<Vec<SharedMessage>>,
        stop: CancellationToken,
    ) -> Rest {
        let mut context = match context {
            Some(context) => context,
            None => self.read_context().await,
        };
        let said = prompts
            .iter()
            .map(super::ledger::text_of)
            .collect::<Vec<_>>()
            .join("\n");
        let hook = self.hooks.before_agent_start(&said, &self.request.system);
        let change = ask(&stop, hook).await.unwrap_or_default();
        prompts.extend(change.messages);
        let mut request = self.request.clone();
        if let Some(system) = change.system {
            request.system = system;
        }
        let run = Run {
            provider: self.provider.clone(),
            choice: self.choice.clone(),
            request,
            tools: self.tools.clone(),
            hooks: self.hooks.clone(),
            queues: self.queues.clone(),
            limits: self.limits,
            stop,
            pace: self.pace.clone(),
        };
        let ledger = self.ledger.clone();
        let mut added = Vec::new();
        let ending = run
            .run(context.clone(), prompts, &mut |event| {
                if let AgentEvent::AgentEnd { messages } = &event {
                    added.clone_from(messages);
                }
                ledger.record(event);
            })
            .await;
        context.extend(added);
        Rest { ending, context }
    }

    /// All messages of the branch, read beside the conversation rather than in its way.
    async fn read_context(&self) -> Vec<SharedMessage> {
        // A pi that was killed left calls behind it; their results come before what is said now.
        self.ledger.with_store(Store::close_interrupted_calls);
        let Some(branch) = self.ledger.with_store(|store| Ok(store.branch())) else {
            return Vec::new();
        };
        if branch.is_empty() {
            return Vec::new();
        }
        let read = move || {
            (0..branch.len())
                .filter_map(|index| branch.message(index))
                .collect()
        };
        tokio::task::spawn_blocking(read).await.unwrap_or_default()
    }
}

/// The person's words and pictures as a message.
pub(super) fn user_message(text: String, images: Vec<Content>, timestamp: i64) -> Message {
    let mut blocks = vec![Content::text(text)];
    blocks.extend(images);
    Message::User(UserMessage {
        content: Body::Blocks(blocks),
        timestamp,
    })
}
