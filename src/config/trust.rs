//! Which projects are trusted: nothing of a project's `.pi` is read before its folder is. Decisions are
//! kept in `trust.json`, folder → yes or no; the nearest folder above counts.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::edit::{self, Privacy};
use super::jsonc::{Document, kind_of};
use super::paths::Paths;
use super::problem::Problem;
use super::settings::DefaultTrust;

/// What in `.pi` waits for a decision.
const PROTECTED: [&str; 8] = [
    "settings.json",
    "mcp.json",
    "extensions",
    "skills",
    "prompts",
    "themes",
    "SYSTEM.md",
    "APPEND_SYSTEM.md",
];

/// What is to become of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Its resources are used.
    Trusted,
    /// They are not.
    Untrusted,
    /// The person is to be asked; where nobody can be asked, this means no.
    Ask,
}

/// Decides about the project of the working directory: `--approve` or `--no-approve` (`flag`), else what
/// was decided about this folder or the nearest above it, else yes if there is nothing to protect, else
/// the `defaultProjectTrust` setting. A broken `trust.json` counts as empty and is reported.
pub fn decide(
    paths: &Paths,
    flag: Option<bool>,
    default: DefaultTrust,
) -> (Trust, Option<Problem>) {
    if let Some(approved) = flag {
        return (Trust::from(approved), None);
    }
    let (saved, problem) = saved_decision(paths);
    let trust = match (saved, default) {
        (Some(trusted), _) => Trust::from(trusted),
        (None, _) if !has_protected(paths) => Trust::Trusted,
        (None, DefaultTrust::Always) => Trust::Trusted,
        (None, DefaultTrust::Never) => Trust::Untrusted,
        (None, DefaultTrust::Ask) => Trust::Ask,
    };
    (trust, problem)
}

/// Remembers a decision about a folder; `None` forgets it.
pub fn save(paths: &Paths, folder: &Path, trusted: Option<bool>) -> Result<(), Problem> {
    let key = canonical(folder).to_string_lossy().into_owned();
    edit::set(
        &paths.trust(),
        &[&key],
        trusted.map(Value::Bool),
        Privacy::Shared,
    )
}

/// Whether the project has anything that only a trusted one may bring along.
pub fn has_protected(paths: &Paths) -> bool {
    let project = paths.project_dir();
    if PROTECTED.iter().any(|name| project.join(name).exists()) {
        return true;
    }
    let users_own = canonical(paths.home()).join(".agents").join("skills");
    let above = canonical(paths.cwd());
    let mut skills = above
        .ancestors()
        .map(|dir| dir.join(".agents").join("skills"));
    skills.any(|dir| dir != users_own && dir.exists())
}

fn saved_decision(paths: &Paths) -> (Option<bool>, Option<Problem>) {
    let document = match Document::read(&paths.trust()) {
        Ok(document) => document,
        Err(problem) => return (None, Some(problem)),
    };
    for folder in canonical(paths.cwd()).ancestors() {
        let key = folder.to_string_lossy();
        match document.root().get(key.as_ref()) {
            Some(Value::Bool(trusted)) => return (Some(*trusted), None),
            None | Some(Value::Null) => {}
            // Something else was meant here: better not to look further up.
            Some(other) => {
                let message = format!("should be true, false or null, is {}", kind_of(other));
                return (Some(false), Some(document.problem(&[&key], message)));
            }
        }
    }
    (None, None)
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

impl From<bool> for Trust {
    fn from(trusted: bool) -> Self {
        if trusted {
            Trust::Trusted
        } else {
            Trust::Untrusted
        }
    }
}
