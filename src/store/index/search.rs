//! Finding entries by what was said in them, the newest first.
//!
//! The index says where to look; what is found is read from the session file and matched there, so
//! that an index that is out of date can miss an entry but never shows one that is not there.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, params};

use super::database::Index;
use super::digest::Digest;
use super::error::Error;
use super::keys::{project_word, span, voice_word};
use super::query::Query;
use super::roots::Roots;
use super::snippet::Snippet;
use super::unit::{self, Unit, Voice};
use crate::ai::Millis;
use crate::store::scan::Scanner;

/// Session files that are kept open while hits are read from them.
const OPEN: usize = 64;
/// Projects that the index is asked for by name; more are sorted out afterwards.
const PROJECTS: usize = 200;

/// What of all sessions to search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Sessions of this directory and of those below it.
    pub project: Option<PathBuf>,
    /// Entries from this time on.
    pub since: Option<Millis>,
    /// Entries before this time.
    pub until: Option<Millis>,
    /// Whose words; empty for everybody's.
    pub voices: Vec<Voice>,
}

/// An entry that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The session file.
    pub path: PathBuf,
    /// The session's id.
    pub session: String,
    /// The session's name.
    pub name: Option<String>,
    /// The directory that the session worked in.
    pub cwd: String,
    /// The entry's id; entries of the first version of the format have none.
    pub entry: Option<String>,
    /// When it was written.
    pub time: Millis,
    /// Whose words.
    pub voice: Voice,
    /// The words around the first match.
    pub snippet: Snippet,
    /// How often what was searched for is in the entry.
    pub matches: usize,
}

impl Filter {
    /// Whether sessions of a directory are wanted.
    pub(super) fn wants_project(&self, cwd: &str) -> bool {
        let project = self.project.as_ref();
        project.is_none_or(|project| Path::new(cwd).starts_with(project))
    }

    pub(super) fn wants(&self, voice: Voice, time: Millis) -> bool {
        (self.voices.is_empty() || self.voices.contains(&voice))
            && self.since.is_none_or(|since| time >= since)
            && self.until.is_none_or(|until| time < until)
    }
}

/// What a unit is as a hit; `None` when it is not what was searched for.
pub(super) fn hit(
    unit: Unit,
    time: Millis,
    query: &Query,
    filter: &Filter,
    session: (&Path, &Digest),
) -> Option<Hit> {
    if !filter.wants(unit.voice, time) {
        return None;
    }
    let matches = query.find(&unit.text)?;
    let (path, digest) = session;
    Some(Hit {
        path: path.into(),
        session: digest.id.clone(),
        name: digest.name.clone(),
        cwd: digest.cwd.clone(),
        entry: unit.entry,
        time,
        voice: unit.voice,
        snippet: Snippet::cut(&unit.text, &matches),
        matches: matches.len(),
    })
}

/// Puts those first that speak most of what was searched for; among equals, the newest.
pub fn rank(hits: &mut [Hit]) {
    let weight = |voice| match voice {
        Voice::Name | Voice::User => 4.0,
        Voice::Summary => 3.0,
        Voice::Assistant => 2.0,
        Voice::Tool | Voice::Shell | Voice::Custom => 1.0,
    };
    let score = |hit: &Hit| weight(hit.voice) * (1.0 + hit.matches as f64).ln();
    hits.sort_by(|a, b| {
        let scores = score(b).total_cmp(&score(a));
        scores.then(b.time.cmp(&a.time))
    });
}

impl Index {
    /// Hands `each` the entries that match, the newest first, until it has enough. `is_over` is asked
    /// between entries, however many of them match nothing. A query that no word of the index helps
    /// with (a pattern without whole words, such as `re:err.r`) reads the session files instead: file
    /// by file, the one that was written last first.
    pub fn search(
        &self,
        roots: &Roots,
        query: &Query,
        filter: &Filter,
        is_over: &dyn Fn() -> bool,
        each: &mut dyn FnMut(Hit) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let Some(words) = query.to_match() else {
            super::scan::search(roots, query, filter, is_over, each);
            return Ok(());
        };
        let found = self.ask(&words, roots, query, filter, is_over, each);
        found.map_err(|source| self.unusable(source))
    }

