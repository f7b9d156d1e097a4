//! The face for people.

pub mod look;
pub mod markdown;
pub mod transcript;
