//! What pi changes in the terminal, and how each of it is taken back. There is one terminal, so its
//! state is one for the process: whoever notices the end first (the app, a drop, a panic) takes it back,
//! and the others find nothing to do.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::ThreadId;
use std::time::Duration;

use super::questions;
use super::tty::{self, Settings};
use crate::config::settings::TuiMode;

/// Title kept, alternate screen, paste marks, wheel and buttons, focus, changes between light and dark,
/// caret hidden; then the keyboard: keys that are
/// ambiguous in the old encoding are told apart, the kitty way (1: disambiguate, 4: alternate keys) and
/// for terminals without it the xterm way (modifyOtherKeys 2). The kitty flags belong to the alternate
/// screen, so they come after it. A terminal that takes the xterm way for colours is set right by `0m`.
const ENTER: &[u8] =
    b"\x1b[22;0t\x1b[?1049h\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[?1004h\x1b[?2031h\x1b[?25l\
    \x1b[>4;2m\x1b[>5u\x1b[0m\x1b[2J";

/// The same backwards, after the end of an update that may have been cut short.
const LEAVE: &[u8] =
    b"\x1b[?2026l\x1b[<u\x1b[>4m\x1b[0m\x1b[?2031l\x1b[?1004l\x1b[?1006l\x1b[?1002l\
    \x1b[?2004l\x1b[?1049l\x1b[?25h\x1b[23;0t";

/// The same for the terminal's own scrollback: no other screen, and the mouse stays the terminal's.
const ENTER_REGULAR: &[u8] = b"\x1b[22;0t\x1b[?2004h\x1b[?1004h\x1b[?2031h\x1b[?25l\
    \x1b[>4;2m\x1b[>5u\x1b[0m";

/// The same backwards. What is at the cursor and below it goes; nothing is left where that was done
/// already.
const LEAVE_REGULAR: &[u8] = b"\x1b[?7h\x1b[0m\r\x1b[J\x1b[?2026l\x1b[<u\x1b[>4m\x1b[0m\x1b[?2031l\
    \x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[23;0t";

/// Takes progress back.
pub(super) const NO_PROGRESS: &str = "\x1b]9;4;0;0\x07";

/// How to go back, while the terminal is ours. Locked only for moments, by the owner of the screen and
/// by a panic.
static ENTERED: Mutex<Option<Entered>> = Mutex::new(None);

struct Entered {
    mode: TuiMode,
    before: Settings,
    owner: Owner,
    /// Progress is shown outside of the cells.
    progress: bool,
    /// How often the terminal was asked and has not answered to the end.
    asked: usize,
    /// How long to wait for those answers at the end.
    patience: Duration,
}

/// Who paints: a task, or the thread outside of all tasks.
#[derive(PartialEq, Eq)]
struct Owner {
    task: Option<tokio::task::Id>,
    thread: Option<ThreadId>,
}

impl Owner {
    fn here() -> Self {
        let task = tokio::task::try_id();
        // A task may move from thread to thread.
        let thread = task.is_none().then(|| std::thread::current().id());
        Owner { task, thread }
    }
}

/// Makes the terminal ours.
pub(super) fn enter(mode: TuiMode) -> io::Result<()> {
    let mut entered = lock();
    if entered.is_some() {
        return Err(io::Error::other("the terminal has a screen already"));
    }
    let before = tty::make_raw()?;
    let bytes = match mode {
        TuiMode::Fullscreen => ENTER,
        TuiMode::Regular => ENTER_REGULAR,
    };
    if let Err(error) = tty::write(bytes) {
        let _ = tty::restore(&before);
        return Err(error);
    }
    *entered = Some(Entered {
        mode,
        before,
        owner: Owner::here(),
        progress: false,
        asked: 0,
        patience: Duration::ZERO,
    });
    Ok(())
}

/// Gives the terminal back as it was; nothing when it is not ours.
pub(super) fn leave() -> io::Result<()> {
    let Some(entered) = lock().take() else {
        return Ok(());
    };
    if entered.progress {
        let _ = tty::write(NO_PROGRESS.as_bytes());
    }
    let written = tty::write(match entered.mode {
        TuiMode::Fullscreen => LEAVE,
        TuiMode::Regular => LEAVE_REGULAR,
    });
    // Answers that are still on their way must not be typed into the shell.
    if entered.asked > 0 {
        questions::drain(entered.asked, entered.patience);
    }
    tty::restore(&entered.before)?;
    written
}

/// Asks the terminal about itself, while it is ours. The answers come as input, or never; `patience` is how
/// long they are waited for when the terminal is given back before.
pub(super) fn ask(questions: &[u8], patience: Duration) -> io::Result<()> {
    if let Some(entered) = &mut *lock()
        && !questions.is_empty()
    {
        tty::write(questions)?;
        entered.asked += 1;
        entered.patience = patience;
    }
    Ok(())
}

/// Whether progress is shown, which is to be taken back at the end.
pub(super) fn set_progress(is_shown: bool) {
    if let Some(entered) = &mut *lock() {
        entered.progress = is_shown;
    }
}

/// The last answer of those that [`ask`] asked for has come.
pub(super) fn answered() {
    if let Some(entered) = &mut *lock() {
        entered.asked = entered.asked.saturating_sub(1);
    }
}

/// Whether the terminal is ours.
pub(super) fn is_entered() -> bool {
    lock().is_some()
}

/// What a panic finds.
pub(super) enum Found {
    /// The terminal is not ours.
    Nothing,
    /// It is ours, and who painted it panics.
    Mine,
    /// It is ours, and somebody else panics.
    Others,
}

/// Never waits: a panic may come while the state is held.
pub(super) fn look() -> Found {
    let entered = match ENTERED.try_lock() {
        Ok(entered) => entered,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return Found::Others,
    };
    match &*entered {
        None => Found::Nothing,
        Some(entered) if entered.owner == Owner::here() => Found::Mine,
        Some(_) => Found::Others,
    }
}

fn lock() -> MutexGuard<'static, Option<Entered>> {
    ENTERED.lock().unwrap_or_else(PoisonError::into_inner)
}
