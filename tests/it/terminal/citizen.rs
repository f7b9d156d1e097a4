//! A guest of the terminal: asks and never waits, tells what is going on, leaves nothing behind.

use std::path::Path;

use pi::agent::AgentEvent;
use pi::ai::StopReason;
use pi::config::Appearance;
use pi::config::settings::NotifyBy;
use pi::session::Event;
use pi::tui::abilities::{Answer, Keyboard};
use pi::tui::app::Settings;
use pi::tui::msg::Msg;
use pi::tui::outside::{Outside, Progress, State};

use crate::support::TestPi;
use crate::support::model_server::{Hold, Turn};
use crate::support::pty::Pty;
use crate::support::screen::{Screen, settings, view};
use crate::transcript::stage::ended;

/// The end of what is asked.
const LAST_QUESTION: &[u8] = b"\x1b[?2026$p\x1b[c";

/// pi below a shell; `before` and `after` are shell lines around it.
pub(super) fn start(pi: &TestPi, env: &[(&str, &str)], after: &str) -> Pty {
    let script = format!(r#"sh -c 'echo $$ >~/pid; exec "$@"' sh "$@"; {after}"#);
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

fn pid(pi: &TestPi) -> i32 {
    let text = std::fs::read_to_string(pi.home().join("pid")).unwrap();
    text.trim().parse().unwrap()
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

/// What is told after a run of so many milliseconds, with this done before it ends.
fn after_a_run(took: i64, meanwhile: impl Fn(&mut Screen)) -> Vec<String> {
    let mut screen = Screen::new(60, 16);
    screen.agent(AgentEvent::AgentStart);
    meanwhile(&mut screen);
    screen.now += took;
    screen.event(Event::Settled { aborted: false })
}

#[test]
fn a_long_run_that_ends_is_told_to_a_person_who_looks_elsewhere() {
    let away = |screen: &mut Screen| {
        screen.tell(Msg::Focus(false));
    };
    let told = after_a_run(75_000, away);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("pi - engine") && told[0].contains("done after 1 min 15 s"),
        "{told:?}"
    );
    assert_eq!(after_a_run(5_000, away), [""; 0], "short");
    let here = |screen: &mut Screen| {
        screen.tell(Msg::Focus(true));
    };
    assert_eq!(after_a_run(75_000, here), [""; 0], "looking");
}

#[test]
fn where_the_terminal_does_not_tell_who_has_touched_nothing_is_away() {
    assert_eq!(after_a_run(75_000, |_| {}).len(), 1);
    assert_eq!(after_a_run(20_000, |_| {}), [""; 0]);
    let typing = |screen: &mut Screen| {
        screen.now += 60_000;
        screen.type_text("a");
    };
    assert_eq!(after_a_run(20_000, typing), [""; 0]);
}

fn ask() -> Event {
    Event::Ask {
        id: 1,
        question: pi::session::Question::Confirm {
            title: "Really?".into(),
            message: String::new(),
        },
        timeout: None,
    }
}

#[test]
fn a_question_is_told_at_once_unless_nothing_is_wanted() {
    for (notify, times) in [(NotifyBy::Auto, 1), (NotifyBy::Bell, 1), (NotifyBy::Off, 0)] {
        let settings = Settings {
            notify,
            ..settings()
        };
        let mut screen = Screen::with(view(Vec::new()), settings, 60, 16);
        screen.tell(Msg::Focus(false));
        let told = screen.event(ask());
        assert_eq!(told.len(), times, "{told:?}");
        assert_eq!(screen.app.outside().progress, Progress::Waiting);
        assert_eq!(screen.app.outside().title, "? π - engine");
    }
}

#[test]
fn the_title_and_the_tab_say_that_something_goes_on() {
    let mut screen = Screen::new(60, 16);
    assert_eq!(
        screen.app.outside(),
        Outside {
            title: "π - engine".into(),
            progress: Progress::Idle,
            status: None,
        }
    );
    screen.agent(AgentEvent::AgentStart);
    assert_eq!(
        screen.app.outside(),
        Outside {
            title: "● π - engine".into(),
            progress: Progress::Busy,
            status: None,
        }
    );
    screen.event(Event::Settled { aborted: false });
    assert_eq!(screen.app.outside().progress, Progress::Idle);
}

#[test]
fn progress_is_taken_back_and_the_title_restored_whatever_ends_pi() {
    for signal in [libc::SIGTERM, libc::SIGHUP] {
        let pi = TestPi::new([Turn::silent()]);
        pi.write_agent(
            "settings.json",
            r#"{"terminal": {"showTerminalProgress": true}}"#,
        );
        let mut pty = start(&pi, &[], "true");
        pty.wait_for_text("oai/scripted");
        pty.type_text("go\r");
        pty.wait_for_raw(|raw| memchr::memmem::find(raw, b"\x1b]9;4;3;0\x07").is_some());
        pty.wait_for_raw(|raw| {
            memchr::memmem::find(raw, "\x1b]2;● π - project\x07".as_bytes()).is_some()
        });
        // SAFETY: a plain system call on a process that this test started and that runs.
        assert_eq!(unsafe { libc::kill(pid(&pi), signal) }, 0);
        pty.wait_exit();
        let raw = pty.raw();
        let at = |bytes: &[u8]| memchr::memmem::rfind(&raw, bytes);
        let (busy, none) = (at(b"\x1b]9;4;3;0\x07"), at(b"\x1b]9;4;0;0\x07"));
        assert!(none.is_some() && none > busy, "{busy:?} {none:?}");
        assert!(at(b"\x1b[23;0t").is_some());
    }
}

#[test]
fn watchers_are_told_what_goes_on_once_they_have_answered() {
    let mut screen = Screen::new(60, 16);
    screen.view.name = Some("engine work".into());
    assert_eq!(screen.app.outside().status, None);
    screen.tell(Msg::Answer(Answer::Watched));
    let status = |screen: &Screen| {
        let status = screen.app.outside().status.unwrap();
        (status.state, status.message)
    };
    assert_eq!(status(&screen), (State::Idle, String::new()));
    screen.run("go");
    assert_eq!(status(&screen), (State::Working, "engine work".into()));
    screen.event(ask());
    assert_eq!(status(&screen), (State::Blocked, String::new()));
    screen.press("escape");
    let failed = ended(
        Vec::new(),
        StopReason::Error,
        Some("overloaded\nsecond line"),
    );
    screen.agent(AgentEvent::MessageEnd {
        message: failed.into(),
    });
    screen.event(Event::Settled { aborted: false });
    assert_eq!(status(&screen), (State::Error, "overloaded".into()));
    screen.view.running = false;
    screen.event(Event::Switched);
    assert_eq!(status(&screen), (State::Idle, String::new()));
}

#[test]
fn watchers_get_the_state_in_bytes_and_hear_of_the_end() {
    let gate = Hold::new();
    let pi = TestPi::new([Turn::text("an answer").hold_at(0, &gate)]);
    let mut pty = start(&pi, &[("PI_PROGRAM_STATUS", "1")], "true");
    pty.wait_for_text("oai/scripted");
    pty.type_text("a question\r");
    pty.wait_for_raw(|raw| memchr::memmem::find(raw, b"]7501;state=working:app=pi").is_some());
    gate.open();
    pty.wait_for_raw(|raw| memchr::memmem::find(raw, b"]7501;state=done:app=pi").is_some());
    pty.type_text("/quit\r");
    pty.wait_exit();
    for bytes in ["state=idle:app=pi", "state=working:app=pi", "state=clear"] {
        let sequence = format!("\x1b]7501;{bytes}\x1b\\");
        assert!(has(&pty, sequence.as_bytes()), "{bytes}");
    }
    assert!(!has(&pty, b"7501;?"), "nobody was asked");
}
