//! The start: how to begin with nothing connected, and what an update has brought.

use std::sync::Arc;

use pi::ai::Model;
use pi::ai::local::{Kind, Trouble, servers};
use pi::session::Reply;
use pi::tui::app::{Settings, Update};
use pi::tui::msg::{Asked, Msg};

use super::program::{SCRIPT, assert_over, say, start_in};
use crate::local::fake::{Fake, ollama};
use crate::support::TestPi;
use crate::support::screen::{Screen, model, settings, view};
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
    assert_eq!(screen.press("down enter"), ["LocalModels -> LocalStart"]);
    screen.reply(
        Asked::LocalStart,
        Reply::LocalModels(Vec::new(), Vec::new()),
    );
    assert!(screen.shows("ollama serve"));
    let mut screen = unconnected(40, 12);
    assert_eq!(screen.click("Try the demo"), NONE);
    assert!(screen.shows("list the files here"));
    assert!(!screen.shows("Welcome"));
}

fn local(provider: &str, id: &str) -> Arc<Model> {
    Arc::new(Model {
        provider: provider.into(),
        ..model(id)
    })
}

#[test]
fn local_servers_are_asked_behind_the_first_screen_and_told_of_where_no_row_moves() {
    for (columns, rows) in [(60, 20), (40, 12)] {
        let mut screen = unconnected(columns, rows);
        let asked = format!("{:?}", screen.app.shown());
        assert_eq!(asked, "[Send(LocalModels, LocalModels)]");
        screen.press("down down");
        let places = |screen: &mut Screen| {
            ["Connect a", "Use a local", "› Try the demo"].map(|row| screen.place_of(row))
        };
        let before = places(&mut screen);
        let found = vec![
            local("ollama", "coder"),
            local("ollama", "poet"),
            local("vllm", "m"),
        ];
        screen.reply(
            Asked::LocalModels,
            Reply::LocalModels(found.clone(), Vec::new()),
        );
        assert_eq!(
            places(&mut screen),
            before,
            "the selected row stays where it was"
        );
        assert!(screen.row_of("Use a local").contains("found: Ollama"));
        screen.press("up enter");
        screen.reply(Asked::LocalStart, Reply::LocalModels(found, Vec::new()));
        assert!(screen.shows("Which local model answers?") && screen.shows("ollama"));
        screen.press("down");
        assert_eq!(
            screen.press("enter"),
            [r#"SetModel { provider: "ollama", id: "poet" }"#]
        );
    }
    // Whoever is connected, or types already, is not disturbed.
    let connected = Screen::with(view(Vec::new()), settings(), 60, 20);
    assert!(connected.app.shown().is_empty());
    let mut screen = unconnected(60, 20);
    screen.type_text("list");
    screen.reply(
        Asked::LocalModels,
        Reply::LocalModels(vec![local("ollama", "m")], Vec::new()),
    );
    assert_eq!(screen.app.draft(), "list");
    assert!(!screen.shows("Welcome"));
}

#[test]
fn the_program_tells_of_a_server_that_runs_and_takes_its_model() {
    let fake = Fake::start(ollama());
    let pi = TestPi::unconfigured([]);
    pi.write_agent("settings.json", r#"{"localServers": {"waitMs": 20000}}"#);
    let host = fake.url.clone();
    let script = format!("export OLLAMA_HOST={host}; {SCRIPT}");
    let mut pty = start_in(&pi, &script, &[], (80, 24));
    pty.wait_for_text("found: Ollama (2)");
    pty.type_text("\x1b[B\r");
    pty.wait_for_text("Which local model answers?");
    pty.type_text("\r");
    pty.wait_for_text("ollama/coder:7b");
    say(&mut pty, "hi");
    pty.wait_for_text("I am local.");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let kept = std::fs::read_to_string(pi.agent().join("settings.json")).unwrap();
    assert!(kept.contains(r#""defaultProvider": "ollama""#), "{kept}");
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

#[test]
fn a_server_that_runs_without_models_is_told_in_the_place_of_how_to_start_one() {
    let server = servers(Kind::Ollama, |_| None).remove(0);
    for (columns, rows) in [(80, 24), (40, 12)] {
        let mut screen = unconnected(columns, rows);
        let empty = vec![(server.clone(), Trouble::Empty)];
        let told = || Reply::LocalModels(Vec::new(), empty.clone());
        screen.reply(Asked::LocalModels, told());
        assert!(screen.row_of("Use a local").contains("Ollama: no"));
        screen.press("down enter");
        screen.reply(Asked::LocalStart, told());
        assert!(screen.shows("Ollama at http://127.0.0.1:11434 runs"));
        assert!(!screen.shows("No server on this machine"));
    }
    // Of a usual port where somebody else is, nothing is said.
    let mut screen = unconnected(80, 24);
    screen.press("down enter");
    let page = vec![(server, Trouble::Page)];
    screen.reply(Asked::LocalStart, Reply::LocalModels(Vec::new(), page));
    assert!(screen.shows("No server on this machine") && !screen.shows("web page"));
}
