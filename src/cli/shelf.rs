//! The sessions there are, for the terminal: found through the library's index.

use std::path::Path;

use super::library::Library;
use crate::ai::Clock;
use crate::store::index::{Page, Spoken, Voice, Wanted, last_said};
use crate::store::{self, Removed};
use crate::tui::shelf::Shelf;

/// The program that moves files into the trash, if the system has it.
const TRASH: &str = "trash";

/// The library, as the terminal sees it.
pub(super) struct Sessions {
    pub library: Library,
    pub clock: Clock,
}

impl Shelf for Sessions {
    fn page(&self, wanted: &Wanted) -> Result<Page, String> {
        self.library.page(wanted).map_err(|error| error.to_string())
    }

    fn spoken(&self, wanted: &Wanted, most: usize) -> Result<Vec<Spoken>, String> {
        let spoken = self.library.spoken(wanted, most);
        spoken.map_err(|error| error.to_string())
    }

    fn said(&self, path: &Path, count: usize) -> Result<Vec<(Voice, String)>, String> {
        last_said(path, count).map_err(|error| error.to_string())
    }

    fn is_in_use(&self, path: &Path) -> bool {
        store::is_in_use(path)
    }

    fn rename(&self, path: &Path, name: &str) -> Result<(), String> {
        let renamed = store::rename(path, name, self.clock.clone());
        renamed.map_err(|error| error.to_string())
    }

    fn remove(&self, path: &Path) -> Result<Removed, String> {
        store::remove(path, TRASH).map_err(|error| error.to_string())
    }
}
