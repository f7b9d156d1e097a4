//! Which folder is meant by what is typed behind an `@`.

use std::path::{Component, Path, PathBuf};

use super::rank::Query;

/// Where to look.
#[derive(Debug)]
pub(super) enum Place {
    /// In the working directory, below this folder of it (which ends with a slash, or is none).
    Main { below: String, query: Query },
    /// Somewhere else.
    Aside { folder: PathBuf, query: Query },
}

/// A folder in front of the last slash is where to look; when there is no such folder, all of it is words.
pub(super) fn of(words: &str, root: &Path, home: Option<&Path>) -> Place {
    let everything = || Place::Main {
        below: String::new(),
        query: Query::new("", words),
    };
    let Some(slash) = words.rfind('/') else {
        return everything();
    };
    let (base, rest) = words.split_at(slash + 1);
    let query = Query::new(base, rest);
    let folder = match (base.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => home.join(below),
        _ => root.join(base),
    };
    if !folder.is_dir() {
        return everything();
    }
    let plain = base.trim_start_matches("./");
    let is_inside = Path::new(plain)
        .components()
        .all(|step| matches!(step, Component::Normal(_)));
    match is_inside && !base.starts_with("~/") && !plain.contains("//") {
        true => Place::Main {
            below: plain.to_owned(),
            query,
        },
        false => Place::Aside { folder, query },
    }
}
