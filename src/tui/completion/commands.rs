//! Commands and what may follow them.

use std::sync::Arc;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};

use super::{Before, Call, Facts, Item, Offer, Then, Trigger, What};
use crate::ai::Model;
use crate::tui::slash::{self, COMMANDS, SlashAction, SlashCommand};

/// `/` at the very beginning.
pub struct Commands;

impl Trigger for Commands {
    fn call(&self, before: &Before<'_>, _facts: &Facts<'_>) -> Option<Call> {
        if !before.is_first {
            return None;
        }
        let items: Vec<Item> = slash::complete(before.line).iter().map(command).collect();
        (!items.is_empty()).then_some(Call {
            start: 0,
            offer: Offer::Items(items),
        })
    }
}

fn command(command: &SlashCommand) -> Item {
    let label = format!("/{} {}", command.name, command.arguments);
    Item {
        value: format!("/{}", command.name),
        label: label.trim_end().to_owned(),
        detail: command.does.to_owned(),
        then: match command.arguments.starts_with('<') {
            true => Then::More,
            false => Then::Run,
        },
    }
}

/// What follows a command.
pub struct Arguments;

impl Trigger for Arguments {
    fn call(&self, before: &Before<'_>, facts: &Facts<'_>) -> Option<Call> {
        if !before.is_first {
            return None;
        }
        let (name, typed) = before.line.strip_prefix('/')?.split_once(' ')?;
        let command = COMMANDS.iter().find(|command| command.name == name)?;
        let start = before.line.len() - typed.len();
        let offer = match command.action {
            SlashAction::Thinking => {
                let words = facts.thinking.iter().map(|level| Item {
                    value: level.as_str().to_owned(),
                    label: level.as_str().to_owned(),
                    detail: String::new(),
                    then: Then::Word,
                });
                Offer::Items(like(typed, words.collect()))
            }
            SlashAction::Model => match facts.models {
                Some(models) => Offer::Items(like(typed, models.iter().map(model).collect())),
                None => Offer::Models,
            },
            // What is imported is there already; what is exported need not be.
            SlashAction::Import => {
                let token = before.token();
                let words = token.path.to_owned();
                return Some(Call {
                    start: token.start.max(start),
                    offer: Offer::Lookup(What::Folder(words, before.style(&token))),
                });
            }
            _ => return None,
        };
        Some(Call { start, offer })
    }
}

fn model(model: &Arc<Model>) -> Item {
    Item {
        value: model.full_id(),
        label: model.id.clone(),
        detail: model.provider.clone(),
        then: Then::Word,
    }
}

/// Those that the words fit, the best first; all of them without words.
fn like(words: &str, items: Vec<Item>) -> Vec<Item> {
    let words = words.trim();
    if words.is_empty() {
        return items;
    }
    struct Candidate(Item, String);
    impl AsRef<str> for Candidate {
        fn as_ref(&self) -> &str {
            &self.1
        }
    }
    // Whoever was typed first, provider or model.
    let words = words.replace('/', " ");
    let pattern = Pattern::parse(&words, CaseMatching::Ignore, Normalization::Smart);
    let texts = items.into_iter().map(|item| {
        let text = format!("{} {}", item.label, item.detail);
        Candidate(item, text)
    });
    let found = pattern.match_list(texts, &mut Matcher::new(Config::DEFAULT));
    let mut items: Vec<Item> = found.into_iter().map(|(item, _)| item.0).collect();
    // What was typed whole is meant.
    items.sort_by_key(|item| item.label != words && item.value != words);
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::ThinkingLevel;

    fn labels(line: &str) -> Vec<String> {
        let before = Before {
            line,
            is_first: true,
            is_shell: false,
            is_asked: false,
        };
        let facts = Facts {
            thinking: &[ThinkingLevel::Off, ThinkingLevel::Low, ThinkingLevel::High],
            models: None,
        };
        let call = Arguments.call(&before, &facts);
        match call.map(|call| call.offer) {
            Some(Offer::Items(items)) => items.into_iter().map(|item| item.label).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn thinking_is_followed_by_the_levels_that_the_model_has() {
        assert_eq!(labels("/thinking "), ["off", "low", "high"]);
        assert_eq!(labels("/thinking h"), ["high"]);
        assert_eq!(labels("/thinking x"), [""; 0]);
        assert_eq!(labels("/name "), [""; 0]);
        assert_eq!(labels("thinking "), [""; 0]);
    }
}
