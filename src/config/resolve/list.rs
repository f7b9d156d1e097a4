//! `--list-models`: the models that can be used, as a table.

use std::sync::Arc;

use unicode_width::UnicodeWidthStr;

use super::collate::collate;
use super::fuzzy;
use super::pattern::known_provider;
use super::saved::nobody;
use super::scope::{by_glob, is_glob};
use crate::ai::Model;
use crate::ai::local::Kind;
use crate::config::models::Registry;
use crate::tools::sanitize_line;

const HEADER: [&str; 6] = [
    "provider", "model", "context", "max-out", "thinking", "images",
];

/// There is no such provider; in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted(pub String);

/// The table of the models that can be used, of one provider if it is named, those that match `search` if
/// there is one, ordered by provider and id; every line ends with a newline. In place of an empty table, a
/// line that says so. A search with `*`, `?` or `[` is a pattern as `--models` takes it; of any other its
/// words count as they stand, and letters in their order where nothing has them so.
pub fn list_models(
    registry: &Registry,
    provider: Option<&str>,
    search: Option<&str>,
) -> Result<String, Unlisted> {
    let mut models = registry.available();
    if let Some(named) = provider {
        let known = known_provider(registry, named);
        let Some(known) =
            known.or_else(|| Some(Kind::of(&named.trim().to_lowercase())?.id().into()))
        else {
            return Err(Unlisted(nobody(registry, named)));
        };
        models.retain(|model| model.provider == known);
        if models.is_empty() {
            let why = match registry.local_kind(&known) {
                Some(_) => Some(nobody(registry, &known)),
                None => registry.why_locked(&known),
            };
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            let known = printable(&known);
            return Ok(format!("No models of {known} can be used{why}.\n"));
        }
    }
    Ok(listed(models, search.unwrap_or_default()))
}

fn listed(models: Vec<Arc<Model>>, query: &str) -> String {
    if models.is_empty() {
        return "No models available. Set an API key (such as ANTHROPIC_API_KEY), connect a provider with /login in \
                the terminal or pi auth login, start a server of models, or add a provider to models.json.\n"
            .to_owned();
    }
    let mut models = matching(models, query);
    if models.is_empty() {
        return format!("No models match \"{}\".\n", printable(query));
    }
    models.sort_by(|one, other| {
        collate(&one.provider, &other.provider).then_with(|| collate(&one.id, &other.id))
    });
    table(&models)
}

fn matching(models: Vec<Arc<Model>>, query: &str) -> Vec<Arc<Model>> {
    if is_glob(query) {
        let found = by_glob(query.trim(), &models).into_iter();
        return found.map(|scoped| scoped.model).collect();
    }
    let words = query.to_lowercase();
    let has_all = |model: &&Arc<Model>| {
        let text = format!("{} {} {0}/{1}", model.provider, model.id).to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    };
    let having: Vec<Arc<Model>> = models.iter().filter(has_all).cloned().collect();
    match having.is_empty() {
        false => having,
        true => fuzzy::filter(models, query, |model| {
            format!("{} {}", model.provider, model.id)
        }),
    }
}

fn table(models: &[Arc<Model>]) -> String {
    let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let rows = models.iter().map(|model| {
        [
            printable(&model.provider),
            printable(&model.id),
            tokens(model.context_window),
            tokens(model.max_tokens),
            yes(model.reasoning),
            yes(model.reads_images()),
        ]
    });
    let rows: Vec<[String; 6]> = std::iter::once(HEADER.map(str::to_owned))
        .chain(rows)
        .collect();
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width())))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Ids come from files: nothing in them may steer the terminal.
fn printable(text: &str) -> String {
    sanitize_line(text).into_owned()
}

/// `200000` is `200K`, `1050000` is `1.1M`.
fn tokens(count: u64) -> String {
    for (unit, name) in [(1_000_000, "M"), (1_000, "K")] {
        if count >= unit {
            let scaled = count as f64 / unit as f64;
            return match count % unit {
                0 => format!("{}{name}", count / unit),
                _ => format!("{scaled:.1}{name}"),
            };
        }
    }
    count.to_string()
}
