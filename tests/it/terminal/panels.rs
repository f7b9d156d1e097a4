//! Panels in the editor's place: lists, texts, questions.

use std::sync::Arc;

use pi::session::{Event, Question, Reply, Stats};
use pi::tui::msg::{Asked, Msg};

use crate::support::screen::{Screen, model};

const NONE: [&str; 0] = [];

fn models(screen: &mut Screen) {
    let ids = ["small", "big", "huge", "sonnet-4", "opus-4"];
    let models = ids.map(|id| Arc::new(model(id)));
    screen.reply(Asked::Models, Reply::Models(models.into()));
}

#[test]
fn a_model_is_searched_and_chosen() {
    let mut screen = Screen::new(60, 20);
    screen.type_text("draft");
    models(&mut screen);
    assert!(screen.row_of("› big").contains('✓'), "the one in force");
    screen.type_text("son");
    assert!(screen.shows("› sonnet-4") && !screen.shows("opus-4"));
    assert!(screen.shows("1/5"));
    assert_eq!(
        screen.press("enter"),
        [r#"SetModel { provider: "acme", id: "sonnet-4" }"#]
    );
    assert!(screen.shows("draft"), "the editor is back as it was");
}

#[test]
fn a_list_is_walked_and_closed() {
    let mut screen = Screen::new(60, 20);
    models(&mut screen);
    screen.press("end");
    assert!(screen.shows("› opus-4"));
    screen.press("home up");
    assert!(screen.shows("› big"), "the one in force is the first");
    screen.press("pageDown pageUp down");
    assert!(screen.shows("› small"));
    let place = screen.place_of("› small");
    screen.wheel(1, place);
    assert!(screen.shows("› huge"));
    screen.tell(Msg::Paste("zzz\n".into()));
    assert!(screen.shows("nothing matches") && screen.shows("0/5"));
    assert_eq!(screen.press("enter"), NONE);
    screen.press("ctrl+u");
    assert!(screen.shows("5/5"));
    assert_eq!(screen.press("ctrl+c"), NONE);
    assert!(!screen.shows("opus-4"));
}

#[test]
fn an_entry_is_chosen_with_the_mouse() {
    let mut screen = Screen::new(60, 20);
    models(&mut screen);
    assert_eq!(
        screen.click("sonnet-4"),
        [r#"SetModel { provider: "acme", id: "sonnet-4" }"#]
    );
    models(&mut screen);
    assert_eq!(screen.click("5/5"), NONE, "the frame is no entry");
    assert!(screen.shows("opus-4"));
}

#[test]
fn what_followed_the_command_is_the_search() {
    let mut screen = Screen::new(60, 20);
    screen.paste("/model opus");
    screen.press("enter");
    models(&mut screen);
    assert!(screen.shows("› opus-4") && screen.shows("1/5"));
}

#[test]
fn no_model_at_all_says_how_to_get_one() {
    let mut screen = Screen::new(60, 20);
    screen.reply(Asked::Models, Reply::Models(Vec::new()));
    assert!(screen.shows("no model is connected; /login connects one"));
    assert_eq!(screen.press("enter down up escape"), NONE);
}

#[test]
fn a_thinking_level_is_chosen() {
    let mut screen = Screen::new(60, 20);
    screen.paste("/thinking");
    screen.press("enter");
    assert!(screen.row_of("› high").contains('✓'));
    assert_eq!(screen.press("up enter"), ["SetThinking(Medium)"]);
}

#[test]
fn the_figures_of_a_session_are_shown() {
    let mut screen = Screen::new(70, 20);
    let mut stats = Stats {
        id: "the-id".into(),
        file: Some("/home/me/s.jsonl".into()),
        name: Some("work".into()),
        user_messages: 2,
        total_messages: 7,
        ..Stats::default()
    };
    stats.usage.input = 1234;
    screen.reply(Asked::Stats, Reply::Stats(Box::new(stats)));
    for shown in [
        "/home/me/s.jsonl",
        "the-id",
        "work",
        "acme/big",
        "7 (yours 2",
    ] {
        assert!(screen.shows(shown), "{shown}");
    }
    screen.press("escape");
    assert!(!screen.shows("the-id"));
}

#[test]
fn all_keys_can_be_read_on_a_small_screen() {
    let mut screen = Screen::new(40, 12);
    screen.paste("/hotkeys");
    screen.press("enter");
    assert!(screen.shows("Moving in the editor"));
    let mut seen = screen.text();
    let mut last = String::new();
    while last != screen.text() {
        last = screen.text();
        screen.press("pageDown");
        seen += &screen.text();
    }
    for group in pi::config::Keymap::groups() {
        assert!(seen.contains(&group.title), "{}", group.title);
    }
    assert!(last.contains("docs/keybindings.md") || last.contains("keybindings"));
    screen.press("home");
    assert!(screen.shows("Moving in the editor"));
    screen.press("escape");
    assert!(!screen.shows("Moving in the editor"));
}

fn ask(screen: &mut Screen, id: u64, question: Question) {
    screen.event(Event::Ask {
        id,
        question,
        timeout: None,
    });
}

#[test]
fn questions_are_answered_one_after_the_other() {
    let mut screen = Screen::new(60, 20);
    screen.type_text("draft");
    ask(
        &mut screen,
        1,
        Question::Confirm {
            title: "Delete?".into(),
            message: "All of the files below the working directory, hidden ones included, and then the directory.".into(),
        },
    );
    ask(
        &mut screen,
        2,
        Question::Select {
            title: "Which".into(),
            options: vec!["one".into(), "two".into()],
        },
    );
    assert!(
        screen.shows("Delete?") && screen.shows("and then"),
        "{}",
        screen.text()
    );
    assert!(screen.shows("directory."), "the whole question is seen");
    screen.now += 500;
    assert_eq!(
        screen.press("down enter"),
        [r#"Answer { id: 1, answer: Some("no") }"#]
    );
    assert!(screen.shows("Which"));
    assert_eq!(screen.press("escape"), ["Answer { id: 2, answer: None }"]);
    assert!(screen.shows("draft"));
}

#[test]
fn words_answer_a_question() {
    let mut screen = Screen::new(60, 20);
    let input = Question::Input {
        title: "Your name".into(),
        placeholder: "first name".into(),
    };
    ask(&mut screen, 3, input);
    assert!(screen.shows("first name"));
    screen.type_text("Ada");
    assert_eq!(
        screen.press("enter"),
        [r#"Answer { id: 3, answer: Some("Ada") }"#]
    );
    let editor = Question::Editor {
        title: "Commit message".into(),
        prefill: "fix".into(),
    };
    ask(&mut screen, 4, editor);
    screen.press("shift+enter m o r e");
    assert_eq!(
        screen.press("enter"),
        [r#"Answer { id: 4, answer: Some("fix\nmore") }"#]
    );
}

#[test]
fn a_question_waits_for_a_list_and_a_list_does_not_swallow_a_question() {
    let confirm = || Question::Confirm {
        title: "Sure?".into(),
        message: "Really".into(),
    };
    let mut screen = Screen::new(60, 20);
    models(&mut screen);
    ask(&mut screen, 1, confirm());
    assert!(!screen.shows("Sure?"));
    screen.press("escape");
    assert!(screen.shows("Sure?"));
    models(&mut screen);
    assert!(screen.shows("opus-4"));
    screen.press("escape");
    assert!(screen.shows("Sure?"));
    assert_eq!(
        screen.press("enter"),
        [r#"Answer { id: 1, answer: Some("yes") }"#]
    );
}
