//! The embedded table of actions: `keybindings.toml` at the root of the project.

use std::sync::LazyLock;

use serde::Deserialize;

use super::chord::KeyChord;
use crate::config::paths::Env;

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
    /// The default keys on Windows and below WSL, when they differ.
    pub windows: Option<Vec<String>>,
    /// The default keys below WSL, when they differ from those too.
    pub wsl: Option<Vec<String>>,
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

/// Where the keyboard is, as far as default keys differ by it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Platform {
    /// Linux, macOS and their like.
    #[default]
    Unix,
    /// Windows itself.
    Windows,
    /// Linux below Windows, whose terminals keep some keys for themselves.
    Wsl,
}

impl Platform {
    /// What this program was built for, and what the environment says.
    pub fn of(env: &Env) -> Self {
        let below_windows = || env.get("WSL_DISTRO_NAME").or(env.get("WSL_INTEROP"));
        match () {
            () if cfg!(windows) => Platform::Windows,
            () if cfg!(target_os = "linux") && below_windows().is_some() => Platform::Wsl,
            () => Platform::Unix,
        }
    }
}

impl Action {
    /// The default keys on a platform.
    pub fn defaults(&self, platform: Platform) -> Vec<KeyChord> {
        let keys = match platform {
            Platform::Unix => None,
            Platform::Windows => self.windows.as_ref(),
            Platform::Wsl => self.wsl.as_ref().or(self.windows.as_ref()),
        };
        let keys = keys.unwrap_or(&self.keys);
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
        assert_eq!(actions.len(), 92);
        let ids: HashSet<&str> = actions.iter().map(|action| action.id.as_str()).collect();
        assert_eq!(ids.len(), 92);
        for action in actions {
            let elsewhere = action.windows.iter().chain(&action.wsl).flatten();
            for key in action.keys.iter().chain(elsewhere) {
                assert!(key.parse::<KeyChord>().is_ok(), "{}: {key}", action.id);
            }
            assert!(!action.does.is_empty(), "{}", action.id);
        }
    }
}
