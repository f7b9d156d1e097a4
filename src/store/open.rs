//! Beginning a session, or opening one that is there.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::{NoContext, Uuid};

use crate::ai::Clock;

use super::damage::Damage;
use super::encode::file_name;
use super::entry::Kind;
use super::error::{Error, Result};
use super::file::{Log, Place};
use super::header::{Header, VERSION};
use super::load::{self, Loaded};
use super::{Scope, Store, context, lease, migrate, time};

/// What an opened session is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading and appending; takes the lease.
    Write,
    /// Reading only; goes without a lease and changes nothing on disk.
    Read,
}

/// A session that was there.
pub struct Opened {
    /// The session, its leaf at the last entry of the file.
    pub store: Store,
    /// What could not be read as it should.
    pub damage: Vec<Damage>,
    /// Where the file is kept as it was, when it was of an older version and has been replaced.
    pub original: Option<PathBuf>,
    /// The file's version, when it is later than the one that this program writes.
    pub newer: Option<u64>,
}

impl Store {
    /// Begins a session whose file will be in `dir`. Without an `id` it is given one. The file is
    /// made by the first message, or by [`Store::flush`].
    pub fn create(
        dir: &Path,
        cwd: &Path,
        id: Option<String>,
        parent: Option<PathBuf>,
        clock: Clock,
    ) -> Self {
        let unique = id.is_some();
        let header = header(cwd, id, parent, &clock);
        let path = dir.join(file_name(&header.timestamp, &header.id));
        Store::begin(Place::New { path, unique }, header, clock)
    }

    /// Begins a session whose file will be `path`, which must not exist or be empty.
    pub fn create_at(path: &Path, cwd: &Path, id: Option<String>, clock: Clock) -> Self {
        let place = Place::New {
            path: path.into(),
            unique: false,
        };
        Store::begin(place, header(cwd, id, None, &clock), clock)
    }

    /// Begins a session that is never on disk.
    pub fn in_memory(cwd: &Path, id: Option<String>, clock: Clock) -> Self {
        Store::begin(Place::Memory, header(cwd, id, None, &clock), clock)
    }

    /// Opens a session file in one pass. An older version is migrated: the new file takes the old
    /// one's name in one step, and the old one stays beside it.
    pub fn open(path: &Path, access: Access, clock: Clock) -> Result<Opened> {
        let mut file = open_file(path, access)?;
        let mut loaded = load_file(&file, path)?;
        let mut original = None;
        let newer = loaded.header.as_ref().and_then(Header::newer);
        if let (Some(version), Access::Write) = (newer, access) {
            let path = path.into();
            return Err(Error::Newer { path, version });
        }
        if is_old(&loaded) {
            if access == Access::Read {
                return Store::open_converted(file, path, clock);
            }
            original = Some(migrate::replace(&file, path)?);
            // The old file's lease is held until the new file's is taken.
            let migrated = open_file(path, access)?;
            loaded = load_file(&migrated, path)?;
            file = migrated;
        }
        let (path, len) = (path.to_path_buf(), loaded.len);
        let place = match access {
            Access::Write => Place::Open { path, file, len },
            Access::Read => Place::ReadOnly { path, file, len },
        };
        let (store, damage) = Store::found(place, Vec::new(), loaded, clock)?;
        Ok(Opened {
            store,
            damage,
            original,
            newer,
        })
    }

    fn open_converted(file: File, path: &Path, clock: Clock) -> Result<Opened> {
        let failed = |source| Error::Read {
            path: path.into(),
            source,
        };
        let mut bytes = Vec::new();
        migrate::convert(rewound(&file).map_err(failed)?, &mut bytes).map_err(failed)?;
        let loaded = load::load(bytes.as_slice()).map_err(failed)?;
        let place = Place::Converted { path: path.into() };
        let (store, damage) = Store::found(place, bytes, loaded, clock)?;
        Ok(Opened {
            store,
            damage,
            original: None,
            newer: None,
        })
    }

