//! Runs one shell command: a session of its own, nothing to read, both streams through one pipe (so
//! their order is the order in which they were written), killed whole on stop, timeout and drop.
//!
//! A background child may keep the pipe open for ever: when the shell has ended, what it had written
//! is taken, then the rest gets a short grace, then the call returns. The pipe is read on into nothing
//! as long as someone writes, so that a server started with `&` does not die of a broken pipe.

use std::future::pending;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::guardian::{self, Guardian};
use super::signal;
use super::workspace::{Exit, ShellCommand};

/// How long output may still come after the shell has ended.
const GRACE: Duration = Duration::from_millis(100);
/// How long a killed process may take to be gone before it is left to the runtime to reap.
const REAP: Duration = Duration::from_millis(100);
/// Bytes read from the pipe at once.
const CHUNK: usize = 64 * 1024;

/// Runs `command` in `directory` and sends what it prints to `output`.
pub(super) async fn run(
    directory: &Path,
    shell: Option<&Path>,
    guardian: &Guardian,
    command: ShellCommand,
    output: mpsc::Sender<Vec<u8>>,
    stop: CancellationToken,
) -> io::Result<Exit> {
    if stop.is_cancelled() {
        return Ok(Exit::Stopped);
    }
    let deadline = command.timeout.and_then(|t| Instant::now().checked_add(t));
    let (mut child, reader) = spawn(directory, shell, guardian, &command)?;
    let mut session = Session::new(&child, guardian);
    let descriptor = reader.as_raw_fd();
    let mut pipe = Receiver::from_owned_fd(reader)?;
    let flow = Flow::default();

    let ended = {
        let pump = pump(&mut pipe, &output, &flow);
        tokio::pin!(pump);
        let mut drained = false;
        let mut exited: Option<(ExitStatus, Instant, u64)> = None;
        loop {
            if let Some((status, grace_over, owed)) = exited
                && (drained || (Instant::now() >= grace_over && flow.handed_on() >= owed))
            {
                break Ended::Itself(status, drained);
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => break Ended::Killed(Exit::Stopped),
                () = until(deadline) => break Ended::Killed(Exit::TimedOut),
                () = until(exited.map(|(_, grace_over, _)| grace_over.max(Instant::now() + GRACE / 20))) => {}
                status = child.wait(), if exited.is_none() => {
                    let owed = flow.read() + waiting_bytes(descriptor);
                    exited = Some((status?, Instant::now() + GRACE, owed));
                }
                () = &mut pump, if !drained => drained = true,
            }
        }
    };
    match ended {
        Ended::Killed(exit) => {
            session.kill();
            tokio::select! {
                _ = child.wait() => {}
                () = sleep(REAP) => {}
            }
            session.leave(None);
            Ok(exit)
        }
        Ended::Itself(status, drained) => {
            let drain = (!drained).then(|| tokio::spawn(pour_away(pipe)));
            session.leave(drain);
            Ok(exit_of(status))
        }
    }
}

enum Ended {
    Itself(ExitStatus, bool),
    Killed(Exit),
}

fn exit_of(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Code(-1),
    }
}

/// The session of one command: killed when this is dropped before the command has ended.
struct Session<'a> {
    id: Option<i32>,
    guardian: &'a Guardian,
}

impl<'a> Session<'a> {
    fn new(child: &Child, guardian: &'a Guardian) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Session { id, guardian }
    }

    fn kill(&self) {
        if let Some(id) = self.id {
            signal::kill_session(id);
        }
    }

    fn leave(&mut self, drain: Option<tokio::task::JoinHandle<()>>) {
        if let Some(id) = self.id.take() {
            self.guardian.ended(id, drain);
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.kill();
        self.leave(None);
    }
}

/// Starts the shell; the reader is the other end of its one output pipe.
fn spawn(
    directory: &Path,
    shell: Option<&Path>,
    guardian: &Guardian,
    command: &ShellCommand,
) -> io::Result<(Child, OwnedFd)> {
    if !directory.is_dir() {
        let text = format!("the working directory {} is gone", directory.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, text));
    }
    let shells: Vec<PathBuf> = match shell {
        Some(path) => vec![path.to_path_buf()],
        None => vec!["/bin/bash".into(), "bash".into(), "sh".into()],
    };
    for shell in &shells {
        match spawn_shell(directory, shell, guardian, command) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            done => return done,
        }
    }
    let names: Vec<_> = shells.iter().map(|s| s.display().to_string()).collect();
    let text = format!("no shell found (tried {})", names.join(", "));
    Err(io::Error::new(io::ErrorKind::NotFound, text))
}

fn spawn_shell(
    directory: &Path,
    shell: &Path,
    guardian: &Guardian,
    command: &ShellCommand,
) -> io::Result<(Child, OwnedFd)> {
    let guard_pipe = guardian.pipe()?;
    let (reader, writer) = io::pipe()?;
    let mut process = Command::new(shell);
    process
        .arg("-c")
        .arg(&command.line)
        .current_dir(directory)
        .env("PI_CODING_AGENT", "true")
        .env("AI_AGENT", "pi")
        .envs(command.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    // SAFETY: `enter` makes async-signal-safe calls only and does not allocate.
    unsafe { process.pre_exec(move || guardian::enter(&guard_pipe)) };
    // The command holds the pipe's writing end until it is dropped, here.
    Ok((process.spawn()?, reader.into()))
}

/// How many bytes have come out of the pipe, and how many of them the reader has been given.
#[derive(Default)]
struct Flow {
    read: AtomicU64,
    handed_on: AtomicU64,
}

impl Flow {
    fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    fn handed_on(&self) -> u64 {
        self.handed_on.load(Ordering::Relaxed)
    }
}

/// Moves what comes out of the pipe into `output` until the pipe ends. When nobody takes it any more,
/// it is dropped, so that the process does not block.
async fn pump(pipe: &mut Receiver, output: &mpsc::Sender<Vec<u8>>, flow: &Flow) {
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        let Ok(count @ 1..) = pipe.read_buf(&mut chunk).await else {
            return;
        };
        flow.read.fetch_add(count as u64, Ordering::Relaxed);
        let _ = output.send(chunk).await;
        flow.handed_on.fetch_add(count as u64, Ordering::Relaxed);
    }
}

async fn pour_away(mut pipe: Receiver) {
    let mut chunk = vec![0; 4096];
    while pipe.read(&mut chunk).await.is_ok_and(|count| count > 0) {}
}

/// How many bytes lie in the pipe.
fn waiting_bytes(descriptor: i32) -> u64 {
    let mut count: libc::c_int = 0;
    // SAFETY: the descriptor is open and FIONREAD writes one int.
    let answer = unsafe { libc::ioctl(descriptor, libc::FIONREAD, &mut count) };
    if answer == 0 {
        u64::try_from(count).unwrap_or(0)
    } else {
        0
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}
