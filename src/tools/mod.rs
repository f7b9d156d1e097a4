//! The hands: one tool a file, all of them standing on [`Workspace`].

mod arguments;
mod atomic;
mod bash;
mod capture;
mod clean;
mod diff;
mod edit;
mod find;
mod fold;
mod grep;
mod guardian;
pub mod image;
mod local;
mod locate;
mod ls;
mod paths;
mod process;
mod read;
mod sanitize;
mod shell;
mod signal;
mod truncate;
mod utf8;
mod walk;
mod window;
pub mod workspace;
mod write;

use std::sync::Arc;

use crate::agent::Tool;

pub use atomic::replace_private_file;
pub use local::{LocalPlace, LocalWorkspace};
pub use read::shell_quoted;
pub use sanitize::{sanitize, sanitize_line};
pub use shell::{ShellProgress, ShellReport, Tap, run_shell, run_shell_with};
pub use truncate::{MAX_BYTES, MAX_LINES, Truncation, human_size};
pub use workspace::{Exit, FileKind, Scratch, ShellCommand, Stat, Visit, Workspace};

/// The tools that are on when the person chooses none.
pub const DEFAULT_TOOLS: [&str; 4] = ["read", "bash", "edit", "write"];

/// What the tools need to know besides the workspace.
#[derive(Clone)]
pub struct ToolOptions {
    /// Added to the environment of every command; asked before each one, since the model may change.
    pub env: Arc<dyn Fn() -> Vec<(String, String)> + Send + Sync>,
    /// Put on a line of its own before every command (`shellCommandPrefix`).
    pub command_prefix: Option<String>,
    /// Whether images are made small enough for any model (`images.autoResize`).
    pub resize_images: bool,
}

impl Default for ToolOptions {
    fn default() -> Self {
        ToolOptions {
            env: Arc::new(Vec::new),
            command_prefix: None,
            resize_images: true,
        }
    }
}

/// All seven: read, bash, edit, write, grep, find, ls.
pub fn builtin(workspace: Arc<dyn Workspace>, options: ToolOptions) -> Vec<Arc<dyn Tool>> {
    vec![
        Arc::new(read::Read::new(workspace.clone(), options.resize_images)),
        Arc::new(bash::Bash::new(workspace.clone(), options)),
        Arc::new(edit::Edit::new(workspace.clone())),
        Arc::new(write::Write::new(workspace.clone())),
        Arc::new(grep::Grep::new(workspace.clone())),
        Arc::new(find::Find::new(workspace.clone())),
        Arc::new(ls::Ls::new(workspace)),
    ]
}
