//! One run, from the person's words to rest: hooks, context, the loop, and what became of it.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::ledger::Ledger;
use crate::agent::hooks::InputDecision;
use crate::agent::{AgentEvent, Choice, Ending, Hooks, Limits, Pace, Queues, Run, Tool};
use crate::ai::{Body, Content, Message, Provider, Request, SharedMessage, UserMessage};

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

/// What begins a run.
pub(super) enum Start {
    /// The person's words, to be shown to the hooks first.
    Input { text: String, images: Vec<Content> },
    /// Messages that waited in a queue.
    Queued(Vec<Message>),
}

/// What became of it.
pub(super) struct Rest {
    /// `None` when a hook dealt with the input and nothing ran.
    pub ending: Option<Ending>,
    /// The context as it is now, for the next run.
    pub context: Vec<SharedMessage>,
}

impl Runner {
    /// Runs to rest. `context` is the conversation so far, read from the store when not given.
    pub async fn run(
        &self,
        start: Start,
        context: Option<Vec<SharedMessage>>,
        stop: CancellationToken,
    ) -> Rest {
        let mut context = match context {
            Some(context) => context,
            None => {
                let read = self.ledger.with_store(|store| Ok(store.context()));
                read.map(|context| context.messages).unwrap_or_default()
            }
        };
        let Some(prompts) = self.prompts(start).await else {
            return Rest {
                ending: None,
                context,
            };
        };
        let said = prompts
            .iter()
            .map(super::ledger::text_of)
            .collect::<Vec<_>>()
            .join("\n");
        let change = self
            .hooks
            .before_agent_start(&said, &self.request.system)
            .await;
        let mut prompts = prompts;
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
        Rest {
            ending: Some(ending),
            context,
        }
    }

    async fn prompts(&self, start: Start) -> Option<Vec<Message>> {
        let (text, images) = match start {
            Start::Queued(messages) => return Some(messages),
            Start::Input { text, images } => match self.hooks.input(&text, &images).await {
                InputDecision::Continue => (text, images),
                InputDecision::Replace { text, images } => (text, images),
                InputDecision::Handled => return None,
            },
        };
        Some(vec![user_message(text, images, self.request.clock.now())])
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
