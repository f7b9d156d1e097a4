//! Whether a project is trusted: looked at, decided, asked about at the start.

use pi::config::trust::Decision;
use pi::tui::msg::Msg;
use pi::tui::preferences::{Answer, Trust};

use super::program::{SCRIPT, assert_over, say, start, start_in};
use crate::support::TestPi;
use crate::support::model_server::Turn;
use crate::support::screen::Screen;

fn trust() -> Trust {
    Trust {
        folder: "/home/me/engine".into(),
        protected: vec!["/home/me/engine/.pi/settings.json".into()],
        saved: None,
        in_force: false,
    }
}

#[test]
fn what_a_project_brings_along_is_shown_and_decided_about() {
    for (columns, rows) in [(80, 24), (40, 12)] {
        let mut screen = Screen::new(columns, rows);
        screen.paste("/trust");
        assert_eq!(screen.press("enter"), ["Prefer(Trust)"]);
        screen.tell(Msg::Preferred(Answer::Trust(trust())));
        assert!(screen.shows("~/engine"));
        assert!(screen.shows(".pi/settings.json") || rows < 20);
        assert!(screen.shows("› Trust this folder"));
        assert_eq!(screen.press("enter"), ["Prefer(Decide(Trust))"]);
        let done = Answer::Decided(Decision::Trust, Ok(()));
        let asked = screen.tell(Msg::Preferred(done));
        assert_eq!(asked, [r#"Prefer(Reload("/home/me/engine"))"#]);
    }
}

#[test]
fn the_decision_in_force_is_marked_and_can_be_forgotten() {
    let mut screen = Screen::new(80, 24);
    let decided = Trust {
        saved: Some((false, "/home/me/engine".into())),
        ..trust()
    };
    screen.tell(Msg::Preferred(Answer::Trust(decided)));
    assert!(screen.shows("Decided: not trusted."));
    assert!(screen.row_of("› Do not trust it").contains('✓'));
    let asked = screen.press("end enter");
    assert_eq!(asked, ["Prefer(Decide(Forget))"]);
}

#[test]
fn a_decision_during_a_run_waits_for_its_end() {
    let mut screen = Screen::new(80, 24);
    screen.run("go");
    let done = Answer::Decided(Decision::Trust, Ok(()));
    assert_eq!(screen.tell(Msg::Preferred(done)), [""; 0]);
    assert!(screen.shows("/reload acts on it"));
}

/// A pi in a project that hides thinking.
fn undecided() -> TestPi {
    let pi = TestPi::new([Turn::text("It is 42.")]);
    pi.write("project/.pi/settings.json", r#"{"quietStartup": true}"#);
    pi
}

fn decisions(pi: &TestPi) -> String {
    std::fs::read_to_string(pi.agent().join("trust.json")).unwrap_or_default()
}

#[test]
fn an_undecided_project_is_asked_about_before_the_conversation() {
    let pi = undecided();
    let mut pty = start_in(&pi, SCRIPT, &["--model", "oai/scripted"], (40, 12));
    pty.wait_for_text("Do you trust this project?");
    pty.type_text("this folder\r");
    pty.wait_for_text("oai/scripted");
    assert!(decisions(&pi).contains("true"), "{}", decisions(&pi));
    assert!(!pty.contents().contains("/hotkeys"), "its settings hold");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    // It is not asked again.
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

#[test]
fn trust_for_one_run_is_not_remembered_and_escape_is_no() {
    let pi = undecided();
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("› Trust it in this run");
    pty.send(b"\r");
    pty.wait_for_text("oai/scripted");
    assert!(!pty.contents().contains("/hotkeys"), "its settings hold");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    assert_eq!(decisions(&pi), "");
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("› Trust it in this run");
    pty.send(b"\x1b");
    pty.wait_for_text("oai/scripted");
    pty.wait_for_text("/hotkeys");
    assert_eq!(decisions(&pi), "");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

#[test]
fn flags_and_the_setting_answer_for_the_person() {
    let pi = undecided();
    for flag in ["--approve", "--no-approve"] {
        let mut pty = start(&pi, &[flag]);
        pty.wait_for_text("oai/scripted");
        assert_eq!(pty.contents().contains("/hotkeys"), flag == "--no-approve");
        say(&mut pty, "/quit");
        assert_over(&pi, &mut pty, 0);
    }
    pi.write_agent("settings.json", r#"{"defaultProjectTrust": "never"}"#);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("/hotkeys");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    assert_eq!(decisions(&pi), "");
}

#[test]
fn a_decision_takes_effect_at_once() {
    let pi = undecided();
    let mut pty = start(&pi, &["--no-session"]);
    pty.wait_for_text("› Trust it in this run");
    pty.send(b"\x1b");
    pty.wait_for_text("/hotkeys");
    say(&mut pty, "/trust");
    pty.wait_for_text("Now: its resources are not used.");
    pty.send(b"\r");
    pty.wait_for_text("this project is now trusted");
    pty.wait_for_text("settings: quietStartup");
    assert!(decisions(&pi).contains("true"));
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

#[test]
fn nobody_is_asked_where_nobody_sits() {
    let pi = undecided();
    let ran = pi.run(&["--model", "oai/scripted", "-p", "what is it?"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("not trusted"), "{}", ran.stderr);
}
