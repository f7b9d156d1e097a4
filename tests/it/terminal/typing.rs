//! What is typed, where it goes, and that none of it is lost.

use std::sync::Arc;

use pi::session::Event;
use pi::tui::msg::{Asked, Msg};

use crate::support::screen::{Screen, settings, view};
use crate::transcript::stage::user;

const NONE: [&str; 0] = [];

fn prompt(text: &str, lane: &str) -> [String; 1] {
    [format!(
        "Prompt {{ text: {text:?}, images: [], while_running: {lane} }} -> Prompt({text:?})"
    )]
}

#[test]
fn enter_sends_and_empties_the_editor() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("fix the build\nplease");
    assert_eq!(
        screen.press("enter"),
        prompt("fix the build\nplease", "Steering")
    );
    assert_eq!(screen.app.draft(), "");
    assert_eq!(screen.press("enter"), NONE, "nothing is nothing");
    screen.type_text("  \n ");
    assert_eq!(screen.press("enter"), NONE);
}

#[test]
fn while_it_runs_enter_steers_and_alt_enter_follows_up() {
    let mut screen = Screen::new(60, 16);
    screen.run("begin");
    screen.type_text("left");
    assert_eq!(screen.press("enter"), prompt("left", "Steering"));
    screen.type_text("then right");
    assert_eq!(screen.press("alt+enter"), prompt("then right", "FollowUp"));
}

#[test]
fn a_backslash_before_enter_is_a_new_line() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("one\\");
    assert_eq!(screen.press("enter"), NONE);
    screen.type_text("two");
    assert_eq!(screen.press("enter"), prompt("one\ntwo", "Steering"));
}

#[test]
fn what_is_refused_comes_back() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("precious");
    screen.press("enter");
    screen.type_text("more");
    screen.refuse(Asked::Prompt("precious".into()), "no model is there");
    assert_eq!(screen.app.draft(), "precious\n\nmore");
    assert!(screen.shows("no model is there"));
}

#[test]
fn a_refused_shell_line_comes_back_too() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("!make all");
    let sent = screen.press("enter");
    assert_eq!(
        sent,
        [r#"Bash { line: "make all", excluded: false } -> Prompt("!make all")"#]
    );
    screen.refuse(Asked::Prompt("!make all".into()), "one is running");
    assert_eq!(screen.app.draft(), "!make all");
}

#[test]
fn two_marks_keep_a_shell_line_from_the_model() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("!! pwd");
    assert_eq!(
        screen.press("enter"),
        [r#"Bash { line: "pwd", excluded: true } -> Prompt("!! pwd")"#]
    );
}

#[test]
fn escape_leaves_shell_mode_and_undo_brings_it_back() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("!ls");
    assert_eq!(screen.press("escape"), NONE);
    assert_eq!(screen.app.draft(), "");
    screen.press("ctrl+-");
    assert_eq!(screen.app.draft(), "!ls");
}

#[test]
fn escape_leaves_words_alone() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("words");
    assert_eq!(screen.press("escape"), NONE);
    assert_eq!(screen.app.draft(), "words");
}

#[test]
fn ctrl_c_clears_and_twice_within_a_second_leaves() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("words");
    assert_eq!(screen.press("ctrl+c"), NONE);
    assert_eq!(screen.app.draft(), "");
    screen.now = 999;
    assert_eq!(screen.press("ctrl+c"), ["Quit"]);

    let mut screen = Screen::new(60, 16);
    screen.press("ctrl+c");
    assert!(screen.shows("ctrl+c again quits"));
    screen.now = 1000;
    assert_eq!(screen.press("ctrl+c"), NONE, "too late is the first again");
    screen.type_text("x");
    assert_eq!(screen.press("ctrl+c"), NONE, "something was typed since");
    assert_eq!(screen.app.draft(), "");
    screen.press("ctrl+y");
    assert_eq!(screen.app.draft(), "x");
}

#[test]
fn ctrl_d_leaves_from_an_empty_editor_and_deletes_in_another() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("ab");
    assert_eq!(screen.press("home ctrl+d"), NONE);
    assert_eq!(screen.app.draft(), "b");
    assert_eq!(screen.press("ctrl+d ctrl+d"), ["Quit"]);
}

