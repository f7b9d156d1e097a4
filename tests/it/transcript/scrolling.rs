//! The window: where it stands, what it reads and keeps.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pi::ai::SharedMessage;
use pi::ai::message::Content;
use pi::session::History;

use proptest::prelude::*;
use ratatui::text::Line;

use super::stage::{Stage, assistant, user};

/// A history that counts what is read of it.
struct Counted {
    length: usize,
    read: Arc<AtomicUsize>,
}

impl History for Counted {
    fn len(&self) -> usize {
        self.length
    }

    fn message(&self, index: usize) -> Option<SharedMessage> {
        self.read.fetch_add(1, Ordering::Relaxed);
        let text = format!("message {index}\n\nwith a second paragraph");
        Some(Arc::new(match index % 2 {
            0 => user(&text),
            _ => assistant(vec![Content::text(text)]),
        }))
    }
}

/// A screen of 20 rows over so many messages, and the count of what is read.
fn long(length: usize) -> (Stage, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let mut stage = Stage::over(Arc::new(Counted {
        length,
        read: read.clone(),
    }));
    stage.height = 20;
    (stage, read)
}

#[test]
fn a_message_of_any_place_is_gone_to() {
    let (mut stage, read) = long(50_000);
    stage.transcript.to_message(30_000);
    let rows = stage.rows();
    let first = rows.iter().find(|row| row.contains("message"));
    assert!(first.unwrap().contains("message 30000"), "{rows:?}");
    assert!(read.load(Ordering::Relaxed) <= 40, "{read:?}");
    stage.transcript.to_message(usize::MAX - 1);
    assert!(stage.rows().iter().any(|row| row.contains("message 49999")));
}

#[test]
fn a_session_of_any_length_is_read_only_where_it_is_looked_at() {
    let (mut stage, read) = long(50_000);
    let rows = stage.rows();
    assert_eq!(rows.len(), 20);
    assert!(rows[17].contains("message 49999"), "{rows:?}");
    assert!(read.load(Ordering::Relaxed) <= 6, "{read:?}");

    stage.transcript.to_top();
    assert!(stage.rows()[1].contains("message 0"));
    assert!(read.load(Ordering::Relaxed) <= 40, "{read:?}");
}

#[test]
fn memory_follows_the_window() {
    let (mut stage, _) = long(2_000);
    for _ in 0..300 {
        stage.transcript.scroll_lines(-17);
        stage.rows();
        assert!(
            stage.transcript.loaded() < 80,
            "{}",
            stage.transcript.loaded()
        );
    }
}

#[test]
fn every_row_is_passed_once_in_either_direction() {
    let (mut stage, _) = long(40);
    let mut up = stage.rows();
    loop {
        stage.transcript.scroll_lines(-1);
        let row = stage.rows().remove(0);
        if up.len() > 20 && stage.transcript.position().0 == 0 && up.len() >= 160 {
            break;
        }
        up.insert(0, row);
    }
    stage.transcript.to_top();
    let mut down = stage.rows();
    while !stage.transcript.is_following() {
        stage.transcript.scroll_lines(1);
        down.push(stage.rows().pop().unwrap());
    }
    assert_eq!(
        down.iter().filter(|row| row.contains("message ")).count(),
        40
    );
    assert_eq!(up, down);
}

#[test]
fn a_held_window_does_not_move_while_more_comes() {
    let (mut stage, _) = long(10);
    stage.rows();
    stage.transcript.scroll_pages(-1);
    let held = stage.rows();
    assert!(!stage.transcript.is_following());
    stage.begin();
    stage.say(0, "a long answer\n\nin many\n\nparagraphs");
    assert_eq!(stage.rows(), held);

    stage.transcript.to_bottom();
    assert_eq!(stage.rows().pop().unwrap(), " paragraphs");
    assert!(stage.transcript.is_following());
}

