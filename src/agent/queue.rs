//! What the person says while a run is going on: steering (after this turn's tools) and follow-ups
//! (when all is done).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ai::Message;

/// How many queued messages go out at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Drain {
    /// One per turn.
    #[default]
    OneAtATime,
    /// All that wait.
    All,
}

/// Which of the two queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Delivered after the current turn's tools.
    Steering,
    /// Delivered when the run would otherwise end.
    FollowUp,
}

/// The two queues, shared between the conversation that fills them and the run that drains them.
/// The mutex is held for a push or a pop only.
#[derive(Debug, Clone, Default)]
pub struct Queues(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    steering: VecDeque<Message>,
    follow_up: VecDeque<Message>,
    steering_drain: Drain,
    follow_up_drain: Drain,
}

impl Queues {
    /// Adds a message at the end of a lane.
    pub fn push(&self, lane: Lane, message: Message) {
        self.state().lane(lane).push_back(message);
    }

    /// Sets how a lane is drained.
    pub fn set_drain(&self, lane: Lane, drain: Drain) {
        let mut state = self.state();
        match lane {
            Lane::Steering => state.steering_drain = drain,
            Lane::FollowUp => state.follow_up_drain = drain,
        }
    }

    /// How a lane is drained.
    pub fn drain_of(&self, lane: Lane) -> Drain {
        let state = self.state();
        match lane {
            Lane::Steering => state.steering_drain,
            Lane::FollowUp => state.follow_up_drain,
        }
    }

    /// Takes what is due from a lane.
    pub fn take(&self, lane: Lane) -> Vec<Message> {
        let drain = self.drain_of(lane);
        let mut state = self.state();
        let queue = state.lane(lane);
        match drain {
            Drain::OneAtATime => queue.pop_front().into_iter().collect(),
            Drain::All => queue.drain(..).collect(),
        }
    }

    /// Takes everything from a lane.
    pub fn clear(&self, lane: Lane) -> Vec<Message> {
        self.state().lane(lane).drain(..).collect()
    }

    /// Whether anything waits in either lane.
    pub fn is_waiting(&self) -> bool {
        let state = self.state();
        !state.steering.is_empty() || !state.follow_up.is_empty()
    }

    /// A copy of what waits in a lane.
    pub fn waiting(&self, lane: Lane) -> Vec<Message> {
        self.state().lane(lane).iter().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn lane(&mut self, lane: Lane) -> &mut VecDeque<Message> {
        match lane {
            Lane::Steering => &mut self.steering,
            Lane::FollowUp => &mut self.follow_up,
        }
    }
}
