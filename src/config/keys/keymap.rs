//! The keys in force: every action with its default keys or with the user's.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use super::chord::KeyChord;
use super::renamed::present_id;
use super::table::{self, Group};
use crate::config::jsonc::{Document, kind_of};
use crate::config::problem::Problem;

/// The keys in force.
#[derive(Debug, Clone)]
pub struct Keymap {
    keys: HashMap<String, Vec<KeyChord>>,
}

impl Keymap {
    /// The default keys.
    pub fn defaults() -> Self {
        let actions = table::groups().iter().flat_map(|group| &group.actions);
        Keymap {
            keys: actions
                .map(|action| (action.id.clone(), action.defaults()))
                .collect(),
        }
    }

    /// The default keys with those of a `keybindings.json` in their place. A key that is named there
    /// replaces all defaults of its action; an empty list leaves the action without a key. Whatever
    /// cannot be understood is reported and keeps its default; a missing file is no problem.
    pub fn load(file: &Path) -> (Self, Vec<Problem>) {
        let mut keymap = Self::defaults();
        let document = match Document::read(file) {
            Ok(document) => document,
            Err(problem) => return (keymap, vec![problem]),
        };
        let mut problems = Vec::new();
        let mut chosen: Vec<(&str, String)> = Vec::new();
        for (name, value) in document.root() {
            if name == "$schema" {
                continue;
            }
            let id = present_id(name).unwrap_or_else(|| name.clone());
            // The present name wins over an old name of the same action.
            if id != *name && document.root().contains_key(&id) {
                continue;
            }
            if !keymap.keys.contains_key(&id) {
                problems.push(document.problem(&[name], "there is no such action"));
                continue;
            }
            let keys = match read_keys(&document, name, value, &mut problems) {
                Some(keys) => keys,
                None => continue,
            };
            keymap.keys.insert(id.clone(), keys);
            chosen.push((name, id));
        }
        problems.extend(keymap.conflicts(&document, &chosen));
        (keymap, problems)
    }

    /// All actions in groups, with their default keys and what they do, in the order to show them.
    pub fn groups() -> &'static [Group] {
        table::groups()
    }

    /// The keys of an action, the preferred one first; empty when it has none or does not exist.
    pub fn action_keys(&self, id: &str) -> &[KeyChord] {
        self.keys.get(id).map_or(&[], Vec::as_slice)
    }

    /// Whether `chord` is one of the keys of an action.
    pub fn matches(&self, id: &str, chord: KeyChord) -> bool {
        self.action_keys(id).contains(&chord.normal())
    }

    /// The keys of an action for people: `ctrl+c/escape`; empty when it has none.
    pub fn describe(&self, id: &str) -> String {
        let keys: Vec<String> = self
            .action_keys(id)
            .iter()
            .map(KeyChord::to_string)
            .collect();
        keys.join("/")
    }

    // Only what the user chose can be a conflict: the defaults share keys on purpose.
    fn conflicts(&self, document: &Document, chosen: &[(&str, String)]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (index, (name, id)) in chosen.iter().enumerate() {
            for (_, other) in &chosen[..index] {
                if scope_of(id) != scope_of(other) {
                    continue;
                }
                for key in self.action_keys(id) {
                    if self.action_keys(other).contains(key) {
                        let message = format!("{key} is also the key of {other}");
                        problems.push(document.problem(&[name], message));
                    }
                }
            }
        }
        problems
    }
}

impl Default for Keymap {
    fn default() -> Self {
        Self::defaults()
    }
}

fn scope_of(id: &str) -> Option<&'static str> {
    let holds = |group: &&Group| group.actions.iter().any(|action| action.id == id);
    let group = table::groups().iter().find(holds);
    group.map(|group| group.scope.as_str())
}

fn read_keys(
    document: &Document,
    name: &str,
    value: &Value,
    problems: &mut Vec<Problem>,
) -> Option<Vec<KeyChord>> {
    let listed = match value {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    let mut keys: Vec<KeyChord> = Vec::new();
    let mut bad = false;
    for (index, item) in listed.iter().enumerate() {
        let index = index.to_string();
        let path: &[&str] = if value.is_array() {
            &[name, &index]
        } else {
            &[name]
        };
        let problem = match item {
            Value::String(text) => match text.parse::<KeyChord>() {
                Ok(key) if keys.contains(&key) => continue,
                Ok(key) => {
                    keys.push(key);
                    continue;
                }
                Err(error) => error.to_string(),
            },
            other => format!("should be a key as a string, is {}", kind_of(other)),
        };
        bad = true;
        problems.push(document.problem(path, problem));
    }
    // With nothing usable left, the default is kinder than an action that cannot be reached.
    (!bad || !keys.is_empty()).then_some(keys)
}