    fn ask(
        &self,
        words: &str,
        roots: &Roots,
        query: &Query,
        filter: &Filter,
        is_over: &dyn Fn() -> bool,
        each: &mut dyn FnMut(Hit) -> ControlFlow<()>,
    ) -> rusqlite::Result<()> {
        let Some(words) = self.narrow(words, filter)? else {
            return Ok(());
        };
        let keys = span(filter.since, filter.until);
        let mut statement = self.db.prepare_cached(
            "SELECT rowid FROM words WHERE words MATCH ?1 AND rowid BETWEEN ?2 AND ?3
             ORDER BY rowid DESC",
        )?;
        let mut sessions = Sessions::new(self, roots);
        let mut rows = statement.query(params![words, keys.start(), keys.end()])?;
        while let Some(row) = rows.next()? {
            if is_over() {
                return Ok(());
            }
            let Some((unit, session)) = sessions.unit(row.get(0)?)? else {
                continue;
            };
            if !filter.wants_project(&session.digest.cwd) {
                continue;
            }
            let time = unit.time.unwrap_or(session.digest.active);
            let place = (session.path.as_path(), &session.digest);
            if let Some(hit) = hit(unit, time, query, filter, place)
                && each(hit).is_break()
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The question with what the filter wants in it; `None` when nothing can match.
    fn narrow(&self, words: &str, filter: &Filter) -> rusqlite::Result<Option<String>> {
        let mut parts = vec![words.to_owned()];
        if !filter.voices.is_empty() {
            parts.push(any(filter.voices.iter().map(|voice| voice_word(*voice))));
        }
        if filter.project.is_some() {
            let mut statement = self.db.prepare_cached("SELECT id, cwd FROM project")?;
            let rows = statement.query_map([], |row| {
                let cwd: String = row.get(1)?;
                Ok((row.get(0)?, filter.wants_project(&cwd)))
            })?;
            let projects: Vec<(i64, bool)> = rows.collect::<rusqlite::Result<_>>()?;
            let wanted = projects.iter().filter(|(_, is_wanted)| *is_wanted);
            match wanted.clone().count() {
                0 => return Ok(None),
                count if count <= PROJECTS => {
                    parts.push(any(wanted.map(|(id, _)| project_word(*id))));
                }
                _ => {}
            }
        }
        Ok(Some(parts.join(" AND ")))
    }
}

fn any(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
    format!("({})", words.join(" OR "))
}

/// Session files that hits are read from.
struct Sessions<'i> {
    index: &'i Index,
    roots: &'i Roots,
    scanner: Scanner,
    open: HashMap<i64, Option<Session>>,
}

struct Session {
    path: PathBuf,
    digest: Digest,
    file: File,
}

impl<'i> Sessions<'i> {
    fn new(index: &'i Index, roots: &'i Roots) -> Self {
        Sessions {
            index,
            roots,
            scanner: Scanner::new(),
            open: HashMap::new(),
        }
    }

    /// Reads an entry; `None` when it is not there any more.
    fn unit(&mut self, key: i64) -> rusqlite::Result<Option<(Unit, &Session)>> {
        let mut statement = self
            .index
            .db
            .prepare_cached("SELECT session, offset, length FROM entry WHERE key = ?1")?;
        let place = statement.query_row([key], |row| {
            let (id, offset, len): (i64, i64, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((id, offset.cast_unsigned(), len))
        });
        let Some((id, offset, len)) = place.optional()? else {
            return Ok(None);
        };
        if !self.open.contains_key(&id) {
            if self.open.len() >= OPEN {
                self.open.clear();
            }
            let session = self.session(id)?;
            self.open.insert(id, session);
        }
        let Some(Some(session)) = self.open.get(&id) else {
            return Ok(None);
        };
        let unit = read(&session.file, offset, len);
        let unit = unit.and_then(|line| unit::of_line(&self.scanner, &line));
        Ok(unit.map(|unit| (unit, session)))
    }

    fn session(&self, id: i64) -> rusqlite::Result<Option<Session>> {
        let sql = format!(
            "SELECT path, {} FROM session WHERE id = ?1",
            Digest::COLUMNS
        );
        let mut statement = self.index.db.prepare_cached(&sql)?;
        let row = statement.query_row([id], |row| {
            let path: String = row.get(0)?;
            Ok((PathBuf::from(path), Digest::of_row(row, 1)?))
        });
        let Some((path, digest)) = row.optional()? else {
            return Ok(None);
        };
        let file = self.roots.hold(&path).then(|| File::open(&path).ok());
        Ok(file.flatten().map(|file| Session { path, digest, file }))
    }
}

fn read(mut file: &File, offset: u64, len: u32) -> Option<Vec<u8>> {
    file.seek(SeekFrom::Start(offset)).ok()?;
    let mut line = Vec::new();
    file.take(u64::from(len)).read_to_end(&mut line).ok()?;
    (line.len() == len as usize).then_some(line)
}
