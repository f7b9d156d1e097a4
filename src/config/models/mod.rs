//! Which models there are for this user: the catalogue, with `models.json` over it, and the credentials
//! to use them.

mod custom;
mod fields;
mod local;
mod merge;
mod registry;
mod secrets;
mod variables;

pub use local::LocalModels;
pub use registry::{AuthError, AuthSource, Registry, Sources};