#[test]
fn a_large_paste_is_a_marker_on_the_screen_and_whole_when_sent() {
    let mut screen = Screen::new(60, 16);
    let lines: Vec<String> = (0..50).map(|line| format!("line {line}")).collect();
    screen.type_text("look: ");
    screen.paste(&lines.join("\r\n"));
    assert!(screen.shows("look: [paste #1 +50 lines]"));
    let whole = format!("look: {}", lines.join("\n"));
    assert_eq!(screen.press("enter"), prompt(&whole, "Steering"));
    screen.press("up");
    assert!(screen.shows("look: [paste #1 +50 lines]"));
    assert_eq!(screen.press("enter"), prompt(&whole, "Steering"));
}

#[test]
fn old_prompts_come_back_with_up_even_when_they_begin_with_a_slash() {
    let mut screen = Screen::new(60, 16);
    for text in ["first", "/etc/passwd or /etc/shadow?", "/name x"] {
        screen.paste(text);
        screen.press("enter");
    }
    for wanted in ["/name x", "/etc/passwd or /etc/shadow?", "first"] {
        screen.press("up");
        assert_eq!(screen.app.draft(), wanted);
    }
}

#[test]
fn prompts_of_earlier_sittings_come_after_those_of_this_one() {
    let answer = crate::transcript::stage::assistant(vec![]);
    let past = vec![
        user("oldest"),
        answer.clone(),
        user("older"),
        answer,
        user("older"),
    ];
    let mut screen = Screen::over(view(past), 60, 16);
    screen.type_text("newest");
    screen.press("enter");
    for wanted in ["newest", "older", "oldest", "oldest"] {
        screen.press("up");
        assert_eq!(screen.app.draft(), wanted);
    }
    screen.press("down down down");
    assert_eq!(screen.app.draft(), "");
}

#[test]
fn a_jump_that_was_begun_ends_with_escape() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("abc");
    screen.press("home ctrl+] escape c");
    assert_eq!(screen.app.draft(), "cabc");
    screen.press("home ctrl+] b d");
    assert_eq!(screen.app.draft(), "cadbc");
}

