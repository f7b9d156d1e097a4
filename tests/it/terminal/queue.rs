//! What is said while pi is busy: it is shown, waits its turn, and comes back.

use pi::ai::Content;
use pi::session::{Event, Reason, Reply, Saying};
use pi::tui::msg::{Asked, Msg};

use crate::support::screen::Screen;

/// The screen with these waiting.
fn waiting(screen: &mut Screen, steering: &[&str], follow_up: &[&str]) {
    let owned = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    screen.view.steering = owned(steering);
    screen.view.follow_up = owned(follow_up);
    screen.event(Event::QueueUpdate {
        steering: owned(steering),
        follow_up: owned(follow_up),
    });
}

#[test]
fn words_typed_in_a_run_wait_above_the_editor_until_they_go_out() {
    let mut screen = Screen::new(60, 16);
    screen.run("begin");
    screen.type_text("left");
    let sent = screen.press("enter");
    assert!(
        sent[0].contains("text: \"left\"") && sent[0].contains("Steering"),
        "{sent:?}"
    );
    screen.type_text("then right");
    let sent = screen.press("alt+enter");
    assert!(
        sent[0].contains("then right") && sent[0].contains("FollowUp"),
        "{sent:?}"
    );
    waiting(&mut screen, &["left"], &["then right"]);
    let (_, above) = screen.place_of("steers: left");
    let (_, below) = screen.place_of("follows: then right");
    let (_, editor) = screen.place_of("────");
    assert!(above < below && below < editor);
    waiting(&mut screen, &[], &["then right"]);
    assert!(!screen.shows("steers:") && screen.shows("follows: then right"));
}

#[test]
fn words_typed_while_it_compacts_or_waits_for_another_attempt_are_sent_to_wait() {
    let starts = [
        Event::CompactionStart {
            reason: Reason::Manual,
        },
        Event::RetryStart {
            attempt: 1,
            max_attempts: 3,
            delay: std::time::Duration::from_secs(9),
            error: "503".into(),
        },
    ];
    for start in starts {
        let mut screen = Screen::new(60, 16);
        screen.run("begin");
        screen.event(start);
        screen.type_text("and this");
        let sent = screen.press("enter");
        assert!(sent[0].contains("and this"), "{sent:?}");
        waiting(&mut screen, &["and this"], &[]);
        assert!(screen.shows("steers: and this"));
        assert_eq!(screen.press("escape"), ["TakeQueue -> Queue", "Abort"]);
        let queue = Reply::Queue {
            steering: vec!["and this".into()],
            follow_up: Vec::new(),
        };
        screen.reply(Asked::Queue, queue);
        assert_eq!(screen.app.draft(), "and this");
    }
}

#[test]
fn what_comes_back_stands_in_front_of_what_is_typed_in_the_order_in_which_it_was_said() {
    let mut screen = Screen::new(60, 20);
    screen.run("begin");
    screen.type_text("being typed");
    waiting(&mut screen, &["one", "two"], &["three"]);
    assert_eq!(screen.press("alt+up"), ["TakeQueue -> Queue"]);
    let queue = Reply::Queue {
        steering: vec!["one".into(), "two".into()],
        follow_up: vec!["three".into()],
    };
    screen.reply(Asked::Queue, queue);
    waiting(&mut screen, &[], &[]);
    assert_eq!(screen.app.draft(), "one\n\ntwo\n\nthree\n\nbeing typed");
    assert!(!screen.shows("takes them back"));
}

#[test]
fn what_waits_counts_as_unsent_so_that_it_is_kept_when_pi_ends() {
    let mut screen = Screen::new(60, 16);
    screen.run("begin");
    waiting(&mut screen, &["one"], &["two"]);
    screen.type_text("three");
    assert_eq!(screen.app.unsent(), "one\n\ntwo\n\nthree");
}

#[test]
fn a_search_or_a_panel_over_the_editor_loses_nothing_that_comes_back() {
    let mut screen = Screen::new(60, 24);
    screen.run("begin");
    screen.type_text("draft");
    screen.paint();
    screen.press("ctrl+shift+f");
    screen.type_text("begin");
    let queue = Reply::Queue {
        steering: vec!["one".into()],
        follow_up: Vec::new(),
    };
    screen.reply(Asked::Queue, queue);
    screen.press("escape");
    assert_eq!(screen.app.draft(), "one\n\ndraft");
}

#[test]
fn leaving_takes_two_presses_in_a_row() {
    let mut screen = Screen::new(60, 16);
    assert_eq!(screen.press("ctrl+c"), [""; 0]);
    screen.type_text("x");
    screen.press("backspace");
    assert_eq!(
        screen.press("ctrl+c"),
        [""; 0],
        "something was typed between"
    );
    assert_eq!(screen.press("ctrl+c"), ["Quit"]);
}

#[test]
fn pictures_come_back_with_their_words_and_go_out_with_them_again() {
    let picture = |data: &str| Content::Image {
        data: data.into(),
        mime_type: "image/png".into(),
    };
    let mut screen = Screen::new(60, 40);
    screen.run("begin");
    screen.type_text("typed");
    let queue = Reply::Queue {
        steering: vec![
            Saying {
                text: "look".into(),
                images: vec![picture("Zmlyc3Q=")],
            },
            "plain".into(),
        ],
        follow_up: vec![Saying {
            text: String::new(),
            images: vec![picture("c2Vjb25k")],
        }],
    };
    screen.reply(Asked::Queue, queue);
    assert!(screen.shows("look [image 1]") && screen.shows("[image 2]"));
    assert_eq!(screen.app.draft(), "look\n\nplain\n\n\n\ntyped");
    let sent = screen.press("enter").concat();
    let (first, second) = (sent.find("Zmlyc3Q="), sent.find("c2Vjb25k"));
    assert!(first.is_some() && first < second, "{sent}");
    assert!(!sent.contains("[image"), "{sent}");
    // The history has it whole; a marker is one step of Backspace.
    screen.press("up");
    screen.press("ctrl+e");
    assert!(screen.shows("look [image 1]"));
    screen.press("ctrl+c");
    let refused = Saying {
        text: "look".into(),
        images: vec![picture("Zmlyc3Q="), picture("c2Vjb25k")],
    };
    let asked = Asked::Prompt(refused);
    screen.reply(asked, Reply::Refused("no model is there".into()));
    assert!(screen.shows("look [image 1] [image 2]"));
    screen.press("backspace");
    let sent = screen.press("enter").concat();
    assert!(
        sent.contains("Zmlyc3Q=") && !sent.contains("c2Vjb25k"),
        "{sent}"
    );
    // A picture alone can be said, and outlives the external editor.
    let queue = Reply::Queue {
        steering: vec![Saying {
            text: String::new(),
            images: vec![picture("Zmlyc3Q=")],
        }],
        follow_up: Vec::new(),
    };
    screen.reply(Asked::Queue, queue);
    screen.tell(Msg::Edited(Ok("what is it?\n".into())));
    assert!(screen.shows("what is it? [image 1]"));
    for _ in 0.."what is it? [".len() {
        screen.press("ctrl+a");
        screen.press("delete");
    }
    screen.reply(
        Asked::Queue,
        Reply::Queue {
            steering: vec![Saying {
                text: String::new(),
                images: vec![picture("Zmlyc3Q=")],
            }],
            follow_up: Vec::new(),
        },
    );
    let sent = screen.press("enter").concat();
    assert!(
        sent.contains("Zmlyc3Q=") && sent.contains("text: \"\""),
        "{sent}"
    );
}
