//! The session as a tree: what is seen of it, how it is walked, and the way to another place.

mod going;

use pi::session::{EntryWords, OutlineRow, Reply};
use pi::tui::clipboard::Copied;
use pi::tui::msg::{Asked, Msg};

use crate::support::screen::{Screen, settings, view};

const NONE: [&str; 0] = [];
const OUTLINE: &str = "Shape -> Tree(None)";

fn row(entry: &str, parent: Option<&str>, kind: &str, text: &str) -> OutlineRow {
    OutlineRow {
        entry: entry.into(),
        parent: parent.map(str::to_owned),
        indent: 0,
        kind: kind.into(),
        text: text.into(),
        note: None,
        label: None,
        at: 0,
        is_active: false,
        is_leaf: false,
        is_read: true,
    }
}

/// m · q1 · a1 ┬ q2 · result · a2 (here) · label
///             └ q3 ┬ a3
///                  └ a4
fn rows() -> Vec<OutlineRow> {
    let mut rows = vec![
        row("m", None, "model_change", "big"),
        row("q1", Some("m"), "user", "begin the engine"),
        row("a1", Some("q1"), "assistant", "It runs"),
        row("q2", Some("a1"), "user", "look at the pump"),
        row("r", Some("q2"), "toolResult", "pump.rs"),
        row("a2", Some("r"), "assistant", "The Pump leaks"),
        row("l", Some("a2"), "label", "found"),
        row("q3", Some("a1"), "user", "look at the valve"),
        row("a3", Some("q3"), "assistant", "The valve is stuck"),
        row("a4", Some("q3"), "assistant", ""),
    ];
    for active in &mut rows[..7] {
        active.is_active = true;
    }
    rows[4].note = Some("read".into());
    rows[5].label = Some(("found".into(), 3_600_000));
    rows[6].is_leaf = true;
    rows[9].note = Some("529 overloaded".into());
    rows
}

fn open(screen: &mut Screen, rows: Vec<OutlineRow>) {
    screen.reply(Asked::Tree(None), Reply::Outline(rows));
}

fn tree(columns: u16, height: u16) -> Screen {
    let mut screen = Screen::new(columns, height);
    open(&mut screen, rows());
    screen
}

/// What stands inside the panel, from its title to its lower edge.
fn panel(screen: &mut Screen) -> Vec<String> {
    let text = screen.text();
    let inside = text.lines().skip_while(|row| !row.starts_with('╭'));
    let inside = inside.take_while(|row| !row.starts_with('╰')).skip(1);
    let bare = inside.map(|row| row.trim_matches('│').trim_end().to_owned());
    bare.filter(|row| !row.is_empty()).collect()
}

#[test]
fn the_tree_is_drawn_with_connectors_where_it_branches_and_the_place_where_one_is_is_selected() {
    let mut screen = Screen::new(60, 30);
    screen.paste("/tree");
    assert_eq!(screen.press("enter"), [OUTLINE]);
    open(&mut screen, rows());
    assert_eq!(
        panel(&mut screen),
        [
            "/ type to search",
            "  • user: begin the engine",
            "  • assistant: It runs",
            "  ├⊟ • user: look at the pump",
            "  │     • [read] pump.rs",
            "› │     • [found] assistant: The Pump leaks",
            "  └⊟ user: look at the valve",
            "     ├─ assistant: The valve is stuck",
            "     └─ assistant: 529 overloaded",
        ]
    );
    assert!(screen.shows("Tree · default"));
    assert!(screen.row_of("╰").contains("5/8 · enter goes"));
    let kinds = [
        "user: look at the valve",
        "assistant: 529",
        "[found]",
        "[read]",
    ];
    let colors = kinds.map(|text| format!("{:?}", screen.color_of(text)));
    let different: std::collections::HashSet<&String> = colors.iter().collect();
    assert_eq!(different.len(), kinds.len(), "{colors:?}");
}

#[test]
fn each_view_shows_its_own_is_named_in_the_title_and_is_cycled_both_ways() {
    let mut screen = tree(70, 30);
    screen.press("ctrl+o");
    assert!(screen.shows("· no-tools") && !screen.shows("pump.rs"));
    screen.press("ctrl+o");
    assert!(screen.shows("· user-only"));
    assert_eq!(
        panel(&mut screen)[1..],
        [
            "  • user: begin the engine",
            "› ├─ • user: look at the pump",
            "  └─ user: look at the valve"
        ]
    );
    screen.press("ctrl+o");
    assert_eq!(
        panel(&mut screen)[1..],
        ["› • [found] assistant: The Pump leaks"]
    );
    screen.press("ctrl+o");
    assert!(screen.shows("[model: big]") && screen.shows("[label: found]"));
    screen.press("ctrl+o");
    assert!(screen.shows("· default") && !screen.shows("[model: big]"));
    screen.press("shift+ctrl+o");
    assert!(screen.shows("· all"));
    // A key of its own shows a view, and the usual one again.
    screen.press("ctrl+u");
    assert!(screen.shows("· user-only"));
    screen.press("ctrl+u");
    assert!(screen.shows("· default"));
    screen.press("ctrl+l ctrl+d");
    assert!(screen.shows("· default"));
}

