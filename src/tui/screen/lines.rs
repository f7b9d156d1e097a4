//! The terminal line by line, for those who cannot see a painted screen and for terminals that have none:
//! nothing is moved, nothing coloured, nothing overwritten. The system's own line editing reads what is typed.

use std::io::{self, BufRead, BufReader, Read};

use tokio::sync::mpsc;

use super::{stop, tty};
use crate::tui::markdown::sanitize_line;

/// Writes lines.
#[derive(Default)]
pub struct Lines {
    /// A prompt stands at the beginning of the row.
    prompted: bool,
}

impl Lines {
    /// Writes a line, without control characters.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        let before = if self.prompted { "\n" } else { "" };
        self.prompted = false;
        tty::write(format!("{before}{}\n", sanitize_line(text)).as_bytes())
    }

    /// Asks for a line, once.
    pub fn prompt(&mut self) -> io::Result<()> {
        if self.prompted {
            return Ok(());
        }
        self.prompted = true;
        tty::write(b"> ")
    }

    /// A line was typed: the row is over.
    pub fn typed(&mut self) {
        self.prompted = false;
    }

    /// Rings.
    pub fn bell(&mut self) -> io::Result<()> {
        tty::write(b"\x07")
    }

    /// Stops the process, as Ctrl-Z does; returns when it goes on.
    pub fn stop(&self) -> io::Result<()> {
        stop::stop()
    }
}

/// The lines that are typed, as they come, until the end of input. A thread of its own waits for them.
pub fn typed_lines() -> io::Result<mpsc::UnboundedReceiver<String>> {
    let (sender, lines) = mpsc::unbounded_channel();
    std::thread::Builder::new()
        .name("keyboard".into())
        .spawn(move || {
            let mut input = BufReader::new(Keyboard);
            let mut line = Vec::new();
            while matches!(input.read_until(b'\n', &mut line), Ok(count) if count > 0) {
                let text = String::from_utf8_lossy(&line);
                let text = text.trim_end_matches(['\n', '\r']).to_owned();
                line.clear();
                if sender.send(text).is_err() {
                    return;
                }
            }
        })?;
    Ok(lines)
}

/// The terminal's input, waited for.
struct Keyboard;

impl Read for Keyboard {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let input = tty::input()?;
        loop {
            tty::wait_readable(input, std::time::Duration::from_secs(3600));
            match tty::read(input, into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
        }
    }
}
