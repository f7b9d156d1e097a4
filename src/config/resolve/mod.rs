//! From what a person writes to models: patterns, scopes, the model to start with, and the list.

mod choose;
mod collate;
mod fuzzy;
mod here;
mod list;
mod pattern;
mod refusal;
mod saved;
mod scope;
mod vendor;

pub use choose::{Choice, Chosen, choose, not_spoken};
pub use here::named;
pub use list::{Unlisted, list_models};
pub use pattern::{Credentials, GIVE, Resolved, names_nothing, resolve, split_level, unlisted};
pub use refusal::{Refusal, Servers, refusal, resolve_usable, tried, unknown};
pub use saved::{is_default_open, is_default_unmet, usable};
pub use scope::{ScopedModel, is_met, none_usable, scope};
pub use vendor::meant;
