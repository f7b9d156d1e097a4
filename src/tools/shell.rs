//! Runs one shell command to its end and tells how it goes: for the `bash` tool and for the person's
//! own `!command`. Memory stays bounded however much is printed; all of it goes to a scratch file as
//! soon as it is more than can be shown.

use std::future::pending;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::capture::Capture;
use super::clean::Cleaner;
use super::truncate::{Limit, MAX_BYTES, Truncation, human_size};
use super::utf8::Utf8Decoder;
use super::workspace::{Exit, Scratch, ShellCommand, Workspace};

/// The shortest time between two reports.
const PACE: Duration = Duration::from_millis(100);
/// Chunks that may wait between the pipe and the capture.
const QUEUE: usize = 4;

/// What a running command has printed so far.
#[derive(Debug, Clone, PartialEq)]
pub struct ShellProgress {
    /// The end of it, within the limits, without control sequences.
    pub output: String,
    /// What was cut, when anything was.
    pub truncation: Option<Truncation>,
    /// Where all of it is being written, when it is too much to show.
    pub full_output_path: Option<PathBuf>,
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq)]
pub struct ShellReport {
    /// What it printed: the end of it, within the limits, without control sequences.
    pub output: String,
    /// How it ended.
    pub exit: Exit,
    /// What was cut, when anything was.
    pub truncation: Option<Truncation>,
    /// Where all of it is, byte for byte, when it was too much to show.
    pub full_output_path: Option<PathBuf>,
    /// The number and the length of its last line.
    last_line: (u64, u64),
}

impl ShellReport {
    /// The exit code; none when it was killed.
    pub fn exit_code(&self) -> Option<i32> {
        match self.exit {
            Exit::Code(code) => Some(code),
            _ => None,
        }
    }

    /// Whether it was stopped by `stop`.
    pub fn is_cancelled(&self) -> bool {
        self.exit == Exit::Stopped
    }

    /// Whether `output` is not all of it.
    pub fn is_truncated(&self) -> bool {
        self.truncation.is_some()
    }

    /// A line that says what is shown and where the rest is; none when all is shown.
    pub fn truncation_notice(&self) -> Option<String> {
        let facts = self.truncation.as_ref()?;
        let shown = if facts.last_line_partial {
            format!(
                "The last {} of a line of {} (line {})",
                human_size(facts.output_bytes as u64),
                human_size(self.last_line.1),
                self.last_line.0,
            )
        } else {
            let first = (facts.total_lines + 1).saturating_sub(facts.output_lines as u64);
            let limit = match facts.truncated_by {
                Some(Limit::Bytes) => format!(" ({} limit)", human_size(MAX_BYTES as u64)),
                _ => String::new(),
            };
            let total = facts.total_lines;
            format!("Lines {first}-{total} of {total} shown{limit}")
        };
        Some(match &self.full_output_path {
            Some(path) => format!("[{shown}. All output: {}]", path.display()),
            None => format!("[{shown}. The whole output could not be saved.]"),
        })
    }
}

/// Runs `command`. `progress` is called with the output so far, at once and then at most every 100 ms;
/// what is returned is exact. `Err` only when the command could not be started.
pub async fn run_shell(
    workspace: &dyn Workspace,
    command: ShellCommand,
    stop: CancellationToken,
    progress: impl FnMut(ShellProgress) + Send,
) -> io::Result<ShellReport> {
    run_shell_with(workspace, command, stop, progress, None).await
}

/// The same; all that is printed goes through `tap`, too.
pub async fn run_shell_with(
    workspace: &dyn Workspace,
    command: ShellCommand,
    stop: CancellationToken,
    progress: impl FnMut(ShellProgress) + Send,
    tap: Option<Tap>,
) -> io::Result<ShellReport> {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let mut recorder = Recorder::new(workspace, tap);
    let (exit, ()) = tokio::join!(
        workspace.run(command, sender, stop.clone()),
        recorder.record(receiver, &stop, progress),
    );
    recorder.finish(&stop).await;
    let progress = recorder.progress();
    Ok(ShellReport {
        exit: exit?,
        last_line: recorder.capture.last_line(),
        output: progress.output,
        truncation: progress.truncation,
        full_output_path: progress.full_output_path,
    })
}

/// Hands on all that a command prints, as it comes, without control sequences. A reader that takes its
/// time holds the command; one that has gone is forgotten.
pub struct Tap {
    decoder: Utf8Decoder,
    cleaner: Cleaner,
    sender: mpsc::Sender<String>,
}