#[test]
fn scrolling_down_to_the_end_follows_again() {
    let (mut stage, _) = long(10);
    let bottom = stage.rows();
    stage.transcript.scroll_lines(-3);
    stage.rows();
    assert!(!stage.transcript.is_following());
    stage.transcript.scroll_lines(50);
    assert_eq!(stage.rows(), bottom);
    assert!(stage.transcript.is_following());
}

#[test]
fn a_resize_holds_on_to_what_is_at_the_top() {
    let (mut stage, _) = long(400);
    stage.rows();
    stage.transcript.scroll_lines(-301);
    let before = stage.transcript.position().0;
    stage.rows();
    let before_resize = stage.transcript.position().0;
    assert!(before_resize < before);
    for width in [12, 90, 5, 44] {
        stage.width = width;
        stage.rows();
        assert_eq!(
            stage.transcript.position().0,
            before_resize,
            "at {width} columns"
        );
    }
}

#[test]
fn the_end_of_a_conversation_is_printed_without_reading_the_rest() {
    let printed = |stage: &mut Stage, most| {
        let look = stage.look.clone();
        let (rows, more) = stage.transcript.last_rows(44, &look, most);
        assert!(rows.len() <= most && stage.transcript.loaded() < 80);
        let number = |row: &Line<'_>| {
            row.to_string()
                .trim()
                .strip_prefix("message ")?
                .parse()
                .ok()
        };
        let found: Vec<usize> = rows.iter().filter_map(number).collect();
        (rows.len(), found, more)
    };
    let (mut stage, read) = long(50_000);
    let (rows, found, more) = printed(&mut stage, 2000);
    assert_eq!((rows, more), (2000, true));
    assert_eq!(found, (49_500..50_000).collect::<Vec<_>>());
    assert!(read.load(Ordering::Relaxed) <= 510, "{read:?}");

    let (mut stage, _) = long(500);
    let (rows, found, more) = printed(&mut stage, 2000);
    assert_eq!((rows, more), (2000, false));
    assert_eq!(found, (0..500).collect::<Vec<_>>());
    let (rows, found, more) = printed(&mut stage, 1999);
    assert_eq!((rows, more), (1999, true));
    assert_eq!(found, (0..500).collect::<Vec<_>>());
    let (rows, found, more) = printed(&mut stage, 1997);
    assert_eq!((rows, more), (1997, true));
    assert_eq!(found, (1..500).collect::<Vec<_>>());
}

#[test]
fn a_long_run_that_settles_is_not_read_again() {
    let (mut stage, read) = long(0);
    for number in 0..500 {
        stage.message(user(&format!("message {number}")));
    }
    let settled = Arc::new(Counted {
        length: 500,
        read: read.clone(),
    });
    // The last one is the model's there.
    assert!(!stage.transcript.settle(settled));
    stage.message(user("message 500"));
    let settled = Arc::new(Counted {
        length: 501,
        read: read.clone(),
    });
    assert!(stage.transcript.settle(settled));
    assert_eq!(read.load(Ordering::Relaxed), 2);
    stage.rows();
    assert!(stage.transcript.loaded() < 80);
}

#[test]
fn prompts_are_jumped_to() {
    let (mut stage, _) = long(30);
    stage.rows();
    assert!(stage.transcript.to_previous_prompt());
    let first = stage.rows();
    assert!(first[1].contains("message 2"), "{first:?}");
    assert!(stage.transcript.to_previous_prompt());
    let second = stage.rows();
    assert_ne!(second[1], first[1]);
    assert!(stage.transcript.to_next_prompt());
    assert_eq!(stage.rows(), first);
    stage.transcript.to_top();
    stage.rows();
    assert!(!stage.transcript.to_previous_prompt());
}

#[test]
fn a_message_that_cannot_be_read_leaves_a_word_in_its_place() {
    struct Gone;
    impl History for Gone {
        fn len(&self) -> usize {
            1
        }
        fn message(&self, _: usize) -> Option<SharedMessage> {
            None
        }
    }
    let mut stage = Stage::over(Arc::new(Gone));
    assert_eq!(stage.rows(), ["", " ! A message here could not be read."]);
}

