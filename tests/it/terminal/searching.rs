//! Searching the conversation, and the list of prompts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pi::ai::SharedMessage;
use pi::ai::message::{Content, Message};
use pi::session::History;
use serde_json::json;

use crate::support::screen::{Screen, view};
use crate::transcript::stage::{assistant, user};

const NONE: [&str; 0] = [];

/// So many exchanges; the word is in every seventh.
fn talk(count: usize) -> Vec<Message> {
    let each = (0..count).flat_map(|n| {
        let word = if n % 7 == 0 { "Needle" } else { "hay" };
        [
            user(&format!("question {n}")),
            assistant(vec![Content::text(format!("answer {n} has {word} in it"))]),
        ]
    });
    each.collect()
}

fn opened(count: usize) -> Screen {
    let mut screen = Screen::over(view(talk(count)), 60, 24);
    screen.paint();
    assert_eq!(screen.press("ctrl+shift+f"), NONE);
    assert!(screen.shows("find:"));
    screen
}

#[test]
fn the_nearest_match_is_shown_counted_and_gone_on_from_around_the_ends() {
    let mut screen = opened(30);
    assert!(screen.shows("words in the conversation"));
    screen.type_text("needle");
    // 0, 7, 14, 21 and 28 have it: the last is in the window.
    assert!(screen.shows("5/5"));
    assert!(screen.shows("answer 28 has Needle"));
    screen.press("enter");
    assert!(screen.shows("1/5") && screen.shows("answer 0 has Needle"));
    screen.press("enter enter");
    assert!(screen.shows("3/5") && screen.shows("answer 14 has Needle"));
    screen.press("shift+enter");
    assert!(screen.shows("2/5") && screen.shows("answer 7 has Needle"));
    screen.press("up up");
    assert!(screen.shows("5/5"));
    screen.press("backspace");
    assert!(screen.shows("5/5"));
    screen.type_text("zz");
    assert!(screen.shows("no matches"));
}

#[test]
fn an_upper_case_letter_makes_case_count() {
    let mut screen = opened(30);
    screen.type_text("NEEDLE");
    assert!(screen.shows("no matches"));
    screen.press("ctrl+u");
    screen.type_text("Needle");
    assert!(screen.shows("5/5"));
    screen.press("ctrl+u");
    assert!(screen.shows("words in the conversation"));
}

#[test]
fn all_matches_are_marked_and_the_current_one_stands_out() {
    let text = "the pump and the Pump and no more";
    let mut screen = Screen::over(view(vec![assistant(vec![Content::text(text)])]), 60, 16);
    screen.paint();
    screen.press("ctrl+shift+f");
    screen.type_text("pump");
    let (first, second) = (screen.place_of("pump"), screen.place_of("Pump"));
    let styles = |screen: &mut Screen| {
        let buffer = screen.paint();
        [first, second].map(|at| buffer[at].style())
    };
    let before = styles(&mut screen);
    let plain = screen.paint()[(first.0 - 1, first.1)].style();
    assert!(before[0] != before[1] && before.iter().all(|style| *style != plain));
    screen.press("enter");
    let [one, other] = styles(&mut screen);
    assert_eq!([other, one], before);
}

#[test]
fn a_match_over_the_end_of_a_row_is_found_and_marked_in_both() {
    let text = "alpha beta gamma delta epsilon";
    let mut screen = Screen::over(view(vec![assistant(vec![Content::text(text)])]), 20, 16);
    screen.paint();
    screen.press("ctrl+shift+f");
    screen.type_text("gamma delta");
    let (x, y) = screen.place_of("gamma");
    let (below, row) = screen.place_of("delta");
    assert_eq!(row, y + 1);
    let buffer = screen.paint();
    assert_eq!(buffer[(x, y)].bg, buffer[(below, row)].bg);
}

#[test]
fn escape_goes_back_to_where_one_was_and_tab_stays() {
    let mut screen = opened(60);
    let before = screen.text();
    let window = |text: &str| text.lines().take(15).map(str::to_owned).collect::<Vec<_>>();
    screen.type_text("question 3");
    screen.press("enter enter escape");
    assert_eq!(window(&screen.text()), window(&before));
    assert!(!screen.shows("find:"));

    screen.type_text("/find answer 5 has");
    screen.press("enter");
    assert!(screen.shows("find: answer 5 has") && screen.shows("answer 5 has"));
    screen.press("tab");
    assert!(screen.shows("answer 5 has") && !screen.shows("find:"));
    assert!(!screen.shows("answer 59 has"));
}

