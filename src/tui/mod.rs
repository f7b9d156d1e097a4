//! The face for people.

pub mod editor;
pub mod look;
pub mod markdown;
pub mod screen;
pub mod transcript;
