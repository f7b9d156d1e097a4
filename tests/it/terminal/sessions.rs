//! The list of sessions, over real files.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use pi::ai::Clock;
use pi::session::{Reply, View};
use pi::store::index::{Page, Roots, Spoken, Voice, Wanted, last_said, page, spoken};
use pi::store::{self, Access, Removed, Store};
use pi::tui::mouse::{Button, Mouse, MouseAct};
use pi::tui::msg::{Asked, Effect, Msg};
use pi::tui::shelf::Shelf;
use serde_json::json;
use tempfile::TempDir;

use crate::support::screen::{Screen, view, wheel};

const HOUR: i64 = 3_600_000;
const NOW: i64 = 1_800_000_000_000;
/// The working directory of [`view`].
const HERE: &str = "/home/me/engine";
const NO_TRASH: &str = "/nowhere/trash";

struct Files(PathBuf);

impl Shelf for Files {
    fn page(&self, wanted: &Wanted) -> Result<Page, String> {
        let roots = Roots {
            projects: self.0.clone(),
            flat: None,
        };
        page(None, &roots, wanted).map_err(|error| error.to_string())
    }

    fn spoken(&self, wanted: &Wanted, most: usize) -> Result<Vec<Spoken>, String> {
        let roots = Roots {
            projects: self.0.clone(),
            flat: None,
        };
        spoken(None, &roots, wanted, most, &|| false).map_err(|error| error.to_string())
    }

    fn said(&self, path: &Path, count: usize) -> Result<Vec<(Voice, String)>, String> {
        last_said(path, count).map_err(|error| error.to_string())
    }

    fn is_in_use(&self, path: &Path) -> bool {
        store::is_in_use(path)
    }

    fn rename(&self, path: &Path, name: &str) -> Result<(), String> {
        store::rename(path, name, Clock::fixed(NOW)).map_err(|error| error.to_string())
    }

    fn remove(&self, path: &Path) -> Result<Removed, String> {
        store::remove(path, NO_TRASH).map_err(|error| error.to_string())
    }
}

/// A terminal and the files that it lists.
struct Stage {
    dir: TempDir,
    screen: Screen,
    sent: Vec<String>,
}

impl Stage {
    fn new(columns: u16, rows: u16) -> Self {
        Stage::over(view(Vec::new()), columns, rows)
    }

    fn over(view: View, columns: u16, rows: u16) -> Self {
        let mut screen = Screen::over(view, columns, rows);
        screen.now = NOW;
        Stage {
            dir: tempfile::tempdir().unwrap(),
            screen,
            sent: Vec::new(),
        }
    }

    /// A session that was written so many hours ago and begun a day before.
    fn session(&self, cwd: &str, id: &str, hours: i64, said: &[&str]) -> PathBuf {
        let folder = store::project_dir(self.dir.path(), Path::new(cwd));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{id}.jsonl"));
        let at = "2027-01-01T00:00:00.000Z";
        let header =
            json!({"type": "session", "version": 3, "id": id, "timestamp": at, "cwd": cwd});
        let mut lines = vec![header.to_string()];
        for (n, text) in said.iter().enumerate() {
            let message = json!({"role": "user", "content": text, "timestamp": 1});
            let entry = json!({"type": "message", "id": n.to_string(), "parentId": null,
                "timestamp": at, "message": message});
            lines.push(entry.to_string());
        }
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        touch(&path, hours);
        path
    }

    fn open(&mut self) {
        self.screen.paste("/resume");
        self.press("enter");
    }

    fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.tell(Msg::Key(key.parse().unwrap()));
        }
    }

    fn tell(&mut self, msg: Msg) {
        let mut effects = VecDeque::from(self.screen.app.update(msg, NOW));
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Look(request) => {
                    let answer = request.ask(&Files(self.dir.path().into()));
                    effects.extend(self.screen.app.update(Msg::Shelf(answer), NOW));
                }
                Effect::Send(command, _) => self.sent.push(format!("{command:?}")),
                Effect::Remember(_) => {}
                other => self.sent.push(format!("{other:?}")),
            }
        }
    }

    /// The rows of the list that hold one of these, in order.
    fn order(&mut self, names: &[&str]) -> String {
        let text = self.screen.text();
        let mut found: Vec<(usize, &str)> = names
            .iter()
            .filter_map(|name| Some((text.find(name)?, *name)))
            .collect();
        found.sort_unstable();
        let found: Vec<&str> = found.into_iter().map(|(_, name)| name).collect();
        found.join(" ")
    }

    #[track_caller]
    fn assert_shows(&mut self, wanted: &str) {
        let text = self.screen.text();
        assert!(text.contains(wanted), "no {wanted:?} in\n{text}");
    }
}

fn touch(path: &Path, hours: i64) {
    let at = Duration::from_millis((NOW - hours * HOUR).unsigned_abs());
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(UNIX_EPOCH + at).unwrap();
}

/// Three sessions of this project and one of another.
fn four(stage: &Stage) -> [PathBuf; 4] {
    let first = stage.session(HERE, "a", 1, &["alpha\u{1b}[2J fix", "and\nthen"]);
    let second = stage.session(HERE, "b", 5, &["bravo", "2", "3", "4"]);
    store::rename(&second, "zulu", Clock::fixed(NOW)).unwrap();
    touch(&second, 5);
    let third = stage.session(&format!("{HERE}/sub"), "c", 50, &["charlie"]);
    let other = stage.session("/home/me/other", "d", 3, &["delta"]);
    [first, second, third, other]
}

const ALL: [&str; 4] = ["alpha", "zulu", "charlie", "delta"];

#[test]
fn the_latest_sessions_of_this_project_are_listed_and_one_is_gone_on_with() {
    let mut stage = Stage::new(80, 24);
    let [_, second, ..] = four(&stage);
    stage.open();
    assert_eq!(stage.order(&ALL), "alpha zulu charlie");
    let row = stage.screen.row_of("alpha");
    assert!(
        row.contains("alpha fix") && row.contains("2 messages   1h"),
        "{row}"
    );
    assert!(stage.screen.row_of("zulu").contains("4 messages   5h"));
    assert!(stage.screen.row_of("charlie").contains("1 message    2d"));
    stage.assert_shows("1/3");
    stage.press("down enter");
    let switch = format!("SwitchSession {{ path: {second:?} }}");
    assert_eq!(stage.sent, ["TakeQueue", &switch]);
    assert!(!stage.screen.shows("charlie"));
}

#[test]
fn typing_filters_and_what_followed_the_command_is_the_search() {
    let mut stage = Stage::new(80, 24);
    four(&stage);
    stage.open();
    stage.press("b r a v");
    stage.assert_shows("1/1");
    stage.assert_shows("› zulu");
    stage.press("x");
    stage.assert_shows("nothing matches; backspace widens, tab looks in all projects");
    stage.press("ctrl+u");
    stage.assert_shows("1/3");
    stage.press("escape");
    stage.screen.paste("/resume char");
    stage.press("enter");
    stage.assert_shows("› charlie");
}

#[test]
fn the_list_is_of_all_projects_of_named_ones_and_sorted_otherwise() {
    let mut stage = Stage::new(80, 24);
    four(&stage);
    stage.open();
    stage.press("tab");
    assert_eq!(stage.order(&ALL), "alpha delta zulu charlie");
    stage.assert_shows("All projects · recent");
    assert!(stage.screen.row_of("delta").contains("~/other"));
    stage.press("ctrl+s ctrl+s");
    stage.assert_shows("by name");
    assert_eq!(stage.order(&ALL), "zulu alpha charlie delta");
    stage.press("ctrl+s");
    assert_eq!(
        stage.order(&["zulu", "alpha"]),
        "zulu alpha",
        "the longest first"
    );
    stage.press("ctrl+n");
    assert_eq!(stage.order(&ALL), "zulu");
    stage.assert_shows("named only");
    stage.press("ctrl+n ctrl+p");
    assert!(stage.screen.row_of("charlie").contains("c.jsonl"));
    stage.press("ctrl+p tab");
    assert!(!stage.screen.shows("c.jsonl") && !stage.screen.shows("delta"));
}

