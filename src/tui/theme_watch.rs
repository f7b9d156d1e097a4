//! The file of the theme that is worn, watched: what is saved is seen at once. Sleeps until the system tells
//! of a change; watches the file's directory, since editors put a new file in the place of the old one; and
//! where a link leads elsewhere, the directory there too.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::msg::Msg;
use crate::config::Theme;

/// A file is read when nothing has happened to it for so long: editors write in several steps.
const QUIET: Duration = Duration::from_millis(25);

/// And it is read in any case after so many changes without a pause.
const RESTLESS: usize = 4;

/// Follows one file at a time.
#[derive(Default)]
pub(super) struct ThemeWatch {
    file: Option<PathBuf>,
    /// Dropping it ends the thread that reads.
    watcher: Option<RecommendedWatcher>,
}

impl ThemeWatch {
    /// Watches this file from now on, and no other. Where files cannot be watched, nothing is told.
    pub fn follow(&mut self, file: Option<&Path>, tell: impl Fn(Msg) + Send + 'static) {
        if self.file.as_deref() == file {
            return;
        }
        self.file = file.map(Path::to_path_buf);
        self.watcher = self.file.clone().and_then(|file| watch(file, tell).ok());
    }
}

fn watch(file: PathBuf, tell: impl Fn(Msg) + Send + 'static) -> notify::Result<RecommendedWatcher> {
    let (told, changes) = mpsc::channel();
    let target = file.canonicalize().ok();
    let names: Vec<OsString> = [Some(&file), target.as_ref()]
        .into_iter()
        .filter_map(|path| Some(path?.file_name()?.to_owned()))
        .collect();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let is_it = |path: &PathBuf| {
            let name = path.file_name();
            names.iter().any(|known| name == Some(known))
        };
        if !event.kind.is_access() && event.paths.iter().any(is_it) {
            // The reader is gone with the watcher.
            let _ = told.send(());
        }
    })?;
    let directory = file.parent().unwrap_or(Path::new("."));
    watcher.watch(directory, RecursiveMode::NonRecursive)?;
    if let Some(there) = target.as_deref().and_then(Path::parent)
        && directory.canonicalize().ok().as_deref() != Some(there)
    {
        watcher.watch(there, RecursiveMode::NonRecursive)?;
    }
    std::thread::Builder::new()
        .name("theme".into())
        .spawn(move || read_when_changed(&file, &changes, tell))
        .map_err(notify::Error::io)?;
    Ok(watcher)
}

/// Until the watcher is gone.
fn read_when_changed(file: &Path, changes: &mpsc::Receiver<()>, tell: impl Fn(Msg)) {
    while changes.recv().is_ok() {
        for _ in 0..RESTLESS {
            match changes.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        // A file that is gone for a moment comes back, or is not missed.
        if file.exists() {
            tell(Msg::Theme(
                Theme::read(file).map_err(|problem| problem.to_string()),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_behind_a_link_is_read_again_when_it_is_saved() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (link, target) = (
            here.path().join("mine.json"),
            there.path().join("real.json"),
        );
        std::fs::write(&target, "{}").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let (told, heard) = mpsc::channel();
        let mut watch = ThemeWatch::default();
        watch.follow(Some(&link), move |msg| drop(told.send(msg)));
        // As editors do: another file takes the name.
        let new = there.path().join("new");
        std::fs::write(&new, "{ }").unwrap();
        std::fs::rename(&new, &target).unwrap();
        let msg = heard.recv_timeout(Duration::from_secs(20));
        assert!(matches!(msg, Ok(Msg::Theme(_))));
    }
}