#[test]
fn the_view_at_first_is_the_one_in_the_settings() {
    let mut settings = settings();
    settings.tree_filter = pi::store::Filter::NoTools;
    let mut screen = Screen::with(view(Vec::new()), settings, 60, 30);
    open(&mut screen, rows());
    assert!(screen.shows("· no-tools") && !screen.shows("pump.rs"));
}

#[test]
fn words_are_searched_wherever_they_stand_and_escape_takes_the_search_back_first() {
    let mut screen = tree(60, 30);
    screen.type_text("LOOK PUMP".to_lowercase().as_str());
    assert_eq!(
        panel(&mut screen),
        ["/ look pump", "› • user: look at the pump"]
    );
    screen.press("backspace backspace backspace backspace");
    assert_eq!(
        panel(&mut screen)[1..],
        ["› • user: look at the pump", "  user: look at the valve"]
    );
    screen.paste("nowhere");
    assert!(screen.shows("nothing matches") && screen.shows("0/0"));
    assert_eq!(screen.press("enter ctrl+x shift+l up down"), NONE);
    screen.press("escape");
    assert!(screen.row_of("›").contains("look at the pump"), "kept");
    screen.press("escape");
    assert!(!screen.shows("Tree ·"));
}

#[test]
fn branches_fold_and_the_same_keys_walk_from_stretch_to_stretch() {
    let mut screen = tree(60, 30);
    screen.press("ctrl+left");
    assert!(screen.row_of("›").contains("look at the pump"), "its start");
    screen.press("alt+left");
    assert!(screen.row_of("›").contains("├⊞ • user: look at the pump"));
    assert!(!screen.shows("leaks") && screen.shows("valve is stuck"));
    screen.press("alt+right");
    assert!(screen.shows("leaks"));
    screen.press("ctrl+right");
    assert!(screen.row_of("›").contains("leaks"), "the end");
    screen.press("home ctrl+right");
    assert!(screen.row_of("›").contains("look at the pump"));
    screen.press("home ctrl+left");
    assert_eq!(panel(&mut screen)[1..], ["› ⊞ • user: begin the engine"]);
    // Another search or view shows all of it again.
    screen.press("ctrl+t ctrl+d");
    assert!(screen.shows("1/8"));
}

#[test]
fn up_from_the_first_is_the_last_and_pages_stop_at_the_ends() {
    let mut screen = tree(60, 30);
    screen.press("home up");
    assert!(screen.row_of("›").contains("529"));
    screen.press("down");
    assert!(screen.row_of("›").contains("begin"));
    screen.press("left right right pageDown");
    assert!(screen.row_of("›").contains("529"));
    let place = screen.place_of("529");
    screen.wheel(-2, place);
    assert!(screen.row_of("›").contains("look at the valve"));
}