    fn begin(place: Place, header: Header, clock: Clock) -> Self {
        let mut line = header.to_value().to_string().into_bytes();
        line.push(b'\n');
        let loaded = Loaded::default();
        Store::assemble(Log::new(place, line), header, loaded, clock)
    }

    fn found(
        place: Place,
        pending: Vec<u8>,
        mut loaded: Loaded,
        clock: Clock,
    ) -> Result<(Self, Vec<Damage>)> {
        let (Place::Open { path, .. } | Place::ReadOnly { path, .. } | Place::Converted { path }) =
            &place
        else {
            return Ok((Store::in_memory(Path::new(""), None, clock), Vec::new()));
        };
        if loaded.len == 0 {
            return Err(Error::Empty { path: path.clone() });
        }
        let Some(header) = header_of(&mut loaded, path) else {
            return Err(Error::NotASession { path: path.clone() });
        };
        let damage = std::mem::take(&mut loaded.damage);
        let log = Log::new(place, pending);
        Ok((Store::assemble(log, header, loaded, clock), damage))
    }

    pub(super) fn assemble(log: Log, header: Header, loaded: Loaded, clock: Clock) -> Self {
        let log = Arc::new(log);
        let leaf = loaded.tree.last();
        let shown = context::branch(&log, &loaded.tree, leaf, Scope::Context);
        Store {
            log,
            tree: loaded.tree,
            leaf,
            header,
            clock,
            totals: loaded.totals,
            name: loaded.name,
            labels: loaded.labels,
            shown,
            told: None,
            strangers: 0,
        }
    }
}

pub(super) fn header(
    cwd: &Path,
    id: Option<String>,
    parent: Option<PathBuf>,
    clock: &Clock,
) -> Header {
    let now = clock.now();
    let id = id.unwrap_or_else(|| {
        let (seconds, millis) = (now.div_euclid(1000), now.rem_euclid(1000));
        let nanos = millis as u32 * 1_000_000;
        let at = uuid::Timestamp::from_unix(NoContext, seconds.max(0) as u64, nanos);
        Uuid::new_v7(at).to_string()
    });
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let parent = parent.map(|path| text(&path));
    Header::new(id, time::format(now), text(cwd), parent)
}

/// The header of what was read from `path`; `None` when that is no session.
pub(super) fn header_of(loaded: &mut Loaded, path: &Path) -> Option<Header> {
    let known = |node: &super::Node| node.kind != Kind::Unknown;
    let header = loaded.header.take();
    // Entries of a session whose first line is lost: nothing of them shall be lost with it.
    let is_lost = header.is_none() && loaded.tree.nodes().iter().any(known);
    header.or_else(|| is_lost.then(|| Header::of_name(path)))
}

fn is_old(loaded: &Loaded) -> bool {
    let header = loaded.header.as_ref();
    header.is_some_and(|header| header.version < VERSION)
}

fn open_file(path: &Path, access: Access) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(access == Access::Write);
    // A folder, a pipe, a device: opening one may block, reading one may never end.
    if path.metadata().is_ok_and(|facts| !facts.is_file()) {
        return Err(Error::NotASession { path: path.into() });
    }
    loop {
        let file = options.open(path).map_err(|source| {
            let path = path.into();
            match (source.kind(), access) {
                (io::ErrorKind::NotFound, _) => Error::NotFound { path },
                (_, Access::Write) => Error::Write { path, source },
                (_, Access::Read) => Error::Read { path, source },
            }
        })?;
        if access == Access::Read {
            return Ok(file);
        }
        lease::take(&file, path)?;
        // Between opening and locking, a migration may have put another file in this one's place.
        if lease::is_same(&file, path) {
            return Ok(file);
        }
    }
}

pub(super) fn load_file(file: &File, path: &Path) -> Result<Loaded> {
    let loaded = rewound(file).and_then(load::load);
    loaded.map_err(|source| Error::Read {
        path: path.into(),
        source,
    })
}

/// The file from its first byte on.
pub(super) fn rewound(mut file: &File) -> io::Result<impl Read> {
    io::Seek::rewind(&mut file)?;
    Ok(file)
}
