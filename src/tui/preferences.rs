//! What the person chose, as the terminal asks for it and changes it: never on the thread that hears keys.
//!
//! The terminal does not know where settings, keys, themes or decisions of trust are; whoever begins it
//! hands [`Preferences`] in. One request is answered before the next is taken up, so that changes are made
//! in the order of the keys.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::app;
use super::run::Farewell;
use crate::config::resolve::ScopedModel;
use crate::config::trust::Decision;
use crate::session::Renewal;

/// Settings and what belongs to them. The methods read and write files; failures come in words.
pub trait Preferences: Send + Sync {
    /// Every setting as it is now, and what can be chosen from.
    fn standing(&self) -> Standing;

    /// Makes changes in the files of settings: in the project's what the project sets, else in the
    /// person's own.
    fn set(&self, changes: &[Change]) -> Result<Fresh, String>;

    /// Reads everything again, for a conversation in `cwd`.
    fn reload(&self, cwd: &Path) -> Reloaded;

    /// Whether the project is trusted, and why.
    fn trust(&self) -> Trust;

    /// Remembers what the person says of the project; nothing is read anew by it.
    fn decide(&self, decision: Decision) -> Result<(), String>;
}

/// How a setting stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Its value; `None` when nothing is set and there is no value without it.
    pub value: Option<Value>,
    /// Who says so.
    pub source: Source,
}

/// Who says what a setting is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nobody: it is the default.
    Default,
    /// The person's own file.
    User,
    /// The project's file.
    Project,
    /// A flag or an environment variable of this run; it wins over the files.
    Run(String),
}

/// All settings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// By name; a dot leads into an object.
    pub held: BTreeMap<String, Held>,
    /// The themes that there are.
    pub themes: Vec<String>,
    /// Patterns of `enabledModels` that mean no model that can be used.
    pub unmatched: Vec<String>,
}

/// A change of a setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The keys that lead to it.
    pub path: Vec<String>,
    /// The new value; `None` for the default.
    pub value: Option<Value>,
}

impl Change {
    /// A change of the setting of that name (`a.b` is nested).
    pub fn of(name: &str, value: Option<Value>) -> Self {
        Change {
            path: name.split('.').map(str::to_owned).collect(),
            value,
        }
    }
}

/// What settings come to.
#[derive(Clone)]
pub struct Fresh {
    /// For the app.
    pub settings: app::Settings,
    /// Whether the colours may have changed.
    pub redress: bool,
    /// For the loop.
    pub habits: Habits,
    /// For the conversation, when something of it may have changed.
    pub renewal: Option<Box<Renewal>>,
    /// What cycling goes round, when that has changed.
    pub scope: Option<Vec<ScopedModel>>,
}

/// What the settings say to the terminal's loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habits {
    /// The external editor's command line.
    pub editor: Option<String>,
    /// What is left on the shell's screen at the end.
    pub farewell: Farewell,
    /// Rows that one notch of the wheel scrolls; by its speed when not set.
    pub wheel: Option<i32>,
}

/// What reading everything again came to.
#[derive(Clone)]
pub struct Reloaded {
    /// What holds now.
    pub fresh: Fresh,
    /// What is different, in words.
    pub news: Vec<String>,
    /// What is wrong, in words.
    pub problems: Vec<String>,
}

/// Whether the project is trusted, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// The project's folder.
    pub folder: PathBuf,
    /// What waits for trust in it.
    pub protected: Vec<PathBuf>,
    /// The decision that is remembered, and the folder that it is about.
    pub saved: Option<(bool, PathBuf)>,
    /// Whether the project's resources are used now.
    pub in_force: bool,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// How the settings stand.
    Standing,
    /// Change them.
    Set(Vec<Change>),
    /// Read everything again, for a conversation in this directory.
    Reload(PathBuf),
    /// Whether the project is trusted.
    Trust,
    /// Remember this of the project.
    Decide(Decision),
}

/// What is answered.
#[derive(Clone)]
pub enum Answer {
    /// How the settings stand.
    Standing(Box<Standing>),
    /// What the changes came to.
    Set(Vec<Change>, Result<Box<Fresh>, String>),
    /// What reading everything again came to.
    Reloaded(Box<Reloaded>),
    /// Whether the project is trusted.
    Trust(Trust),
    /// Whether the decision is remembered.
    Decided(Decision, Result<(), String>),
}

impl Request {
    /// Asks and waits: for a thread that may wait.
    pub fn ask(self, preferences: &dyn Preferences) -> Answer {
        match self {
            Request::Standing => Answer::Standing(Box::new(preferences.standing())),
            Request::Set(changes) => {
                let set = preferences.set(&changes).map(Box::new);
                Answer::Set(changes, set)
            }
            Request::Reload(cwd) => Answer::Reloaded(Box::new(preferences.reload(&cwd))),
            Request::Trust => Answer::Trust(preferences.trust()),
            Request::Decide(decision) => Answer::Decided(decision, preferences.decide(decision)),
        }
    }
}

impl Answer {
    /// What is new for the terminal's loop, if anything.
    pub fn habits(&self) -> Option<&Habits> {
        match self {
            Answer::Set(_, Ok(fresh)) => Some(&fresh.habits),
            Answer::Reloaded(reloaded) => Some(&reloaded.fresh.habits),
            _ => None,
        }
    }
}