#[test]
fn what_is_folded_is_unfolded_while_a_match_in_it_is_looked_at() {
    let mut screen = Screen::new(50, 30);
    screen.run("list");
    screen.stream("so");
    let output: Vec<String> = (0..60).map(|n| format!("file{n:02}")).collect();
    screen.tool("bash", json!({"command": "ls"}), &output.join("\n"));
    let result = json!({
        "role": "toolResult", "toolCallId": "1", "toolName": "bash", "isError": false, "timestamp": 0,
        "content": [{"type": "text", "text": output.join("\n")}],
    });
    let call = json!({
        "role": "assistant", "api": "x", "provider": "y", "model": "z", "usage": pi::ai::Usage::default(),
        "stopReason": "toolUse", "timestamp": 0,
        "content": [{"type": "toolCall", "id": "1", "name": "bash", "arguments": {"command": "ls"}}],
    });
    let messages = [call, result].map(|message| serde_json::from_value(message).unwrap());
    let mut screen = Screen::over(view(messages.into()), 50, 30);
    assert!(!screen.shows("file03"));
    screen.press("ctrl+shift+f");
    screen.type_text("file03");
    assert!(screen.shows("file03") && screen.shows("1/1"));
    screen.press("escape");
    assert!(!screen.shows("file03"));
}

#[test]
fn what_is_said_meanwhile_is_found_as_well() {
    let mut screen = opened(3);
    screen.type_text("pump");
    assert!(screen.shows("no matches"));
    screen.run("the pump leaks");
    screen.press("enter");
    assert!(screen.shows("1/1"), "{}", screen.text());
}

/// A long history that counts what is read of it, and has the word far from its end.
struct Long(AtomicUsize);

impl Long {
    fn text(index: usize) -> String {
        match index {
            1_234 => "here is the valve".into(),
            _ => format!("message {index}"),
        }
    }
}

impl History for Long {
    fn len(&self) -> usize {
        50_000
    }

    fn message(&self, index: usize) -> Option<SharedMessage> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let text = Long::text(index);
        Some(Arc::new(match index % 2 {
            0 => user(&text),
            _ => assistant(vec![Content::text(text)]),
        }))
    }

    fn may_say(&self, index: usize, test: &dyn Fn(&mut [u8]) -> bool) -> bool {
        test(&mut Long::text(index).into_bytes())
    }
}

#[test]
fn a_word_in_a_long_session_is_found_without_reading_the_rest() {
    let long = Arc::new(Long(AtomicUsize::new(0)));
    let mut view = view(Vec::new());
    view.history = long.clone();
    let mut screen = Screen::over(view, 60, 20);
    screen.paint();
    screen.press("ctrl+shift+f");
    screen.paste("Valve");
    assert!(screen.shows("no matches"));
    screen.press("ctrl+u");
    screen.paste("valve");
    assert!(screen.shows("here is the valve") && screen.shows("1/1"));
    let read = long.0.load(Ordering::Relaxed);
    assert!(read < 400, "{read}");
}

#[test]
fn the_prompts_are_listed_filtered_and_gone_to() {
    let mut screen = Screen::over(view(talk(60)), 60, 24);
    screen.type_text("/prompts");
    assert_eq!(screen.press("enter"), NONE);
    assert!(screen.shows("Go to a prompt") && screen.shows("› question 59"));
    assert!(screen.shows("60/60"));
    screen.type_text("question 17");
    screen.press("enter");
    assert!(screen.shows("question 17") && !screen.shows("question 59"));
    assert!(!screen.shows("Go to a prompt"));
}

#[test]
fn the_list_of_prompts_says_when_there_are_none_and_has_those_of_now() {
    let mut screen = Screen::new(40, 12);
    screen.type_text("/prompts");
    screen.press("enter");
    assert!(screen.shows("nothing has been said yet"));
    screen.press("escape");
    screen.run("mend the pump");
    screen.type_text("/prompts");
    screen.press("enter");
    assert!(screen.shows("› mend the pump"));
    screen.press("enter");
    assert!(screen.shows("mend the pump"));
}
