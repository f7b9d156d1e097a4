//! The bytes of a session: those on disk, and behind them those that are not there yet.
//!
//! ```text
//! | header ⏎ entry ⏎ entry ⏎ … | entry ⏎ … |
//! 0                         saved        saved + pending
//! ```
//! The offsets of an entry are final when it is appended, whether it is on disk or not: a session in
//! memory is one whose file is never made, and a full disk is a queue that the next append writes.
//! Appending is one `write` of whole lines at the file's end. Nothing before it is touched: a file
//! that does not end in a newline is given one first, so that a torn line stays a line of its own.
//! What another program appended in between is left where it is: entries that wait go behind it, and
//! [`Log::take_news`] says where it is.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::ai::SharedMessage;

use super::create::{create, sync_dir};
use super::damage::{Damage, Fault};
use super::error::{Error, Result};
use super::lease;
use super::read;
use super::recent::Recent;
use super::shift::Shifts;
use super::tree::Span;

/// The bytes of a session, shared by the store that writes and the branches that read.
pub(super) struct Log {
    // Faces read bodies on their own threads while the session appends.
    inner: Mutex<Inner>,
}

/// Where a session's bytes go.
#[derive(Debug)]
pub(super) enum Place {
    /// Nowhere.
    Memory,
    /// A file that the first flush makes. `unique` refuses a second file with the same id.
    New { path: PathBuf, unique: bool },
    /// A file that is there.
    Open { path: PathBuf, file: File, len: u64 },
    /// A file that is there and must not be written.
    ReadOnly { path: PathBuf, file: File, len: u64 },
    /// The content of a file in today's format, which the file itself is not in.
    Converted { path: PathBuf },
}

struct Inner {
    path: Option<PathBuf>,
    unique: bool,
    read_only: bool,
    file: Option<Arc<File>>,
    // The offset up to which all is on disk.
    saved: u64,
    pending: Vec<u8>,
    // How many bytes before `saved` belong to the line that `pending` goes on with.
    half: u64,
    shifts: Shifts,
    // Where in the file another program has written.
    news: Vec<Range<u64>>,
    waiting: usize,
    ends_checked: bool,
    dir_synced: bool,
    recent: Recent,
    // By offset; true once it has been told.
    unreadable: BTreeMap<u64, bool>,
}

impl Log {
    pub fn new(place: Place, pending: Vec<u8>) -> Self {
        let (path, unique, read_only, file, saved) = match place {
            Place::Memory => (None, false, false, None, 0),
            Place::New { path, unique } => (Some(path), unique, false, None, 0),
            Place::Open { path, file, len } => (Some(path), false, false, Some(file), len),
            Place::ReadOnly { path, file, len } => (Some(path), false, true, Some(file), len),
            Place::Converted { path } => (Some(path), false, true, None, 0),
        };
        let inner = Inner {
            path,
            unique,
            read_only,
            // A file that was there has its name on disk already.
            dir_synced: file.is_some(),
            file: file.map(Arc::new),
            saved,
            pending,
            half: 0,
            shifts: Shifts::default(),
            news: Vec::new(),
            waiting: 0,
            ends_checked: false,
            recent: Recent::default(),
            unreadable: BTreeMap::new(),
        };
        Log {
            inner: Mutex::new(inner),
        }
    }

    pub fn path(&self) -> Option<PathBuf> {
        self.lock().path.clone()
    }

    /// Whether there is a file to write to already.
    pub fn is_open(&self) -> bool {
        self.lock().file.is_some()
    }

    pub fn unsaved(&self) -> usize {
        self.lock().waiting
    }

    /// Refuses when the session was opened for reading.
    pub fn check_writable(&self) -> Result<()> {
        let inner = self.lock();
        match (&inner.path, inner.read_only) {
            (Some(path), true) => Err(Error::ReadOnly { path: path.clone() }),
            _ => Ok(()),
        }
    }

    pub fn is_read_only(&self) -> bool {
        self.lock().read_only
    }

    /// The file, if there is one.
    pub fn file(&self) -> Option<Arc<File>> {
        self.lock().file.clone()
    }

