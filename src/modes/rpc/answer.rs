//! What each command does and is answered.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::command::{Behavior, Command, Mode, pictures};
use super::reply::{Answer, DONE, data, record};
use super::request::Head;
use super::serve::Options;
use crate::agent::{Drain, Lane};
use crate::ai::local::Kind;
use crate::ai::{Content, Message, ThinkingLevel};
use crate::config::resolve;
use crate::session::{
    self, BUSY, Disposition, LeaveWith, NO_OTHER_MODEL, Reply, Saying, Session, View, wire,
};
use crate::store::Filter;

/// What a prompt in a run is told that does not say where to wait; programs know these words.
const ALREADY: &str = "Agent is already processing. Specify streamingBehavior ('steer' or 'followUp') to queue the message.";

/// Whoever carries commands out.
#[derive(Clone)]
pub(super) struct Servant {
    pub session: Session,
    pub options: Arc<Options>,
    /// For what is told before the response.
    pub out: mpsc::Sender<Vec<u8>>,
    /// Whether all that was asked before has been answered.
    pub in_turn: bool,
}

/// Whether the next line is to be read only after this command's response: it answers from the
/// conversation as it stands, without hooks, files or the model.
pub(super) fn is_quick(command: &Command) -> bool {
    !matches!(
        command,
        Command::Prompt { .. }
            | Command::Steer { .. }
            | Command::FollowUp { .. }
            | Command::Abort
            | Command::NewSession { .. }
            | Command::GetMessages
            | Command::Compact { .. }
            | Command::Bash { .. }
            | Command::ExportHtml { .. }
            | Command::SwitchSession { .. }
            | Command::Fork { .. }
            | Command::Clone
            | Command::GetForkMessages
            | Command::GetEntries { .. }
            | Command::GetTree
            | Command::ListTree { .. }
            | Command::GetLastAssistantText
            | Command::ImportSession { .. }
            | Command::NavigateTree { .. }
    )
}

/// Whether the response comes before what the command makes happen, rather than behind it.
pub(super) fn is_ahead(command: &Command) -> bool {
    matches!(
        command,
        Command::Prompt { .. } | Command::Steer { .. } | Command::FollowUp { .. }
    )
}