#[test]
fn the_session_that_is_open_is_marked_and_neither_opened_again_nor_deleted() {
    let mut stage = Stage::new(80, 24);
    let [first, ..] = four(&stage);
    let mut open = view(Vec::new());
    open.file = Some(first.clone());
    let dir = std::mem::replace(&mut stage.dir, tempfile::tempdir().unwrap());
    let mut stage = Stage {
        dir,
        ..Stage::over(open, 80, 24)
    };
    stage.open();
    assert!(stage.screen.row_of("alpha").contains('✓'));
    stage.press("enter");
    stage.assert_shows("this is the session that is open");
    stage.press("ctrl+d");
    stage.assert_shows("the session that is open is not deleted");
    stage.press("ctrl+r n e w enter");
    assert_eq!(stage.sent, [r#"SetName("new")"#]);
    stage.tell(Msg::Reply(Asked::Renamed(first.clone()), Reply::Done));
    stage.assert_shows("it has its new name");
    assert!(first.exists());
}

#[test]
fn a_session_is_renamed_in_its_file() {
    let mut stage = Stage::new(80, 24);
    let [first, second, ..] = four(&stage);
    stage.open();
    stage.press("down ctrl+r");
    stage.assert_shows("name: zulu");
    stage.press("escape");
    stage.assert_shows("› zulu");
    stage.press("ctrl+r ctrl+u y enter");
    stage.assert_shows("› y ");
    stage.assert_shows("it has its new name");
    let opened = Store::open(&second, Access::Read, Clock::fixed(NOW)).unwrap();
    assert_eq!(opened.store.name(), Some("y"));
    // Another pi has it.
    let _writer = Store::open(&first, Access::Write, Clock::fixed(NOW)).unwrap();
    stage.press("home ctrl+r n enter");
    stage.assert_shows("is in use");
}

#[test]
fn a_session_is_deleted_once_that_is_confirmed() {
    let mut stage = Stage::new(80, 24);
    let [first, second, third, _] = four(&stage);
    stage.open();
    stage.press("down ctrl+d");
    stage.assert_shows("delete \"zulu\"?");
    stage.press("escape");
    assert!(second.exists());
    stage.press("ctrl+d enter");
    stage.assert_shows("deleted");
    assert!(!second.exists() && !stage.screen.shows("zulu"));
    stage.assert_shows("› charlie");
    stage.press("ctrl+backspace enter");
    assert!(!third.exists());
    let writer = Store::open(&first, Access::Write, Clock::fixed(NOW)).unwrap();
    stage.press("ctrl+d enter");
    stage.assert_shows("is in use");
    assert!(first.exists() && stage.screen.shows("1/1"));
    drop(writer);
}

#[test]
fn a_long_list_is_read_part_by_part_and_says_that_it_scrolls() {
    let mut stage = Stage::new(40, 12);
    for n in 0..250 {
        stage.session(HERE, &format!("s{n}"), n, &[&format!("say {n:03}")]);
    }
    stage.open();
    stage.assert_shows("1/100+ ↓");
    stage.assert_shows("› say 000");
    stage.press("pageDown");
    stage.assert_shows("↑↓");
    stage.press("end");
    stage.assert_shows("› say 099");
    stage.assert_shows("100/200+");
    stage.press("end end end");
    stage.assert_shows("› say 249");
    stage.assert_shows("250/250 ↑");
    assert!(!stage.screen.shows("↑↓"));
    stage.press("up");
    let place = stage.screen.place_of("› say");
    stage.tell(Msg::Mouse(wheel(-3, place)));
    stage.assert_shows("› say 245");
    let text = stage.screen.text();
    assert!(text.lines().count() == 12 && text.contains("This project · recent"));
}

#[test]
fn an_empty_list_says_what_can_be_done() {
    let mut stage = Stage::new(40, 12);
    stage.open();
    stage.assert_shows("there are no sessions of this project");
    stage.press("ctrl+n");
    stage.assert_shows("no session has a name; ctrl+n shows");
    stage.press("ctrl+n tab");
    stage.assert_shows("there are no sessions yet");
    stage.press("enter ctrl+r ctrl+d up down end");
    stage.assert_shows("there are no sessions yet");
    stage.press("escape");
    assert!(!stage.screen.shows("sessions") && stage.sent.is_empty());
}

#[test]
fn a_wide_screen_shows_the_last_words_of_the_selected_session() {
    let mut stage = Stage::new(120, 24);
    four(&stage);
    stage.open();
    stage.assert_shows("│ ~/engine");
    stage.assert_shows("│ then");
    stage.press("down");
    assert!(!stage.screen.shows("│ then") && stage.screen.shows("│ 4"));
    stage.screen.resize(90, 24);
    assert!(!stage.screen.shows("│ 4") && stage.screen.shows("› zulu"));
}

#[test]
fn a_key_never_waits_for_the_list_and_an_old_answer_is_dropped() {
    let mut stage = Stage::new(80, 24);
    four(&stage);
    stage.screen.paste("/resume");
    let mut looks = stage
        .screen
        .app
        .update(Msg::Key("enter".parse().unwrap()), NOW);
    looks.retain(|effect| matches!(effect, Effect::Look(_)));
    assert_eq!(looks.len(), 1);
    stage.assert_shows("reading the list");
    // One question at a time, however much is typed meanwhile.
    assert!(stage.screen.press("c h a r").is_empty());
    let Some(Effect::Look(request)) = looks.pop() else {
        panic!("nothing was asked");
    };
    let answer = request.ask(&Files(stage.dir.path().into()));
    stage.tell(Msg::Shelf(answer));
    assert_eq!(stage.order(&ALL), "charlie");
    stage.assert_shows("1/1");
}

#[test]
fn enter_waits_for_what_was_typed_before_it() {
    let mut stage = Stage::new(80, 24);
    let [_, _, third, _] = four(&stage);
    stage.open();
    let shelf = Files(stage.dir.path().into());
    let app = &mut stage.screen.app;
    let mut looks = app.update(Msg::Key("c".parse().unwrap()), NOW);
    assert!(stage.screen.press("h a r enter ctrl+d enter").is_empty());
    stage.assert_shows("› alpha");
    let Some(Effect::Look(request)) = looks.pop() else {
        panic!("nothing was asked");
    };
    stage.tell(Msg::Shelf(request.ask(&shelf)));
    let switch = format!("SwitchSession {{ path: {third:?} }}");
    assert_eq!(stage.sent, ["TakeQueue", &switch]);
}

#[test]
fn a_session_in_use_is_gone_on_with_in_a_copy_or_left_alone() {
    for (keys, sent) in [("enter", 1), ("down enter", 0), ("escape", 0)] {
        let mut stage = Stage::new(80, 24);
        let [first, ..] = four(&stage);
        let _writer = Store::open(&first, Access::Write, Clock::fixed(NOW)).unwrap();
        stage.open();
        stage.press("enter");
        stage.sent.clear();
        let refused = Reply::Refused("session x is in use by process 4711".into());
        stage.tell(Msg::Reply(Asked::Switch(first.clone()), refused));
        stage.assert_shows("in use by process 4711");
        stage.assert_shows("This session is in use");
        stage.press(keys);
        assert!(!stage.screen.shows("This session is in use"));
        let fork = format!("ForkFile {{ path: {first:?} }}");
        assert_eq!(stage.sent, vec![fork; sent]);
    }
    let mut stage = Stage::new(80, 24);
    let [first, ..] = four(&stage);
    let refused = Reply::Refused("the session's directory is gone".into());
    stage.tell(Msg::Reply(Asked::Switch(first), refused));
    stage.assert_shows("directory is gone");
    assert!(!stage.screen.shows("This session is in use"));
}

#[test]
fn any_size_and_any_file_can_be_drawn() {
    let mut stage = Stage::new(80, 24);
    four(&stage);
    let hostile = "\u{202e}\u{1b}]0;x\u{7}👩‍👩‍👧\u{0301}数据\tx".repeat(40);
    let path = stage.session(HERE, "e", 0, &[&hostile]);
    fs::write(
        path.with_file_name("f.jsonl"),
        b"{\"type\":\"session\"\xff\n{}",
    )
    .unwrap();
    fs::write(path.with_file_name("g.jsonl"), b"").unwrap();
    stage.open();
    stage.assert_shows("1/4");
    for keys in [
        "tab",
        "ctrl+p",
        "ctrl+s",
        "ctrl+d",
        "escape ctrl+r 数 x",
        "escape n o",
    ] {
        stage.press(keys);
        for columns in [1, 2, 7, 8, 9, 20, 40, 99, 100, 101, 300] {
            for rows in [1, 2, 3, 4, 5, 9, 12, 40] {
                stage.screen.resize(columns, rows);
                stage.screen.paint();
            }
        }
    }
}

#[test]
fn sessions_are_found_by_what_was_said_in_them() {
    let mut stage = Stage::new(100, 24);
    let [_, second, ..] = four(&stage);
    stage.session(
        HERE,
        "e",
        9,
        &["begin", "the hydraulic\u{1b}[2J pump leaks"],
    );
    stage.session("/home/me/other", "f", 9, &["x", "another hydraulic press"]);
    stage.open();
    stage.tell(Msg::Paste("hydra".into()));
    let row = stage.screen.row_of("› begin");
    assert!(row.contains("the hydraulic pump leaks"), "{row}");
    assert!(!stage.screen.shows("press"), "that is another project's");
    stage.press("tab");
    stage.assert_shows("another hydraulic press");
    stage.press("tab");
    stage.press("ctrl+u");
    assert!(!stage.screen.shows("pump leaks"));
    // What a session is called comes first.
    stage.session(HERE, "g", 1, &["first", "bravo, said somebody"]);
    stage.press("escape");
    stage.open();
    stage.tell(Msg::Paste("bravo".into()));
    assert_eq!(
        stage.order(&["zulu", "said somebody"]),
        "zulu said somebody"
    );
    stage.press("down enter");
    assert!(stage.sent[1].contains("g.jsonl"), "{:?}", stage.sent);
    assert!(second.exists());
}

#[test]
fn a_click_selects_a_session_and_another_opens_it() {
    let mut stage = Stage::new(80, 24);
    let [_, second, ..] = four(&stage);
    stage.open();
    let click = |stage: &mut Stage, wanted: &str| {
        let (column, row) = stage.screen.place_of(wanted);
        let act = MouseAct::Press(Button::Left);
        stage.tell(Msg::Mouse(Mouse {
            act,
            column,
            row,
            shift: false,
            alt: false,
            ctrl: false,
        }));
    };
    click(&mut stage, "zulu");
    stage.assert_shows("› zulu");
    click(&mut stage, "charlie");
    stage.assert_shows("› charlie");
    click(&mut stage, "zulu");
    assert_eq!(stage.sent, [""; 0]);
    click(&mut stage, "zulu");
    let switch = format!("SwitchSession {{ path: {second:?} }}");
    assert_eq!(stage.sent, ["TakeQueue", &switch]);
}
