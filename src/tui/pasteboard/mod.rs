//! What is on the system's clipboard: a picture, which becomes a file, or else text.
//!
//! The system's own programs are asked, so that nothing has to be linked: `wl-paste` (Wayland, WSL),
//! `xclip`, `powershell.exe` (WSL), `pngpaste` and `osascript` (macOS); for text also `xsel`, `pbpaste` and
//! `termux-clipboard-get`. Each is given a few seconds. When none of them could be asked, it is said why.

mod picture;
mod program;
mod text;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::config::Env;

/// Reads the clipboard.
#[derive(Debug, Clone)]
pub struct Pasteboard {
    env: Env,
    folder: PathBuf,
}

/// What was on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clip {
    /// A picture, in this file.
    Picture(PathBuf),
    /// Text.
    Text(String),
}

/// What asking one program came to.
#[derive(Debug, PartialEq, Eq)]
enum Asked<T> {
    /// This is on the clipboard.
    Got(T),
    /// Nothing of the kind is.
    Empty,
    /// It could not be asked.
    Failed(String),
}

/// Where this runs, as far as clipboards go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    Mac,
    Termux,
    Linux { is_wayland: bool, is_wsl: bool },
}

impl Pasteboard {
    /// The clipboard of this environment; pictures become files in this folder.
    pub fn new(env: Env, folder: PathBuf) -> Self {
        Pasteboard { env, folder }
    }

    /// What is on it; `Err` says why nothing is known of it, or that it is empty.
    pub async fn read(&self) -> Result<Clip, String> {
        let system = self.system();
        let mut failures = Vec::new();
        if let Some(picture) = picture::read(&self.env, system, &mut failures).await {
            let picture = picture::fit(picture).await?;
            let path = self.write(&picture.bytes, picture.ending);
            return path
                .map(Clip::Picture)
                .map_err(|error| format!("the picture could not be written to a file: {error}"));
        }
        let mut is_empty = false;
        if let Some(text) = text::read(&self.env, system, &mut failures, &mut is_empty).await {
            return Ok(Clip::Text(text));
        }
        Err(match is_empty || failures.is_empty() {
            true => "there is nothing on the clipboard that can be pasted".into(),
            false => format!(
                "the clipboard cannot be read ({}); your terminal's own key pastes text",
                failures.join("; ")
            ),
        })
    }

    fn system(&self) -> System {
        let is_set = |name: &str| self.env.get(name).is_some();
        if cfg!(target_os = "macos") {
            return System::Mac;
        }
        if is_set("TERMUX_VERSION") {
            return System::Termux;
        }
        let says_so = || {
            let version = std::fs::read_to_string("/proc/version").unwrap_or_default();
            version.to_lowercase().contains("microsoft")
        };
        System::Linux {
            is_wayland: is_set("WAYLAND_DISPLAY")
                || self.env.get("XDG_SESSION_TYPE") == Some("wayland"),
            is_wsl: is_set("WSL_DISTRO_NAME") || is_set("WSLENV") || says_so(),
        }
    }

    fn write(&self, bytes: &[u8], ending: &str) -> io::Result<PathBuf> {
        let path = self.scratch(ending);
        create(&path)?.write_all(bytes)?;
        Ok(path)
    }

    fn scratch(&self, ending: &str) -> PathBuf {
        let name = format!("pi-clipboard-{}.{ending}", uuid::Uuid::new_v4());
        self.folder.join(name)
    }
}

/// A file that its owner alone may read.
fn create(path: &Path) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
