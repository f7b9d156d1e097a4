//! Older session files, made new: v1 (a list without ids) and v2 (`hookMessage` for `custom`).
//!
//! Nothing is rewritten in place. The new content goes to a file beside the old one, the old one gets
//! a second name (`….jsonl.v1`), and then the new one takes the first name in one step: at every
//! instant there is a whole session under its name, and the original stays for good. Lines that are
//! not JSON are carried over as they are.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use uuid::Uuid;

use super::create::{beside, sync_dir};
use super::error::{Error, Result};
use super::header::{VERSION, without_mark};
use super::load::{Lines, object};
use super::open::rewound;

/// Puts a file of today's version in the place of an older one. Returns where the old one is.
pub(super) fn replace(old: &File, path: &Path) -> Result<PathBuf> {
    let failed = |source| Error::Write {
        path: path.into(),
        source,
    };
    let draft = beside(path, "migrating");
    let version = write_draft(old, &draft).map_err(|source| Error::Write {
        path: draft.clone(),
        source,
    })?;
    let original = keep(path, version).map_err(failed)?;
    fs::rename(&draft, path).map_err(failed)?;
    sync_dir(path).map_err(failed)?;
    Ok(original)
}

fn write_draft(old: &File, draft: &Path) -> io::Result<u64> {
    let facts = old.metadata()?;
    // A draft of an earlier try that was cut short is overwritten: the lease is ours.
    let mut out = BufWriter::new(File::create(draft)?);
    let version = convert(rewound(old)?, &mut out)?;
    let out = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    out.set_permissions(facts.permissions())?;
    out.sync_all()?;
    // The list of sessions is ordered by this: migrating is not using.
    out.set_modified(facts.modified()?)?;
    Ok(version)
}

/// Gives the old file a second name that is free.
fn keep(path: &Path, version: u64) -> io::Result<PathBuf> {
    let mut tries = 1;
    loop {
        let ending = match tries {
            1 => format!("v{version}"),
            n => format!("v{version}.{n}"),
        };
        let original = beside(path, &ending);
        match fs::hard_link(path, &original) {
            Ok(()) => return Ok(original),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < 100 => tries += 1,
            // A file system without second names.
            Err(_) if !original.exists() => return fs::copy(path, &original).map(|_| original),
            Err(error) => return Err(error),
        }
    }
}

/// Writes an older file's content in today's format; returns the version that it had.
pub(super) fn convert(old: impl Read, out: &mut impl Write) -> io::Result<u64> {
    let mut lines = Lines::new(old);
    let mut list = List::default();
    let mut version = None;
    while let Some(line) = lines.next()? {
        let mut bytes = line.bytes.trim_ascii_end();
        if bytes.is_empty() {
            continue;
        }
        if version.is_none() {
            bytes = without_mark(bytes);
        }
        let written = object(bytes).and_then(|fields| match version {
            None => {
                let found = fields.get("version").and_then(Value::as_u64).unwrap_or(1);
                version = Some(found);
                list.ids.push(None);
                Some(with_version(fields))
            }
            Some(0 | 1) => Some(renamed(list.entry(fields))),
            Some(_) => is_hook_message(&fields).then(|| renamed(fields)),
        });
        match written {
            Some(fields) => serde_json::to_writer(&mut *out, &fields)?,
            None => out.write_all(bytes)?,
        }
        out.write_all(b"\n")?;
    }
    Ok(version.unwrap_or(1))
}

fn with_version(mut header: Map<String, Value>) -> Map<String, Value> {
    header.insert("version".into(), VERSION.into());
    header
}

/// The entries of a v1 file: each follows the one before it.
#[derive(Default)]
struct List {
    // By place in the list, the header being the first: compactions refer to these places.
    ids: Vec<Option<String>>,
    used: HashSet<String>,
    last: Option<String>,
}

impl List {
    fn entry(&mut self, mut fields: Map<String, Value>) -> Map<String, Value> {
        if fields.get("type").and_then(Value::as_str) == Some("session") {
            self.ids.push(None);
            return fields;
        }
        let own = fields.get("id").and_then(Value::as_str).map(String::from);
        let id = own.clone().unwrap_or_else(|| self.new_id());
        if own.is_none() {
            fields.insert("id".into(), id.clone().into());
            fields.insert("parentId".into(), self.last.clone().into());
        }
        self.used.insert(id.clone());
        self.ids.push(Some(id.clone()));
        self.last = Some(id);
        if let Some(place) = fields.get("firstKeptEntryIndex").and_then(Value::as_u64) {
            fields.shift_remove("firstKeptEntryIndex");
            let kept = usize::try_from(place).ok().and_then(|at| self.ids.get(at));
            if let Some(Some(kept)) = kept {
                fields.insert("firstKeptEntryId".into(), kept.clone().into());
            }
        }
        in_order(fields)
    }

    fn new_id(&self) -> String {
        loop {
            let (first, ..) = Uuid::new_v4().as_fields();
            let id = format!("{first:08x}");
            if !self.used.contains(&id) {
                return id;
            }
        }
    }
}

/// The four fields of every entry first, the others as they were.
fn in_order(mut fields: Map<String, Value>) -> Map<String, Value> {
    let mut ordered = Map::new();
    for name in ["type", "id", "parentId", "timestamp"] {
        if let Some(value) = fields.shift_remove(name) {
            ordered.insert(name.into(), value);
        }
    }
    ordered.extend(fields);
    ordered
}

fn is_hook_message(fields: &Map<String, Value>) -> bool {
    let role = fields.get("message").map(|message| &message["role"]);
    role.is_some_and(|role| role == "hookMessage")
}

fn renamed(mut fields: Map<String, Value>) -> Map<String, Value> {
    if is_hook_message(&fields) {
        fields["message"]["role"] = "custom".into();
    }
    fields
}
