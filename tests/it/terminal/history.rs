//! What was sent before: walked through with the arrows, searched, and there again in the next sitting.

use pi::tui::mouse::{Button, MouseAct};
use pi::tui::msg::Msg;

use crate::support::screen::{Screen, settings, view};
use crate::transcript::stage::user;

const NONE: [&str; 0] = [];

fn sent(prompts: &[&str]) -> Screen {
    let mut screen = Screen::new(60, 20);
    for prompt in prompts {
        screen.paste(prompt);
        screen.press("enter");
    }
    screen
}

#[test]
fn what_is_sent_is_kept_for_later_sittings() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("one\ntwo");
    screen.press("enter");
    screen.type_text("!ls");
    screen.press("enter");
    screen.type_text("/name x");
    screen.press("enter");
    assert_eq!(screen.remembered, ["one\ntwo", "!ls", "/name x"]);
}

#[test]
fn other_sittings_come_after_this_one_and_this_session() {
    let past = vec![user("of the session"), user("of both")];
    let mut screen = Screen::over(view(past), 60, 16);
    let others = ["oldest", "of both", "older"].map(str::to_owned);
    screen.tell(Msg::Remembered(others.to_vec()));
    screen.type_text("newest");
    screen.press("enter");
    for wanted in [
        "newest",
        "of both",
        "of the session",
        "older",
        "oldest",
        "oldest",
    ] {
        screen.press("up");
        assert_eq!(screen.app.draft(), wanted);
    }
    // Those that come when the first is shown already come all the same.
    let mut screen = sent(&["mine"]);
    screen.press("up");
    screen.tell(Msg::Remembered(vec!["late".into()]));
    screen.press("up");
    assert_eq!(screen.app.draft(), "late");
}

#[test]
fn a_search_narrows_down_and_enter_takes_what_is_selected() {
    let mut screen = sent(&["fix the build", "look at the docs", "fix the tests\nplease"]);
    screen.type_text("draft");
    assert_eq!(screen.press("ctrl+r"), NONE);
    assert!(
        screen
            .row_of("fix the tests")
            .contains("› fix the tests ⏎ please")
    );
    assert!(screen.shows("look at the docs"));
    screen.type_text("BUILD f");
    assert!(screen.row_of("fix the build").contains('›'));
    assert!(!screen.shows("look at the docs") && !screen.shows("fix the tests"));
    assert_eq!(screen.press("enter"), NONE);
    assert_eq!(screen.app.draft(), "fix the build");
    screen.press("ctrl+-");
    assert_eq!(screen.app.draft(), "draft");
}

#[test]
fn ctrl_r_again_goes_further_back_and_escape_leaves_the_draft() {
    let mut screen = sent(&["fix one", "other", "fix two"]);
    screen.type_text("my draft");
    screen.press("left left ctrl+r f i x ctrl+r");
    assert!(screen.row_of("fix one").contains('›'));
    assert_eq!(screen.press("escape"), NONE);
    assert_eq!(screen.app.draft(), "my draft");
    screen.type_text("X");
    assert_eq!(screen.app.draft(), "my draXft");
}

#[test]
fn the_search_takes_clicks_pages_and_says_when_there_is_nothing() {
    let prompts: Vec<String> = (0..40).map(|at| format!("prompt {at:02}")).collect();
    let prompts: Vec<&str> = prompts.iter().map(String::as_str).collect();
    let mut screen = sent(&prompts);
    screen.resize(40, 12);
    screen.press("ctrl+r pageDown");
    let text = screen.text();
    assert!(text.contains("enter takes it"), "{text}");
    screen.press("end");
    assert!(screen.row_of("prompt 00").contains('›'));
    screen.press("home");
    let place = screen.place_of("prompt 38");
    screen.mouse(MouseAct::Press(Button::Left), place);
    assert_eq!(screen.app.draft(), "prompt 38");
    screen.press("ctrl+u ctrl+r");
    screen.type_text("zzz");
    assert!(screen.shows("nothing matches"));
    assert_eq!(screen.press("enter escape"), NONE);

    let mut screen = Screen::with(view(Vec::new()), settings(), 40, 12);
    screen.press("ctrl+r");
    assert!(screen.shows("nothing has been sent from here yet"));
}

#[test]
fn a_large_paste_is_found_by_its_marker_and_sent_whole_again() {
    let lines: Vec<String> = (0..50).map(|line| format!("line {line}")).collect();
    let whole = lines.join("\n");
    let mut screen = Screen::new(60, 20);
    screen.paste(&whole);
    screen.press("enter");
    screen.press("ctrl+r");
    assert!(screen.shows("› [paste #1 +50 lines]"));
    screen.press("enter");
    assert_eq!(screen.app.draft(), whole);
    assert!(screen.shows("[paste #1 +50 lines]"));
}
