//! Stopping as the shell expects it of Ctrl-Z, and going on when the shell says so.

use std::io;

/// Stops the process group; returns when it was continued, or at once where nobody could continue it
/// (pi is what the terminal runs, without a shell).
pub(super) fn stop() -> io::Result<()> {
    // The rest of the group first, ourselves last and on this thread: then nothing runs on until the
    // shell continues us.
    let ours = disposition(&plain(libc::SIG_IGN))?;
    // SAFETY: signals the own process group; this process ignores it.
    unsafe { libc::kill(0, libc::SIGTSTP) };
    disposition(&plain(libc::SIG_DFL))?;
    // SAFETY: the default action stops this process.
    unsafe { libc::raise(libc::SIGTSTP) };
    disposition(&ours)?;
    Ok(())
}

fn plain(handler: libc::sighandler_t) -> libc::sigaction {
    // SAFETY: all zeroes is a valid `sigaction`: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler;
    action
}

/// Sets what SIGTSTP does; returns what it did.
fn disposition(action: &libc::sigaction) -> io::Result<libc::sigaction> {
    let mut before = std::mem::MaybeUninit::uninit();
    // SAFETY: both pointers are valid; the old action is filled on success.
    if unsafe { libc::sigaction(libc::SIGTSTP, action, before.as_mut_ptr()) } == 0 {
        // SAFETY: filled.
        Ok(unsafe { before.assume_init() })
    } else {
        Err(io::Error::last_os_error())
    }
}
