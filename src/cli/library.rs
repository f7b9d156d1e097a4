//! All sessions and their index: where they are, how the index is opened and brought up to date.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::world::World;
use crate::store::index::{
    self, Index, IndexError, Page, Progress, Roots, Spoken, Updated, Wanted,
};

/// How long is looked for what was said.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where sessions and their index are.
#[derive(Debug, Clone)]
pub(super) struct Library {
    pub roots: Roots,
    pub index: PathBuf,
    pub is_indexed: bool,
}

impl Library {
    /// The sessions of all projects, and those of the one directory that was chosen for them.
    pub fn of(world: &World, session_dir: Option<&Path>) -> Self {
        let flag = session_dir.map(|dir| dir.to_string_lossy());
        let setting = world.settings.session_dir.as_deref();
        Library {
            roots: Roots {
                projects: world.paths.sessions(),
                flat: world.paths.session_dir(flag.as_deref(), setting),
            },
            index: world.paths.sessions_index(),
            is_indexed: world.settings.session_index,
        }
    }

    /// The index; `None` when the settings want none. The words say that a damaged one was replaced.
    pub fn open(&self) -> Result<Option<(Index, Option<String>)>, IndexError> {
        if !self.is_indexed {
            return Ok(None);
        }
        let (index, anew) = Index::open(&self.index)?;
        Ok(Some((index, anew.then(|| self.replaced()))))
    }

    /// A part of the list of sessions. It is right without the index; it only takes longer.
    pub fn page(&self, wanted: &Wanted) -> Result<Page, IndexError> {
        let index = self.open().ok().flatten().map(|(index, _)| index);
        match index::page(index.as_ref(), &self.roots, wanted) {
            Err(error) if error.is_damage() => index::page(None, &self.roots, wanted),
            page => page,
        }
    }

    /// At most so many sessions in which something was said. It takes no longer than a person would wait.
    pub fn spoken(&self, wanted: &Wanted, most: usize) -> Result<Vec<Spoken>, IndexError> {
        let index = self.open().ok().flatten().map(|(index, _)| index);
        let begun = Instant::now();
        let is_over = || begun.elapsed() > PATIENCE;
        match index::spoken(index.as_ref(), &self.roots, wanted, most, &is_over) {
            Err(error) if error.is_damage() => {
                index::spoken(None, &self.roots, wanted, most, &is_over)
            }
            spoken => spoken,
        }
    }

    /// That the index is being made again.
    pub fn replaced(&self) -> String {
        format!(
            "the session index {} was damaged or of another version; it is made again",
            self.index.display()
        )
    }

    /// Brings an index up to date; one that turns out to be damaged is made again, once.
    pub fn update(
        &self,
        mut index: Index,
        mut watch: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<(Index, Updated, bool), IndexError> {
        match index.update(&self.roots, &mut watch) {
            Ok(updated) => Ok((index, updated, false)),
            Err(error) if error.is_damage() => {
                let mut index = index.remake()?;
                let updated = index.update(&self.roots, &mut watch)?;
                Ok((index, updated, true))
            }
            Err(error) => Err(error),
        }
    }
}
