//! Whatever byte a session file is cut at or spoiled in, nothing before it is lost.

use std::fs;
use std::path::Path;

use pi::ai::{Message, Millis};
use pi::store::index;
use pi::store::{Access, Damage, Error, Fault, Store, project_dir};
use proptest::prelude::*;

use super::{clock, open, rich_session, shown};

/// Ids and ends of the entries of a healthy file.
fn entries(bytes: &[u8]) -> Vec<(String, usize)> {
    let mut end = 0;
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').map(|line| {
        end += line.len();
        (line, end - 1)
    });
    lines
        .skip(1)
        .map(|(line, end)| {
            let entry: serde_json::Value = serde_json::from_slice(line).unwrap();
            (entry["id"].as_str().unwrap().to_string(), end)
        })
        .collect()
}

/// Opens a spoiled file, appends, opens it again; every entry that ends at or before `intact` must
/// be there both times with its body, and what was appended the second time.
fn survives(path: &Path, healthy: &[(String, usize)], intact: usize) {
    let expected: Vec<&String> = healthy
        .iter()
        .filter(|(_, end)| *end <= intact)
        .map(|(id, _)| id)
        .collect();
    let appended = match Store::open(path, Access::Write, clock()) {
        Ok(mut opened) => {
            for id in &expected {
                assert!(
                    opened.store.entry(id).is_some(),
                    "{id} is lost, cut at {intact}"
                );
            }
            opened.store.context();
            opened
                .store
                .append_message(&Message::user("goes on", 9))
                .unwrap()
        }
        Err(Error::NotASession { .. } | Error::Empty { .. }) => {
            assert!(
                expected.is_empty(),
                "refused though {} entries are whole",
                expected.len()
            );
            return;
        }
        Err(other) => panic!("{other}"),
    };
    let reopened = open(path).store;
    for id in &expected {
        assert!(
            reopened.entry(id).is_some(),
            "{id} is lost on reopening, cut at {intact}"
        );
    }
    assert_eq!(reopened.leaf(), Some(appended));
    assert_eq!(shown(&reopened).last().map(String::as_str), Some("goes on"));
    // The branch hangs together down to the last whole entry.
    if let Some(last) = expected.last() {
        let tree = reopened.tree();
        let path = tree.path(tree.find(reopened.leaf().unwrap().as_str()));
        let last = tree.find(last);
        assert!(
            path.iter().any(|index| Some(*index) == last),
            "the branch is cut at {intact}"
        );
    }
}

#[test]
fn a_file_cut_at_any_byte_keeps_everything_before_the_cut() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = fs::read(rich_session(dir.path())).unwrap();
    let healthy = entries(&bytes);
    let path = dir.path().join("cut.jsonl");
    for cut in 0..=bytes.len() {
        fs::write(&path, &bytes[..cut]).unwrap();
        survives(&path, &healthy, cut);
    }
}

/// 200 entries of every kind on several branches, short so that every byte can be tried.
fn two_hundred_entries(dir: &Path) -> std::path::PathBuf {
    let mut store = Store::create(dir, Path::new("/w"), Some("long".into()), None, clock());
    let mut prompts = Vec::new();
    while store.tree().len() < 200 {
        let at = store.tree().len();
        match at % 10 {
            0 => prompts.push(store.append_message(&Message::user("q", 1)).unwrap()),
            1 | 2 => drop(store.append_message(&super::result("r")).unwrap()),
            3 => drop(store.append_custom("e", None).unwrap()),
            4 => drop(
                store
                    .append_label(prompts[at / 20].as_str(), Some("l"))
                    .unwrap(),
            ),
            5 => drop(store.append_model_change("p", "m").unwrap()),
            6 if at % 40 == 6 => store.set_leaf(Some(prompts[at / 20].as_str())).unwrap(),
            _ => drop(store.append_custom_message(&super::note("n")).unwrap()),
        }
        if at % 40 == 6 {
            store.append_session_info("n").unwrap();
        }
    }
    store.path().unwrap()
}

