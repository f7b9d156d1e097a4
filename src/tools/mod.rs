//! The hands: one tool a file, all of them standing on [`Workspace`].

pub mod workspace;

pub use workspace::{Exit, FileKind, ShellCommand, Stat, Workspace};
