//! Outside of the cells, as bytes: titles, progress (OSC 9;4, <https://conemu.github.io/en/AnsiEscapeCodes.html>),
//! notifications (OSC 9, 777 and 99), and marks around what was said (OSC 133). Words lose their control
//! characters here, whoever wrote them.

use std::io;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{modes, tty};
use crate::tui::abilities::Abilities;
use crate::tui::markdown::sanitize_line;
use crate::tui::outside::{Channel, Notice, Outside, Progress, State, Status};

/// Some terminals take progress back that nobody has told again for a while.
const AGAIN: Duration = Duration::from_secs(5);

/// A notification of more characters than this is not read.
const LONGEST: usize = 200;

/// What was told last.
#[derive(Default)]
pub(super) struct Told {
    outside: Option<Outside>,
    at: Option<Instant>,
}

impl Told {
    /// Tells what has changed.
    pub(super) fn tell(&mut self, now: &Outside) -> io::Result<()> {
        let before = self.outside.as_ref();
        let mut out = String::new();
        if before.is_none_or(|before| before.title != now.title) {
            out.push_str(&format!("\x1b]2;{}\x07", sanitize_line(&now.title)));
        }
        let shown = before.map(|before| before.progress).unwrap_or_default();
        let is_stale = || self.at.is_none_or(|at| at.elapsed() >= AGAIN);
        if shown != now.progress || now.progress == Progress::Busy && is_stale() {
            out.push_str(progress(now.progress));
            modes::set_progress(now.progress != Progress::Idle);
            self.at = Some(Instant::now());
        }
        if let Some(status) = &now.status
            && before.is_none_or(|before| before.status.as_ref() != Some(status))
        {
            out.push_str(&told_to_watchers(status));
            modes::set_watched();
        }
        if before != Some(now) {
            self.outside = Some(now.clone());
        }
        tty::write(out.as_bytes())
    }
}

fn progress(progress: Progress) -> &'static str {
    match progress {
        Progress::Idle => modes::NO_PROGRESS,
        Progress::Busy => "\x1b]9;4;3;0\x07",
        Progress::Waiting => "\x1b]9;4;4;100\x07",
        Progress::Failed => "\x1b]9;4;2;100\x07",
    }
}

/// The program status protocol (OSC 7501,
/// <https://www.superlogical.com/rex/docs/build/program-status>).
fn told_to_watchers(status: &Status) -> String {
    let state = match status.state {
        State::Idle => "idle",
        State::Working => "working",
        State::Blocked => "blocked",
        State::Done => "done",
        State::Error => "error",
    };
    let clean = sanitize_line(status.message.trim());
    let mut message: String = clean.chars().take(LONGEST).collect();
    if !message.is_empty() {
        message = format!(":msg={}", STANDARD.encode(message));
    }
    format!("\x1b]7501;state={state}:app=pi{message}\x1b\\")
}

/// A notice as a terminal wants it of which this is known. Inside tmux it is handed through to the terminal
/// outside, where tmux allows that, and tmux gets the bell.
pub(super) fn notice(notice: &Notice, known: &Abilities, bell_only: bool) -> String {
    let words = |text: &str| {
        let clean = sanitize_line(text);
        clean.chars().take(LONGEST).collect::<String>()
    };
    let (title, body) = (words(&notice.title), words(&notice.body));
    let channel = match bell_only {
        true => Channel::Bell,
        false => known.channel(),
    };
    let sequence = match channel {
        Channel::Bell => return "\x07".into(),
        Channel::Osc9 => {
            let text = format!("{title}: {body}");
            let guard = if is_command(&text) { " " } else { "" };
            format!("\x1b]9;{guard}{text}\x07")
        }
        Channel::Osc777 => format!("\x1b]777;notify;{};{body}\x07", title.replace(';', ",")),
        Channel::Osc99 => format!(
            "\x1b]99;i=pi:d=0:o=unfocused;{title}\x1b\\\x1b]99;i=pi:p=body:o=unfocused;{body}\x1b\\"
        ),
    };
    match known.tmux {
        true => format!(
            "\x1bPtmux;{}\x1b\\\x07",
            sequence.replace('\x1b', "\x1b\x1b")
        ),
        false => sequence,
    }
}

/// Whether a terminal might take it for a command of ConEmu (a number and what it is told) rather than for
/// words.
fn is_command(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < text.len() && rest.starts_with(';')
}

/// Where the parts of a conversation begin, for terminals that jump from prompt to prompt or select an answer
/// (OSC 133). Of use only where what was said stays in the terminal's own scrollback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// What the person says begins.
    Prompt,
    /// The answer begins.
    Answer,
    /// The answer is over.
    End,
}

impl Mark {
    /// The bytes, which show nothing.
    pub fn bytes(self) -> &'static str {
        match self {
            Mark::Prompt => "\x1b]133;A\x07",
            Mark::Answer => "\x1b]133;C\x07",
            Mark::End => "\x1b]133;D\x07",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(name: &str, tmux: bool) -> String {
        let known = Abilities {
            name: Some(name.into()),
            tmux,
            ..Abilities::default()
        };
        let told = Notice {
            title: "pi; engine".into(),
            body: "done\x1b]0;evil\x07 in 2 m".into(),
        };
        notice(&told, &known, false)
    }

    #[test]
    fn a_notice_goes_the_way_the_terminal_knows_and_carries_no_sequence_of_others() {
        let iterm = on("iTerm.app", false);
        assert!(iterm.starts_with("\x1b]9;pi; engine: done"), "{iterm:?}");
        assert_eq!(iterm.matches('\x1b').count(), 1);
        assert_eq!(iterm.matches('\x07').count(), 1);
        assert!(on("foot(1.21)", false).starts_with("\x1b]777;notify;pi, engine;done"));
        assert!(
            on("kitty(0.40)", false).starts_with("\x1b]99;i=pi:d=0:o=unfocused;pi; engine\x1b\\")
        );
        assert_eq!(on("XTerm(390)", false), "\x07");
        let inside = on("ghostty", true);
        assert!(inside.starts_with("\x1bPtmux;\x1b\x1b]9;pi"), "{inside:?}");
        assert!(inside.ends_with("\x1b\\\x07"), "{inside:?}");
    }
    #[test]
    fn words_that_look_like_progress_are_words() {
        let known = Abilities {
            name: Some("iTerm.app".into()),
            ..Abilities::default()
        };
        for (title, wanted) in [
            ("4;1;50", "\x1b]9; 4;1;50: "),
            ("12;", "\x1b]9; 12;: "),
            ("4 of 5; done", "\x1b]9;4 of 5; done: "),
        ] {
            let told = Notice {
                title: title.into(),
                body: "4;1;50".into(),
            };
            let bytes = notice(&told, &known, false);
            assert!(bytes.starts_with(wanted), "{bytes:?}");
        }
    }
}
