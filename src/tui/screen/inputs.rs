//! What the person does, as it comes. Reads only while it is asked, so another program can have the
//! keyboard in between; ends when the terminal is gone.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use futures::FutureExt;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{self, SignalKind};
use tokio::time::Instant;

use super::decode::{Decoder, Half, Input};
use super::{modes, tty};
use crate::tui::abilities::Answer;

/// How long the rest of a sequence may take that no person types: over a slow line it comes in pieces.
const LONG_PATIENCE: Duration = Duration::from_secs(1);

/// Keys, pastes, the wheel, new sizes.
pub struct Inputs {
    decoder: Decoder,
    /// How long the rest of a key may take: after this, an escape alone is the Escape key.
    patience: Duration,
    /// Until when the rest of a key may come.
    deadline: Option<Instant>,
    sources: Option<Sources>,
    ended: bool,
}

/// Where it all comes from; needs a runtime, so it is made by the first one who asks.
struct Sources {
    keyboard: AsyncFd<RawFd>,
    sizes: unix::Signal,
}

impl Sources {
    fn open() -> io::Result<Self> {
        // SAFETY: the descriptor is never closed.
        let keyboard =
            unsafe { AsyncFd::register_with_interest(tty::input()?, Interest::READABLE) }?;
        Ok(Sources {
            keyboard,
            sizes: unix::signal(SignalKind::window_change())?,
        })
    }
}

enum Woken {
    Keyboard(io::Result<usize>),
    Size,
    Late,
}

impl Inputs {
    /// Reads nothing yet. The rest of a key is waited for with this patience.
    pub fn new(patience: Duration) -> Self {
        Inputs {
            decoder: Decoder::default(),
            patience,
            deadline: None,
            sources: None,
            ended: false,
        }
    }

    /// The next input; `None` when the terminal is gone. May be dropped and asked again without losing
    /// any.
    pub async fn next(&mut self) -> Option<io::Result<Input>> {
        let mut bytes = [0; 4096];
        loop {
            if let Some(input) = self.decoder.next() {
                // Keys that came in one piece with the beginning of another do not end its time.
                if self.decoder.half().is_none() {
                    self.deadline = None;
                }
                if let Input::Answer(Answer::Attributes { .. }) = input {
                    modes::answered();
                }
                return Some(Ok(input));
            }
            if self.ended {
                return None;
            }
            match self.woken(&mut bytes).await {
                Ok(Woken::Keyboard(Ok(0))) => {
                    self.ended = true;
                    self.decoder.give_up();
                }
                Ok(Woken::Keyboard(Ok(count))) => self.feed(bytes.get(..count).unwrap_or_default()),
                Ok(Woken::Size) => return Some(Ok(current_size())),
                Ok(Woken::Late) => {
                    self.deadline = None;
                    self.decoder.give_up();
                }
                Ok(Woken::Keyboard(Err(error))) | Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
    }

    /// What is ready already, without waiting.
    pub fn try_next(&mut self) -> Option<Input> {
        // The rest of a key is waited for by `next`, which comes back to it.
        self.next().now_or_never().flatten()?.ok()
    }

    async fn woken(&mut self, bytes: &mut [u8]) -> io::Result<Woken> {
        let sources = match &mut self.sources {
            Some(sources) => sources,
            none => none.insert(Sources::open()?),
        };
        let keyboard = async {
            loop {
                let mut ready = sources.keyboard.readable().await?;
                if let Ok(read) = ready.try_io(|keyboard| tty::read(*keyboard.get_ref(), bytes)) {
                    return Ok(Woken::Keyboard(read));
                }
            }
        };
        let deadline = self.deadline;
        let late = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = sources.sizes.recv() => Ok(Woken::Size),
            read = keyboard => read,
            () = late => Ok(Woken::Late),
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.decoder.feed(bytes);
        let patience = self.decoder.half().map(|half| match half {
            Half::Key => self.patience,
            Half::Sequence => LONG_PATIENCE,
        });
        self.deadline = patience.map(|patience| Instant::now() + patience);
    }
}

fn current_size() -> Input {
    let (columns, rows) = tty::size();
    Input::Resize(columns, rows)
}
