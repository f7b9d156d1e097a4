//! What is known of a session as a whole: the head of every document.

use super::clean::{Clean, Cleaner};
use crate::store::entry::Kind;
use crate::store::totals::grouped;
use crate::store::{Store, time};

/// What is known of the session as a whole.
pub(super) fn facts(store: &Store, cleaner: &Cleaner<'_>) -> Vec<(&'static str, Clean<'static>)> {
    let (totals, mut facts) = (store.totals(), Vec::new());
    let mut fact = |name, value: &str| {
        if !value.is_empty() {
            facts.push((name, cleaner.line(value)));
        }
    };
    fact("Session", store.id());
    fact("Name", store.name().unwrap_or_default());
    fact("Directory", &store.cwd().to_string_lossy());
    fact("Begun", &store.header().timestamp);
    let last = store.tree.nodes().iter().map(|node| node.time).max();
    fact("Last entry", &last.map(time::format).unwrap_or_default());
    fact("Models", &models(store).join(", "));
    let counts = &totals.counts;
    fact(
        "Messages",
        &format!(
            "{} by the person, {} by the model, {} tool calls",
            grouped(counts.user as u64),
            grouped(counts.assistant as u64),
            grouped(counts.tool_calls as u64),
        ),
    );
    let usage = &totals.usage;
    fact(
        "Tokens",
        &format!(
            "{} in, {} out, {} read from cache, {} written to cache",
            grouped(usage.input),
            grouped(usage.output),
            grouped(usage.cache_read),
            grouped(usage.cache_write),
        ),
    );
    fact("Cost", &format!("${:.4}", usage.cost.total));
    facts
}

/// The models that were chosen, in order, each once.
fn models(store: &Store) -> Vec<String> {
    let mut models: Vec<String> = Vec::new();
    let mut add = |model: String| {
        if !models.contains(&model) && models.len() < 50 {
            models.push(model);
        }
    };
    let changes = store.tree.nodes().iter();
    for node in changes.filter(|node| node.kind == Kind::ModelChange) {
        let Some(entry) = store.log.value(node.span()) else {
            continue;
        };
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        add(format!("{}/{}", text("provider"), text("modelId")));
    }
    if let Some(model) = store.model() {
        add(format!("{}/{}", model.provider, model.id));
    }
    models
}
