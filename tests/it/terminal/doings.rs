//! What the conversation does by itself, and where it is: compaction, further attempts, forks, watching.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pi::agent::AgentEvent;
use pi::session::{Compacted, Event, ForkPoint, Reason, Reply};
use pi::tui::msg::{Asked, Msg};
use serde_json::json;

use crate::support::screen::{Screen, model, view};
use crate::transcript::stage::{assistant, user};

const NONE: [&str; 0] = [];

fn compaction_end(result: Option<Compacted>, aborted: bool) -> Event {
    Event::CompactionEnd {
        reason: Reason::Manual,
        result: result.map(Arc::new),
        aborted,
        will_retry: false,
        error: None,
    }
}

fn retry_start(attempt: u32) -> Event {
    Event::RetryStart {
        attempt,
        max_attempts: 3,
        delay: Duration::from_millis(3500),
        error: "529 overloaded\nand more".into(),
    }
}

#[test]
fn compaction_says_so_is_stopped_with_escape_and_tells_what_it_came_to() {
    let mut screen = Screen::new(60, 16);
    screen.paste("/compact the tests above all");
    let sent = r#"Compact { instructions: Some("the tests above all") } -> Compact"#;
    assert_eq!(screen.press("enter"), [sent]);
    screen.event(Event::CompactionStart {
        reason: Reason::Manual,
    });
    screen.now = 3_000;
    screen.tell(Msg::Tick);
    let row = screen.row_of("Compacting…");
    assert!(row.ends_with("3s · escape stops"), "{row}");
    assert_eq!(screen.press("escape"), ["TakeQueue -> Queue", "Abort"]);
    assert!(screen.shows("Stopping…"));
    screen.event(compaction_end(None, true));
    screen.reply(Asked::Compact, Reply::Cancelled("aborted".into()));
    let text = screen.text();
    assert!(
        text.contains("nothing has changed") && !text.contains("aborted"),
        "{text}"
    );
    screen.event(Event::CompactionStart {
        reason: Reason::Threshold,
    });
    let result = Compacted {
        tokens_before: 150_000,
        tokens_after: 12_000,
        ..Compacted::default()
    };
    screen.event(compaction_end(Some(result), false));
    assert!(screen.shows("compacted: 150k → 12k tokens"));
    assert!(!screen.shows("Compacting…"));
}

#[test]
fn a_compaction_that_was_refused_outright_says_why_and_one_that_was_told_does_not_twice() {
    let mut screen = Screen::new(60, 16);
    screen.refuse(Asked::Compact, "only being watched");
    assert!(screen.shows("only being watched"));
    screen.event(compaction_end(None, false));
    screen.refuse(Asked::Compact, "there is nothing to do");
    assert!(!screen.shows("there is nothing to do"));
    let reason = "a hook says no".into();
    screen.reply(Asked::Compact, Reply::Cancelled(reason));
    assert!(screen.shows("a hook says no"));
}

#[test]
fn a_further_attempt_is_counted_down_once_a_second_and_stopped_with_escape() {
    let mut screen = Screen::new(70, 16);
    screen.run("begin");
    screen.now = 1_000;
    screen.event(retry_start(1));
    let row = " • retry 1/3 in 4 s · escape stops · 529 overloaded";
    assert_eq!(screen.row_of("retry"), row);
    assert_eq!(screen.app.step(), Some(500));
    screen.now = 1_500;
    screen.tell(Msg::Tick);
    assert!(screen.shows("in 3 s"));
    assert_eq!(screen.app.step(), Some(1_000));
    assert_eq!(screen.press("escape"), ["TakeQueue -> Queue", "Abort"]);
    assert!(screen.shows("Stopping…") && !screen.shows("retry"));
}

#[test]
fn when_the_attempt_begins_it_is_work_again_and_a_narrow_screen_keeps_the_key() {
    let mut screen = Screen::new(40, 12);
    screen.run("begin");
    screen.event(retry_start(2));
    assert_eq!(
        screen.row_of("retry"),
        " • retry 2/3 in 4 s · escape stops · 52…"
    );
    screen.now = 3_500;
    screen.tell(Msg::Tick);
    assert!(screen.shows("Working…"), "the pause is over");
    screen.event(retry_start(3));
    screen.agent(AgentEvent::AgentStart);
    assert!(screen.shows("Working…") && !screen.shows("retry"));
    screen.event(retry_start(3));
    screen.event(Event::Settled { aborted: true });
    assert!(!screen.shows("retry") && !screen.app.is_moving());
}