#[test]
fn the_external_editor_gets_the_text_and_gives_it_back() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("draft");
    assert_eq!(screen.press("ctrl+g"), [r#"EditExternally("draft")"#]);
    screen.tell(Msg::Edited(Ok("better\n".into())));
    assert_eq!(screen.app.draft(), "better");
    screen.tell(Msg::Edited(Err("vi was not found".into())));
    assert_eq!(screen.app.draft(), "better");
    assert!(screen.shows("vi was not found"));
}

#[test]
fn page_keys_scroll_the_transcript_and_with_ctrl_the_editor() {
    let prompts = (0..30).map(|number| user(&format!("prompt {number}")));
    let mut screen = Screen::over(view(prompts.collect()), 60, 16);
    let lines: Vec<String> = (0..9).map(|line| format!("line {line}")).collect();
    screen.paste(&lines.join("\n"));
    assert!(screen.shows("prompt 29") && screen.shows("line 8"));
    screen.press("pageUp");
    assert!(!screen.shows("prompt 29") && screen.shows("line 8"));
    screen.press("pageDown pageDown");
    assert!(screen.shows("prompt 29"));
    screen.press("ctrl+pageUp ctrl+pageUp ctrl+pageUp");
    assert!(screen.shows("line 0") && screen.shows("prompt 29"));
    screen.press("ctrl+home");
    assert!(screen.shows("prompt 0"));
    screen.press("ctrl+end");
    assert!(screen.shows("prompt 29"));
    screen.press("ctrl+up ctrl+up");
    let before = screen.text();
    screen.press("ctrl+down");
    assert_ne!(screen.text(), before);
    screen.wheel(-3, (5, 5));
    screen.wheel(1000, (5, 5));
    assert!(screen.shows("prompt 29"));
}

#[test]
fn half_a_page_is_half_of_what_is_shown() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keybindings.json");
    std::fs::write(&file, r#"{"tui.altScreen.halfPageUp": "f7"}"#).unwrap();
    let mut settings = settings();
    (settings.keymap, _) = pi::config::Keymap::load(&file);
    let lines: Vec<String> = (0..99).map(|line| format!("- line {line:02}")).collect();
    let answer = crate::transcript::stage::assistant(vec![pi::ai::Content::text(lines.join("\n"))]);
    let mut screen = Screen::with(view(vec![answer]), settings, 60, 25);
    let last = |screen: &mut Screen| {
        let text = screen.text();
        let row = text.lines().rfind(|row| row.contains("line ")).unwrap();
        row.split_whitespace()
            .nth(2)
            .unwrap()
            .parse::<usize>()
            .unwrap()
    };
    assert_eq!(last(&mut screen), 98);
    screen.press("f7");
    // Of 25 rows the footer has two, the editor three.
    assert_eq!(last(&mut screen), 88);
}

#[test]
fn another_session_takes_the_screen_and_leaves_what_is_typed() {
    let mut screen = Screen::over(view(vec![user("of old")]), 60, 16);
    screen.run("still running");
    screen.type_text("draft");
    screen.view = view(vec![user("of new")]);
    screen.event(Event::Switched);
    assert!(screen.shows("of new") && !screen.shows("of old"));
    assert!(!screen.shows("Working"));
    assert_eq!(screen.app.draft(), "draft");
}

#[test]
fn a_short_message_goes_by_itself() {
    let mut screen = Screen::new(60, 16);
    assert!(!screen.app.is_moving());
    screen.press("ctrl+c");
    assert!(screen.shows("again quits") && screen.app.is_moving());
    screen.now = 999;
    screen.tell(Msg::Tick);
    assert!(screen.shows("again quits") && screen.app.is_moving());
    // What it offers is over as well.
    screen.now = 1000;
    screen.tell(Msg::Tick);
    assert!(!screen.shows("again quits") && !screen.app.is_moving());
}

#[test]
fn the_last_answer_is_copied() {
    let mut screen = Screen::new(60, 16);
    assert_eq!(screen.press("ctrl+x"), NONE);
    assert!(screen.shows("no answer to copy"));
    let answer = crate::transcript::stage::assistant(vec![pi::ai::Content::text("forty-two")]);
    let mut screen = Screen::over(view(vec![answer, user("thanks")]), 60, 16);
    assert_eq!(screen.press("ctrl+x"), [r#"Copy("forty-two")"#]);
    let newer = crate::transcript::stage::assistant(vec![pi::ai::Content::text("43")]);
    screen.agent(pi::agent::AgentEvent::MessageEnd {
        message: Arc::new(newer),
    });
    assert_eq!(screen.press("ctrl+x"), [r#"Copy("43")"#]);
}

#[test]
fn the_caret_stands_behind_a_row_that_is_full() {
    let mut screen = Screen::new(20, 16);
    // One column is the caret's.
    screen.type_text(&"a".repeat(19));
    let row = screen.place_of("aaaa").1;
    assert_eq!(screen.caret(), (19, row));
    screen.type_text("b");
    // The transcript gives way by a row.
    assert_eq!(screen.caret(), (1, row));
    let mut screen = Screen::new(20, 16);
    screen.paste(&"日".repeat(9));
    assert_eq!(screen.caret().0, 18);
}

#[test]
fn the_border_tells_the_thinking_level_and_shell_lines() {
    use pi::ai::ThinkingLevel::{High, Low, Max, Medium, Minimal, Off, Xhigh};
    let mut seen = Vec::new();
    for level in [Off, Minimal, Low, Medium, High, Xhigh, Max] {
        let mut view = view(Vec::new());
        view.thinking = level;
        let mut screen = Screen::over(view, 60, 16);
        seen.push(screen.color_of("─"));
        screen.type_text("!");
        let shell = screen.color_of("─");
        assert!(!seen.contains(&shell), "{level:?}");
    }
    let distinct: std::collections::HashSet<_> =
        seen.iter().map(|color| format!("{color:?}")).collect();
    assert_eq!(distinct.len(), seen.len(), "{seen:?}");
}
