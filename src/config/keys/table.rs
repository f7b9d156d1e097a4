//! The embedded table of actions: `keybindings.toml` at the root of the project.

use std::sync::LazyLock;

use serde::Deserialize;

use super::chord::KeyChord;

/// The source of the table.
const SOURCE: &str = include_str!("../../../keybindings.toml");

/// Actions that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// For people.
    pub title: String,
    /// Where the keys are heard: `editor`, `select`, `transcript`, `search`, `app`, `sessions`,
    /// `tree` or `models`. Within one scope a key should mean one thing.
    pub scope: String,
    /// In the order in which they are shown.
    pub actions: Vec<Action>,
}

/// Something that a key can start.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Action {
    /// The name in `keybindings.json`, such as `app.model.select`.
    pub id: String,
    /// The default keys, as they are written in files.
    pub keys: Vec<String>,
    /// The default keys on Windows, when they differ.
    pub windows: Option<Vec<String>>,
    /// What it does, for people.
    pub does: String,
}

#[derive(Debug, Default, Deserialize)]
struct Table {
    group: Vec<Group>,
}

// A test holds that the embedded table parses; a reader of it never has to handle that it does not.
static TABLE: LazyLock<Table> = LazyLock::new(|| toml::from_str(SOURCE).unwrap_or_default());

/// All groups, in the order of the file.
pub(super) fn groups() -> &'static [Group] {
    &TABLE.group
}

impl Action {
    /// The default keys on this platform.
    pub fn defaults(&self) -> Vec<KeyChord> {
        let keys = match &self.windows {
            Some(windows) if cfg!(windows) => windows,
            _ => &self.keys,
        };
        keys.iter().filter_map(|key| key.parse().ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_embedded_table_parses_whole() {
        let table: Table = toml::from_str(SOURCE).unwrap();
        let actions: Vec<&Action> = table
            .group
            .iter()
            .flat_map(|group| &group.actions)
            .collect();
        assert_eq!(actions.len(), 90);
        let ids: HashSet<&str> = actions.iter().map(|action| action.id.as_str()).collect();
        assert_eq!(ids.len(), 90);
        for action in actions {
            for key in action.keys.iter().chain(action.windows.iter().flatten()) {
                assert!(key.parse::<KeyChord>().is_ok(), "{}: {key}", action.id);
            }
            assert!(!action.does.is_empty(), "{}", action.id);
        }
    }
}
