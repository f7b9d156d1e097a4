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

/// What a person says of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Its folder is trusted.
    Trust,
    /// The folder above it is, with everything below.
    TrustParent,
    /// It is trusted for this run.
    TrustNow,
    /// Its folder is not trusted.
    Distrust,
    /// It is not trusted in this run.
    DistrustNow,
    /// What was said of its folder is forgotten.
    Forget,
}

/// Remembers what a person said. Returns what holds for this run whatever is remembered, if anything.
pub fn keep(paths: &Paths, decision: Decision) -> Result<Option<bool>, Problem> {
    let folder = canonical(paths.cwd());
    match decision {
        Decision::Trust => save(paths, &folder, Some(true))?,
        Decision::TrustParent => {
            let above = folder.parent().unwrap_or(&folder);
            save(paths, above, Some(true))?;
            if above != folder {
                save(paths, &folder, None)?;
            }
        }
        Decision::Distrust => save(paths, &folder, Some(false))?,
        Decision::Forget => save(paths, &folder, None)?,
        Decision::TrustNow => return Ok(Some(true)),
        Decision::DistrustNow => return Ok(Some(false)),
    }
    Ok(None)
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
    !protected(paths).is_empty()
}

/// What the project has that only a trusted one may bring along.
pub fn protected(paths: &Paths) -> Vec<PathBuf> {
    let project = paths.project_dir();
    let named = PROTECTED.iter().map(|name| project.join(name));
    let mut found: Vec<PathBuf> = named.filter(|path| path.exists()).collect();
    let users_own = canonical(paths.home()).join(".agents").join("skills");
    let above = canonical(paths.cwd());
    let skills = above
        .ancestors()
        .map(|dir| dir.join(".agents").join("skills"));
    found.extend(skills.filter(|dir| *dir != users_own && dir.exists()));
    found
}

/// The decision that is remembered for the working directory, and the folder that it was made about.
pub fn saved(paths: &Paths) -> Option<(bool, PathBuf)> {
    let document = Document::read(&paths.trust()).ok()?;
    let cwd = canonical(paths.cwd());
    let mut folders = cwd.ancestors().map(|folder| {
        let key = folder.to_string_lossy();
        let trusted = document.root().get(key.as_ref())?.as_bool()?;
        Some((trusted, folder.to_path_buf()))
    });
    folders.find_map(|found| found)
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
