//! Reads a line from the terminal without showing it. However the reading ends, also when whoever waits for
//! it goes, the terminal shows again what is typed. Signals are for others to hear.

use std::io::{self, BufRead, Write};

use tokio_util::sync::CancellationToken;

/// The line; `None` when the person gave up.
pub(super) async fn read(prompt: &str, stop: &CancellationToken) -> io::Result<Option<String>> {
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
        line = reading => line.unwrap_or_else(|error| Err(io::Error::other(error))),
    };
    drop(quiet);
    writeln!(io::stdout().lock())?;
    line
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
