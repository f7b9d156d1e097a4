//! The frame at the sizes that people have.

use insta::assert_snapshot;
use pi::ai::{Content, ThinkingLevel};
use pi::config::Token;
use pi::session::{Event, Question};
use pi::tui::msg::Msg;
use serde_json::json;

use crate::support::screen::{Screen, model, settings, view};
use crate::transcript::stage::{assistant, user};

fn busy(columns: u16, rows: u16) -> Screen {
    let history = vec![
        user("what is here?"),
        assistant(vec![Content::text("A crate with **two** modules.")]),
    ];
    let mut view = view(history);
    view.name = Some("spring".into());
    view.usage.input = 12_345;
    view.usage.output = 678;
    view.usage.cache_read = 48_000;
    view.usage.cost.total = 0.0834;
    view.context_tokens = Some(61_000);
    view.steering = vec!["only the library".into()];
    let mut screen = Screen::over(view, columns, rows);
    screen.tell(Msg::Branch(Some("main".into())));
    screen.run("run the tests");
    screen.tool("bash", json!({"command": "cargo test"}), "running 9 tests");
    screen.type_text("and then\ncommit");
    screen
}

#[test]
fn a_run_on_60_by_20() {
    assert_snapshot!(busy(60, 20).text(), @r"
     pi 1.2.3

     what is here?

     A crate with two modules.

     run the tests

     • $ cargo test
       running 9 tests
       elapsed 0s
     steers: only the library
       alt+up takes them back
     ⠋ Working… 0s · escape stops
    ────────────────────────────────────────────────────────────
    and then
    commit
    ────────────────────────────────────────────────────────────
     ~/engine (main) · spring
     ↑12k ↓678 R48k $0.083 30.5%/200k           acme/big · high
    ");
}

#[test]
fn a_run_on_40_by_12() {
    assert_snapshot!(busy(40, 12).text(), @r"
     • $ cargo test
       running 9 tests
       elapsed 0s
     steers: only the library
       alt+up takes them back
     ⠋ Working… 0s · escape stops
    ────────────────────────────────────────
    and then
    commit
    ────────────────────────────────────────
     ~/engine (main) · spring
     $0.083 30.5%/200k      acme/big · high
    ");
}

#[test]
fn a_run_on_20_by_5() {
    assert_snapshot!(busy(20, 5).text(), @r"
     • $ cargo test
       running 9 tests
       elapsed 0s
     ⠋ Working… 0s · es…
    commit
    ");
}

#[test]
fn the_beginning_without_a_model() {
    let mut settings = settings();
    settings.quiet = false;
    let mut view = view(Vec::new());
    view.demo = true;
    view.context_files = vec!["/home/me/engine/AGENTS.md".into()];
    let mut screen = Screen::with(view, settings, 60, 16);
    assert_snapshot!(screen.text(), @r"

     pi 1.2.3  demo, no model connected
     Context  ~/engine/AGENTS.md
     escape stops · ctrl+c clears, twice quits · / commands · !
     shell · ctrl+l models · ctrl+o tool output · /hotkeys
     No model is connected: an embedded demo answers by fixed
     rules, with the real tools, in this directory.
     Try: list the files here · read README.md · run git status.
     To connect a model: /login


    ────────────────────────────────────────────────────────────

    ────────────────────────────────────────────────────────────
     ~/engine
                              demo, no model connected (/login)
    ");
}

#[test]
fn with_a_model_chosen_the_header_no_longer_speaks_of_the_demo() {
    let mut view = view(Vec::new());
    view.demo = true;
    let mut screen = Screen::over(view, 60, 16);
    assert!(screen.shows("demo, no model connected"));
    screen.view.demo = false;
    screen.event(Event::ModelChanged(screen.view.model.clone()));
    assert!(!screen.shows("demo"));
    assert_eq!(screen.row_of("pi 1"), " pi 1.2.3");
}

#[test]
fn no_size_breaks_it() {
    let questions = |screen: &mut Screen| {
        screen.event(Event::Ask {
            id: 1,
            question: Question::Confirm {
                title: "Sure?".into(),
                message: "Really do it, whatever it may be? ".repeat(9),
            },
            timeout: None,
        });
    };
    for (columns, rows) in [
        (1, 1),
        (1, 40),
        (200, 1),
        (2, 2),
        (3, 7),
        (7, 3),
        (9, 4),
        (500, 200),
    ] {
        let mut screen = busy(columns, rows);
        for step in ["", "/", "/hotkeys", "/thinking"] {
            screen.press("ctrl+c");
            screen.paste(step);
            screen.paint();
            screen.press("enter");
            screen.paint();
            screen.press("down pageDown up");
            screen.paint();
            screen.press("escape");
        }
        questions(&mut screen);
        screen.paint();
        let (x, y) = screen.caret();
        assert!(x < columns && y < rows);
    }
}

#[test]
fn another_size_keeps_what_is_typed_and_the_caret_in_it() {
    let mut screen = Screen::new(60, 16);
    let words: Vec<String> = (0..40).map(|number| format!("word{number}")).collect();
    screen.paste(&words.join(" "));
    for (columns, rows) in [(20, 8), (80, 24), (10, 4), (5, 2), (60, 16)] {
        screen.resize(columns, rows);
        let (x, y) = screen.caret();
        assert!(x < columns && y < rows);
        let end = screen.text().lines().nth(y.into()).unwrap().to_owned();
        assert!(
            "word39".ends_with(end.split_whitespace().last().unwrap()),
            "{end:?}"
        );
        assert_eq!(screen.app.draft(), words.join(" "));
    }
}

#[test]
fn wide_characters_take_their_columns() {
    let mut screen = Screen::new(20, 8);
    screen.paste("日本語👩‍👩‍👧e\u{301}x");
    assert!(screen.shows("日本語👩‍👩‍👧e\u{301}x"));
    assert_eq!(screen.caret().0, 10);
    screen.press("left left");
    assert_eq!(screen.caret().0, 8);
    screen.press("left");
    assert_eq!(screen.caret().0, 6);
}

#[test]
fn a_long_text_scrolls_and_tells_what_is_hidden() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("0\n1\n2\n3\n4\n5\n6\n7\n8\n9");
    assert!(screen.row_of("↑").contains(" ↑ 6 more "));
    assert!(!screen.shows("↓"));
    screen.press("ctrl+pageUp ctrl+pageUp ctrl+pageUp");
    assert!(screen.row_of("↓").contains(" ↓ 6 more "));
    assert!(!screen.shows("↑"));
}

#[test]
fn padding_keeps_the_text_from_the_edges() {
    let mut settings = settings();
    settings.padding = 3;
    let mut screen = Screen::with(view(Vec::new()), settings, 20, 10);
    screen.type_text("abcdefghijklmnop");
    assert_eq!(screen.row_of("abc"), "   abcdefghijklmn");
    assert_eq!(screen.caret().0, 5);
    screen.resize(4, 10);
    screen.paint();
}

fn footer(change: impl FnOnce(&mut pi::session::View)) -> Screen {
    let mut view = view(Vec::new());
    change(&mut view);
    Screen::over(view, 60, 10)
}

fn last_row(screen: &mut Screen) -> String {
    screen.text().lines().last().unwrap().to_owned()
}

#[test]
fn the_footer_tells_place_cost_context_and_model() {
    let mut screen = footer(|_| {});
    assert_eq!(screen.row_of("~"), " ~/engine");
    assert_eq!(
        last_row(&mut screen),
        format!(" {:<43}acme/big · high", "?/200k")
    );
    screen.tell(Msg::Branch(Some("main".into())));
    screen.view.name = Some("spring".into());
    screen.event(Event::InfoChanged {
        name: Some("spring".into()),
    });
    assert_eq!(screen.row_of("~"), " ~/engine (main) · spring");

    let mut screen = footer(|view| view.demo = true);
    assert_eq!(
        last_row(&mut screen).trim(),
        "demo, no model connected (/login)"
    );
    let mut screen = footer(|view| {
        let mut plain = model("plain");
        plain.reasoning = false;
        view.model = plain.into();
        view.thinking = ThinkingLevel::Off;
    });
    assert!(last_row(&mut screen).ends_with("acme/plain"));
}

#[test]
fn figures_that_do_not_fit_go_the_least_important_first() {
    let mut screen = busy(60, 20);
    for (columns, shown) in [
        (60, " ↑12k ↓678 R48k $0.083 30.5%/200k "),
        (49, " ↑12k ↓678 $0.083 30.5%/200k "),
        (44, " $0.083 30.5%/200k "),
        (34, " 30.5%/200k "),
    ] {
        screen.resize(columns, 20);
        let row = last_row(&mut screen);
        let figures = row.strip_suffix("acme/big · high").unwrap();
        assert_eq!(figures.trim(), shown.trim(), "{columns} columns");
    }
}

#[test]
fn the_context_figure_warns_and_then_alarms() {
    let look = settings().look;
    for (tokens, shown, token) in [
        (140_000, "70.0%/200k", Token::Dim),
        (140_002, "70.0%/200k", Token::Warning),
        (180_000, "90.0%/200k", Token::Warning),
        (180_100, "90.0%/200k", Token::Error),
        (260_000, "130.0%/200k", Token::Error),
    ] {
        let mut screen = footer(|view| view.context_tokens = Some(tokens));
        let color = screen.color_of(shown);
        assert_eq!(Some(color), look.fg(token).fg, "{tokens}");
    }
}

#[test]
fn the_editors_edge_shows_how_hard_the_model_thinks_and_the_shell() {
    let look = settings().look;
    let mut screen = footer(|view| view.thinking = ThinkingLevel::Low);
    assert_eq!(Some(screen.color_of("───")), look.fg(Token::ThinkingLow).fg);
    screen.type_text("!");
    assert_eq!(Some(screen.color_of("───")), look.fg(Token::BashMode).fg);
}
