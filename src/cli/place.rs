//! Which session: new, the latest, one by name, one that is never on disk.

use std::path::{Path, PathBuf};

use super::world::World;
use super::{Args, CliError};
use crate::store::encode::project_dir;
use crate::store::index::{self, Target};
use crate::store::{self, Access, Opened, Store};

/// What to do when another process writes the session that the arguments ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenHeld {
    /// Say so and end.
    Refuse,
    /// Watch it.
    Watch,
    /// Go on in a copy.
    Fork,
    /// Begin another one.
    New,
}

/// The session that the arguments ask for, or what is to be in its place, and what is wrong with its
/// file.
pub(super) fn open(
    args: &Args,
    world: &World,
    when_held: WhenHeld,
) -> Result<(Store, Vec<String>), CliError> {
    check_flags(args)?;
    let error = match wanted(args, world) {
        Ok(opened) => return Ok(opened),
        Err(error) => error,
    };
    let Some(held) = error.holder().cloned() else {
        return Err(error);
    };
    let (folder, cwd) = (folder(args, world), world.paths.cwd());
    let clock = world.clock.clone();
    let opened = match when_held {
        WhenHeld::Refuse => return Err(error),
        WhenHeld::New => {
            let store = Store::create(&folder, cwd, None, None, clock);
            return Ok((store, Vec::new()));
        }
        WhenHeld::Watch => Store::open(&held.path, Access::Read, clock),
        WhenHeld::Fork => Store::fork_file(&held.path, &folder, cwd, None, clock),
    };
    let opened = opened.map_err(refused)?;
    let warnings = troubles(&held.path, &opened);
    Ok((opened.store, warnings))
}

fn wanted(args: &Args, world: &World) -> Result<(Store, Vec<String>), CliError> {
    let cwd = world.paths.cwd();
    let clock = || world.clock.clone();
    if args.no_session {
        return Ok((
            Store::in_memory(cwd, args.session_id.clone(), clock()),
            Vec::new(),
        ));
    }
    let folder = folder(args, world);
    if args.fork.is_some() {
        return fork(args, &folder, world);
    }
    if let Some(wanted) = &args.session {
        return open_named(wanted, &folder, world);
    }
    if let Some(id) = &args.session_id {
        return match index::by_id(&folder, id).map_err(refused)? {
            Some(found) => open_file(&found.path, world),
            None => Ok((
                Store::create(&folder, cwd, Some(id.clone()), None, clock()),
                Vec::new(),
            )),
        };
    }
    if args.continue_
        && let Some(found) = index::most_recent(&folder).map_err(refused)?
    {
        return open_file(&found.path, world);
    }
    Ok((Store::create(&folder, cwd, None, None, clock()), Vec::new()))
}

/// Goes to the entry that `--at` names; the place of its message in the conversation.
pub(super) fn go_to(
    args: &Args,
    store: &mut Store,
    warnings: &mut Vec<String>,
) -> Result<Option<usize>, CliError> {
    let Some(entry) = &args.at else {
        return Ok(None);
    };
    let place = store.visit(entry).map_err(refused)?;
    if place.is_none() && !store.transcript().is_empty() {
        warnings.push(format!(
            "entry {entry} is before what compaction kept of the conversation"
        ));
    }
    Ok(place)
}

/// Where this directory's sessions are.
pub(super) fn folder(args: &Args, world: &World) -> PathBuf {
    let flag = args.session_dir.as_ref().map(|dir| dir.to_string_lossy());
    let setting = world.settings.session_dir.as_deref();
    let chosen = world.paths.session_dir(flag.as_deref(), setting);
    chosen.unwrap_or_else(|| project_dir(&world.paths.sessions(), world.paths.cwd()))
}

fn open_named(
    wanted: &str,
    folder: &Path,
    world: &World,
) -> Result<(Store, Vec<String>), CliError> {
    match index::find(wanted, folder, &world.paths.sessions()).map_err(refused)? {
        Target::Here(found) => open_file(&found.path, world),
        Target::Path(path) => {
            let path = world.paths.expand(&path.to_string_lossy());
            if path.exists() {
                return open_file(&path, world);
            }
            Ok((
                Store::create_at(&path, world.paths.cwd(), None, world.clock.clone()),
                Vec::new(),
            ))
        }
        // It stands with those of another directory and does not say itself whose it is.
        Target::Elsewhere(found) if found.header.cwd.is_empty() => open_file(&found.path, world),
        Target::Elsewhere(found) => Err(CliError::usage(format!(
            "session {} belongs to another directory, {}",
            found.header.id, found.header.cwd
        ))
        .hint(format!(
            "to go on with it there: cd there, or pi --session {}",
            found.path.display()
        ))),
    }
}

