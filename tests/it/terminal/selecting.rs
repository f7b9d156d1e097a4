//! The mouse over the conversation: selecting, folding, the scrollbar, the caret.

use pi::ai::message::Content;
use pi::config::settings::Scrollbar;
use pi::tui::mouse::{Button, Mouse, MouseAct};
use pi::tui::msg::Msg;
use ratatui::style::Color;
use serde_json::json;

use crate::support::screen::{Screen, settings, view};
use crate::transcript::stage::{assistant, user};

const NONE: [&str; 0] = [];

fn said(text: &str, columns: u16, rows: u16) -> Screen {
    let answer = assistant(vec![Content::text(text)]);
    Screen::over(view(vec![user("a question"), answer]), columns, rows)
}

/// The colour of what is selected.
fn ground() -> Color {
    let mut screen = said("alpha", 40, 12);
    let (x, y) = screen.place_of("alpha");
    screen.drag((x, y), (x + 1, y));
    screen.paint()[(x, y)].bg
}

fn clicks(screen: &mut Screen, place: (u16, u16), count: usize) -> Vec<String> {
    let mut effects = Vec::new();
    for _ in 0..count {
        screen.paint();
        effects = screen.mouse(MouseAct::Press(Button::Left), place);
        effects.extend(screen.mouse(MouseAct::Release(Button::Left), place));
    }
    effects
}