    /// The whole lines that were added to the file since it was last read, and the offset of the
    /// first; `None` when the file is not the one that was read any more. For a session that is only
    /// read: nobody here appends.
    pub fn read_on(&self) -> Result<Option<(u64, Vec<u8>)>> {
        let (file, path, known) = {
            let inner = self.lock();
            match (&inner.file, &inner.path) {
                (Some(file), Some(path)) => (file.clone(), path.clone(), inner.saved),
                // In memory, or converted while it was read: there is nothing that grows.
                _ => return Ok(Some((0, Vec::new()))),
            }
        };
        let failed = |source| Error::Read {
            path: path.clone(),
            source,
        };
        let len = file.metadata().map_err(failed)?.len();
        if len < known || !lease::is_same(&file, &path) {
            return Ok(None);
        }
        if len == known {
            return Ok(Some((known, Vec::new())));
        }
        // The line that was torn when it was read has its end now: it has to be read again.
        if ends_in_half_a_line(&file, known) {
            return Ok(None);
        }
        let mut bytes = vec![0; (len - known) as usize];
        read_exact_at(&file, &mut bytes, known).map_err(failed)?;
        let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1);
        bytes.truncate(whole);
        self.lock().saved = known + whole as u64;
        Ok(Some((known, bytes)))
    }

    /// Puts a line behind everything else, in memory; [`Log::flush`] writes it.
    pub fn append(&self, line: &[u8]) -> Span {
        let mut inner = self.lock();
        inner.find_end();
        let offset = inner.saved + inner.pending.len() as u64;
        inner.pending.extend_from_slice(line);
        inner.pending.push(b'\n');
        inner.waiting += 1;
        Span {
            offset,
            len: line.len() as u32,
        }
    }

    /// Writes what is in memory only. What could not be written stays and is tried again.
    pub fn flush(&self) -> Result<()> {
        self.lock().flush()
    }

    /// Waits until what was written is on the medium.
    pub fn sync(&self) -> Result<()> {
        // The disk is waited for without the lock: faces go on reading.
        let (file, path, dir_synced) = {
            let inner = self.lock();
            match (&inner.file, &inner.path) {
                (Some(file), Some(path)) => (file.clone(), path.clone(), inner.dir_synced),
                _ => return Ok(()),
            }
        };
        let failed = |source| Error::Write {
            path: path.clone(),
            source,
        };
        file.sync_data().map_err(failed)?;
        if !dir_synced {
            sync_dir(&path).map_err(failed)?;
            self.lock().dir_synced = true;
        }
        Ok(())
    }

    /// Gives the lease back; nothing is written after this.
    pub fn release(&self) {
        let mut inner = self.lock();
        inner.read_only = true;
        if let Some(file) = &inner.file {
            // Failing means that there was no lock; then there is none to give back either.
            let _ = file.unlock();
        }
    }

    /// The message of an entry; kept for a while, as what is on a screen is asked for again.
    pub fn message(&self, span: Span) -> Option<SharedMessage> {
        let known = self.lock().recent.take(span);
        let message = known.or_else(|| self.message_once(span))?;
        self.lock().recent.keep(span, &message);
        Some(message)
    }

    /// The message of an entry, not kept.
    pub fn message_once(&self, span: Span) -> Option<SharedMessage> {
        let line = self.bytes(span);
        match line.as_deref().map(read::message) {
            Ok(Ok(message)) => message.map(Arc::new),
            _ => {
                self.note_unreadable(span.offset);
                None
            }
        }
    }

    /// An entry as JSON.
    pub fn value(&self, span: Span) -> Option<Value> {
        read::value(&self.bytes(span).ok()?)
    }

    /// What another program has written since the last time this was asked, as bytes of the file and
    /// their offset.
    pub fn take_news(&self) -> Vec<(u64, Vec<u8>)> {
        let (file, news) = {
            let mut inner = self.lock();
            (inner.file.clone(), std::mem::take(&mut inner.news))
        };
        let Some(file) = file else { return Vec::new() };
        let read = news.into_iter().filter_map(|range| {
            let mut bytes = vec![0; (range.end - range.start) as usize];
            // What cannot be read now is in the file for the next opening.
            read_exact_at(&file, &mut bytes, range.start).ok()?;
            Some((Shifts::foreign(range.start), bytes))
        });
        read.collect()
    }

    /// Has it told that there is something unreadable.
    pub fn note_unreadable(&self, offset: u64) {
        self.lock().unreadable.entry(offset).or_default();
    }

    /// What could not be read and has not been told yet; each place is told once.
    pub fn take_unreadable(&self) -> Vec<Damage> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let news = inner.unreadable.iter_mut().filter(|(_, told)| !**told);
        let damage = news.map(|(offset, told)| {
            *told = true;
            Damage {
                line: 0,
                offset: inner.shifts.place(*offset),
                fault: Fault::Unreadable,
            }
        });
        damage.collect()
    }

    /// An entry as it is.
    pub fn bytes(&self, span: Span) -> io::Result<Vec<u8>> {
        let inner = self.lock();
        if Shifts::is_foreign(span.offset) {
            let (file, place) = (inner.file.clone(), inner.shifts.place(span.offset));
            drop(inner);
            let mut line = vec![0; span.len as usize];
            let file = file.ok_or(io::ErrorKind::NotFound)?;
            read_exact_at(&file, &mut line, place)?;
            return Ok(line);
        }
        let end = span.offset + u64::from(span.len);
        // A full disk may have taken the beginning of a line and left the rest waiting.
        let on_disk = end.min(inner.saved).saturating_sub(span.offset);
        let from = span.offset.saturating_sub(inner.saved) as usize;
        let to = end.saturating_sub(inner.saved) as usize;
        let waiting = inner.pending.get(from..to);
        let waiting = waiting.ok_or(io::ErrorKind::UnexpectedEof)?.to_vec();
        let mut line = vec![0; on_disk as usize];
        if on_disk > 0 {
            let file = inner.file.clone().ok_or(io::ErrorKind::NotFound)?;
            let place = inner.shifts.place(span.offset);
            drop(inner);
            read_exact_at(&file, &mut line, place)?;
        }
        line.extend(waiting);
        Ok(line)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Looks where the file ends, when nothing waits for that place: a program without a lease may
    /// have appended, and the last line may be torn.
    fn find_end(&mut self) {
        let Some(file) = self.file.as_ref().filter(|_| self.waiting == 0) else {
            return;
        };
        let Ok(facts) = file.metadata() else { return };
        let place = self.shifts.place(self.saved);
        if self.ends_checked && facts.len() == place {
            return;
        }
        // It was cut: what is added now has no place there, as `flush` will say.
        if facts.len() < place {
            return;
        }
        self.pending.clear();
        self.half = 0;
        self.ends_checked = true;
        if facts.len() > place {
            self.news.push(place..facts.len());
            self.saved = self.saved.max(facts.len());
            self.shifts.move_to(self.saved, facts.len());
        }
        if ends_in_half_a_line(file, facts.len()) {
            self.pending.push(b'\n');
        }
    }

    fn flush(&mut self) -> Result<()> {
        let Some(path) = self.path.clone().filter(|_| !self.read_only) else {
            return Ok(());
        };
        if self.file.is_none() {
            self.file = Some(Arc::new(create(&path, self.unique)?));
            self.ends_checked = true;
        } else if self.waiting == 0 {
            return Ok(());
        }
        let Some(file) = self.file.clone() else {
            return Ok(());
        };
        if !self.has_its_place(&file, &path)? {
            return Err(Error::Changed { path });
        }
        while !self.pending.is_empty() {
            match (&*file).write(&self.pending) {
                Ok(0) => {
                    let source = io::ErrorKind::WriteZero.into();
                    return Err(Error::Write { path, source });
                }
                Ok(written) => {
                    let ended = memchr::memrchr(b'\n', &self.pending[..written]);
                    self.half = match ended {
                        Some(at) => (written - at - 1) as u64,
                        None => self.half + written as u64,
                    };
                    self.pending.drain(..written);
                    self.saved += written as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(Error::Write { path, source }),
            }
        }
        self.waiting = 0;
        // A queue that grew while the disk was full is not kept.
        self.pending.shrink_to(64 * 1024);
        Ok(())
    }

    /// Whether what waits can be written: behind what is on disk, or behind what another program has
    /// put there since. Not when the file was cut or removed: that was somebody's wish.
    fn has_its_place(&mut self, file: &File, path: &Path) -> Result<bool> {
        let Ok(facts) = file.metadata() else {
            return Ok(true);
        };
        let place = self.shifts.place(self.saved);
        if facts.len() < place || is_unlinked(&facts) {
            return Ok(false);
        }
        if facts.len() == place {
            return Ok(true);
        }
        // The line of which the disk took only half is written again, whole.
        let mut half = vec![0; self.half as usize];
        let failed = |source| Error::Write {
            path: path.into(),
            source,
        };
        read_exact_at(file, &mut half, place - self.half).map_err(failed)?;
        let mut end = facts.len();
        if ends_in_half_a_line(file, end) {
            let mut file = file;
            file.write_all(b"\n").map_err(failed)?;
            end += 1;
        }
        self.news.push(place..facts.len());
        self.saved -= self.half;
        self.half = 0;
        self.pending.splice(..0, half);
        self.shifts.move_to(self.saved, end);
        Ok(true)
    }
}

fn ends_in_half_a_line(file: &File, len: u64) -> bool {
    let mut last = [b'\n'];
    len > 0 && read_exact_at(file, &mut last, len - 1).is_ok() && last != *b"\n"
}

#[cfg(unix)]
fn is_unlinked(facts: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(facts) == 0
}

#[cfg(not(unix))]
fn is_unlinked(_facts: &std::fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                buffer = &mut buffer[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}