/// A copy of the session that `--fork` names, of whatever directory, in this directory's folder.
fn fork(args: &Args, folder: &Path, world: &World) -> Result<(Store, Vec<String>), CliError> {
    let wanted = args.fork.as_deref().unwrap_or_default();
    let source = find_file(wanted, args, world)?;
    if let Some(id) = &args.session_id
        && let Some(found) = index::by_id(folder, id).map_err(refused)?
    {
        return Err(refused(store::Error::Exists { path: found.path }));
    }
    let (cwd, id) = (world.paths.cwd(), args.session_id.clone());
    let opened =
        Store::fork_file(&source, folder, cwd, id, world.clock.clone()).map_err(refused)?;
    let warnings = troubles(&source, &opened);
    Ok((opened.store, warnings))
}

/// The file of the session that a word names: a path, or the beginning of an id of any directory.
pub(super) fn find_file(wanted: &str, args: &Args, world: &World) -> Result<PathBuf, CliError> {
    let sessions = world.paths.sessions();
    let target = index::find(wanted, &folder(args, world), &sessions).map_err(refused)?;
    Ok(match target {
        Target::Path(path) => world.paths.expand(&path.to_string_lossy()),
        Target::Here(found) | Target::Elsewhere(found) => found.path,
    })
}

/// What is to be said of a session file that a newer pi wrote.
pub(super) fn of_newer(version: u64) -> String {
    format!("format version {version}, of a newer pi: what this one knows of it was read")
}

/// What is wrong with a file that was read.
fn troubles(path: &Path, opened: &Opened) -> Vec<String> {
    let newer = opened.newer;
    let newer = newer.map(|version| format!("{} is of {}", path.display(), of_newer(version)));
    newer
        .into_iter()
        .chain(damaged(path, &opened.damage))
        .collect()
}

fn damaged(path: &Path, damage: &[store::Damage]) -> Option<String> {
    let first = damage.first()?;
    let rest = match damage.len() {
        1 => String::new(),
        count => format!(" (and {} more places)", count - 1),
    };
    let path = path.display();
    Some(format!(
        "{path} is damaged: {first}{rest}; all else was read"
    ))
}

fn open_file(path: &Path, world: &World) -> Result<(Store, Vec<String>), CliError> {
    let Opened {
        store,
        damage,
        original,
        ..
    } = Store::open(path, Access::Write, world.clock.clone()).map_err(refused)?;
    let mut warnings: Vec<String> = damaged(path, &damage).into_iter().collect();
    warnings.extend(original.map(|original| {
        format!(
            "the session was brought to the current format; the old file is {}",
            original.display()
        )
    }));
    Ok((store, warnings))
}

/// Refuses flags that cannot go together.
pub(super) fn check_flags(args: &Args) -> Result<(), CliError> {
    let flags = [
        (args.no_session, "--no-session"),
        (args.session.is_some(), "--session"),
        (args.continue_, "--continue"),
        (args.resume, "--resume"),
        (args.fork.is_some(), "--fork"),
        (args.session_id.is_some(), "--session-id"),
    ];
    let given = flags.iter().filter(|(is_given, _)| *is_given);
    let given: Vec<&str> = given.map(|(_, flag)| *flag).collect();
    match given[..] {
        // A new session can be given its id.
        [] | [_] | ["--no-session" | "--fork", "--session-id"] => {}
        [first, second, ..] => {
            return Err(
                CliError::usage(format!("{first} and {second} cannot go together"))
                    .hint("each of them says which session; give one"),
            );
        }
    }
    if let Some(id) = &args.session_id {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.';
        let edges = |c: char| c.is_ascii_alphanumeric();
        if !id.chars().all(fits) || !id.starts_with(edges) || !id.ends_with(edges) || id.len() > 128
        {
            return Err(CliError::usage(format!("{id:?} cannot be a session id"))
                .hint("ids have letters, digits, dots, dashes and underscores, and begin and end with a letter or digit"));
        }
    }
    Ok(())
}

fn refused(error: store::Error) -> CliError {
    let hint = match &error {
        store::Error::InUse { path, .. } => Some(format!(
            "another pi is writing it: end that one, or go on in a copy with --fork {}",
            path.display()
        )),
        store::Error::NotASession { .. } => {
            Some("a session is named by its file or by the beginning of its id".into())
        }
        store::Error::Newer { path, .. } => Some(format!(
            "update pi, or go on with what this one knows of it in a copy: --fork {}",
            path.display()
        )),
        store::Error::Exists { .. } => Some("give another --session-id".into()),
        _ => None,
    };
    let held = match &error {
        store::Error::InUse { path, pid } => Some((path.clone(), *pid)),
        _ => None,
    };
    let mut error = CliError::files(error);
    if let Some((path, pid)) = held {
        error = error.held(&path, pid);
    }
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
