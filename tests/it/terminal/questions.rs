//! Questions whose time runs out.

use std::time::Duration;

use pi::session::{Event, Question};
use pi::tui::msg::Msg;

use crate::support::screen::Screen;

const NONE: [&str; 0] = [];

fn ask(screen: &mut Screen, id: u64, question: Question, seconds: u64) {
    screen.event(Event::Ask {
        id,
        question,
        timeout: Some(Duration::from_secs(seconds)),
    });
}

fn all() -> [Question; 4] {
    [
        Question::Select {
            title: "Which".into(),
            options: vec!["one".into()],
        },
        Question::Confirm {
            title: "Sure".into(),
            message: "Really?".into(),
        },
        Question::Input {
            title: "Name".into(),
            placeholder: String::new(),
        },
        Question::Editor {
            title: "Words".into(),
            prefill: String::new(),
        },
    ]
}

#[test]
fn the_seconds_are_counted_down_and_the_question_goes_when_nobody_waits_any_more() {
    for (question, title) in all().into_iter().zip(["Which", "Sure", "Name", "Words"]) {
        let mut screen = Screen::new(60, 20);
        screen.type_text("draft");
        ask(&mut screen, 1, question, 5);
        assert!(
            screen.shows(&format!(" 5s · {title} ")),
            "{}",
            screen.text()
        );
        assert_eq!(screen.app.step(), Some(1000));
        screen.now = 1_400;
        screen.tell(Msg::Tick);
        assert!(screen.shows("4s · "));
        assert_eq!(screen.app.step(), Some(600));
        screen.now = 4_999;
        screen.tell(Msg::Tick);
        assert!(screen.shows(" 1s · "));
        screen.now = 5_000;
        assert_eq!(screen.event(Event::AskOver { id: 1 }), NONE);
        assert!(!screen.shows(title) && screen.shows("draft"));
        assert_eq!(screen.app.step(), None, "nothing ticks any more");
    }
}

#[test]
fn the_time_of_a_question_that_waits_runs_too() {
    let mut screen = Screen::new(60, 20);
    let [first, second, ..] = all();
    ask(&mut screen, 1, first, 60);
    ask(&mut screen, 2, second, 10);
    screen.now = 3_000;
    assert_eq!(
        screen.press("enter"),
        [r#"Answer { id: 1, answer: Some("one") }"#]
    );
    assert!(screen.shows(" 7s · Sure "), "{}", screen.text());
    assert_eq!(
        screen.press("down enter"),
        [r#"Answer { id: 2, answer: Some("no") }"#]
    );
}

#[test]
fn an_enter_that_was_meant_for_the_editor_answers_nothing() {
    for question in all() {
        let mut screen = Screen::new(60, 20);
        screen.type_text("draft");
        ask(&mut screen, 1, question, 60);
        screen.now = 250;
        assert_eq!(screen.press("enter"), NONE);
        screen.now = 300;
        assert_eq!(screen.press("enter").len(), 1);
        assert_eq!(screen.app.draft(), "draft");
    }
}