#[test]
fn what_is_dragged_over_is_marked_and_copied_as_it_was_written() {
    let text = "alpha beta gamma delta epsilon zeta\n\nsecond paragraph";
    let mut screen = said(text, 24, 20);
    let from = screen.place_of("beta");
    let (x, y) = screen.place_of("second");
    // Wrapped rows are one line again; margins are not taken.
    assert_eq!(
        screen.drag(from, (x + 5, y)),
        [r#"Copy("beta gamma delta epsilon zeta\n\nsecond")"#]
    );
    let marked = screen.on_ground(ground());
    assert!(marked[0].starts_with("beta gamma") && marked.last().unwrap().ends_with("second"));
    // From below upwards is the same.
    let there = screen.drag((x + 5, y), from);
    assert_eq!(
        there,
        [r#"Copy("beta gamma delta epsilon zeta\n\nsecond")"#]
    );
}

#[test]
fn wide_characters_are_taken_whole() {
    let mut screen = said("漢字かな交じり文 👩‍💻 x", 40, 12);
    let (x, y) = screen.place_of("字");
    // From the right half of one to the left half of another.
    assert_eq!(screen.drag((x + 1, y), (x + 4, y)), [r#"Copy("字かな")"#]);
    let marked = screen.on_ground(ground());
    assert_eq!(marked.concat().replace(' ', ""), "字かな");
}

#[test]
fn two_clicks_take_a_word_and_three_a_line_however_it_is_wrapped() {
    let mut screen = said("look into src/tui/app-mod.rs, then go on\n\nnext", 30, 16);
    let place = screen.place_of("tui");
    assert_eq!(
        clicks(&mut screen, place, 2),
        [r#"Copy("src/tui/app-mod.rs")"#]
    );
    screen.wait(1000);
    assert_eq!(
        clicks(&mut screen, place, 3),
        [r#"Copy("look into src/tui/app-mod.rs, then go on")"#]
    );
    // Dragging goes on in words.
    screen.wait(1000);
    screen.paint();
    screen.mouse(MouseAct::Press(Button::Left), place);
    screen.mouse(MouseAct::Release(Button::Left), place);
    screen.mouse(MouseAct::Press(Button::Left), place);
    let (x, y) = screen.place_of("then");
    screen.mouse(MouseAct::Drag(Button::Left), (x + 1, y));
    assert_eq!(
        screen.mouse(MouseAct::Release(Button::Left), (x + 1, y)),
        [r#"Copy("src/tui/app-mod.rs, then")"#]
    );
}

#[test]
fn a_word_that_a_row_breaks_is_one_word() {
    let mut screen = said(&format!("see {} there", "abc".repeat(20)), 40, 16);
    let place = screen.place_of("abcabc");
    let word = format!(r#"Copy("{}")"#, "abc".repeat(20));
    assert_eq!(clicks(&mut screen, place, 2), [word]);
}

#[test]
fn shift_extends_and_escape_lets_go() {
    let mut screen = said("one two three four", 40, 12);
    let place = screen.place_of("two");
    clicks(&mut screen, place, 2);
    let (column, row) = screen.place_of("four");
    let shifted = |act| {
        Msg::Mouse(Mouse {
            act,
            column,
            row,
            shift: true,
            alt: false,
            ctrl: false,
        })
    };
    screen.tell(shifted(MouseAct::Press(Button::Left)));
    let copied = screen.tell(shifted(MouseAct::Release(Button::Left)));
    assert_eq!(copied, [r#"Copy("two three four")"#]);
    assert_eq!(screen.on_ground(ground()), ["two three four"]);
    assert_eq!(screen.press("escape"), NONE);
    assert_eq!(screen.on_ground(ground()), NONE);
}

#[test]
fn a_selection_stays_while_more_comes_and_while_the_window_moves_but_not_over_a_resize() {
    let mut screen = said("alpha beta", 40, 14);
    let (x, y) = screen.place_of("alpha");
    screen.drag((x, y), (x + 4, y));
    screen.run("go on");
    screen.stream("more and more\n\nand more");
    assert_eq!(screen.on_ground(ground()), ["alpha"]);
    screen.stream(&"line\n\n".repeat(30));
    assert_eq!(screen.on_ground(ground()), NONE, "it is above the window");
    screen.press("ctrl+home");
    assert_eq!(screen.on_ground(ground()), ["alpha"]);
    screen.resize(30, 14);
    assert_eq!(screen.on_ground(ground()), NONE);
}

#[test]
fn dragging_beyond_the_edge_scrolls_and_takes_what_comes() {
    let lines: Vec<String> = (0..60).map(|n| format!("- line {n:02}")).collect();
    let mut screen = said(&lines.join("\n"), 40, 16);
    let from = screen.place_of("line 59");
    screen.mouse(MouseAct::Press(Button::Left), (from.0 + 6, from.1));
    screen.mouse(MouseAct::Drag(Button::Left), (0, 0));
    assert!(!screen.app.is_moving(), "the first row is not beyond");
    screen.press("pageUp");
    screen.paint();
    screen.mouse(MouseAct::Drag(Button::Left), (3, 15));
    assert!(screen.app.is_moving());
    for _ in 0..30 {
        screen.wait(100);
        screen.paint();
    }
    assert!(screen.shows("line 59"));
    let copied = screen.mouse(MouseAct::Release(Button::Left), (3, 15));
    assert!(copied[0].starts_with("Copy("), "{copied:?}");
}

#[test]
fn without_copying_on_release_the_copy_keys_copy() {
    for key in ["ctrl+x", "ctrl+c"] {
        let mut own = settings();
        own.copy_on_select = false;
        let answer = assistant(vec![Content::text("alpha beta")]);
        let mut screen = Screen::with(view(vec![answer]), own, 40, 12);
        let (x, y) = screen.place_of("beta");
        assert_eq!(screen.drag((x, y), (x + 3, y)), NONE);
        assert_eq!(screen.on_ground(ground()), ["beta"]);
        assert_eq!(screen.press(key), [r#"Copy("beta")"#]);
        assert_eq!(screen.on_ground(ground()), NONE);
    }
    // Else Ctrl+X is the last answer.
    let mut screen = said("alpha beta", 40, 12);
    let (x, y) = screen.place_of("beta");
    screen.drag((x, y), (x + 3, y));
    assert_eq!(screen.press("ctrl+x"), [r#"Copy("alpha beta")"#]);
}

#[test]
fn a_click_folds_a_block_unless_it_becomes_two() {
    let mut screen = Screen::new(50, 30);
    screen.run("list");
    let output: Vec<String> = (0..40).map(|n| format!("file{n:02}")).collect();
    screen.stream("so");
    screen.tool("bash", json!({"command": "ls"}), &output.join("\n"));
    assert!(screen.shows("earlier lines") && !screen.shows("file10"));
    let place = screen.place_of("earlier lines");
    clicks(&mut screen, place, 1);
    assert!(screen.shows("earlier lines"), "another click may follow");
    assert!(screen.app.is_moving());
    screen.wait(300);
    assert!(!screen.shows("earlier lines") && screen.shows("file10"));

    let place = screen.place_of("file10");
    assert_eq!(clicks(&mut screen, place, 2), [r#"Copy("file10")"#]);
    screen.wait(1000);
    assert!(screen.shows("file10"), "two clicks are a word");
}

#[test]
fn the_scrollbar_is_shown_away_from_the_end_and_is_dragged_to_both_ends() {
    let messages = (0..200).map(|n| user(&format!("prompt {n:03}"))).collect();
    let mut screen = Screen::over(view(messages), 50, 24);
    assert!(!screen.shows("▐"), "at the end there is none");
    screen.press("pageUp");
    let (x, y) = screen.place_of("▐");
    assert_eq!(x, 49);
    // The track's top is the beginning, wherever the thumb was taken.
    screen.drag((x, y), (x, 0));
    assert!(screen.shows("prompt 000"));
    assert_eq!(screen.place_of("▐").1, 0);
    screen.drag((x, 0), (x, 23));
    assert!(screen.shows("prompt 199") && !screen.shows("▐"));
    // A click on the track jumps there.
    screen.press("pageUp");
    screen.paint();
    screen.mouse(MouseAct::Press(Button::Left), (49, 9));
    screen.mouse(MouseAct::Release(Button::Left), (49, 9));
    let row = screen.row_of("prompt");
    let number: usize = row[8..11].parse().unwrap();
    assert!((60..140).contains(&number), "{row}");
}

#[test]
fn the_scrollbar_keeps_its_column_always_or_is_never_shown() {
    let messages = || view((0..99).map(|n| user(&format!("prompt {n}"))).collect());
    let with = |scrollbar| {
        let mut own = settings();
        own.scrollbar = scrollbar;
        Screen::with(messages(), own, 50, 24)
    };
    let mut always = with(Scrollbar::Always);
    assert_eq!(always.place_of("▐").0, 49);
    let mut hidden = with(Scrollbar::Hidden);
    hidden.press("pageUp");
    assert!(!hidden.shows("▐") && !hidden.shows("▕"));
}

#[test]
fn a_click_on_the_way_to_the_end_goes_there() {
    let messages = (0..99).map(|n| user(&format!("prompt {n}"))).collect();
    let mut screen = Screen::over(view(messages), 50, 24);
    screen.press("ctrl+home");
    assert!(screen.shows("prompt 0"));
    screen.click("ctrl+end");
    assert!(screen.shows("prompt 98") && !screen.shows("ctrl+end"));
}

#[test]
fn a_click_in_the_editor_puts_the_caret_there() {
    let mut screen = Screen::new(40, 14);
    screen.type_text("one two\nthree");
    screen.click("two");
    screen.type_text("x");
    assert_eq!(screen.app.draft(), "one xtwo\nthree");
}

#[test]
fn the_wheel_scrolls_the_conversation_beside_an_open_panel_and_the_panel_under_it() {
    let messages = (0..99).map(|n| user(&format!("prompt {n}"))).collect();
    let mut screen = Screen::over(view(messages), 50, 30);
    screen.type_text("/hotkeys");
    screen.press("enter");
    let panel = screen.place_of("Keys");
    screen.wheel(-30, (5, 2));
    assert!(!screen.shows("prompt 98"));
    assert!(screen.shows("Moving in the editor"));
    screen.wheel(3, (5, panel.1 + 2));
    assert!(!screen.shows("Moving in the editor"));
}

#[test]
fn a_key_folds_the_block_at_the_selection_or_the_first_in_the_window() {
    let mut screen = Screen::new(50, 40);
    screen.run("list");
    let output: Vec<String> = (0..30).map(|n| format!("file{n:02}")).collect();
    screen.tool("bash", json!({"command": "ls"}), &output.join("\n"));
    assert!(screen.shows("earlier lines"));
    screen.press("alt+o");
    assert!(!screen.shows("earlier lines") && screen.shows("file05"));
    let (x, y) = screen.place_of("file05");
    screen.drag((x, y), (x + 3, y));
    screen.press("alt+o");
    assert!(screen.shows("earlier lines") && !screen.shows("file05"));
}

#[test]
fn a_drag_that_ends_over_a_panel_is_over() {
    let rows: Vec<String> = (0..40).map(|n| format!("row {n}")).collect();
    let mut screen = said(&rows.join("\n\n"), 40, 24);
    screen.run("go");
    screen.press("ctrl+r");
    let from = screen.place_of("row 39");
    let (_, panel) = screen.place_of("What you sent");
    screen.mouse(MouseAct::Press(Button::Left), from);
    screen.mouse(MouseAct::Drag(Button::Left), (from.0, panel + 1));
    screen.paint();
    let effects = screen.mouse(MouseAct::Release(Button::Left), (from.0, panel + 1));
    assert!(
        effects.iter().any(|effect| effect.starts_with("Copy")),
        "{effects:?}"
    );
    let shown = screen.text();
    screen.now += 1_000;
    screen.tell(Msg::Tick);
    let place = |text: &str| text.lines().position(|line| line.contains("row 39"));
    assert_eq!(place(&shown), place(&screen.text()), "nothing scrolls on");
}
