//! What the user chose, and where it lives.

pub mod auth;
pub mod budget;
pub mod day_book;
pub mod edit;
pub mod jsonc;
pub mod keys;
mod lock;
mod login;
pub mod models;
pub mod paths;
mod plain_json;
pub mod problem;
mod renewal;
pub mod resolve;
pub mod settings;
mod spots;
pub mod theme;
pub mod trust;
mod twins;
pub mod value;

pub use auth::{AuthFile, Credential};
pub use budget::{Allowance, BudgetSettings, Sums};
pub use day_book::DayBook;
pub use keys::{KeyChord, KeyName, Keymap, Platform};
pub use login::LogInError;
pub use models::{AuthError, AuthSource, LocalModels, Registry, Sources};
pub use paths::{Env, Paths};
pub use problem::{Place, Problem};
pub use renewal::{RenewalError, Renewals};
pub use settings::{Scope, Settings};
pub use theme::{Appearance, Color, Surroundings, Theme, ThemePath, Themes, Token};
pub use trust::Trust;