#[test]
fn a_label_is_edited_in_place_and_the_tree_is_shown_anew() {
    let mut screen = tree(60, 30);
    screen.press("shift+t");
    assert!(screen.shows("[found] 01:00 assistant") && screen.shows("label times"));
    screen.press("up up shift+l");
    assert!(screen.shows("label: empty takes it away"));
    screen.type_text("to do");
    let (x, _) = screen.caret();
    assert_eq!(x, 1 + "label: to do".len() as u16);
    let sent = screen.press("enter");
    assert_eq!(
        sent,
        [r#"SetLabel { entry: "q2", label: Some("to do") } -> Label"#]
    );
    assert_eq!(
        screen.reply(Asked::Label, Reply::Done),
        ["Shape -> TreeAgain"]
    );
    let mut labelled = rows();
    labelled[3].label = Some(("to do".into(), 60_000));
    screen.reply(Asked::TreeAgain, Reply::Outline(labelled));
    assert!(
        screen
            .row_of("›")
            .contains("[to do] 00:01 user: look at the pump")
    );
    screen.press("down down shift+l ctrl+u");
    let sent = screen.press("enter");
    assert_eq!(sent, [r#"SetLabel { entry: "a2", label: None } -> Label"#]);
    screen.reply(Asked::Label, Reply::Refused("only being watched".into()));
    assert!(screen.row_of("╰").contains("only being watched"));
    screen.press("shift+l x escape");
    assert!(screen.shows("type to search") && screen.shows("[found]"));
}

#[test]
fn what_an_entry_says_is_copied() {
    let mut screen = tree(60, 30);
    let sent = screen.press("ctrl+x");
    assert_eq!(sent, [r#"EntryText("a2") -> EntryText"#]);
    let words = Reply::Text(Some("The Pump leaks.\nAll of it.".into()));
    assert_eq!(
        screen.reply(Asked::EntryText, words),
        [r#"Copy("The Pump leaks.\nAll of it.")"#]
    );
    screen.tell(Msg::Copied(Copied::default()));
    assert!(screen.row_of("╰").contains("no clipboard was found"));
    assert_eq!(screen.reply(Asked::EntryText, Reply::Text(None)), NONE);
    assert!(screen.row_of("╰").contains("nothing to copy"));
}

#[test]
fn a_session_in_which_nothing_was_said_has_no_tree_to_show() {
    let mut screen = Screen::new(40, 12);
    open(&mut screen, vec![row("m", None, "model_change", "big")]);
    assert!(screen.shows("nothing has been said in this"));
    assert!(!screen.shows("Tree ·"));
}

#[test]
fn on_a_small_screen_the_entries_have_the_room_and_the_frame_says_what_is_out_of_sight() {
    let mut screen = tree(40, 12);
    assert!(screen.row_of("›").contains("[found] assistant: The"));
    let (above, below) = (screen.row_of("╭"), screen.row_of("╰"));
    assert!(
        above.contains("Tree · default") && above.contains("↑ 2"),
        "{above}"
    );
    assert!(
        below.contains("5/8 · enter goes") && below.contains("↓ 1"),
        "{below}"
    );
    let mut seen = String::new();
    for _ in 0..8 {
        screen.press("down");
        seen += &screen.row_of("›");
    }
    for said in [
        "begin",
        "runs",
        "look at the pump",
        "pump.rs",
        "valve",
        "529",
    ] {
        assert!(seen.contains(said), "{said} in {seen}");
    }
    screen.type_text("stuck");
    assert!(screen.shows("/ stuck") && screen.shows("› assistant: The valve"));
    for (columns, height) in [(1, 1), (7, 3), (20, 5), (8, 4)] {
        screen.resize(columns, height);
        screen.paint();
    }
}

#[test]
fn what_stands_very_far_in_is_seen_all_the_same() {
    let mut rows = vec![row("0", None, "user", "root")];
    for depth in 1..100 {
        let parent = (depth - 1).to_string();
        rows.push(row(
            &depth.to_string(),
            Some(&parent),
            "user",
            &format!("deep {depth}"),
        ));
    }
    for depth in 1..100 {
        let parent = (99 - depth).to_string();
        rows.push(row(&format!("b{depth}"), Some(&parent), "user", "aside"));
    }
    rows[99].is_leaf = true;
    let mut screen = Screen::new(60, 20);
    open(&mut screen, rows);
    let selected = screen.row_of("›");
    assert!(
        selected.contains("…") && selected.contains("user: deep 99"),
        "{selected}"
    );
}

#[test]
fn hostile_entries_do_no_harm() {
    let bad = "\u{1b}[2J\u{202e}x\u{7}";
    let mut rows = rows();
    rows.push(row("a4", Some("a4"), bad, bad));
    rows.push(row("x", Some("nowhere"), "user", bad));
    rows[6].is_leaf = false;
    rows.push(row("y", Some("y"), "label", bad));
    rows.last_mut().unwrap().is_leaf = true;
    rows[1].note = Some(bad.into());
    rows[2].label = Some((bad.into(), i64::MIN));
    let mut screen = Screen::new(60, 30);
    open(&mut screen, rows);
    screen.press("ctrl+a shift+t end");
    screen.press("up enter escape ctrl+left ctrl+left ctrl+right");
    screen.paste(bad);
    screen.paint();
    screen.press("escape shift+l");
    screen.paste(bad);
    screen.paint();
}

#[test]
fn fifty_thousand_entries_are_searched_and_walked() {
    let mut rows = vec![row("0", None, "user", "root")];
    for at in 1..50_000u32 {
        let parent = if at % 100 == 0 { at - 100 } else { at - 1 }.to_string();
        rows.push(row(
            &at.to_string(),
            Some(&parent),
            "assistant",
            &format!("answer {at}"),
        ));
    }
    rows[42].is_leaf = true;
    let mut screen = Screen::new(60, 30);
    open(&mut screen, rows);
    assert!(screen.row_of("›").contains("answer 42"));
    screen.press("ctrl+o end");
    assert!(screen.shows("/50000"));
    screen.type_text("answer 49999");
    assert_eq!(panel(&mut screen)[1..], ["› assistant: answer 49999"]);
}

#[test]
fn a_click_selects_an_entry_and_another_goes_there() {
    let mut screen = tree(60, 20);
    assert_eq!(screen.click("look at the valve"), NONE);
    assert!(screen.row_of("look at the valve").contains('›'));
    assert_eq!(screen.click("begin the engine"), NONE);
    let place = screen.place_of("begin the engine");
    assert_eq!(screen.click("begin the engine"), NONE);
    assert!(screen.shows("No summary"), "{}", screen.text());
    assert!(place.1 > 0);
    screen.press("escape");
    // A key in between makes a click the first again.
    screen.press("down");
    assert_eq!(screen.click("look at the valve"), NONE);
    assert!(!screen.shows("No summary"));
}

/// The same rows as they come at first: nobody has read what they say.
fn unread() -> Vec<OutlineRow> {
    let blank = |row| OutlineRow {
        text: String::new(),
        note: None,
        is_read: false,
        ..row
    };
    rows().into_iter().map(blank).collect()
}

fn words(ids: &[&str]) -> Reply {
    let rows = rows();
    let said = ids.iter().map(|id| {
        let row = rows.iter().find(|row| row.entry == *id).unwrap().clone();
        EntryWords {
            entry: row.entry,
            kind: row.kind,
            text: row.text,
            note: row.note,
        }
    });
    Reply::Words(said.collect())
}

#[test]
fn the_tree_is_there_at_once_and_what_is_near_is_read() {
    let mut screen = Screen::new(60, 30);
    let asked = screen.reply(Asked::Tree(None), Reply::Outline(unread()));
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with(r#"Words(["q1", "a1", "#), "{asked:?}");
    assert!(screen.shows("Tree · default") && screen.shows("• …"));
    assert_eq!(screen.press("up down"), NONE, "one question at a time");
    let shown = ["q1", "a1", "q2", "r", "a2", "q3", "a3", "a4"];
    // An answer to what somebody else has asked is not taken for the own one.
    assert_eq!(screen.reply(Asked::Words, words(&["m"])), NONE);
    assert!(screen.shows("• …"));
    assert_eq!(screen.reply(Asked::Words, words(&shown)), NONE);
    assert!(screen.shows("The Pump leaks") && !screen.shows("• …"));
    // A new label brings the tree anew: what was read is known.
    assert_eq!(
        screen.reply(Asked::TreeAgain, Reply::Outline(unread())),
        NONE
    );
    assert!(screen.shows("The Pump leaks"));
}

#[test]
fn a_search_reads_everything() {
    let mut screen = Screen::new(60, 30);
    let mut many = vec![row("0", None, "user", "")];
    for n in 1..3000 {
        let parent = (n - 1).to_string();
        many.push(row(&n.to_string(), Some(&parent), "user", ""));
    }
    for row in &mut many {
        row.is_read = false;
    }
    many[2999].is_leaf = true;
    let asked = screen.reply(Asked::Tree(None), Reply::Outline(many));
    let said = |asked: &str| {
        let ids = asked.split('"').skip(1).step_by(2);
        let words = ids.map(|id| EntryWords {
            entry: id.into(),
            kind: "user".into(),
            text: format!("words of {id}"),
            note: None,
        });
        Reply::Words(words.collect())
    };
    assert_eq!(screen.reply(Asked::Words, said(&asked[0])), NONE);
    assert!(screen.shows("words of 2999"));
    let mut asked = screen.press("1");
    screen.press("2 3 4");
    let mut rounds = 0;
    while let Some(ids) = asked.first() {
        assert!(screen.shows("more are being read"));
        asked = screen.reply(Asked::Words, said(ids));
        rounds += 1;
    }
    assert_eq!(rounds, 1);
    assert!(screen.shows("words of 1234") && !screen.shows("being read"));
    // What cannot be read is not asked for again and again.
    let mut screen = Screen::new(60, 30);
    screen.reply(Asked::Tree(None), Reply::Outline(unread()));
    let refused = Reply::Refused("the session was left meanwhile".into());
    assert_eq!(screen.reply(Asked::Words, refused), NONE);
}