impl Servant {
    /// Carries it out. What goes to the conversation is on its way when this is first polled.
    pub async fn serve(self, command: Command, head: Head) -> Answer {
        match command {
            Command::Prompt {
                message: text,
                images,
                streaming_behavior,
            } => {
                let images = pictures(images);
                let queued = |lane| session::Command::Prompt {
                    text: text.clone(),
                    images: images.clone(),
                    while_running: lane,
                };
                self.prompt(match streaming_behavior {
                    Some(Behavior::Steer) => queued(Lane::Steering),
                    Some(Behavior::FollowUp) => queued(Lane::FollowUp),
                    None => session::Command::PromptIfIdle { text, images },
                })
                .await
            }
            Command::Steer { message, images } => {
                let images = pictures(images);
                self.queue(message, images, Lane::Steering).await
            }
            Command::FollowUp { message, images } => {
                let images = pictures(images);
                self.queue(message, images, Lane::FollowUp).await
            }
            Command::Abort => self.simply(session::Command::AbortRun).await,
            Command::ClearQueue => self.clear_queue().await,
            Command::NewSession { parent_session } => {
                let parent = parent_session;
                self.leave(session::Command::NewSession { parent }).await
            }
            Command::SwitchSession { session_path } => {
                let path = self.options.paths.expand(&session_path);
                self.leave(session::Command::SwitchSession { path }).await
            }
            Command::ImportSession { session_path } => {
                let path = self.options.paths.expand(&session_path);
                self.leave(session::Command::Import { path }).await
            }
            Command::Fork { entry_id: entry } => self.leave(session::Command::Fork { entry }).await,
            Command::Clone => self.leave(session::Command::Clone).await,
            Command::NavigateTree {
                entry_id: entry,
                summarize,
                custom_instructions: instructions,
                replace_instructions,
                label,
            } => {
                let summary = match summarize {
                    Some(true) => LeaveWith::Summary {
                        instructions,
                        replace: replace_instructions == Some(true),
                    },
                    _ => LeaveWith::Nothing,
                };
                let to = session::Command::Navigate {
                    entry,
                    summary,
                    label,
                };
                self.leave(to).await
            }
            Command::GetState => data(&wire::state_to_json(&*self.view().await)),
            Command::GetMessages => {
                self.read(|view| json!({"messages": wire::messages_to_json(&*view.so_far)}))
                    .await
            }
            Command::GetLastAssistantText => {
                self.read(|view| wire::last_answer_to_json(&*view.so_far))
                    .await
            }
            Command::GetAvailableThinkingLevels => {
                let levels = self.view().await.model.thinking_levels();
                let names: Vec<&str> = levels.iter().map(|level| level.as_str()).collect();
                data(&json!({"levels": names}))
            }
            Command::SetModel { provider, model_id } => self.set_model(provider, model_id).await,
            Command::CycleModel => self.cycle_model().await,
            Command::GetAvailableModels => match self.send(session::Command::LocalModels).await {
                Reply::LocalModels(models, _) => {
                    let models = models.iter().map(|model| wire::model_to_json(model));
                    data(&json!({"models": models.collect::<Value>()}))
                }
                other => unexpected(other),
            },
            Command::SetThinkingLevel { level } => match ThinkingLevel::parse(&level) {
                Some(level) => self.simply(session::Command::SetThinking(level)).await,
                None => Err(format!(
                    "Invalid thinking level: {level}; the levels are off, minimal, low, medium, high, xhigh and max"
                )),
            },
            Command::CycleThinkingLevel => self.cycle_thinking().await,
            Command::SetSteeringMode { mode } => self.drain(Lane::Steering, mode).await,
            Command::SetFollowUpMode { mode } => self.drain(Lane::FollowUp, mode).await,
            Command::Compact {
                custom_instructions: instructions,
            } => match self.send(session::Command::Compact { instructions }).await {
                Reply::Compacted(compacted) => data(&wire::compacted_to_json(&compacted)),
                other => unexpected(other),
            },
            Command::SetAutoCompaction { enabled } => {
                self.simply(session::Command::SetAutoCompaction(enabled))
                    .await
            }
            Command::SetAutoRetry { enabled } => {
                self.simply(session::Command::SetAutoRetry(enabled)).await
            }
            Command::AbortRetry => self.simply(session::Command::AbortRetry).await,
            Command::Bash {
                command,
                exclude_from_context,
            } => {
                self.bash(head.id, command, exclude_from_context == Some(true))
                    .await
            }
            Command::AbortBash => self.simply(session::Command::AbortBash).await,
            Command::GetSessionStats => match self.send(session::Command::Stats).await {
                Reply::Stats(stats) => data(&wire::stats_to_json(&stats)),
                other => unexpected(other),
            },
            Command::ExportHtml { output_path } => self.export(output_path).await,
            Command::GetForkMessages => match self.send(session::Command::ForkPoints).await {
                Reply::ForkPoints(points) => data(&wire::fork_points_to_json(&points)),
                other => unexpected(other),
            },
            Command::GetEntries { since } => {
                match self.send(session::Command::Entries { since }).await {
                    Reply::Entries { entries, leaf } => {
                        data(&json!({"entries": entries, "leafId": leaf}))
                    }
                    other => unexpected(other),
                }
            }
            Command::GetTree => match self.send(session::Command::Tree).await {
                Reply::Tree(tree) => Ok(Some(tree)),
                other => unexpected(other),
            },
            Command::ListTree { filter } => self.list_tree(filter.as_deref()).await,
            Command::SetSessionName { name } => match name.trim() {
                "" => Err("Session name cannot be empty".into()),
                name => self.simply(session::Command::SetName(name.into())).await,
            },
            // There are no extensions, prompt templates or skills to run.
            Command::GetCommands => data(&json!({"commands": []})),
            Command::SetLabel {
                entry_id: entry,
                label,
            } => {
                self.simply(session::Command::SetLabel { entry, label })
                    .await
            }
        }
    }

