//! While the model works: what it is doing, what waits, how it is stopped.

use std::sync::Arc;

use pi::agent::AgentEvent;
use pi::session::{Event, Reply};
use pi::tui::msg::{Asked, Msg};
use serde_json::json;

use crate::support::screen::Screen;
use crate::transcript::stage::user;

#[test]
fn escape_takes_back_what_waits_and_stops() {
    let mut screen = Screen::new(60, 16);
    screen.run("begin");
    screen.type_text("typed since");
    assert_eq!(screen.press("escape"), ["TakeQueue -> Queue", "Abort"]);
    assert!(screen.shows("Stopping…"));
    let waited = vec!["left".into(), "right".into()];
    screen.reply(Asked::Queue, queue(waited));
    assert_eq!(screen.app.draft(), "left\n\nright\n\ntyped since");
    screen.event(Event::Settled { aborted: true });
    assert!(!screen.shows("Stopping…"));
    assert!(!screen.app.is_moving());
}

#[test]
fn a_new_session_gives_back_what_waits() {
    let mut screen = Screen::new(60, 16);
    screen.run("begin");
    screen.paste("/new");
    assert_eq!(
        screen.press("enter"),
        ["TakeQueue -> Queue", "NewSession { parent: None }"]
    );
    screen.reply(Asked::Queue, queue(vec!["left".into()]));
    screen.event(Event::Switched);
    assert_eq!(screen.app.draft(), "left");
}

#[test]
fn a_copy_or_an_import_gives_back_what_waits_too() {
    for (typed, sent) in [("/clone", "Clone"), ("/import \"a.jsonl\"", "Import {")] {
        let mut screen = Screen::new(60, 16);
        screen.run("begin");
        screen.paste(typed);
        let effects = screen.press("enter");
        assert_eq!(effects[0], "TakeQueue -> Queue", "{typed}");
        assert!(effects[1].starts_with(sent), "{effects:?}");
    }
}

#[test]
fn alt_up_takes_back_what_waits_and_does_not_stop() {
    let mut screen = Screen::new(60, 16);
    screen.run("begin");
    assert_eq!(screen.press("alt+up"), ["TakeQueue -> Queue"]);
    screen.reply(Asked::Queue, queue(vec!["left".into()]));
    assert_eq!(screen.app.draft(), "left");
    screen.reply(Asked::Queue, queue(Vec::new()));
    assert_eq!(screen.app.draft(), "left");
    assert!(screen.shows("Working…"));
}

#[test]
fn the_status_row_tells_the_time_and_the_key() {
    let mut screen = Screen::new(60, 16);
    assert!(!screen.app.is_moving());
    screen.run("begin");
    assert!(screen.app.is_moving());
    assert!(screen.row_of("Working…").ends_with("0s · escape stops"));
    screen.now = 59_999;
    screen.tell(Msg::Tick);
    assert!(screen.row_of("Working…").ends_with("59s · escape stops"));
    screen.now = 125_000;
    screen.tell(Msg::Tick);
    assert!(screen.row_of("Working…").ends_with("2m 05s · escape stops"));
    screen.event(Event::Settled { aborted: false });
    assert!(!screen.shows("Working…") && !screen.app.is_moving());
}

#[test]
fn what_waits_is_shown_and_much_of_it_is_counted() {
    let mut screen = Screen::new(60, 20);
    screen.run("begin");
    screen.view.steering = vec!["left\nand up".into()];
    screen.view.follow_up = vec!["then right".into()];
    let update = |screen: &mut Screen| {
        screen.event(Event::QueueUpdate {
            steering: screen.view.steering.clone(),
            follow_up: screen.view.follow_up.clone(),
        })
    };
    update(&mut screen);
    assert_eq!(screen.row_of("left"), " steers: left and up");
    assert_eq!(screen.row_of("right"), " follows: then right");
    assert_eq!(screen.row_of("takes"), "   alt+up takes them back");
    screen.view.follow_up = (0..7).map(|number| format!("wish {number}")).collect();
    update(&mut screen);
    assert!(screen.shows("wish 2") && !screen.shows("wish 3"));
    assert_eq!(screen.row_of("takes"), "   4 more · alt+up takes them back");
}

#[test]
fn tool_output_is_seen_as_it_comes() {
    let mut screen = Screen::new(60, 16);
    screen.run("build it");
    screen.tool("bash", json!({"command": "make all"}), "compiling 1 of 9");
    assert!(screen.shows("make all") && screen.shows("compiling 1 of 9"));
    screen.agent(AgentEvent::ToolEnd {
        id: "1".into(),
        name: "bash".into(),
        outcome: Arc::new(pi::agent::Outcome::text("built")),
        duration: None,
    });
    assert!(screen.shows("built") && !screen.shows("compiling 1 of 9"));
}

#[test]
fn a_shell_command_is_stopped_with_escape_as_well() {
    let mut screen = Screen::new(60, 16);
    screen.event(Event::ShellStart {
        line: "sleep 99".into(),
        excluded: false,
    });
    assert!(screen.shows("sleep 99") && screen.app.is_moving());
    assert_eq!(screen.press("escape"), ["TakeQueue -> Queue", "Abort"]);
    screen.type_text("!ls");
    assert_eq!(screen.press("enter"), [""; 0]);
    assert!(screen.shows("a shell command is running"));
    assert_eq!(screen.app.draft(), "!ls");
}

#[test]
fn scrolled_back_the_screen_stays_where_it_is_and_says_so() {
    let messages = (0..30).map(|number| user(&format!("prompt {number}")));
    let view = crate::support::screen::view(messages.collect());
    let mut screen = Screen::over(view, 60, 16);
    screen.run("the latest");
    screen.paint();
    screen.press("pageUp");
    assert!(screen.row_of("Working…").contains("ctrl+end to the end"));
    let before = screen.text();
    screen.stream("an answer");
    assert_eq!(screen.text(), before);
    screen.press("ctrl+end");
    assert!(screen.shows("an answer"));
    screen.press("pageUp");
    screen.type_text("x");
    screen.press("enter");
    assert!(screen.shows("an answer"), "sending goes to the end");
}

#[test]
fn thinking_and_tool_output_unfold() {
    let mut screen = Screen::new(60, 40);
    let lines: Vec<String> = (0..30).map(|line| format!("row {line}")).collect();
    screen.run("begin");
    screen.tool("bash", json!({"command": "seq"}), &lines.join("\n"));
    let folded = screen.text();
    screen.press("ctrl+o");
    assert!(screen.text() != folded && screen.shows("row 9\n"));
    screen.press("ctrl+o");
    assert_eq!(screen.text(), folded);
    screen.press("ctrl+t");
    assert!(screen.shows("thinking is hidden"));
}

fn queue(steering: Vec<String>) -> Reply {
    Reply::Queue {
        steering: steering.into_iter().map(Into::into).collect(),
        follow_up: Vec::new(),
    }
}
