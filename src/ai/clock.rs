//! The wall clock, passed in: the core never asks the machine what time it is.

use std::fmt;
use std::sync::Arc;

use super::message::Millis;

/// Tells the time when asked. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Millis + Send + Sync>);

impl Clock {
    /// A clock that calls `now` for every reading.
    pub fn new(now: impl Fn() -> Millis + Send + Sync + 'static) -> Self {
        Clock(Arc::new(now))
    }

    /// A clock that stands still, for tests and replays.
    pub fn fixed(at: Millis) -> Self {
        Clock::new(move || at)
    }

    /// Milliseconds since the Unix epoch.
    pub fn now(&self) -> Millis {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
