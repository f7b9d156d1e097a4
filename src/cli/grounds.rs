//! What a conversation stands on and what can change under it: the world as it was looked at last, the
//! models, and what is made of both. Settings that are changed in the terminal are changed here.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::start::{place_in, renewal};
use super::world::World;
use super::{Args, CliError};
use crate::ai::{Model, ThinkingLevel};
use crate::session::{Models, Place, Places, Renewal, View};

/// Looks at the conversation.
pub(super) type Viewer = Box<dyn Fn() -> Arc<View> + Send + Sync>;

/// What a conversation stands on.
pub(super) struct Grounds {
    pub args: Args,
    // Replaced whole; held for a copy or for reading one value.
    pub world: RwLock<World>,
    /// The conversation, once it lives.
    pub living: Arc<OnceLock<Viewer>>,
    pub models: Arc<Models>,
    /// Whether pictures are kept from models.
    pub block_images: Arc<AtomicBool>,
}

impl Grounds {
    /// The world as it was looked at last.
    pub fn world(&self) -> World {
        let world = self.world.read().unwrap_or_else(PoisonError::into_inner);
        world.clone()
    }

    /// Puts another look in its place.
    pub fn put(&self, world: World) {
        let blocked = world.settings.block_images;
        self.block_images.store(blocked, Ordering::Relaxed);
        *self.world.write().unwrap_or_else(PoisonError::into_inner) = world;
    }

    /// What a conversation in `cwd` stands on.
    pub fn place(&self, cwd: &Path, warnings: &mut Vec<String>) -> Result<Place, CliError> {
        let world = self.world();
        place_in(cwd, &self.args, &world, self.living.clone(), warnings)
    }

    /// The same for a session of another directory, with the settings of this one.
    pub fn places(self: &Arc<Self>) -> Places {
        let grounds = self.clone();
        Box::new(move |cwd| {
            let place = grounds.place(cwd, &mut Vec::new());
            place.map_err(|error| error.to_string())
        })
    }

    /// The level that the settings name for a model, else the usual one.
    pub fn thinking_for(self: &Arc<Self>) -> Box<dyn Fn(&Model) -> ThinkingLevel + Send> {
        let grounds = self.clone();
        Box::new(move |model| {
            let world = grounds.world.read().unwrap_or_else(PoisonError::into_inner);
            let own = world
                .settings
                .thinking_level_for(&model.provider, &model.id);
            own.unwrap_or(ThinkingLevel::Medium)
        })
    }

    /// What of the settings the conversation takes while it lives.
    pub fn renewal(&self) -> Renewal {
        renewal(&self.args, &self.world().settings)
    }
}
