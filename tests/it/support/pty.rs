//! A program in a terminal of its own: what it shows, and keys for it.

use std::fs::File;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::num::NonZeroU16;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// A test that waits longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// The running program and its terminal. Dropping it kills the program.
pub struct Pty {
    window: Option<Window>,
    child: Box<dyn Child + Send + Sync>,
    /// Filled by a thread that reads, looked at by the test.
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

/// The side of the terminal where the person sits.
struct Window {
    master: Box<dyn MasterPty + Send>,
    keyboard: File,
    watcher: JoinHandle<()>,
    /// Closing it ends the watcher.
    _watching: PipeWriter,
}

struct Seen {
    terminal: vt100::Parser,
    raw: Vec<u8>,
    ended: bool,
}

impl Pty {
    /// Starts `program` with exactly this environment, plus `TERM` and `PATH`.
    pub fn spawn(
        program: &Path,
        args: &[&str],
        env: Vec<(String, String)>,
        cwd: &Path,
        cols: u16,
        rows: u16,
    ) -> Pty {
        let pair = native_pty_system().openpty(size(cols, rows)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("PATH", std::env::var_os("PATH").unwrap());
        for (name, value) in super::NO_SERVERS {
            command.env(name, value);
        }
        for (name, value) in env {
            command.env(name, value);
        }
        command.cwd(cwd);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let seen = Seen {
            terminal: vt100::Parser::new(nonzero(rows), nonzero(cols), 10_000),
            raw: Vec::new(),
            ended: false,
        };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        // SAFETY: the master is open here.
        let master = unsafe { BorrowedFd::borrow_raw(pair.master.as_raw_fd().unwrap()) };
        let keyboard = File::from(master.try_clone_to_owned().unwrap());
        let output = keyboard.try_clone().unwrap();
        let (until, watching) = std::io::pipe().unwrap();
        let watcher = std::thread::spawn({
            let seen = Arc::clone(&seen);
            move || watch(output, &until, &seen)
        });
        let window = Some(Window {
            master: pair.master,
            keyboard,
            watcher,
            _watching: watching,
        });
        Pty {
            window,
            child,
            seen,
        }
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub fn wait_for(&self, wanted: impl Fn(&vt100::Screen) -> bool) {
        self.wait(|seen| wanted(seen.terminal.screen()));
    }

    /// Waits until the screen shows `text`.
    #[track_caller]
    pub fn wait_for_text(&self, text: &str) {
        self.wait_for(|screen| screen.contents().contains(text));
    }

    /// Waits until the bytes that the program wrote are as wanted.
    #[track_caller]
    pub fn wait_for_raw(&self, wanted: impl Fn(&[u8]) -> bool) {
        self.wait(|seen| wanted(&seen.raw));
    }

    /// The text on the screen now.
    pub fn contents(&self) -> String {
        self.seen().terminal.screen().contents()
    }

    /// Looks at the screen as it is now.
    pub fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.seen().terminal.screen())
    }

    /// Every byte that the program wrote until now.
    pub fn raw(&self) -> Vec<u8> {
        self.seen().raw.clone()
    }

    /// Types.
    pub fn type_text(&mut self, text: &str) {
        self.send(text.as_bytes());
    }

    /// Sends bytes as the keyboard would.
    pub fn send(&mut self, bytes: &[u8]) {
        let window = self.window.as_mut().unwrap();
        window.keyboard.write_all(bytes).unwrap();
    }

    /// The window gets another size.
    pub fn resize(&self, cols: u16, rows: u16) {
        let mut seen = self.seen();
        seen.terminal.set_size(nonzero(rows), nonzero(cols));
        let window = self.window.as_ref().unwrap();
        window.master.resize(size(cols, rows)).unwrap();
    }

    /// The process that was started.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.process_id().unwrap()).unwrap()
    }

    /// Sends a signal to the process that was started.
    pub fn signal(&self, signal: i32) {
        // SAFETY: a child of this process, which has not been waited for.
        assert_eq!(unsafe { libc::kill(self.pid(), signal) }, 0);
    }

    /// Whether the terminal shows what is typed.
    pub fn echoes(&self) -> bool {
        let master = self.window.as_ref().unwrap().keyboard.as_raw_fd();
        // SAFETY: termios is plain data, for which zeros are a value; the descriptor is open.
        let mut modes: libc::termios = unsafe { std::mem::zeroed() };
        assert_eq!(unsafe { libc::tcgetattr(master, &raw mut modes) }, 0);
        modes.c_lflag & libc::ECHO != 0
    }

    /// The window is closed: the terminal is gone.
    pub fn hang_up(&mut self) {
        let Window {
            watcher, _watching, ..
        } = self.window.take().unwrap();
        drop(_watching);
        watcher.join().unwrap();
    }

    /// Waits for the end of everything in the terminal; the exit code (1 when a signal ended it).
    #[track_caller]
    pub fn wait_exit(&mut self) -> i32 {
        self.wait(|seen| seen.ended);
        let (done, waiting) = mpsc::channel::<()>();
        let mut killer = self.child.clone_killer();
        std::thread::spawn(move || {
            if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = killer.kill();
            }
        });
        let status = self.child.wait().unwrap();
        drop(done);
        i32::try_from(status.exit_code()).unwrap()
    }

    #[track_caller]
    fn wait(&self, wanted: impl Fn(&Seen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen();
        while !wanted(&seen) {
            let left = deadline.saturating_duration_since(Instant::now());
            let why = match (left.is_zero(), seen.ended) {
                (_, true) => "the program ended",
                (true, _) => "too long",
                (false, false) => {
                    seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
                    continue;
                }
            };
            let contents = seen.terminal.screen().contents();
            drop(seen);
            panic!("{why}; the screen shows:\n{contents}");
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().unwrap()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads until the program has ended or `until` is closed.
fn watch(mut output: File, until: &PipeReader, seen: &(Mutex<Seen>, Condvar)) {
    let mut bytes = [0; 4096];
    loop {
        let count = match wait_readable(&output, until) {
            true => output.read(&mut bytes).unwrap_or(0),
            false => 0,
        };
        let mut now = seen.0.lock().unwrap();
        now.terminal.process(&bytes[..count]);
        now.raw.extend_from_slice(&bytes[..count]);
        now.ended = count == 0;
        seen.1.notify_all();
        if now.ended {
            return;
        }
    }
}

/// False once `until` is closed.
fn wait_readable(output: &File, until: &PipeReader) -> bool {
    let mut asked = [output.as_raw_fd(), until.as_raw_fd()].map(|fd| libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    });
    // SAFETY: two valid entries.
    while unsafe { libc::poll(asked.as_mut_ptr(), 2, -1) } < 0 {}
    asked[1].revents == 0
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn nonzero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}
