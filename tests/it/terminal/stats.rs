//! What `/session` and `/debug` tell.

use pi::ai::Usage;
use pi::session::{ContextUsage, ModelSpend, Reply, Stats};
use pi::tui::clipboard::Copied;
use pi::tui::msg::{Asked, Msg};

use super::program::{assert_over, say, start};
use crate::support::TestPi;
use crate::support::model_server::Turn;
use crate::support::screen::{Screen, view};
use crate::transcript::stage::user;

fn usage(input: u64, cost: f64) -> Usage {
    let mut usage = Usage {
        input,
        ..Usage::default()
    };
    usage.cost.total = cost;
    usage
}

fn stats() -> Stats {
    Stats {
        id: "the-id".into(),
        file: Some("/home/me/s.jsonl".into()),
        total_messages: 12_345,
        entries: 20_000,
        branches: 3,
        compactions: 1,
        usage: usage(1_234_567, 4.5),
        context: Some(ContextUsage {
            tokens: Some(50_000),
            window: 200_000,
            percent: Some(25.0),
        }),
        ..Stats::default()
    }
}

fn open(screen: &mut Screen) {
    let sent = screen.reply(Asked::Stats, Reply::Stats(Box::new(stats())));
    assert_eq!(sent, ["Spending -> Spending"]);
}

#[test]
fn the_figures_come_at_once_and_those_by_model_when_they_are_read() {
    let mut screen = Screen::new(80, 40);
    open(&mut screen);
    for shown in [
        "/home/me/s.jsonl",
        "Written by this pi",
        "12,345 (",
        "Entries    20,000",
        "Branches   3",
        "Compacted  once",
        "50,000 of 200,000 tokens (25.0%)",
        "1,234,567 in",
        "$4.5000",
        "reading the answers…",
    ] {
        assert!(screen.shows(shown), "{shown}\n{}", screen.text());
    }
    let spend = |model: &str, answers, cost| ModelSpend {
        model: model.into(),
        answers,
        usage: usage(10, cost),
    };
    let all = vec![spend("acme/big", 1200, 4.25), spend("acme/small", 1, 0.25)];
    screen.reply(Asked::Spending, Reply::Spending(all));
    assert!(screen.shows("acme/big"));
    assert!(screen.shows("$4.2500 · 1,200 answers"));
    assert!(screen.shows("$0.2500 · 1 answer\n") || screen.shows("1 answer "));
}

#[test]
fn the_path_is_copied_and_a_small_screen_scrolls() {
    let mut screen = Screen::new(40, 12);
    open(&mut screen);
    assert!(!screen.shows("By model"));
    screen.press("end");
    assert!(screen.shows("By model"));
    let place = screen.place_of("By model");
    screen.wheel(-100, place);
    assert!(screen.shows("the-id"));
    assert_eq!(screen.press("ctrl+x"), [r#"Copy("/home/me/s.jsonl")"#]);
    screen.tell(Msg::Copied(Copied::default()));
    screen.press("end");
    assert!(screen.shows("no clipboard was found"));
    screen.press("escape");
    assert!(!screen.shows("the-id"));
}

#[test]
fn somebody_elses_session_says_who_writes_it() {
    let mut watched = view(Vec::new());
    watched.watching = Some("process 42 writes it".into());
    let mut screen = Screen::over(watched, 80, 40);
    open(&mut screen);
    assert!(screen.shows("process 42 writes it; this pi watches"));
}

#[test]
fn a_report_has_the_screen_the_terminal_and_the_last_messages() {
    let mut screen = Screen::over(view(vec![user("where is the bug?")]), 60, 20);
    let report = screen.app.report(60, 20);
    assert!(report.contains("Terminal: 60x20"), "{report}");
    assert!(report.contains("Session: the-id"));
    assert!(report.contains("keyboard: Unknown"));
    assert!(report.contains("[0] (w="), "{report}");
    let line = report.lines().find(|line| line.starts_with('{')).unwrap();
    let message: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(message["role"], "user");
    assert_eq!(screen.tell(Msg::Paste("/debug".into())), [""; 0]);
    assert_eq!(screen.press("enter"), ["Report"]);
    screen.tell(Msg::Reported(Err("the disk is full".into())));
    assert!(screen.shows("was not written: the disk is full"));
}

#[test]
fn the_program_tells_what_each_model_took_and_writes_a_report_without_secrets() {
    let pi = TestPi::new([Turn::text("An answer."), Turn::text("Another.")]);
    let mut pty = start(&pi, &["the key is key-of-models-json, keep it"]);
    pty.wait_for_text("An answer.");
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    pty.resize(80, 50);
    say(&mut pty, "/session");
    pty.wait_for_text("1 answer");
    let contents = pty.contents();
    assert!(contents.contains("oai/scripted"), "{contents}");
    assert!(contents.contains("Messages   2 (yours 1"), "{contents}");
    pty.type_text("\x1b");
    pty.wait_for(|screen| !screen.contents().contains("Written by"));
    say(&mut pty, "/debug");
    pty.wait_for_text("pi-debug.log");
    let report = std::fs::read_to_string(pi.agent().join("pi-debug.log")).unwrap();
    assert!(report.contains("Terminal: 80x50"), "{report}");
    assert!(report.contains("An answer."), "{report}");
    assert!(report.contains("[redacted]"), "{report}");
    assert!(!report.contains("key-of-models-json"), "{report}");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}