/// `PI_CUTS=all` tries every byte, which takes minutes; else it is every 97th, all bytes of the last two
/// lines and each end of a line. (The test before this one tries every byte of a short file.)
#[test]
fn two_hundred_entries_cut_at_any_byte_lose_none_before_the_cut() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = fs::read(two_hundred_entries(dir.path())).unwrap();
    let healthy = entries(&bytes);
    assert_eq!(healthy.len(), 200);
    let is_there = |store: &Store, intact: &[(String, usize)], cut: usize| {
        for (id, _) in intact {
            let index = store.tree().find(id);
            assert!(index.is_some(), "{id} is lost, cut at {cut}");
        }
        // The last whole one with its body: the bytes before it are those of the cut before.
        if let Some((id, _)) = intact.last() {
            let entry = store.entry(id).unwrap();
            assert_eq!(entry["id"], id.as_str(), "cut at {cut}");
        }
    };
    let header = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    let path = dir.path().join("cut.jsonl");
    let all = std::env::var_os("PI_CUTS").is_some();
    let last = healthy[197].1;
    let is_end = |cut: usize| bytes.get(cut) == Some(&b'\n');
    let wanted = |cut: &usize| all || cut.is_multiple_of(97) || *cut >= last || is_end(*cut);
    for cut in (0..=bytes.len()).filter(wanted) {
        fs::write(&path, &bytes[..cut]).unwrap();
        let whole = healthy.partition_point(|(_, end)| *end <= cut);
        let intact = &healthy[..whole];
        let appended = match Store::open(&path, Access::Write, clock()) {
            Ok(mut opened) => {
                is_there(&opened.store, intact, cut);
                opened
                    .store
                    .append_message(&Message::user("on", 9))
                    .unwrap()
            }
            Err(Error::NotASession { .. } | Error::Empty { .. }) if cut < header => continue,
            Err(other) => panic!("{other}, cut at {cut}"),
        };
        let reopened = open(&path).store;
        is_there(&reopened, intact, cut);
        assert_eq!(reopened.leaf(), Some(appended), "cut at {cut}");
        assert!(fs::read(&path).unwrap().starts_with(&bytes[..cut]));
    }
}

#[test]
fn a_bit_flipped_in_any_byte_costs_no_other_entry() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = fs::read(rich_session(dir.path())).unwrap();
    let healthy = entries(&bytes);
    let path = dir.path().join("flipped.jsonl");
    let header = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    for at in header..bytes.len() {
        for bit in [at % 8, 5] {
            let mut spoiled = bytes.clone();
            spoiled[at] ^= 1 << bit;
            fs::write(&path, &spoiled).unwrap();
            let opened = Store::open(&path, Access::Read, clock()).unwrap();
            let hit = healthy.iter().position(|(_, end)| *end >= at);
            for (index, (id, _)) in healthy.iter().enumerate() {
                // A lost newline joins two lines; both are found in the one.
                let spared = Some(index) != hit;
                assert!(
                    !spared || opened.store.entry(id).is_some(),
                    "{id} lost by byte {at} bit {bit}"
                );
            }
            opened.store.context();
        }
    }
}

#[test]
fn a_spoiled_header_does_not_take_the_conversation_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let bytes = fs::read(&path).unwrap();
    let healthy = shown(&open(&path).store);
    let header = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    for at in 0..header {
        let mut spoiled = bytes.clone();
        spoiled[at] ^= 1;
        fs::write(&path, &spoiled).unwrap();
        let opened = open(&path);
        assert_eq!(shown(&opened.store), healthy, "byte {at}");
        drop(opened);
        // A version that reads as an old one has made a new file, with the old one beside it.
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_header_with_a_mark_in_front_or_an_odd_field_is_a_header() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("\u{feff}{text}")).unwrap();
    let opened = open(&path);
    assert_eq!(opened.damage, []);
    assert_eq!(opened.store.cwd(), Path::new("/work"));
    drop(opened);
    fs::write(&path, text.replacen("\"/work\"", "7", 1)).unwrap();
    let mut opened = open(&path);
    let header = opened.store.header().clone();
    assert_eq!((header.id.as_str(), header.cwd.as_str()), ("rich", ""));
    assert_eq!(header.timestamp, "2024-12-03T14:00:00.000Z");
    assert!(opened.store.assume_cwd(Path::new("/here")));
    assert!(!opened.store.assume_cwd(Path::new("/there")));
    assert_eq!(opened.store.cwd(), Path::new("/here"));
}