    fn send(&self, command: session::Command) -> impl Future<Output = Reply> + Send + 'static {
        self.session.send(command)
    }

    /// The conversation as it is when all that was sent before has been taken up.
    async fn view(&self) -> Arc<View> {
        if !self.in_turn {
            self.send(session::Command::Ping).await;
        }
        self.session.view()
    }

    async fn simply(&self, command: session::Command) -> Answer {
        match self.send(command).await {
            Reply::Done => DONE,
            other => unexpected(other),
        }
    }

    async fn prompt(&self, command: session::Command) -> Answer {
        let disposition = match self.send(command).await {
            Reply::Prompted(Disposition::Started) => "started",
            Reply::Prompted(Disposition::Queued) => "queued",
            Reply::Prompted(Disposition::Handled) => "handled",
            Reply::Refused(why) if why == BUSY => return Err(ALREADY.into()),
            other => return unexpected(other),
        };
        data(&json!({"disposition": disposition}))
    }

    async fn queue(&self, text: String, images: Vec<Content>, lane: Lane) -> Answer {
        self.prompt(session::Command::Queue { text, images, lane })
            .await
    }

    async fn clear_queue(&self) -> Answer {
        match self.send(session::Command::TakeQueue).await {
            Reply::Queue {
                steering,
                follow_up,
            } => {
                let texts = |spoken: Vec<Saying>| -> Vec<String> {
                    spoken.into_iter().map(|spoken| spoken.text).collect()
                };
                data(&json!({"steering": texts(steering), "followUp": texts(follow_up)}))
            }
            other => unexpected(other),
        }
    }

    /// Goes to another session or entry, unless a hook is against it.
    async fn leave(&self, to: session::Command) -> Answer {
        let is_fork = matches!(to, session::Command::Fork { .. });
        match self.send(to).await {
            Reply::Done | Reply::Text(None) => data(&json!({"cancelled": false})),
            Reply::Text(Some(text)) if is_fork => data(&json!({"text": text, "cancelled": false})),
            Reply::Text(Some(text)) => data(&json!({"cancelled": false, "editorText": text})),
            Reply::Cancelled(_) => data(&json!({"cancelled": true})),
            other => unexpected(other),
        }
    }

    async fn set_model(&self, provider: String, id: String) -> Answer {
        let name = format!("{provider}/{id}");
        let mut id = id;
        if Kind::of(&provider).is_some() {
            // What a local server has is known once it was asked.
            if let Reply::LocalModels(models, _) = self.send(session::Command::LocalModels).await
                && let Some(found) = resolve::named(&name, &models)
                && found.provider == provider
            {
                id.clone_from(&found.id);
            }
        }
        match self.send(session::Command::SetModel { provider, id }).await {
            Reply::Done => data(&wire::model_to_json(&self.session.view().model)),
            Reply::Refused(why) => Err(format!("Model not found: {name} ({why})")),
            other => unexpected(other),
        }
    }

    async fn cycle_model(&self) -> Answer {
        let forward = true;
        match self.send(session::Command::CycleModel { forward }).await {
            Reply::Done => {
                let view = self.session.view();
                data(&json!({
                    "model": wire::model_to_json(&view.model),
                    "thinkingLevel": view.thinking.as_str(), "isScoped": view.scoped,
                }))
            }
            Reply::Refused(why) if why == NO_OTHER_MODEL => data(&Value::Null),
            other => unexpected(other),
        }
    }

    async fn cycle_thinking(&self) -> Answer {
        if self.view().await.model.thinking_levels().len() < 2 {
            return data(&Value::Null);
        }
        match self.send(session::Command::CycleThinking).await {
            Reply::Done => data(&json!({"level": self.session.view().thinking.as_str()})),
            other => unexpected(other),
        }
    }

    async fn drain(&self, lane: Lane, mode: Mode) -> Answer {
        let drain = match mode {
            Mode::All => Drain::All,
            Mode::OneAtATime => Drain::OneAtATime,
        };
        self.simply(session::Command::SetDrain { lane, drain })
            .await
    }

    /// Runs a command; all that it prints is told as it comes, and holds it while nobody reads.
    async fn bash(&self, id: Value, line: String, excluded: bool) -> Answer {
        let (sender, mut printed) = mpsc::channel(1);
        let reply = self.send(session::Command::Shell {
            line,
            excluded,
            output: Some(sender),
        });
        while let Some(delta) = printed.recv().await {
            let update = record(&wire::shell_update_to_json(&id, &delta));
            // The writer has gone: the end is near.
            let _ = self.out.send(update).await;
        }
        match reply.await {
            Reply::Shell(message) => match &*message {
                Message::BashExecution(message) => data(&wire::shell_to_json(message)),
                _ => DONE,
            },
            other => unexpected(other),
        }
    }

    async fn list_tree(&self, filter: Option<&str>) -> Answer {
        let name = filter.unwrap_or("default");
        let Some(filter) = Filter::of(name) else {
            let names = Filter::ALL.map(Filter::as_str).join(", ");
            return Err(format!("there is no filter {name:?}; there are {names}"));
        };
        match self.send(session::Command::Outline(filter)).await {
            Reply::Outline(rows) => data(&json!({"rows": wire::outline_to_json(&rows)})),
            other => unexpected(other),
        }
    }

    async fn export(&self, path: Option<String>) -> Answer {
        let path = path.map(|path| self.options.paths.expand(&path).display().to_string());
        let redact = self.options.redact;
        match self.send(session::Command::Export { path, redact }).await {
            Reply::Exported(report) => {
                let path = report.path.map(|path| path.display().to_string());
                data(&json!({"path": path}))
            }
            other => unexpected(other),
        }
    }

    /// Reads messages, which takes its time in a long conversation.
    async fn read(&self, look: impl FnOnce(&View) -> Value + Send + 'static) -> Answer {
        let view = self.view().await;
        let read = tokio::task::spawn_blocking(move || look(&view).to_string());
        read.await.map(Some).map_err(|crash| crash.to_string())
    }
}

/// A reply that is not what was hoped for.
fn unexpected(reply: Reply) -> Answer {
    match reply {
        Reply::Refused(why) | Reply::Cancelled(why) => Err(why),
        // The conversation keeps to its own table of replies.
        _ => DONE,
    }
}
