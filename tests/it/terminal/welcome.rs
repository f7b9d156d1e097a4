//! The start: how to begin with nothing connected, and what an update has brought.

use pi::tui::app::{Settings, Update};
use pi::tui::msg::Msg;

use super::program::{SCRIPT, assert_over, say, start_in};
use crate::support::TestPi;
use crate::support::screen::{Screen, settings, view};
use crate::transcript::stage::user;

const NONE: [&str; 0] = [];

fn unconnected(columns: u16, rows: u16) -> Screen {
    let mut view = view(Vec::new());
    view.demo = true;
    let settings = Settings {
        welcome: true,
        ..settings()
    };
    Screen::with(view, settings, columns, rows)
}

#[test]
fn with_nothing_connected_there_are_three_ways_to_begin() {
    let mut screen = unconnected(60, 20);
    for way in ["Connect a provider", "Use a local server", "Try the demo"] {
        assert!(screen.shows(way), "{way}");
    }
    assert_eq!(screen.press("enter"), [r#"Keys(Providers(Connect("")))"#]);
    let mut screen = unconnected(60, 20);
    assert_eq!(screen.press("down enter"), NONE);
    assert!(screen.shows("models.json") && screen.shows("localhost:11434"));
    let mut screen = unconnected(40, 12);
    assert_eq!(screen.click("Try the demo"), NONE);
    assert!(screen.shows("list the files here"));
    assert!(!screen.shows("Welcome"));
}

#[test]
fn escape_and_words_leave_the_welcome() {
    let mut screen = unconnected(60, 20);
    screen.press("escape");
    assert!(!screen.shows("Welcome"));
    let mut screen = unconnected(60, 20);
    screen.type_text("list the files here");
    assert!(!screen.shows("Welcome"));
    assert_eq!(screen.app.draft(), "list the files here");
    let mut screen = unconnected(60, 20);
    screen.tell(Msg::Paste("read README.md".into()));
    assert!(!screen.shows("Welcome"));
    assert_eq!(screen.app.draft(), "read README.md");
}

#[test]
fn nobody_is_welcomed_to_a_conversation_that_goes_on_or_with_a_model() {
    let mut begun = view(vec![user("hello")]);
    begun.demo = true;
    let welcome = || Settings {
        welcome: true,
        ..settings()
    };
    assert!(!Screen::with(begun, welcome(), 60, 20).shows("Welcome"));
    let connected = view(Vec::new());
    assert!(!Screen::with(connected, welcome(), 60, 20).shows("Welcome"));
}

#[test]
fn an_update_is_told_in_a_line_or_as_a_page() {
    let update = |news: Option<&str>| Settings {
        update: Some(Update {
            version: "2.0.0".into(),
            news: news.map(str::to_owned),
        }),
        ..settings()
    };
    let mut screen = Screen::with(view(Vec::new()), update(None), 60, 20);
    assert!(screen.shows("pi is 2.0.0 now · /changelog tells what is new"));
    let news = Some("## 2.0.0\n\n- **Faster** by half");
    let mut screen = Screen::with(view(Vec::new()), update(news), 60, 20);
    assert!(screen.shows("New in pi 2.0.0") && screen.shows("Faster by half"));
    screen.type_text("go");
    assert!(!screen.shows("Faster"), "words go to the editor");
    assert_eq!(screen.app.draft(), "go");
    let begun = view(vec![user("hello")]);
    assert!(!Screen::with(begun, update(news), 60, 20).shows("Faster"));
}

#[test]
fn the_changelog_is_a_page_that_scrolls() {
    let mut screen = Screen::new(40, 12);
    screen.paste("/changelog");
    screen.press("enter");
    assert!(screen.shows("What is new") && screen.shows("0.1.0"));
    assert!(!screen.shows("##"), "Markdown is drawn");
    let first = screen.text();
    screen.press("pageDown");
    assert_ne!(screen.text(), first);
    screen.press("end");
    let last = screen.text();
    screen.wheel(3, (5, 7));
    assert_eq!(screen.text(), last);
    screen.press("home");
    assert_eq!(screen.text(), first);
    screen.press("q");
    assert!(!screen.shows("What is new"));
}

#[test]
fn an_update_is_told_once_by_the_program() {
    let pi = TestPi::unconfigured([]);
    let start = || start_in(&pi, SCRIPT, &["--provider", "demo"], (80, 24));
    let settings = || {
        let text = std::fs::read_to_string(pi.agent().join("settings.json"));
        text.unwrap_or_default()
    };
    let version = env!("CARGO_PKG_VERSION");
    let quit = |mut pty: crate::support::pty::Pty| {
        say(&mut pty, "/quit");
        assert_over(&pi, &mut pty, 0);
    };
    // The first start ever has nothing to compare with.
    let pty = start();
    pty.wait_for_text("demo, no model");
    assert!(!pty.contents().contains("What is new"));
    quit(pty);
    assert!(settings().contains(&format!("\"lastChangelogVersion\": \"{version}\"")));
    pi.write_agent(
        "settings.json",
        r#"{"lastChangelogVersion": "0.0.9", "collapseChangelog": true}"#,
    );
    let pty = start();
    pty.wait_for_text("/changelog tells what is new");
    quit(pty);
    assert!(settings().contains(version));
    let pty = start();
    pty.wait_for_text("demo, no model");
    assert!(!pty.contents().contains("tells what is new"));
    quit(pty);
    // What the other pi remembers of itself is let be.
    pi.write_agent("settings.json", r#"{"lastChangelogVersion": "73.1.0"}"#);
    let pty = start();
    pty.wait_for_text("demo, no model");
    quit(pty);
    assert_eq!(settings(), r#"{"lastChangelogVersion": "73.1.0"}"#);
}
