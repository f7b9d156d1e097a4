//! What is in one folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::tree::can_be_typed;
use super::{Item, Style};

/// How many entries are offered at most.
const MOST: usize = 500;

/// What is in the folder that a path names and begins with its last part: folders first, then by name.
pub(super) fn list(typed: &str, root: &Path, home: Option<&Path>, style: Style) -> Vec<Item> {
    // A home directory is a folder though nothing is typed behind it.
    let typed = if typed == "~" { "~/" } else { typed };
    let (base, begun) = match typed.rfind('/') {
        Some(slash) => typed.split_at(slash + 1),
        None => ("", typed),
    };
    let Ok(entries) = fs::read_dir(folder(base, root, home)) else {
        return Vec::new();
    };
    let begun = begun.to_lowercase();
    let mut found: Vec<(bool, String)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let fits = can_be_typed(&name) && name.to_lowercase().starts_with(&begun);
            // A link is what it leads to.
            fits.then(|| (!entry.path().is_dir(), name))
        })
        .collect();
    found.sort();
    found.truncate(MOST);
    let items = found.into_iter().map(|(is_file, name)| {
        let slash = if is_file { "" } else { "/" };
        let path = format!("{base}{name}{slash}");
        style.item(&path, format!("{name}{slash}"), String::new())
    });
    items.collect()
}

fn folder(base: &str, root: &Path, home: Option<&Path>) -> PathBuf {
    match (base.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => home.join(below),
        _ => root.join(base),
    }
}
