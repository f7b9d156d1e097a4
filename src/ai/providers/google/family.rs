//! What Google's models differ in, told by their ids: how they are told to think, whether calls have
//! ids, whether results may hold pictures.
//!
//! Sources: the pages "Gemini thinking", "Function calling" and "Gemini 3" of ai.google.dev.

use crate::ai::model::Model;

/// How a model is told how hard to think.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dial {
    /// By a word: Gemini 3 and later, Gemma 4.
    Level,
    /// By a count of tokens.
    Budget(Budgets),
}

/// Counts of tokens for minimal, low, medium and high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// Per level; `None` lets the model decide.
    pub levels: Option<[u64; 4]>,
    /// What "off" is: some models always think a little.
    pub least: u64,
}

/// How `model` is told how hard to think.
pub fn dial(model: &Model) -> Dial {
    let id = model.id.to_ascii_lowercase();
    let budgets = |levels, least| Dial::Budget(Budgets { levels, least });
    if id.contains("2.5-pro") {
        return budgets(Some([128, 2048, 8192, 32_768]), 128);
    }
    if id.contains("2.5-flash-lite") {
        return budgets(Some([512, 2048, 8192, 24_576]), 0);
    }
    if id.contains("2.5-flash") {
        return budgets(Some([128, 2048, 8192, 24_576]), 0);
    }
    // A catalogue that names levels knows that the model takes them.
    let named = model.thinking_level_map.values().any(Option::is_some);
    let gemma = id.contains("gemma-4") || id.contains("gemma4");
    if named || gemma || number_behind(&id, "gemini-").is_some_and(|major| major >= 3) {
        return Dial::Level;
    }
    budgets(None, 0)
}

/// Whether calls and their results carry ids. Models before Gemini 3 match them by order.
pub fn has_call_ids(id: &str) -> bool {
    let others = id.starts_with("claude-") || id.starts_with("gpt-oss-");
    others || generation(id).is_some_and(|major| major >= 3)
}

/// Whether the result of a call may hold pictures.
pub fn takes_images_in_results(id: &str) -> bool {
    generation(id).is_none_or(|major| major >= 3)
}

/// The 3 of `gemini-3.1-pro`; `None` for what is no Gemini, and for names such as `gemini-flash-latest`.
fn generation(id: &str) -> Option<u32> {
    let id = id.to_ascii_lowercase();
    let rest = id.strip_prefix("gemini-")?;
    leading_number(rest.strip_prefix("live-").unwrap_or(rest))
}

fn number_behind(id: &str, name: &str) -> Option<u32> {
    let at = id.find(name)? + name.len();
    leading_number(id.get(at..)?)
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::catalog;

    #[test]
    fn every_listed_model_that_names_levels_is_told_a_level_and_the_others_a_budget() {
        for provider in ["google", "google-vertex"] {
            for model in catalog::models(provider) {
                let is_level = dial(model) == Dial::Level;
                let maps = !model.thinking_level_map.is_empty();
                assert_eq!(is_level, maps, "{}", model.full_id());
            }
        }
    }

    #[test]
    fn ids_tell_what_calls_and_results_are_like() {
        for (id, ids, images) in [
            ("gemini-2.5-flash", false, false),
            ("gemini-3.1-pro-preview", true, true),
            ("gemini-live-4-x", true, true),
            ("gemini-10-x", true, true),
            ("gemini-flash-latest", false, true),
            ("gemma-4-31b-it", false, true),
            ("claude-x", true, true),
            ("gemini-", false, true),
            ("gemini-99999999999", false, true),
        ] {
            assert_eq!(has_call_ids(id), ids, "{id}");
            assert_eq!(takes_images_in_results(id), images, "{id}");
        }
    }
}
