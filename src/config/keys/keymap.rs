//! The keys in force: every action with its default keys or with the user's.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use super::chord::KeyChord;
use super::renamed::present_id;
use super::table::{self, Group, Platform};
use crate::config::jsonc::{Document, kind_of};
use crate::config::problem::Problem;

/// The keys in force.
#[derive(Debug, Clone)]
pub struct Keymap {
    keys: HashMap<String, Vec<KeyChord>>,
    platform: Platform,
}

impl Keymap {
    /// The default keys.
    pub fn defaults() -> Self {
        Self::defaults_on(Platform::default())
    }

    /// The default keys of a platform.
    pub fn defaults_on(platform: Platform) -> Self {
        let actions = table::groups().iter().flat_map(|group| &group.actions);
        Keymap {
            keys: actions
                .map(|action| (action.id.clone(), action.defaults(platform)))
                .collect(),
            platform,
        }
    }

    /// The default keys with those of a `keybindings.json` in their place. A key that is named there
    /// replaces all defaults of its action; an empty list leaves the action without a key. Whatever
    /// cannot be understood is reported and keeps its default; a missing file is no problem.
    pub fn load(file: &Path) -> (Self, Vec<Problem>) {
        Self::load_on(file, Platform::default())
    }

    /// The same over the default keys of a platform.
    pub fn load_on(file: &Path, platform: Platform) -> (Self, Vec<Problem>) {
        let mut keymap = Self::defaults_on(platform);
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

    /// What the file says now, on the same platform.
    pub fn again(&self, file: &Path) -> (Self, Vec<Problem>) {
        Self::load_on(file, self.platform)
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

    /// Keys that mean two things at one place since the user chose them. The defaults share some keys on
    /// purpose.
    fn conflicts(&self, document: &Document, chosen: &[(&str, String)]) -> Vec<Problem> {
        let defaults = Self::defaults_on(self.platform);
        let mut problems = Vec::new();
        for (index, (name, id)) in chosen.iter().enumerate() {
            let is_later = |other: &str| chosen[index..].iter().any(|(_, id)| id == other);
            for other in neighbours(id) {
                // Of two that were chosen, the later one is told.
                if is_later(other) {
                    continue;
                }
                for key in self.action_keys(id) {
                    let meets = self.action_keys(other).contains(key);
                    let on_purpose = [id, other].iter().all(|id| defaults.matches(id, *key));
                    if meets && !on_purpose {
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

/// All actions whose keys are heard where those of `id` are.
fn neighbours(id: &str) -> impl Iterator<Item = &'static str> {
    let holds = |group: &&Group| group.actions.iter().any(|action| action.id == id);
    let scope = table::groups().iter().find(holds).map(|group| &group.scope);
    let near = table::groups()
        .iter()
        .filter(move |group| Some(&group.scope) == scope);
    near.flat_map(|group| group.actions.iter().map(|action| action.id.as_str()))
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