#[test]
fn a_fork_is_chosen_from_what_was_said_the_latest_first_and_gives_the_words_back() {
    let mut screen = Screen::new(60, 16);
    screen.paste("/fork");
    assert_eq!(screen.press("enter"), ["ForkPoints -> ForkPoints"]);
    let point = |entry: &str, text: &str| ForkPoint {
        entry: entry.into(),
        text: text.into(),
    };
    let points = vec![point("a", "the first\nwords"), point("b", "the second")];
    screen.reply(Asked::ForkPoints, Reply::ForkPoints(points));
    assert!(screen.row_of("›").contains("the second"));
    screen.press("up");
    assert!(screen.row_of("›").contains("the first words"));
    let sent = screen.press("enter");
    assert!(sent[1].starts_with(r#"Fork { entry: "a" }"#), "{sent:?}");
    let asked = Asked::Text("a fork");
    screen.event(Event::Switched);
    screen.reply(asked, Reply::Text(Some("the first\nwords".into())));
    assert_eq!(screen.app.draft(), "the first\nwords");
    assert!(screen.shows("a fork"));
}

#[test]
fn copies_are_asked_for_and_files_are_found_where_a_person_means_them() {
    let mut screen = Screen::new(60, 16);
    screen.paste("/clone");
    assert!(screen.press("enter")[1].starts_with("Clone -> "));
    for (typed, path) in [
        ("/import ~/old.jsonl", "/home/me/old.jsonl"),
        ("/import 'my old.jsonl'", "/home/me/engine/my old.jsonl"),
        ("/import /tmp/x.jsonl", "/tmp/x.jsonl"),
    ] {
        screen.paste(typed);
        let wanted = format!("Import {{ path: {:?} }}", PathBuf::from(path));
        let sent = screen.press("enter");
        assert!(sent[1].starts_with(&wanted), "{sent:?}");
        assert!(sent[1].contains("Moved(\"imported "), "{sent:?}");
    }
    screen.paste("/import");
    screen.press("escape");
    assert_eq!(screen.press("enter"), NONE);
    assert!(screen.shows("names the session file"));
}

#[test]
fn where_the_conversation_went_is_said() {
    let mut screen = Screen::new(60, 16);
    screen.view.history = Arc::new(vec![Arc::new(user("hello"))]);
    screen.event(Event::Switched);
    assert!(screen.shows("another branch of this session"));
    screen.view.id = "other".into();
    screen.event(Event::Switched);
    assert!(screen.shows("another session"));
    screen.view.id = "third".into();
    screen.view.history = Arc::new(Vec::new());
    screen.event(Event::Switched);
    assert!(screen.shows("a new session"));
}

#[test]
fn a_hook_that_is_against_it_is_told_and_the_words_come_back() {
    let mut screen = Screen::new(60, 16);
    let asked = Asked::Prompt("my words".into());
    screen.reply(asked, Reply::Cancelled("not today".into()));
    assert!(screen.shows("not today"));
    assert_eq!(screen.app.draft(), "my words");
}

#[test]
fn what_is_watched_says_so_and_nothing_of_it_spins() {
    let mut view = view(vec![user("go")]);
    view.watching = Some("process 4711 writes it".into());
    let mut screen = Screen::over(view.clone(), 80, 16);
    assert!(
        screen
            .row_of("watching")
            .ends_with("watching · process 4711 writes it")
    );
    let calls =
        json!([{"type": "toolCall", "id": "1", "name": "bash", "arguments": {"command": "make"}}]);
    let message = Arc::new(assistant(serde_json::from_value(calls).unwrap()));
    screen.agent(AgentEvent::MessageEnd { message });
    assert!(screen.shows("$ make"));
    assert!(!screen.app.is_moving());
    let mut narrow = Screen::over(view, 40, 12);
    assert!(narrow.row_of("watching").ends_with("watching"));
}

#[test]
fn what_was_told_before_a_pause_does_not_come_back_when_the_pause_is_stopped() {
    let mut screen = Screen::new(60, 16);
    screen.event(Event::ModelChanged(Arc::new(model("other"))));
    assert!(screen.shows("answers now"));
    screen.run("begin");
    screen.event(retry_start(1));
    assert!(!screen.shows("answers now"));
    assert_eq!(screen.press("escape"), ["TakeQueue -> Queue", "Abort"]);
    screen.event(Event::RetryEnd {
        success: false,
        attempt: 1,
        error: None,
    });
    screen.event(Event::Settled { aborted: true });
    assert!(!screen.shows("answers now"), "{}", screen.text());
}