impl Tap {
    /// Hands it on to this one.
    pub fn new(sender: mpsc::Sender<String>) -> Self {
        Tap {
            decoder: Utf8Decoder::default(),
            cleaner: Cleaner::default(),
            sender,
        }
    }

    async fn pass(&mut self, chunk: &[u8]) {
        let mut decoded = String::new();
        self.decoder.feed(chunk, &mut decoded);
        self.send(&decoded).await;
    }

    async fn end(&mut self) {
        let mut decoded = String::new();
        self.decoder.finish(&mut decoded);
        self.send(&decoded).await;
    }

    async fn send(&mut self, decoded: &str) {
        let mut clean = String::new();
        self.cleaner.feed(decoded, &mut clean);
        if !clean.is_empty() {
            // Nobody reads any more.
            let _ = self.sender.send(clean).await;
        }
    }
}

/// Takes what a command prints: into the capture, and into a scratch file once it is too much.
struct Recorder<'a> {
    workspace: &'a dyn Workspace,
    capture: Capture,
    /// Everything so far, until it is too much.
    raw: Vec<u8>,
    spill: Spill,
    tap: Option<Tap>,
}

enum Spill {
    NotNeeded,
    Open(Scratch),
    /// The disk is full or the like: the command goes on all the same.
    Failed,
}

impl<'a> Recorder<'a> {
    fn new(workspace: &'a dyn Workspace, tap: Option<Tap>) -> Self {
        Recorder {
            workspace,
            capture: Capture::new(),
            raw: Vec::new(),
            spill: Spill::NotNeeded,
            tap,
        }
    }

    async fn record(
        &mut self,
        mut output: mpsc::Receiver<Vec<u8>>,
        stop: &CancellationToken,
        mut progress: impl FnMut(ShellProgress) + Send,
    ) {
        let mut last: Option<Instant> = None;
        let mut due: Option<Instant> = None;
        loop {
            tokio::select! {
                chunk = output.recv() => {
                    let Some(chunk) = chunk else { return };
                    tokio::select! {
                        // A disk that does not answer must not keep the person waiting.
                        biased;
                        () = self.take(chunk) => {}
                        () = stop.cancelled() => {}
                    }
                    due = due.or_else(|| Some(last.map_or_else(Instant::now, |last| last + PACE)));
                }
                () = until(due) => {
                    due = None;
                    last = Some(Instant::now());
                    progress(self.progress());
                }
            }
        }
    }

    async fn take(&mut self, chunk: Vec<u8>) {
        self.capture.push(&chunk);
        self.raw.extend_from_slice(&chunk);
        if self.capture.is_over() {
            self.pour().await;
        }
        if let Some(tap) = &mut self.tap {
            tap.pass(&chunk).await;
        }
    }

    /// Moves what is held into the scratch file.
    async fn pour(&mut self) {
        if matches!(self.spill, Spill::NotNeeded) {
            self.spill = match self.workspace.scratch("pi-bash").await {
                Ok(scratch) => Spill::Open(scratch),
                Err(_) => Spill::Failed,
            };
        }
        if let Spill::Open(scratch) = &mut self.spill
            && scratch.file.write_all(&self.raw).await.is_err()
        {
            self.give_up().await;
        }
        self.raw.clear();
    }

    async fn finish(&mut self, stop: &CancellationToken) {
        self.capture.finish();
        if let Some(mut tap) = self.tap.take() {
            tokio::select! {
                biased;
                () = tap.end() => {}
                () = stop.cancelled() => {}
            }
        }
        if self.capture.is_over() {
            self.pour().await;
        }
        if let Spill::Open(scratch) = &mut self.spill
            && scratch.file.flush().await.is_err()
        {
            self.give_up().await;
        }
    }

    /// Makes room: half a file of output is worth less than a disk that others can write to.
    async fn give_up(&mut self) {
        if let Spill::Open(scratch) = std::mem::replace(&mut self.spill, Spill::Failed) {
            // When it cannot be removed either, nothing more can be done.
            let _ = self.workspace.discard(scratch).await;
        }
    }

    fn progress(&self) -> ShellProgress {
        let (output, facts) = self.capture.snapshot();
        ShellProgress {
            output: output.to_string(),
            truncation: facts.truncated.then_some(facts),
            full_output_path: match &self.spill {
                Spill::Open(scratch) => Some(scratch.path.clone()),
                Spill::NotNeeded | Spill::Failed => None,
            },
        }
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}
