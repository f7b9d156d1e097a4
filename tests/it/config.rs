//! Settings, credentials, models.json, keys, themes: real files.

mod keys;
mod theme;
