//! Panics and the screen: a message in the middle of a frame helps nobody, a terminal left raw even less.

use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

use super::modes::{self, Found};

/// The last message that the screen kept from being printed. Any thread may panic, hence the lock.
static KEPT: Mutex<Option<String>> = Mutex::new(None);

/// From here on, a panic of whoever paints the screen gives the terminal back and is then reported as
/// before. A panic elsewhere, while there is a screen, is logged and kept for [`take_panic`]: somebody
/// may catch it and go on, so the screen stays. Without a screen nothing changes.
pub fn install_panic_hook() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| match modes::look() {
        Found::Nothing => before(panic),
        Found::Mine => {
            let _ = modes::leave();
            before(panic);
        }
        Found::Others => keep(describe(panic)),
    }));
}

/// What a panic said while a screen kept it from being printed: the last one, once.
pub fn take_panic() -> Option<String> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn keep(text: String) {
    tracing::error!("{text}");
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
}

fn describe(panic: &PanicHookInfo) -> String {
    let payload = panic.payload();
    let message = (payload.downcast_ref::<&str>().copied())
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)");
    match panic.location() {
        Some(place) => format!("panic at {place}: {message}"),
        None => format!("panic: {message}"),
    }
}
