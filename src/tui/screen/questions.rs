//! What the terminal is asked about itself. The last question is one that every terminal answers, so that its
//! answer ends the others.

use std::time::{Duration, Instant};

use super::tty;
use crate::tui::abilities::Abilities;

/// Which keyboard: the kitty protocol's flags, xterm's modifyOtherKeys. A terminal that takes the second for
/// colours is set right by `0m`.
const KEYBOARD: &str = "\x1b[?u\x1b[?4m\x1b[0m";
/// Foreground and background.
const COLORS: &str = "\x1b]10;?\x07\x1b]11;?\x07";
/// Light or dark (mode 2031's question), and the size of a cell.
const LOOKS: &str = "\x1b[?996n\x1b[16t";
/// Whether somebody watches what goes on (the program status protocol).
const WATCHED: &str = "\x1b]7501;?\x1b\\";
/// Name and version (XTVERSION), and whether frames are shown whole (DECRQM).
const RARE: &str = "\x1b[>0q\x1b[?2026$p";
/// The device's attributes.
const END: &str = "\x1b[c";

/// The questions for a terminal of which this is known; none for one that would show them.
pub(super) fn of(known: &Abilities) -> Vec<u8> {
    if known.is_mute {
        return Vec::new();
    }
    let mut questions = format!("{KEYBOARD}{COLORS}");
    for index in 0..16 {
        questions.push_str(&format!("\x1b]4;{index};?\x07"));
    }
    questions.push_str(LOOKS);
    // Apple's terminal prints what it does not know of these.
    if !known.is_called("Apple_Terminal") {
        if known.watched.is_none() {
            questions.push_str(WATCHED);
        }
        questions.push_str(RARE);
    }
    questions.push_str(END);
    questions.into_bytes()
}

/// How long answers that have not come are waited for at the end.
pub(super) fn patience(known: &Abilities) -> Duration {
    match known.ssh {
        true => Duration::from_secs(1),
        false => Duration::from_millis(100),
    }
}

/// Reads answers that are on their way, up to the last one of so many times, and at most so long. What else is
/// there goes with them.
pub(super) fn drain(times: usize, longest: Duration) {
    let Ok(input) = tty::input() else { return };
    let until = Instant::now() + longest;
    let mut seen = Vec::new();
    let mut bytes = [0; 1024];
    while ends(&seen) < times {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || !tty::wait_readable(input, left) {
            return;
        }
        match tty::read(input, &mut bytes) {
            Ok(0) => return,
            Ok(count) => seen.extend_from_slice(bytes.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

/// How often the last answer, `ESC [ ? numbers c`, is among the bytes.
fn ends(seen: &[u8]) -> usize {
    let starts = memchr::memmem::find_iter(seen, b"\x1b[?");
    let is_end = |at: &usize| {
        let after = seen.get(at + 3..).unwrap_or_default();
        let end = after.iter().find(|byte| !b"0123456789;".contains(byte));
        end == Some(&b'c')
    };
    starts.filter(is_end).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_would_show_the_questions_is_not_asked() {
        let mute = Abilities {
            is_mute: true,
            ..Abilities::default()
        };
        assert_eq!(of(&mute), b"");
        let asked = String::from_utf8(of(&Abilities::default())).unwrap();
        assert!(
            asked.starts_with("\x1b[?u") && asked.ends_with("\x1b[c"),
            "{asked:?}"
        );
    }

    #[test]
    fn the_last_answer_is_known_wherever_it_stands() {
        assert_eq!(
            ends(b"\x1b[?5u\x1b]11;rgb:0/0/0\x07\x1b[?62;22c\x1b[?1c"),
            2
        );
        assert_eq!(ends(b"\x1b[?5u\x1b[?62;"), 0);
        assert_eq!(ends(b"cc\x1b[Ac"), 0);
    }
}
