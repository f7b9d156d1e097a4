//! The device: its settings, its size, and bytes written to it. Knows no escape sequence.

use std::fs::OpenOptions;
use std::io;
use std::os::fd::{IntoRawFd, RawFd};
use std::sync::OnceLock;
use std::time::Duration;

/// Found once: when the terminal is gone, it can no longer be told.
static INPUT: OnceLock<RawFd> = OnceLock::new();

/// Where keys come from, never closed: standard input, or the controlling terminal when that is
/// something else.
pub(super) fn input() -> io::Result<RawFd> {
    if let Some(found) = INPUT.get() {
        return Ok(*found);
    }
    // SAFETY: asks about a descriptor; any number is allowed.
    let found = if unsafe { libc::isatty(libc::STDIN_FILENO) } == 1 {
        libc::STDIN_FILENO
    } else {
        let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        terminal.into_raw_fd()
    };
    Ok(*INPUT.get_or_init(|| found))
}

/// The settings of a terminal, to be put back.
#[derive(Clone, Copy)]
pub(super) struct Settings(libc::termios);

/// Every key arrives at once, unechoed and untranslated; returns how it was before.
pub(super) fn make_raw() -> io::Result<Settings> {
    let input = input()?;
    let mut before = std::mem::MaybeUninit::<libc::termios>::uninit();
    // SAFETY: the pointer is valid for one `termios`.
    check(unsafe { libc::tcgetattr(input, before.as_mut_ptr()) })?;
    // SAFETY: the call above succeeded, so it is filled.
    let before = unsafe { before.assume_init() };
    let mut raw = before;
    // SAFETY: changes the value in place.
    unsafe { libc::cfmakeraw(&mut raw) };
    apply(input, &raw)?;
    Ok(Settings(before))
}

/// Puts settings back.
pub(super) fn restore(settings: &Settings) -> io::Result<()> {
    apply(input()?, &settings.0)
}

fn apply(input: RawFd, settings: &libc::termios) -> io::Result<()> {
    loop {
        // SAFETY: the pointer is valid for the call.
        match check(unsafe { libc::tcsetattr(input, libc::TCSANOW, settings) }) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Columns and rows; 80 by 24 where the terminal does not tell.
pub(super) fn size() -> (u16, u16) {
    let mut size = libc::winsize {
        ws_row: 0,
        ws_col: 0,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: the kernel fills one `winsize`, or fails and leaves it.
    let told = unsafe { libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, &mut size) } == 0;
    if told && size.ws_col > 0 && size.ws_row > 0 {
        (size.ws_col, size.ws_row)
    } else {
        (80, 24)
    }
}

/// Writes all of it to standard output: one call unless the terminal takes less.
pub(super) fn write(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        // SAFETY: reads at most `len` bytes of a live slice.
        let written =
            unsafe { libc::write(libc::STDOUT_FILENO, bytes.as_ptr().cast(), bytes.len()) };
        if let Ok(written) = usize::try_from(written) {
            bytes = bytes.get(written..).unwrap_or_default();
            continue;
        }
        let error = io::Error::last_os_error();
        match error.kind() {
            io::ErrorKind::Interrupted => {}
            // Somebody made the terminal non-blocking: wait until it takes more.
            io::ErrorKind::WouldBlock => {
                poll(libc::STDOUT_FILENO, libc::POLLOUT, -1);
            }
            _ => return Err(error),
        }
    }
    Ok(())
}

/// Waits until there is something to read, or the terminal is gone.
pub(super) fn wait_readable(from: RawFd, wait: Duration) -> bool {
    let wait = libc::c_int::try_from(wait.as_millis()).unwrap_or(libc::c_int::MAX);
    poll(from, libc::POLLIN, wait)
}

/// Reads what is there; `WouldBlock` when nothing is, zero bytes when the terminal is gone.
pub(super) fn read(from: RawFd, into: &mut [u8]) -> io::Result<usize> {
    if !poll(from, libc::POLLIN, 0) {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    // SAFETY: writes at most `len` bytes into a live slice.
    let count = unsafe { libc::read(from, into.as_mut_ptr().cast(), into.len()) };
    match usize::try_from(count) {
        Ok(count) => Ok(count),
        Err(_) => match io::Error::last_os_error() {
            error if error.raw_os_error() == Some(libc::EIO) => Ok(0),
            error if error.kind() == io::ErrorKind::Interrupted => {
                Err(io::ErrorKind::WouldBlock.into())
            }
            error => Err(error),
        },
    }
}

/// Whether the descriptor is ready (or broken, which a read or write will tell) within `wait` milliseconds.
fn poll(descriptor: RawFd, events: libc::c_short, wait: libc::c_int) -> bool {
    let mut asked = libc::pollfd {
        fd: descriptor,
        events,
        revents: 0,
    };
    // SAFETY: one valid `pollfd`.
    unsafe { libc::poll(&mut asked, 1, wait) > 0 }
}

fn check(answer: libc::c_int) -> io::Result<()> {
    if answer == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
