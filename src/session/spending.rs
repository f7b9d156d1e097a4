//! What a session has taken by who answered. The sums of a session do not say it, so every answer is
//! looked at, beside the conversation.

use tokio::sync::oneshot;

use super::actor::Actor;
use super::command::{ModelSpend, Reply};
use crate::store::{Kind, Role, usage_of};

/// Who wrote a summary is not in the file.
const SUMMARIES: &str = "summaries";

impl Actor {
    /// Tokens and money by model, of every branch; what took most comes first.
    pub(super) fn spending(&self, reply: oneshot::Sender<Reply>) {
        self.beside(reply, |reader| {
            let places: Vec<u32> = reader.look(|store| {
                let nodes = store.tree().nodes().iter().zip(0u32..);
                let answers = nodes.filter(|(node, _)| {
                    node.role == Role::Assistant
                        || matches!(node.kind, Kind::Compaction | Kind::BranchSummary)
                });
                answers.map(|(_, index)| index).collect()
            })?;
            let mut all: Vec<ModelSpend> = Vec::new();
            reader.each(&places, |store, index| {
                let Some(entry) = store.entry_at(index) else {
                    return;
                };
                let message = entry.get("message").unwrap_or(&entry);
                let Some(usage) = message.get("usage").map(usage_of) else {
                    return;
                };
                let text = |name: &str| message.get(name).and_then(|text| text.as_str());
                let model = match (text("provider"), text("model")) {
                    (None, None) => SUMMARIES.to_owned(),
                    (provider, model) => format!(
                        "{}/{}",
                        provider.unwrap_or_default(),
                        model.unwrap_or_default()
                    ),
                };
                let known = all.iter_mut().find(|spend| spend.model == model);
                match known {
                    Some(spend) => {
                        spend.answers += 1;
                        spend.usage.add(&usage);
                    }
                    None => all.push(ModelSpend {
                        model,
                        answers: 1,
                        usage,
                    }),
                }
            })?;
            all.sort_by(|one, other| {
                let cost = other.usage.cost.total.total_cmp(&one.usage.cost.total);
                cost.then(other.answers.cmp(&one.answers))
            });
            Ok(Reply::Spending(all))
        });
    }
}
