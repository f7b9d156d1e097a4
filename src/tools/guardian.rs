//! What makes every child die with pi, `kill -9` included.
//!
//! ```text
//! pi ──pipe──▶ guardian (sh, a session of its own)      pi dies → end of file → kill -9 all sessions
//!  └─ shell (a session of its own) ─ children …          each child enters itself before it runs
//! ```
//! `PR_SET_PDEATHSIG` would not do: it reaches the direct child only, follows the thread that forked,
//! and exists on Linux alone. A pipe's end of file reaches any process, on any Unix, however pi went.
//! The guardian is a few lines of POSIX `sh` (`guardian.sh`), one per workspace, started with the
//! first command. A child writes its own id into the pipe between `fork` and `exec`, so there is no
//! moment at which it runs unguarded. A process that opens a session of its own (a daemon) has left
//! pi's charge on purpose, and stays.

use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::signal;

const SCRIPT: &str = include_str!("guardian.sh");

/// Watches over the sessions of one workspace. The mutex is held for a write or a spawn only.
#[derive(Default)]
pub(super) struct Guardian(Mutex<State>);

#[derive(Default)]
struct State {
    process: Option<(Child, ChildStdin)>,
    lingering: Vec<Lingering>,
}

/// A session whose shell has ended and left something in the background.
struct Lingering {
    id: i32,
    drain: Option<tokio::task::JoinHandle<()>>,
}

impl Guardian {
    /// The pipe into which a new child enters itself; starts the guardian when there is none.
    pub(super) fn pipe(&self) -> io::Result<OwnedFd> {
        let mut state = self.state();
        state.forget_the_dead();
        if let Some((child, _)) = &mut state.process
            && child.try_wait()?.is_some()
        {
            state.process = None;
        }
        if state.process.is_none() {
            let process = start()?;
            for left in &state.lingering {
                tell(&process.1, '+', left.id)?;
            }
            state.process = Some(process);
        }
        match &state.process {
            Some((_, pipe)) => std::os::fd::AsFd::as_fd(pipe).try_clone_to_owned(),
            None => Err(io::Error::other("the guardian has not started")),
        }
    }

    /// The shell of this session has ended. What it left behind stays guarded, and `drain` keeps
    /// taking what that still prints.
    pub(super) fn ended(&self, id: i32, drain: Option<tokio::task::JoinHandle<()>>) {
        let mut state = self.state();
        state.lingering.push(Lingering { id, drain });
        state.forget_the_dead();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes sessions without a living process out of guard, before their ids can be given out again.
    fn forget_the_dead(&mut self) {
        let (living, dead): (Vec<_>, Vec<_>) = self
            .lingering
            .drain(..)
            .partition(|left| signal::session_lives(left.id));
        self.lingering = living;
        for left in dead {
            if let Some((_, pipe)) = &self.process {
                // A guardian that is gone has nothing to forget.
                let _ = tell(pipe, '-', left.id);
            }
            if let Some(drain) = left.drain {
                drain.abort();
            }
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.forget_the_dead();
        for left in self.lingering.drain(..) {
            signal::kill_session(left.id);
            if let Some(drain) = left.drain {
                drain.abort();
            }
        }
        if let Some((mut child, pipe)) = self.process.take() {
            drop(pipe);
            // It ends at once; a thread of its own because a destructor should not wait.
            std::thread::spawn(move || child.wait());
        }
    }
}

/// One line in one write, so that it does not mix with what a new child writes at the same time.
fn tell(mut pipe: &ChildStdin, sign: char, id: i32) -> io::Result<()> {
    pipe.write_all(format!("{sign} {id}\n").as_bytes())
}

fn start() -> io::Result<(Child, ChildStdin)> {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", SCRIPT, "pi-guardian"])
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // SAFETY: setsid is async-signal-safe and touches no memory of the parent.
    unsafe { command.pre_exec(signal::new_session) };
    let mut child = command.spawn()?;
    match child.stdin.take() {
        Some(pipe) => Ok((child, pipe)),
        None => Err(io::Error::other("the guardian has no pipe")),
    }
}

/// Opens a session for this freshly forked child and enters it with the guardian. Only
/// async-signal-safe calls, no allocation: it runs between `fork` and `exec`.
pub(super) fn enter(pipe: &OwnedFd) -> io::Result<()> {
    signal::new_session()?;
    // SAFETY: getpid cannot fail.
    let mut rest = unsafe { libc::getpid() }.unsigned_abs();
    let mut line = [0u8; 16];
    let mut at = line.len() - 1;
    line[at] = b'\n';
    loop {
        at -= 1;
        line[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    at -= 2;
    line[at..at + 2].copy_from_slice(b"+ ");
    let line = &line[at..];
    // SAFETY: the buffer outlives the call; a broken pipe must be an error here, not a signal.
    let written = unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
        let written = libc::write(pipe.as_raw_fd(), line.as_ptr().cast(), line.len());
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        written
    };
    if written == line.len() as isize {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
