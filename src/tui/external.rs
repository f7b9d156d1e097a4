//! The prompt in another program: `$VISUAL`, `$EDITOR` or the setting's, on a file of its own.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::{fs, io, mem, ptr};

/// Runs `editor` on a file with `text` and returns what it left there.
pub(super) fn edit(editor: &str, text: &str, cwd: &Path) -> Result<String, String> {
    let refused = |what: &str, error: io::Error| format!("{what}: {error}");
    let file = scratch_file().map_err(|error| refused("no file for the editor", error))?;
    let result = (|| {
        fs::write(&file, text).map_err(|error| refused("no file for the editor", error))?;
        let line = format!("{editor} \"$1\"");
        let mut process = Command::new("/bin/sh");
        process
            .args(["-c", &line, "sh"])
            .arg(&file)
            .current_dir(cwd);
        let status = alone(&mut process).map_err(|error| {
            refused(
                &format!("the editor {editor:?} could not be started"),
                error,
            )
        })?;
        if !status.success() {
            return Err(format!(
                "the editor {editor:?} ended with {status}; the prompt is as it was"
            ));
        }
        fs::read_to_string(&file)
            .map_err(|error| refused("what the editor wrote cannot be read", error))
    })();
    // It holds nothing that is not in the editor now.
    let _ = fs::remove_file(&file);
    result
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

/// Runs a program to its end. Ctrl+C is its own meanwhile: many editors leave it to the terminal, which
/// signals us as well.
fn alone(process: &mut Command) -> io::Result<ExitStatus> {
    // SAFETY: between fork and exec there is one plain system call.
    unsafe { process.pre_exec(|| handle_interrupt(libc::SIG_DFL).map(drop)) };
    let before = handle_interrupt(libc::SIG_IGN)?;
    let status = process.status();
    // SAFETY: what was in force before.
    unsafe { libc::sigaction(libc::SIGINT, &before, ptr::null_mut()) };
    status
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
