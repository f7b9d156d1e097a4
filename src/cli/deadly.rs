//! The signals that end pi, heard instead: whoever listens can put things in order first. The kill that
//! cannot be heard (`SIGKILL`) stays what it is.

use std::task::Poll;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The exit code of a program that Ctrl+C has ended.
pub(super) const INTERRUPTED: u8 = 130;

/// Signals that end this process, heard from the moment that this is made.
pub(super) struct Deadly(Vec<(Signal, u8)>);

impl Deadly {
    /// Ctrl+C, the usual way to end a program, and the end of the terminal.
    pub fn listen() -> Self {
        let usual = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];
        Deadly(usual.into_iter().filter_map(heard).collect())
    }

    /// And Ctrl+\, for work that leaves a terminal in disorder.
    pub fn with_quit(mut self) -> Self {
        self.0.extend(heard(libc::SIGQUIT));
        self
    }

    /// Waits for one and returns its exit code.
    pub async fn come(&mut self) -> u8 {
        std::future::poll_fn(|cx| {
            for (signal, code) in &mut self.0 {
                if signal.poll_recv(cx).is_ready() {
                    return Poll::Ready(*code);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// One that cannot be heard ends the process by itself.
fn heard(kind: libc::c_int) -> Option<(Signal, u8)> {
    let code = u8::try_from(128 + kind).ok()?;
    Some((signal(SignalKind::from_raw(kind)).ok()?, code))
}
