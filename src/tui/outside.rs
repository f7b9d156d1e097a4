//! What the terminal shows outside of its cells: the window's title, progress in its tab, notifications. Plain
//! values; `screen` turns them into bytes.

/// What stands outside while nothing happens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outside {
    /// The window's title.
    pub title: String,
    /// What the tab or the task bar shows.
    pub progress: Progress,
    /// What programs that watch the terminal are told, where any is known to.
    pub status: Option<Status>,
}

/// What goes on, for programs that watch terminals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// What.
    pub state: State,
    /// The session's name or what went wrong; never what was said.
    pub message: String,
}

/// What goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing yet, or it was stopped.
    #[default]
    Idle,
    /// The model is at work.
    Working,
    /// A question waits.
    Blocked,
    /// A run has ended.
    Done,
    /// A run has ended with an error.
    Error,
}

/// Progress, as the tab or the task bar shows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Progress {
    /// None.
    #[default]
    Idle,
    /// Something is going on, for who knows how long.
    Busy,
    /// Something waits for the person.
    Waiting,
    /// What went on has failed.
    Failed,
}

/// Something to tell a person who does not look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Who tells it.
    pub title: String,
    /// What.
    pub body: String,
}

/// How terminals bring a notice to the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The bell.
    Bell,
    /// OSC 9, iTerm2's.
    Osc9,
    /// OSC 777, urxvt's.
    Osc777,
    /// OSC 99, kitty's.
    Osc99,
}
