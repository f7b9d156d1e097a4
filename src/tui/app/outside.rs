//! What the terminal is to show outside of its cells, and when a person who does not look is told.

use super::App;
use crate::agent::AgentEvent;
use crate::ai::{Millis, StopReason};
use crate::config::settings::NotifyBy;
use crate::session::{Event, UiNote};
use crate::tui::msg::{Effect, Msg};
use crate::tui::outside::{Notice, Outside, Progress, State, Status};

/// A run that takes longer than this is not waited for with open eyes.
const LONG: Millis = 10_000;

/// Who has not touched anything for so long is not there, where the terminal does not tell.
const GONE: Millis = 30_000;

/// Whether the person is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Presence {
    /// Whether the window has the keyboard, once the terminal has told.
    focus: Option<bool>,
    /// When something was last touched.
    touched: Millis,
}

impl Presence {
    /// Somebody has just begun.
    pub fn at(now: Millis) -> Self {
        Presence {
            focus: None,
            touched: now,
        }
    }

    fn is_away(self, now: Millis) -> bool {
        let seems_gone = || now - self.touched >= GONE;
        self.focus.map_or_else(seems_gone, |is_here| !is_here)
    }
}

impl App {
    /// What stands outside of the cells now.
    pub fn outside(&self) -> Outside {
        let progress = match () {
            () if self.is_asking() => Progress::Waiting,
            () if self.is_at_work() || self.shell => Progress::Busy,
            () if self.failed => Progress::Failed,
            () => Progress::Idle,
        };
        let sign = match progress {
            Progress::Waiting => "? ",
            Progress::Busy => "● ",
            Progress::Idle | Progress::Failed => "",
        };
        let title = match &self.title {
            Some(title) => title.clone(),
            None => format!("{sign}π - {}", self.name_and_place()),
        };
        let progress = match self.settings.progress {
            true => progress,
            false => Progress::Idle,
        };
        Outside {
            title,
            progress,
            status: (self.abilities.watched == Some(true)).then(|| self.to_watchers()),
        }
    }

    /// What programs that watch the terminal are told.
    fn to_watchers(&self) -> Status {
        let named = |state| Status {
            state,
            message: self.view.name.clone().unwrap_or_default(),
        };
        match () {
            () if self.is_asking() => Status {
                state: State::Blocked,
                message: String::new(),
            },
            () if self.is_at_work() => named(State::Working),
            () if self.ended.state == State::Done => named(State::Done),
            () => self.ended.clone(),
        }
    }

    /// Whether the bell is all that is wanted.
    pub fn is_told_by_bell(&self) -> bool {
        self.settings.notify == NotifyBy::Bell
    }

    /// Notices whether somebody is there.
    pub(super) fn see(&mut self, msg: &Msg) {
        match msg {
            Msg::Focus(is_here) => self.presence.focus = Some(*is_here),
            Msg::Key(_) | Msg::Paste(_) | Msg::Mouse(_) => {
                self.presence.touched = self.now;
            }
            _ => {}
        }
    }

    /// What is to be told of this, before the app has taken it.
    pub(super) fn told_outside(&mut self, event: &Event) -> Option<Effect> {
        let body = match event {
            Event::Agent(AgentEvent::AgentStart) => {
                self.failed = false;
                return None;
            }
            Event::Agent(AgentEvent::MessageEnd { message }) => {
                if let Some(answer) = message.as_assistant() {
                    self.failed = answer.stop_reason == StopReason::Error;
                    let why = answer.error_message.as_deref().unwrap_or_default();
                    self.ended = match self.failed {
                        true => Status {
                            state: State::Error,
                            message: why.lines().next().unwrap_or_default().to_owned(),
                        },
                        false => Status {
                            state: State::Done,
                            message: String::new(),
                        },
                    };
                }
                return None;
            }
            Event::Ui {
                note: UiNote::Title(title),
                ..
            } => {
                self.title = Some(title.clone()).filter(|title| !title.is_empty());
                return None;
            }
            Event::Settled { aborted: true } | Event::Switched => {
                self.ended = Status::default();
                return None;
            }
            Event::Ask { .. } => "a question waits for an answer".into(),
            Event::Settled { aborted: false } => {
                let took = self.now - self.since?;
                if took < LONG {
                    return None;
                }
                let seconds = took / 1000;
                let time = match seconds {
                    0..60 => format!("{seconds} s"),
                    _ => format!("{} min {} s", seconds / 60, seconds % 60),
                };
                match self.failed {
                    true => format!("stopped with an error after {time}"),
                    false => format!("done after {time}"),
                }
            }
            _ => return None,
        };
        let is_wanted = self.settings.notify != NotifyBy::Off && self.presence.is_away(self.now);
        let title = format!("pi - {}", self.name_and_place());
        is_wanted.then_some(Effect::Notify(Notice { title, body }))
    }

    fn is_asking(&self) -> bool {
        let open = self.panel.as_ref();
        !self.questions.is_empty() || open.is_some_and(|open| open.question.is_some())
    }

    /// The session's name, if it has one, and the directory's.
    fn name_and_place(&self) -> String {
        let place = self
            .view
            .cwd
            .file_name()
            .unwrap_or(self.view.cwd.as_os_str());
        let place = place.to_string_lossy();
        match &self.view.name {
            Some(name) => format!("{name} - {place}"),
            None => place.into_owned(),
        }
    }
}
