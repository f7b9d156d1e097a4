//! A guest of the terminal: asks and never waits, tells what is going on, leaves nothing behind.

use std::path::Path;

use pi::config::Appearance;
use pi::tui::abilities::{Answer, Keyboard};
use pi::tui::msg::Msg;

use crate::support::TestPi;
use crate::support::pty::Pty;
use crate::support::screen::Screen;

/// The end of what is asked.
const LAST_QUESTION: &[u8] = b"\x1b[?2026$p\x1b[c";

/// pi below a shell; `before` and `after` are shell lines around it.
pub(super) fn start(pi: &TestPi, env: &[(&str, &str)], after: &str) -> Pty {
    let script = format!(r#""$@"; {after}"#);
    let home = pi.home().display().to_string();
    let mut all = vec![("HOME".to_owned(), home)];
    all.extend(
        env.iter()
            .map(|(name, value)| ((*name).into(), (*value).into())),
    );
    let args = [
        "-c",
        &script,
        "sh",
        env!("CARGO_BIN_EXE_pi"),
        "--model",
        "oai/scripted",
    ];
    Pty::spawn(Path::new("/bin/sh"), &args, all, &pi.project(), 80, 24)
}

pub(super) fn has(pty: &Pty, bytes: &[u8]) -> bool {
    memchr::memmem::find(&pty.raw(), bytes).is_some()
}

#[test]
fn the_terminal_is_asked_after_the_first_paint_and_its_answers_are_never_typed() {
    let pi = TestPi::new([]);
    let mut pty = start(&pi, &[], "true");
    pty.wait_for_text("oai/scripted");
    pty.wait_for_raw(|raw| memchr::memmem::find(raw, LAST_QUESTION).is_some());
    pty.send(b"\x1b[?5u\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b]4;1;rgb:f0f0");
    pty.send(b"/5050/5050\x1b\\\x1bP>|foot(1.21)\x1b\\\x1b[?62;22cwords");
    pty.wait_for_text("words");
    let contents = pty.contents();
    for piece in ["rgb", "1e1e", "foot", "62;22", "5050"] {
        assert!(!contents.contains(piece), "{contents}");
    }
}

#[test]
fn answers_that_come_after_the_end_are_not_typed_into_the_shell() {
    let pi = TestPi::new([]);
    let after = "stty -icanon min 0 time 1; cat >~/leaked; echo over";
    let mut pty = start(&pi, &[("SSH_TTY", "/dev/pts/9")], after);
    pty.wait_for_raw(|raw| memchr::memmem::find(raw, LAST_QUESTION).is_some());
    pty.type_text("/quit\r");
    pty.wait_for(|screen| !screen.alternate_screen());
    pty.send(b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b[?62;22c");
    pty.wait_exit();
    let leaked = std::fs::read(pi.home().join("leaked")).unwrap();
    assert_eq!(String::from_utf8_lossy(&leaked), "");
}

#[test]
fn a_console_that_would_show_questions_is_asked_nothing() {
    let pi = TestPi::new([]);
    let mut pty = start(&pi, &[("TERM", "linux")], "true");
    pty.wait_for_text("oai/scripted");
    pty.type_text("/quit\r");
    pty.wait_exit();
    assert!(!has(&pty, b"\x1b[c") && !has(&pty, b"\x1b]11;?"));
}

#[test]
fn what_the_terminal_says_is_kept_for_whoever_needs_it() {
    let mut screen = Screen::new(40, 12);
    for answer in [
        Answer::KittyKeyboard(5),
        Answer::CellSize(9, 18),
        Answer::Background((255, 255, 255)),
        Answer::Attributes { sixel: true },
    ] {
        screen.tell(Msg::Answer(answer));
    }
    let known = screen.app.abilities();
    assert_eq!(known.keyboard, Keyboard::Kitty);
    assert_eq!(known.cell_size, Some((9, 18)));
    assert_eq!(known.appearance(), Appearance::Light);
    assert!(known.sixel && known.has_answered);
}
