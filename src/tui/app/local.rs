//! Servers on this machine: asked once somebody is to choose from them, never before the first screen.

use std::sync::Arc;

use super::App;
use crate::ai::Model;
use crate::ai::local::{Kind, Server, Trouble};
use crate::session::Command;
use crate::tui::footer::short_count;
use crate::tui::look::Token;
use crate::tui::msg::{Asked, Effect};
use crate::tui::panels::{Choice, Item, ListPanel, TextPanel};

impl App {
    /// What is to be done once the first screen stands.
    pub fn shown(&self) -> Vec<Effect> {
        let asks = self.settings.welcome && self.view.demo && self.panel.is_some();
        match asks {
            true => ask(Asked::LocalModels),
            false => Vec::new(),
        }
    }

    /// Tells the open panel what there is.
    pub(super) fn offer_local(&mut self, models: &[Arc<Model>], troubles: &[(Server, Trouble)]) {
        if let Some(open) = &mut self.panel {
            open.panel.offer(models, troubles);
        }
    }

    /// Which of the local models is to answer; where there is none, how to have one.
    pub(super) fn choose_local(&mut self, models: &[Arc<Model>], troubles: &[(Server, Trouble)]) {
        let local = models
            .iter()
            .filter(|model| Kind::of(&model.provider).is_some());
        let items: Vec<Item> = local
            .map(|model| {
                let tools = if model.takes_tools() {
                    ""
                } else {
                    " · no tools"
                };
                let window = short_count(model.context_window);
                Item {
                    label: model.id.clone(),
                    detail: format!("{}{tools} · {window}", model.provider),
                    current: model.full_id() == self.view.model.full_id(),
                    choice: Choice::Model {
                        provider: model.provider.clone(),
                        id: model.id.clone(),
                    },
                }
            })
            .collect();
        if items.is_empty() {
            let news = troubles.iter().filter(|(server, why)| why.is_news(server));
            let mut lines: Vec<(String, Token)> = news
                .map(|(server, why)| (why.tell(server), Token::Warning))
                .collect();
            let begin = match lines.is_empty() {
                true => "No server on this machine has answered. Start one of these:",
                false => "Otherwise start one of these:",
            };
            if !lines.is_empty() {
                lines.push((String::new(), Token::Text));
            }
            let how = [begin].into_iter().chain(how());
            lines.extend(how.map(|line| (line.to_owned(), Token::Text)));
            self.open(TextPanel::new("Use a local server", lines));
        } else {
            self.open(ListPanel::new("Which local model answers?", "", items, ""));
        }
    }
}

/// Asks local servers; for what, decides what is done with the answer.
pub(super) fn ask(asked: Asked) -> Vec<Effect> {
    vec![Effect::Send(Command::LocalModels, asked)]
}

/// How to have a local server.
fn how() -> [&'static str; 10] {
    [
        "",
        "  Ollama      ollama serve        (then: ollama pull qwen3)",
        "  llama.cpp   llama-server -m model.gguf --jinja -c 32768",
        "  LM Studio   lms server start",
        "  vLLM        vllm serve MODEL",
        "",
        "Then /model lists its models: nothing has to be configured. For other",
        "addresses set OLLAMA_HOST, LLAMA_BASE_URL, LMSTUDIO_BASE_URL or",
        "VLLM_BASE_URL; for other servers write a models.json.",
        "More: docs/local-models.md.",
    ]
}