/// Anything that a person or a model may do to a window.
#[derive(Debug, Clone)]
enum Act {
    Lines(isize),
    Pages(isize),
    Size(u16, u16),
    Top,
    Bottom,
    Prompt(bool),
    Fold,
    Say,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (-60isize..60).prop_map(Act::Lines),
        (-3isize..3).prop_map(Act::Pages),
        (1u16..100, 1u16..40).prop_map(|(width, height)| Act::Size(width, height)),
        Just(Act::Top),
        Just(Act::Bottom),
        any::<bool>().prop_map(Act::Prompt),
        Just(Act::Fold),
        Just(Act::Say),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_window_is_always_full_whatever_is_done_to_it(acts in prop::collection::vec(act(), 1..40)) {
        let (mut stage, _) = long(40);
        for act in acts {
            let transcript = &mut stage.transcript;
            match act {
                Act::Lines(rows) => transcript.scroll_lines(rows),
                Act::Pages(pages) => transcript.scroll_pages(pages),
                Act::Size(width, height) => (stage.width, stage.height) = (width, height),
                Act::Top => transcript.to_top(),
                Act::Bottom => transcript.to_bottom(),
                Act::Prompt(next) => {
                    if next { transcript.to_next_prompt() } else { transcript.to_previous_prompt() };
                }
                Act::Fold => transcript.toggle_tools(),
                Act::Say => {
                    stage.begin();
                    stage.say(0, "something more\n\nto read");
                }
            }
            let (width, height) = (usize::from(stage.width), usize::from(stage.height));
            let lines = stage.lines();
            prop_assert_eq!(lines.len(), height);
            prop_assert!(lines.iter().all(|line| line.width() <= width));
        }
    }
}

#[test]
fn the_scrollbar_reaches_both_ends_exactly_and_never_goes_back_on_the_way() {
    let (mut stage, read) = long(50_000);
    stage.rows();
    assert_eq!(stage.transcript.bar().unwrap().above, 1.0);
    let shown = stage.transcript.bar().unwrap().shown;
    stage.transcript.to_top();
    stage.rows();
    assert_eq!(stage.transcript.bar().unwrap().above, 0.0);
    let mut before = 0.0;
    for _ in 0..200 {
        stage.transcript.scroll_lines(7);
        stage.rows();
        let bar = stage.transcript.bar().unwrap();
        assert!(bar.above > before && bar.above < 1.0);
        assert_eq!(bar.shown, shown, "the thumb keeps its length");
        before = bar.above;
    }
    assert!(read.load(Ordering::Relaxed) < 2_000, "{read:?}");
}

#[test]
fn any_share_of_the_way_is_gone_to_without_reading_what_is_between() {
    let (mut stage, read) = long(50_000);
    stage.rows();
    for (share, wanted) in [(0.5, 25_000), (0.25, 12_500), (0.9, 45_000)] {
        stage.transcript.go_to_share(share);
        let rows = stage.rows();
        let row = rows.iter().find(|row| row.contains("message")).unwrap();
        let number: isize = row.split_whitespace().nth(1).unwrap().parse().unwrap();
        assert!((number - wanted).abs() < 12, "{row}");
        assert!((stage.transcript.bar().unwrap().above - share).abs() < 0.001);
    }
    stage.transcript.go_to_share(0.0);
    assert!(stage.rows()[1].contains("message 0"));
    stage.transcript.go_to_share(1.0);
    stage.rows();
    assert!(stage.transcript.is_following());
    assert!(read.load(Ordering::Relaxed) < 400, "{read:?}");
}

#[test]
fn what_fits_has_no_scrollbar() {
    let mut stage = Stage::new(vec![user("hi")]);
    stage.rows();
    assert_eq!(stage.transcript.bar(), None);
}
