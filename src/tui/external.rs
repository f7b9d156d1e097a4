//! The prompt in another program: `$VISUAL`, `$EDITOR` or the setting's, on a file of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io, mem, ptr};

use tokio::process::{Child, Command};

/// How long an editor that is told to end may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// An editor that runs. Ctrl+C is its own meanwhile: many editors leave it to the terminal, which
/// signals us as well.
pub(super) struct Editing {
    editor: String,
    file: Scratch,
    process: Child,
    _interrupt: Ignored,
}

impl Editing {
    /// Runs `editor` on a file with `text`.
    pub(super) fn start(editor: &str, text: &str, cwd: &Path) -> Result<Self, String> {
        let file =
            Scratch::with(text).map_err(|error| format!("no file for the editor: {error}"))?;
        let line = format!("{editor} \"$1\"");
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", &line, "sh"])
            .arg(&file.0)
            .current_dir(cwd)
            .kill_on_drop(true);
        // SAFETY: between fork and exec there is one plain system call.
        unsafe { command.pre_exec(|| handle_interrupt(libc::SIG_DFL).map(drop)) };
        let started = Ignored::new().and_then(|ignored| Ok((ignored, command.spawn()?)));
        let (interrupt, process) = started
            .map_err(|error| format!("the editor {editor:?} could not be started: {error}"))?;
        Ok(Editing {
            editor: editor.to_owned(),
            file,
            process,
            _interrupt: interrupt,
        })
    }

    /// Waits for its end and returns what it left. May be dropped and asked again.
    pub(super) async fn result(&mut self) -> Result<String, String> {
        let editor = &self.editor;
        let status = self.process.wait().await;
        let status = status.map_err(|error| format!("the editor {editor:?} is lost: {error}"))?;
        if !status.success() {
            return Err(format!(
                "the editor {editor:?} ended with {status}; the prompt is as it was"
            ));
        }
        fs::read_to_string(&self.file.0)
            .map_err(|error| format!("what the editor wrote cannot be read: {error}"))
    }

    /// Tells it to end; sees to it when it does not.
    pub(super) async fn stop(mut self) {
        if let Some(id) = self.process.id().and_then(|id| i32::try_from(id).ok()) {
            // SAFETY: a plain system call on a child that has not been waited for.
            unsafe { libc::kill(id, libc::SIGTERM) };
        }
        let ended = tokio::time::timeout(PATIENCE, self.process.wait());
        if ended.await.is_err() {
            // It may have ended this very moment.
            let _ = self.process.kill().await;
        }
    }
}

/// A file that goes when nobody needs it: it holds nothing that is not in the editor then.
struct Scratch(PathBuf);

impl Scratch {
    fn with(text: &str) -> io::Result<Self> {
        let file = Scratch(scratch_file()?);
        fs::write(&file.0, text)?;
        Ok(file)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn scratch_file() -> io::Result<PathBuf> {
    let name = format!("pi-prompt-{}.md", uuid::Uuid::new_v4());
    let file = std::env::temp_dir().join(name);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&file)?;
    Ok(file)
}

/// Interrupts are ignored while this lives.
struct Ignored {
    before: libc::sigaction,
}

impl Ignored {
    fn new() -> io::Result<Self> {
        let before = handle_interrupt(libc::SIG_IGN)?;
        Ok(Ignored { before })
    }
}

impl Drop for Ignored {
    fn drop(&mut self) {
        // SAFETY: what was in force before.
        unsafe { libc::sigaction(libc::SIGINT, &self.before, ptr::null_mut()) };
    }
}

/// Returns what was in force before.
fn handle_interrupt(how: libc::sighandler_t) -> io::Result<libc::sigaction> {
    // SAFETY: all zeroes are a valid action; both pointers are valid.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        let mut before: libc::sigaction = mem::zeroed();
        action.sa_sigaction = how;
        match libc::sigaction(libc::SIGINT, &action, &mut before) {
            0 => Ok(before),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