#[test]
fn a_session_whose_header_is_lost_is_found_by_what_its_name_says() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("{\"type", "{\"tyXpe", 1)).unwrap();
    // A name of the same shape does not make a session.
    let other = "2025-12-03T14-00-00-000Z_notes.jsonl";
    fs::write(dir.path().join(other), "# notes\n").unwrap();
    let found = index::by_id(dir.path(), "rich").unwrap().unwrap();
    assert_eq!(found.header.timestamp, "2024-12-03T14:00:00.000Z");
    let last = index::most_recent(dir.path()).unwrap().unwrap();
    assert_eq!(last.path, path);
    assert_eq!(index::by_id(dir.path(), "notes").unwrap(), None);
    let cwd = Path::new("/here");
    let (_, copy) = pi::store::check::repair(&path, cwd, clock()).unwrap();
    let repaired = open(&copy.unwrap());
    assert_eq!(repaired.damage, []);
    assert_eq!(repaired.store.cwd(), cwd);
    let header = repaired.store.header();
    assert_eq!(
        (&header.id, &header.timestamp),
        (&found.header.id, &found.header.timestamp)
    );
    // So do the lists, that of its directory too.
    let projects = tempfile::tempdir().unwrap();
    let folder = project_dir(projects.path(), Path::new("/work"));
    fs::create_dir(&folder).unwrap();
    fs::rename(&path, folder.join(path.file_name().unwrap())).unwrap();
    let roots = index::Roots {
        projects: projects.path().into(),
        flat: None,
    };
    let listed = |project: &str| {
        let wanted = index::Wanted {
            limit: 9,
            project: Some(project.into()),
            ..index::Wanted::default()
        };
        index::page(None, &roots, &wanted).unwrap().sessions
    };
    assert_eq!(listed("/work")[0].digest.created, super::NOON);
    assert_eq!(listed("/elsewhere"), []);
}

#[test]
fn a_session_of_a_newer_version_is_read_and_never_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let healthy = shown(&open(&path).store);
    let text = fs::read_to_string(&path).unwrap();
    let newer = text.replacen("\"version\":3", "\"version\":99", 1);
    fs::write(&path, &newer).unwrap();
    let refused = Store::open(&path, Access::Write, clock()).err().unwrap();
    assert!(
        matches!(refused, Error::Newer { version: 99, .. }),
        "{refused}"
    );
    assert!(Store::import(&path, &dir.path().join("in"), dir.path(), "", clock()).is_err());
    assert!(!dir.path().join("in").exists());
    let opened = Store::open(&path, Access::Read, clock()).unwrap();
    assert_eq!(opened.newer, Some(99));
    assert_eq!(shown(&opened.store), healthy);
    let fork = Store::fork_file(&path, dir.path(), Path::new("/w"), None, clock()).unwrap();
    assert_eq!((fork.newer, fork.store.header().version), (Some(99), 3));
    assert_eq!(fs::read_to_string(&path).unwrap(), newer);
}

#[test]
fn a_torn_line_is_reported_once_and_stays_a_line_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    let mut opened = open(&path);
    let [
        Damage {
            line: 14,
            fault: Fault::Torn,
            ..
        },
    ] = opened.damage[..]
    else {
        panic!("{:?}", opened.damage);
    };
    opened
        .store
        .append_message(&Message::user("again", 1))
        .unwrap();
    drop(opened);
    let after = fs::read(&path).unwrap();
    assert!(
        after.starts_with(&bytes[..bytes.len() - 9]),
        "nothing is rewritten"
    );
    let opened = open(&path);
    assert_eq!(opened.damage.len(), 1);
    assert_eq!(
        shown(&opened.store).last().map(String::as_str),
        Some("again")
    );
}

