//! The models of servers on this machine, joined to the others: asked for when somebody wants to see
//! them, remembered from one sitting to the next, looked at again before a run that one of them answers.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::event::{Event, Level};
use super::ledger::Ledger;
use super::models::Models;
use crate::agent::Choice;
use crate::ai::failure::{Failure, Kind as Why};
use crate::ai::local::{Kind, Server, Survey, Trouble};
use crate::ai::{Delta, Model, demo};
use crate::config::{LocalModels, Registry};
use crate::tools::replace_private_file;

/// A longer file of remembered models is not read.
const LONGEST: u64 = 16 * 1024 * 1024;

/// With less context than this there is hardly room to work; worth a word.
const CRAMPED: u64 = 8192;

/// How local servers are asked, and where their answers are kept.
#[derive(Clone)]
pub struct LocalSearch {
    /// Asks.
    pub survey: Survey,
    /// Where what they said is kept.
    pub memory: PathBuf,
    /// Whether hosts other than this machine may be asked.
    pub may_leave: bool,
}

/// The file of remembered models.
#[derive(Default, Serialize, Deserialize)]
struct Memory {
    models: Vec<Model>,
}

/// What was remembered in this file; addresses are those of now, whatever it says.
pub fn recall(memory: &Path, registry: &Registry) -> LocalModels {
    let known = read(memory).into_iter().filter_map(|mut model| {
        let kind = registry.local_kind(&model.provider)?;
        let servers = registry.local_servers(kind);
        let is_at = |server: &&Server| server.base_url() == model.base_url;
        let server = servers.iter().find(is_at).or(servers.first())?;
        model.base_url = server.base_url();
        model.api = "openai-completions".into();
        model.headers.clear();
        Some(Arc::new(model))
    });
    LocalModels {
        known: known.collect(),
        ..LocalModels::default()
    }
}

impl LocalSearch {
    /// Asks these kinds of servers, as far as this registry looks for them, and returns what is known then.
    /// What has changed is remembered.
    pub async fn look(
        &self,
        registry: &Registry,
        kinds: &[Kind],
        stop: &CancellationToken,
    ) -> LocalModels {
        let looked_for = registry.local_kinds().into_iter();
        let kinds = looked_for.filter(|kind| kinds.contains(kind));
        let servers: Vec<Server> = kinds
            .flat_map(|kind| registry.local_servers(kind))
            .filter(|server| self.may_leave || server.is_loopback())
            .collect();
        let answers = self.survey.ask(&servers, stop).await;
        let mut local = registry.local().clone();
        let is_asked = |model: &Arc<Model>| {
            let mut kinds = servers.iter().map(|server| server.kind.id());
            kinds.any(|id| id == model.provider)
        };
        // Who does not answer now is not offered, and not forgotten.
        let (gone, kept) = local.present.into_iter().partition(is_asked);
        local.present = kept;
        let kinds: Vec<Kind> = servers.iter().map(|server| server.kind).collect();
        local
            .troubles
            .retain(|(server, _)| !kinds.contains(&server.kind));
        remember(&mut local.known, gone);
        let mut is_news = false;
        for (server, answer) in servers.iter().zip(answers) {
            let models = match answer {
                Ok(models) => models,
                Err(trouble) => {
                    local.troubles.push((server.clone(), trouble));
                    continue;
                }
            };
            if models.is_empty() {
                local.troubles.push((server.clone(), Trouble::Empty));
            }
            let at = server.base_url();
            let was: Vec<_> = local
                .known
                .iter()
                .filter(|it| it.base_url == at)
                .cloned()
                .collect();
            is_news |= was != models;
            local.known.retain(|it| it.base_url != at);
            local.known.extend(models.iter().cloned());
            remember(&mut local.present, models);
        }
        if is_news {
            self.keep(&local.known).await;
        }
        local
    }

    async fn keep(&self, known: &[Arc<Model>]) {
        let models = known.iter().map(|model| Model::clone(model)).collect();
        let path = self.memory.clone();
        let written = tokio::task::spawn_blocking(move || {
            let bytes = serde_json::to_vec(&Memory { models })?;
            replace_private_file(&path, |file| file.write_all(&bytes))
        });
        // It is asked again next time, and nothing is lost but that.
        if let Ok(Err(error)) = written.await {
            tracing::warn!(%error, "what local servers said was not kept");
        }
    }
}

fn read(path: &Path) -> Vec<Model> {
    let is_sane = fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= LONGEST);
    let bytes = is_sane.then(|| fs::read(path).ok()).flatten();
    let memory = bytes.and_then(|bytes| serde_json::from_slice::<Memory>(&bytes).ok());
    memory.unwrap_or_default().models
}

/// Adds what is not there yet.
fn remember(models: &mut Vec<Arc<Model>>, more: Vec<Arc<Model>>) {
    for model in more {
        let is_it = |known: &Arc<Model>| known.provider == model.provider && known.id == model.id;
        if !models.iter().any(is_it) {
            models.push(model);
        }
    }
}

impl Models {
    /// Asks local servers what they have, and offers it from now on.
    pub async fn look_for_local(&self, stop: &CancellationToken) {
        if let Some(search) = self.search() {
            let local = search.look(&self.registry(), &Kind::ALL, stop).await;
            self.set_local(local);
        }
    }

