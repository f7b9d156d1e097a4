//! Reads a line from the terminal without showing it. Whatever ends the reading, signals too, the terminal
//! shows again what is typed.

use std::io::{self, BufRead, Write};
#[cfg(unix)]
use std::task::Poll;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The line; `None` when the person gave up.
pub(super) async fn read(prompt: &str, stop: &CancellationToken) -> io::Result<Option<String>> {
    let mut deadly = Deadly::listen();
    // Before the question: people paste as soon as they see it.
    let quiet = Quiet::begin()?;
    let mut out = io::stdout().lock();
    out.write_all(prompt.as_bytes())?;
    out.flush()?;
    drop(out);
    let reading = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line)?;
        Ok((read > 0).then_some(line))
    });
    let line = tokio::select! {
        () = stop.cancelled() => Ok(None),
        signal = deadly.come() => {
            drop(quiet);
            match signal == INTERRUPT {
                true => return Ok(None),
                false => end_by(signal),
            }
        }
        line = reading => line.unwrap_or_else(|error| Err(io::Error::other(error))),
    };
    drop(quiet);
    writeln!(io::stdout().lock())?;
    line
}

/// What Ctrl+C sends: the person gives up. `stop` may not have begun to listen for it.
#[cfg(unix)]
const INTERRUPT: libc::c_int = libc::SIGINT;
#[cfg(not(unix))]
const INTERRUPT: i32 = 2;

/// The signals that end this process.
#[cfg(unix)]
struct Deadly([(Option<Signal>, libc::c_int); 4]);

#[cfg(unix)]
impl Deadly {
    fn listen() -> Self {
        let kinds = [INTERRUPT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];
        // One that cannot be heard ends the process by itself.
        Deadly(kinds.map(|kind| (signal(SignalKind::from_raw(kind)).ok(), kind)))
    }

    /// Waits for one.
    async fn come(&mut self) -> libc::c_int {
        std::future::poll_fn(|cx| {
            let mut heard = self.0.iter_mut().filter_map(|(signal, kind)| {
                let signal = signal.as_mut()?;
                signal.poll_recv(cx).is_ready().then_some(*kind)
            });
            heard.next().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

/// Ends this process as the signal would have.
#[cfg(unix)]
fn end_by(signal: libc::c_int) -> ! {
    // SAFETY: neither call touches memory of ours.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
    std::process::exit(128 + signal)
}

#[cfg(not(unix))]
struct Deadly;

#[cfg(not(unix))]
impl Deadly {
    fn listen() -> Self {
        Deadly
    }

    async fn come(&mut self) -> i32 {
        std::future::pending().await
    }
}

#[cfg(not(unix))]
fn end_by(signal: i32) -> ! {
    std::process::exit(128 + signal)
}

/// A terminal that does not show what is typed.
struct Quiet {
    #[cfg(unix)]
    before: libc::termios,
}

#[cfg(unix)]
impl Quiet {
    fn begin() -> io::Result<Self> {
        // SAFETY: termios is plain data, for which zeros are a value; tcgetattr fills it.
        let mut before: libc::termios = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is to a termios that lives through the call.
        if unsafe { libc::tcgetattr(libc::STDIN_FILENO, &raw mut before) } != 0 {
            return Err(io::Error::last_os_error());
        }
        let mut quiet = before;
        quiet.c_lflag &= !libc::ECHO;
        // SAFETY: as above; what was typed ahead of the question is dropped, it was shown.
        if unsafe { libc::tcsetattr(libc::STDIN_FILENO, libc::TCSAFLUSH, &raw const quiet) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Quiet { before })
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    fn drop(&mut self) {
        // SAFETY: the pointer is to a termios that lives through the call.
        unsafe { libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, &raw const self.before) };
    }
}

#[cfg(not(unix))]
impl Quiet {
    fn begin() -> io::Result<Self> {
        Err(io::Error::other(
            "a key cannot be typed unseen here; put it into auth.json",
        ))
    }
}