#[test]
fn damage_inside_a_body_is_reported_once_when_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"third\"", "\"third'")).unwrap();
    let opened = open(&path);
    let before = shown(&opened.store);
    assert_eq!(before.last().map(String::as_str), Some("?"));
    assert_eq!(opened.store.context().messages.len(), before.len() - 1);
    let [
        Damage {
            fault: Fault::Unreadable,
            ..
        },
    ] = opened.store.take_damage()[..]
    else {
        panic!("not reported");
    };
    opened.store.context();
    assert_eq!(opened.store.take_damage(), []);
}

#[test]
fn an_entry_glued_to_a_torn_one_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = rich_session(dir.path());
    let bytes = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = bytes.lines().collect();
    // What a program does that appends to a torn file without looking.
    let torn = &lines[5][..lines[5].len() - 20];
    let glued = format!(
        "{}\n{torn}{}\n",
        lines[..5].join("\n"),
        lines[6..].join("\n")
    );
    fs::write(&path, glued).unwrap();
    let opened = open(&path);
    assert_eq!(opened.damage.len(), 1);
    assert_eq!(opened.damage[0].fault, Fault::Joined);
    assert_eq!(opened.store.tree().len(), 12);
    // The custom entry was the torn one's child; it follows the answer now.
    let tree = opened.store.tree();
    assert_eq!(tree.nodes()[4].parent(), Some(3));
}

#[test]
fn what_is_no_session_is_refused_with_its_path() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |content: &str| {
        let path = dir.path().join("x.jsonl");
        fs::write(&path, content).unwrap();
        let error = Store::open(&path, Access::Write, clock()).err().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), content, "never touched");
        error
            .to_string()
            .replace(dir.path().to_str().unwrap(), "<dir>")
    };
    assert_eq!(refused(""), "session file <dir>/x.jsonl is empty");
    let not = "<dir>/x.jsonl is not a session file: its first line is not a session header";
    assert_eq!(refused("# notes\n"), not);
    assert_eq!(
        refused("{\"type\":\"thing\",\"id\":\"1\"}\n{\"a\":1}\n"),
        not
    );
    let folder = Store::open(dir.path(), Access::Read, clock());
    assert!(matches!(folder.err(), Some(Error::NotASession { .. })));
    let missing = Store::open(&dir.path().join("none.jsonl"), Access::Write, clock());
    assert!(matches!(missing.err(), Some(Error::NotFound { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_at_all_are_opened_or_refused(
        lines in prop::collection::vec(prop_oneof![
            any::<Vec<u8>>(),
            r#"\{"type":"(message|label|custom|compaction)","id":"[0-9a-z]{0,8}","parentId":(null|"[0-9a-f]{8}"|3),"timestamp":"[0-9TZ:.-]{0,24}"[,}]?.{0,40}"#.prop_map(String::into_bytes),
        ], 0..12),
        with_header: bool,
        now in 0i64..4_000_000_000_000 as Millis,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("any.jsonl");
        let mut bytes = Vec::new();
        if with_header {
            bytes.extend_from_slice(b"{\"type\":\"session\",\"version\":3,\"id\":\"a\"}\n");
        }
        bytes.extend(lines.join(&b'\n'));
        fs::write(&path, &bytes).unwrap();
        let opened = Store::open(&path, Access::Write, pi::ai::Clock::fixed(now));
        prop_assert!(opened.is_ok() || !with_header);
        if let Ok(mut opened) = opened {
            opened.store.context();
            opened.store.last_usage();
            let id = opened.store.append_message(&Message::user("after", 1)).unwrap();
            drop(opened);
            prop_assert!(fs::read(&path).unwrap().starts_with(&bytes));
            let reopened = open(&path).store;
            prop_assert_eq!(reopened.leaf(), Some(id));
        }
    }
}