    /// The server that a model is at, when it is a local one.
    fn server_of(&self, model: &Model) -> Option<Server> {
        let registry = self.registry();
        let kind = registry.local_kind(&model.provider)?;
        let servers = registry.local_servers(kind);
        let at = |server: &Server| server.base_url() == model.base_url;
        servers.into_iter().find(at)
    }

    /// Looks at the model that is about to answer, when it is a local one: what its server gives it now
    /// counts. Whoever does not answer is found out by the request itself.
    pub(super) async fn look_at_chosen(
        &self,
        choice: &watch::Sender<Choice>,
        ledger: &Ledger,
        stop: &CancellationToken,
    ) {
        let model = choice.borrow().model.clone();
        let Some((search, server)) = self.search().zip(self.server_of(&model)) else {
            return;
        };
        if !search.may_leave && !server.is_loopback() {
            return;
        }
        let found = search.survey.ask_one(&server, Some(&model.id), stop).await;
        let Ok(models) = found else {
            return;
        };
        let Some(fresh) = models.into_iter().find(|fresh| fresh.id == model.id) else {
            return;
        };
        let mut local = self.registry().local().clone();
        for list in [&mut local.present, &mut local.known] {
            let is_it =
                |known: &&mut Arc<Model>| known.provider == fresh.provider && known.id == fresh.id;
            match list.iter_mut().find(is_it) {
                Some(known) => *known = fresh.clone(),
                None => list.push(fresh.clone()),
            }
        }
        self.set_local(local);
        // With what models.json changes.
        let Some(fresh) = self
            .find(&model.provider, &model.id)
            .filter(|it| *it != model)
        else {
            return;
        };
        let changed = choice.send_if_modified(|choice| {
            // The person may have chosen another one meanwhile.
            let is_it = choice.model.full_id() == fresh.full_id();
            if is_it {
                choice.thinking = fresh.clamp_thinking(choice.thinking);
                choice.model = fresh.clone();
            }
            is_it
        });
        if changed {
            let thinking = choice.borrow().thinking;
            ledger.update_view(|view| {
                view.model = fresh.clone();
                view.thinking = thinking;
            });
            let text = cramped(&fresh).filter(|_| fresh.context_window < model.context_window);
            if let Some(text) = text {
                let level = Level::Warning;
                ledger.publish(Event::Notice { level, text });
            }
        }
    }

    /// Says of a connection that did not come about that the server is not running, where that is so.
    pub(super) fn explaining(
        self: &Arc<Self>,
        model: &Model,
        stream: BoxStream<'static, Delta>,
    ) -> BoxStream<'static, Delta> {
        let Some((search, server)) = self.search().cloned().zip(self.server_of(model)) else {
            return stream;
        };
        let (models, provider) = (self.clone(), model.provider.clone());
        stream
            .then(move |delta| {
                let (search, server) = (search.clone(), server.clone());
                let (models, provider) = (models.clone(), provider.clone());
                async move {
                    let Delta::Done(message) = &delta else {
                        return delta;
                    };
                    let failed = Failure::of(message).map(|failure| failure.kind);
                    if failed != Some(Why::Connection) {
                        return delta;
                    }
                    let stop = CancellationToken::new();
                    let found = search.survey.ask_one(&server, Some(""), &stop).await;
                    if found != Err(Trouble::Nobody) {
                        return delta;
                    }
                    let mut message = (**message).clone();
                    let others = models.others(&provider);
                    message.error_message =
                        Some(format!("{}{others}", Trouble::Nobody.tell(&server)));
                    message.failure = Some(Failure::new(Why::Absent));
                    Delta::Done(Arc::new(message))
                }
            })
            .boxed()
    }

    /// Who could answer instead.
    fn others(&self, provider: &str) -> String {
        let choices = self.choices();
        let mut names: Vec<String> = Vec::new();
        for model in choices {
            let is_new = !names
                .iter()
                .any(|name| name.starts_with(&format!("{}/", model.provider)));
            if model.provider != provider && model.provider != demo::PROVIDER && is_new {
                names.push(model.full_id());
            }
        }
        names.truncate(3);
        match names.is_empty() {
            true => ".".into(),
            false => format!(
                ", or choose another model with /model or --model: {}.",
                names.join(", ")
            ),
        }
    }
}

/// What a person who is about to work with this local model should know.
pub fn caution(model: &Model) -> Option<String> {
    Kind::of(&model.provider)?;
    if !model.takes_tools() {
        return Some(format!(
            "{} takes no tools: it can talk, but not read or change files",
            model.id
        ));
    }
    cramped(model)
}

fn cramped(model: &Model) -> Option<String> {
    let kind = Kind::of(&model.provider)?;
    if model.context_window >= CRAMPED {
        return None;
    }
    let how = match kind {
        Kind::Ollama => "start it with OLLAMA_CONTEXT_LENGTH=32768",
        Kind::LlamaCpp => "start it with -c 32768",
        Kind::LmStudio => "load the model with a larger context there",
        Kind::Vllm => "start it with --max-model-len 32768",
    };
    Some(format!(
        "{} gives {} {} tokens of context, which is little for this work; {how}",
        kind.name(),
        model.id,
        model.context_window
    ))
}
