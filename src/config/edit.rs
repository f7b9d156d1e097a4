//! Changes keys of a JSON file that people and other programs write too: under a lock, atomically,
//! with comments, order, indentation and unknown keys kept. A file that cannot be understood is left
//! alone, and the change is refused.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use serde_json::Value;

use super::jsonc::{Document, OPTIONS, without_mark};
use super::problem::Problem;

/// Who may read the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// Whoever may read it now; a new file as the user's umask says.
    Shared,
    /// Its owner only (0600).
    Secret,
}

/// Sets the value at `path` (one or more object keys), or removes it with `None`. Makes the file, its
/// directory and the objects on the way when they are missing. Blocks for as long as another process
/// holds the lock, at most half a second.
pub fn set(
    file: &Path,
    path: &[&str],
    value: Option<Value>,
    privacy: Privacy,
) -> Result<(), Problem> {
    set_all(file, &[(path, value)], privacy)
}

/// Like [`set`] for several values, all of them in one write or none.
pub fn set_all(
    file: &Path,
    changes: &[(&[&str], Option<Value>)],
    privacy: Privacy,
) -> Result<(), Problem> {
    let failed = |error: io::Error| Problem::new(file, format!("cannot be written: {error}"));
    // A link stays a link: the file behind it is replaced.
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
    let dir = target.parent().unwrap_or(Path::new(".")).to_path_buf();
    fs::create_dir_all(&dir).map_err(failed)?;
    let _lock = Lock::take(&dir, &target).map_err(failed)?;
    // Also refuses what is no object, with its place.
    Document::read(&target)?;
    let text = match fs::read_to_string(&target) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(error)),
    };
    let changed = changes
        .iter()
        .try_fold(text, |text, (path, value)| {
            change(&text, path, value.clone())
        })
        .ok_or_else(|| Problem::new(file, "cannot be changed: a key on the way is no object"))?;
    replace(&target, &changed, privacy).map_err(failed)
}

/// Replaces a whole file by what `make` makes of its text (empty when there is none), under the same
/// lock.
pub fn rewrite(
    file: &Path,
    privacy: Privacy,
    make: impl FnOnce(&str) -> String,
) -> Result<(), Problem> {
    let failed = |error: io::Error| Problem::new(file, format!("cannot be written: {error}"));
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
    let dir = target.parent().unwrap_or(Path::new(".")).to_path_buf();
    fs::create_dir_all(&dir).map_err(failed)?;
    let _lock = Lock::take(&dir, &target).map_err(failed)?;
    let text = fs::read_to_string(&target).unwrap_or_default();
    replace(&target, &make(&text), privacy).map_err(failed)
}

fn change(text: &str, path: &[&str], value: Option<Value>) -> Option<String> {
    let text = without_mark(text);
    let text = if text.trim().is_empty() {
        "{\n}\n"
    } else {
        text
    };
    let root = CstRootNode::parse(text, &OPTIONS).ok()?;
    let (last, parents) = path.split_last()?;
    let mut object = root.object_value_or_create()?;
    for step in parents {
        object = match (value.is_some(), object.object_value(step)) {
            (_, Some(inner)) => inner,
            (true, None) => object.object_value_or_create(step)?,
            (false, None) => return Some(root.to_string()),
        };
    }
    put(&object, last, value);
    Some(root.to_string())
}

fn put(object: &CstObject, key: &str, value: Option<Value>) {
    match (object.get(key), value) {
        (Some(property), Some(value)) => property.set_value(input(value)),
        (None, Some(value)) => {
            object.append(key, input(value));
            object.ensure_multiline();
        }
        (Some(property), None) => property.remove(),
        (None, None) => {}
    }
}

fn input(value: Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(value),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text),
        Value::Array(items) => CstInputValue::Array(items.into_iter().map(input).collect()),
        Value::Object(map) => CstInputValue::Object(
            map.into_iter()
                .map(|(key, value)| (key, input(value)))
                .collect(),
        ),
    }
}

