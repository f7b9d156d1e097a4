//! What other processes want of us. While a [`Signals`] lives, these signals end nothing by themselves.

use std::io;

use tokio::signal::unix::{self, SignalKind};

/// A signal that ends or stops pi.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM: end now, with code 143.
    Terminate,
    /// SIGHUP: the terminal is gone; code 129.
    HangUp,
    /// SIGINT, from outside (Ctrl-C is a key): code 130.
    Interrupt,
    /// SIGTSTP, from outside: stop, see [`super::Screen::suspend`].
    Suspend,
}

/// The signals as they come.
pub struct Signals {
    terminate: unix::Signal,
    hang_up: unix::Signal,
    interrupt: unix::Signal,
    suspend: unix::Signal,
}

impl Signals {
    /// Takes the signals over; inside a runtime.
    pub fn new() -> io::Result<Self> {
        Ok(Signals {
            terminate: unix::signal(SignalKind::terminate())?,
            hang_up: unix::signal(SignalKind::hangup())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            suspend: unix::signal(SignalKind::from_raw(libc::SIGTSTP))?,
        })
    }

    /// The next one. May be dropped and asked again without losing any.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.hang_up.recv() => Signal::HangUp,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.suspend.recv() => Signal::Suspend,
        }
    }
}
