//! Changes keys of a JSON file that people and other programs write too: under a lock, atomically,
//! with comments, order, indentation and unknown keys kept. A file that cannot be understood is left
//! alone, and the change is refused.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jsonc_parser::cst::{CstInputValue, CstObject, CstObjectProp, CstRootNode};
use serde_json::{Map, Value};

use super::jsonc::{Document, OPTIONS, without_mark};
use super::lock::{Lock, Mark, Patience};
use super::problem::Problem;

/// Who may read the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// Whoever may read it now; a new file as the user's umask says.
    Shared,
    /// Its owner only (0600).
    Secret,
}

impl Privacy {
    /// Credentials are held while a login is renewed.
    fn patience(self) -> Patience {
        match self {
            Privacy::Shared => Patience::Short,
            Privacy::Secret => Patience::Long,
        }
    }
}

/// Sets the value at `path` (one or more object keys), or removes it with `None`. Makes the file, its
/// directory and the objects on the way when they are missing. Of keys that stand there twice the last one
/// counts, as for who reads. Blocks for as long as another process holds the lock, at most half a second,
/// and half a minute for what is secret.
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
    let target = target_of(file).map_err(failed)?;
    let _lock = Lock::take(&target, privacy.patience()).map_err(failed)?;
    write(file, &target, changes, privacy)
}

/// One change: the keys on the way, and the value or nothing.
pub(super) type Change = (Vec<String>, Option<Value>);

/// Makes the changes that `decide` finds right for what the file says now; nobody writes between. Whoever
/// holds the mark of the file already gives it.
pub(super) fn decide<T>(
    mark: Option<&Mark>,
    file: &Path,
    privacy: Privacy,
    decide: impl FnOnce(&Map<String, Value>) -> (Vec<Change>, T),
) -> Result<T, Problem> {
    let failed = |error: io::Error| Problem::new(file, format!("cannot be written: {error}"));
    let target = target_of(file).map_err(failed)?;
    let _lock = match mark {
        Some(_) => None,
        None => Some(Lock::take(&target, privacy.patience()).map_err(failed)?),
    };
    let (changes, said) = decide(Document::read(&target)?.root());
    let paths: Vec<Vec<&str>> = changes
        .iter()
        .map(|(path, _)| path.iter().map(String::as_str).collect())
        .collect();
    let changes: Vec<(&[&str], Option<Value>)> = paths
        .iter()
        .zip(&changes)
        .map(|(path, (_, value))| (path.as_slice(), value.clone()))
        .collect();
    write(file, &target, &changes, privacy)?;
    Ok(said)
}

/// The file to replace: a link stays a link. Its directory is there.
pub(super) fn target_of(file: &Path) -> io::Result<PathBuf> {
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
    fs::create_dir_all(target.parent().unwrap_or(Path::new(".")))?;
    Ok(target)
}

fn write(
    file: &Path,
    target: &Path,
    changes: &[(&[&str], Option<Value>)],
    privacy: Privacy,
) -> Result<(), Problem> {
    let failed = |error: io::Error| Problem::new(file, format!("cannot be written: {error}"));
    // Also refuses what is no object, with its place.
    Document::read(target)?;
    let text = match fs::read_to_string(target) {
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
    replace(target, &changed, privacy).map_err(failed)
}

/// Replaces a whole file by what `make` makes of its text (empty when there is none), under the same
/// lock.
pub fn rewrite(
    file: &Path,
    privacy: Privacy,
    make: impl FnOnce(&str) -> String,
) -> Result<(), Problem> {
    let failed = |error: io::Error| Problem::new(file, format!("cannot be written: {error}"));
    let target = target_of(file).map_err(failed)?;
    // Nothing is put in the place of what is no file.
    if fs::metadata(&target).is_ok_and(|found| !found.is_file()) {
        return Err(Problem::new(file, "is not a file"));
    }
    let _lock = Lock::take(&target, privacy.patience()).map_err(failed)?;
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
        object = match (named(&object, step).pop(), value.is_some()) {
            (Some(property), is_set) => match (property.object_value(), is_set) {
                (Some(inner), _) => inner,
                (None, true) => return None,
                (None, false) => return Some(root.to_string()),
            },
            (None, true) => object.object_value_or_create(step)?,
            (None, false) => return Some(root.to_string()),
        };
    }
    put(&object, last, value);
    Some(root.to_string())
}

/// Sets the last of the properties of that name, or removes all of them.
fn put(object: &CstObject, key: &str, value: Option<Value>) {
    let mut named = named(object, key);
    match (value, named.pop()) {
        (Some(value), Some(last)) => last.set_value(input(value)),
        (Some(value), None) => {
            object.append(key, input(value));
            object.ensure_multiline();
        }
        (None, last) => named
            .into_iter()
            .chain(last)
            .for_each(CstObjectProp::remove),
    }
}

fn named(object: &CstObject, key: &str) -> Vec<CstObjectProp> {
    let is_it = |property: &CstObjectProp| {
        let name = property.name().and_then(|name| name.decoded_value().ok());
        name.as_deref() == Some(key)
    };
    object.properties().into_iter().filter(is_it).collect()
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
    fn of_keys_that_stand_there_twice_the_one_that_counts_changes_and_both_go() {
        let twice = r#"{"k": {"x": 0}, "a": 1, "\u006b": {"x": 1, "x": 2}}"#;
        let changed = change(twice, &["k", "x"], Some(json!(3))).unwrap();
        assert_eq!(changed, twice.replace('2', "3"));
        let read = |text: &str| Document::parse(Path::new("f"), text.to_owned()).unwrap();
        assert_eq!(read(&changed).root()["k"], json!({"x": 3}));
        let gone = change(twice, &["k"], None).unwrap();
        assert_eq!(Value::from(read(&gone).root().clone()), json!({"a": 1}));
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