/// Writes a new file beside the old one and puts it in its place.
fn replace(target: &Path, text: &str, privacy: Privacy) -> io::Result<()> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let temporary = target.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written =
        write_new(&temporary, target, text, privacy).and_then(|()| fs::rename(&temporary, target));
    if written.is_err() {
        // Whatever went wrong is told; a leftover would only puzzle.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_new(temporary: &Path, target: &Path, text: &str, privacy: Privacy) -> io::Result<()> {
    match fs::remove_file(temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if privacy == Privacy::Secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file = options.open(temporary)?;
    if privacy == Privacy::Shared
        && let Ok(old) = fs::metadata(target)
    {
        file.set_permissions(old.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The right to change files of a directory. Among pi's own processes it is a lock on the directory,
/// which the system takes back from whoever dies; beside the reference, which marks a file in use with
/// a directory `<file>.lock`, it is that mark too.
struct Lock {
    _dir: File,
    mark: Option<PathBuf>,
}

/// How long to wait in all, and between two tries.
const PATIENCE: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(2);
/// A mark that is older was left behind; the reference judges so too.
const STALE: Duration = Duration::from_secs(10);

impl Lock {
    fn take(dir: &Path, target: &Path) -> io::Result<Self> {
        let handle = File::open(dir)?;
        let deadline = Instant::now() + PATIENCE;
        let free = patiently(deadline, || match handle.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            // Some network file systems have no locks; then there is only the mark.
            Err(TryLockError::Error(_)) => Ok(true),
        })?;
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let mark = target.with_file_name(name);
        let marked = free && patiently(deadline, || set_mark(&mark))?;
        if !marked {
            let what = if free { &mark } else { dir };
            let message = format!("another process holds the lock on {}", what.display());
            return Err(io::Error::new(io::ErrorKind::TimedOut, message));
        }
        Ok(Lock {
            _dir: handle,
            mark: Some(mark),
        })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(mark) = self.mark.take() {
            // A mark that cannot be removed goes stale by itself.
            let _ = fs::remove_dir(mark);
        }
    }
}

fn set_mark(mark: &Path) -> io::Result<bool> {
    match fs::create_dir(mark) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let age = fs::metadata(mark).and_then(|mark| mark.modified());
            if age.is_ok_and(|since| since.elapsed().is_ok_and(|age| age > STALE)) {
                // Whoever removes it first wins the next try.
                let _ = fs::remove_dir(mark);
            }
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Tries at least once, and until the deadline.
fn patiently(deadline: Instant, mut attempt: impl FnMut() -> io::Result<bool>) -> io::Result<bool> {
    loop {
        if attempt()? {
            return Ok(true);
        }
        if Instant::now() >= deadline {
            return Ok(false);
        }
        sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_key_changes_and_everything_else_stays() {
        let before = "// mine\n{\n  \"b\": 1, // one\n  \"a\": { \"x\": [1, 2] },\n}\n";
        assert_eq!(
            change(before, &["b"], Some(json!("two"))).unwrap(),
            "// mine\n{\n  \"b\": \"two\", // one\n  \"a\": { \"x\": [1, 2] },\n}\n"
        );
        assert_eq!(change(before, &["gone"], None).unwrap(), before);
        assert_eq!(change(before, &["b", "c"], Some(json!(1))), None);
    }

    #[test]
    fn a_file_that_is_not_there_begins_as_the_reference_would_write_it() {
        let text = change("", &["a", "b"], Some(json!(1))).unwrap();
        assert_eq!(text, "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n");
        let text = change(&text, &["c"], Some(json!(["x"]))).unwrap();
        assert_eq!(
            text,
            "{\n  \"a\": {\n    \"b\": 1\n  },\n  \"c\": [\"x\"]\n}\n"
        );
        assert_eq!(
            change(&text, &["a", "b"], None).unwrap(),
            "{\n  \"a\": {},\n  \"c\": [\"x\"]\n}\n"
        );
    }
}
