//! From what a person writes to models: patterns, scopes, the model to start with, and the list.

mod choose;
mod collate;
mod fuzzy;
mod list;
mod pattern;
mod scope;

pub use choose::{Choice, Chosen, choose, not_spoken};
pub use list::list_models;
pub use pattern::{GIVE, Resolved, names_nothing, resolve};
pub use scope::{ScopedModel, scope};
