//! The models of all vendors: the embedded catalogue, with what was fetched later over it. A model that
//! the later one does not have any more stays: conversations may go on with it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::Registry;
use super::overlay::{self, Overlay};
use crate::ai::{Model, catalog};
use crate::config::problem::Problem;

/// The embedded catalogue with newer parts over it, which are read with the first question.
#[derive(Debug)]
pub(super) struct Catalogue {
    file: PathBuf,
    overlay: OnceLock<Overlay>,
}

impl Catalogue {
    /// With what is newer in `file`, if there is such a file.
    pub(super) fn new(file: PathBuf) -> Self {
        Catalogue {
            file,
            overlay: OnceLock::new(),
        }
    }

    /// All models of a provider, in the embedded order, then the new ones.
    pub(super) fn models(&self, provider: &str) -> &[Arc<Model>] {
        let embedded = catalog::models(provider);
        match self.overlay().shelf(provider) {
            Some(shelf) => shelf.over(embedded),
            None => embedded,
        }
    }

    /// One model; no more is parsed than has to be.
    pub(super) fn find(&self, provider: &str, id: &str) -> Option<Arc<Model>> {
        let newer = self.overlay().shelf(provider);
        newer
            .and_then(|shelf| shelf.find(id))
            .or_else(|| catalog::find(provider, id))
    }

    /// The first model of a provider.
    pub(super) fn first(&self, provider: &str) -> Option<Arc<Model>> {
        let first = catalog::first(provider)?;
        self.find(provider, &first.id)
    }

    fn overlay(&self) -> &Overlay {
        self.overlay.get_or_init(|| Overlay::read(&self.file))
    }
}

impl Registry {
    /// Why the catalogues that were fetched cannot be read, if they cannot. Takes some milliseconds: for
    /// when somebody looks at models.
    pub fn catalogue_problem(&self) -> Option<Problem> {
        overlay::problem(&self.sources.newer)
    }
}
