//! `--list-models`: the models that can be used, as a table.

use std::sync::Arc;

use unicode_width::UnicodeWidthStr;

use super::collate::collate;
use super::fuzzy;
use crate::ai::Model;
use crate::config::models::Registry;
use crate::tools::sanitize_line;

const HEADER: [&str; 6] = [
    "provider", "model", "context", "max-out", "thinking", "images",
];

/// The table of the models that can be used, those that match `search` if there is one, ordered by
/// provider and id; every line ends with a newline. In place of an empty table, a line that says so.
pub fn list_models(registry: &Registry, search: Option<&str>) -> String {
    let models = registry.available();
    if models.is_empty() {
        return "No models available. Set an API key (such as ANTHROPIC_API_KEY), connect a provider with /login in \
                the terminal or pi auth login, start a server of models, or add a provider to models.json.\n"
            .to_owned();
    }
    let query = search.unwrap_or_default();
    let mut models = fuzzy::filter(models, query, |model| {
        format!("{} {}", model.provider, model.id)
    });
    if models.is_empty() {
        return format!("No models match \"{query}\".\n");
    }
    models.sort_by(|one, other| {
        collate(&one.provider, &other.provider).then_with(|| collate(&one.id, &other.id))
    });
    table(&models)
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
