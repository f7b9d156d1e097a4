//! Which models there are for this user: the catalogue, with `models.json` over it, and the credentials
//! to use them.

mod allowed;
mod ambient;
mod catalogue;
mod compat;
mod credentials;
mod custom;
mod definition;
mod fields;
mod given;
mod local;
mod merge;
mod nearest;
mod overlay;
mod quick;
pub mod refresh;
mod refusal;
mod registry;
mod secrets;
mod shape;
mod unusable;
mod variables;

pub use credentials::{AuthError, AuthSource};
pub use local::LocalModels;
pub use nearest::nearest;
pub use registry::{Registry, Sources};
