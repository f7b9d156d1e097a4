//! Finding a session: the last one, one by path, one by the beginning of its id.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use pi::ai::Message;
use pi::store::index::{self, Target};
use pi::store::{Error, Store, project_dir};

use super::clock;

/// A session whose file was last written `age` seconds ago.
fn session(root: &Path, cwd: &str, id: &str, age: u64) -> PathBuf {
    let dir = project_dir(root, Path::new(cwd));
    let mut store = Store::create(&dir, Path::new(cwd), Some(id.into()), None, clock());
    store.append_message(&Message::user("hi", 1)).unwrap();
    let path = store.path().unwrap();
    let then = SystemTime::now() - Duration::from_secs(age);
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(then)
        .unwrap();
    path
}

#[test]
fn the_most_recent_session_is_the_one_written_last_that_is_a_session() {
    let root = tempfile::tempdir().unwrap();
    let dir = project_dir(root.path(), Path::new("/work"));
    assert_eq!(index::most_recent(&dir).unwrap(), None);
    session(root.path(), "/work", "older", 20);
    let newer = session(root.path(), "/work", "newer", 10);
    session(root.path(), "/elsewhere", "other", 0);
    fs::write(dir.join("junk.jsonl"), "junk\n").unwrap();
    fs::write(dir.join("notes.txt"), "").unwrap();
    assert_eq!(index::most_recent(&dir).unwrap().unwrap().path, newer);
    let all = index::list(&dir).unwrap();
    let ids: Vec<&str> = all.iter().map(|found| found.header.id.as_str()).collect();
    assert_eq!(ids, ["newer", "older"]);
}

#[test]
fn a_header_longer_than_a_block_is_read_whole() {
    let root = tempfile::tempdir().unwrap();
    let cwd = format!("/{}", "long/".repeat(30));
    let dir = root.path().join("flat");
    let mut store = Store::create(&dir, Path::new(&cwd.repeat(20)), None, None, clock());
    store.append_message(&Message::user("hi", 1)).unwrap();
    assert!(index::most_recent(&dir).unwrap().is_some());
}

#[test]
fn an_id_is_looked_for_in_this_project_first_then_in_all() {
    let root = tempfile::tempdir().unwrap();
    let here = project_dir(root.path(), Path::new("/work"));
    let mine = session(root.path(), "/work", "abc-1", 5);
    let other = session(root.path(), "/elsewhere", "abc-2", 0);
    let twin = session(root.path(), "/third", "abd", 0);
    // A name of no usual shape: its header says who it is.
    fs::rename(&twin, twin.with_file_name("renamed.jsonl")).unwrap();
    let find = |wanted: &str| index::find(wanted, &here, root.path());
    let Ok(Target::Here(found)) = find("abc") else {
        panic!()
    };
    assert_eq!(found.path, mine);
    let Ok(Target::Elsewhere(found)) = find("abc-2") else {
        panic!()
    };
    assert_eq!(
        (found.path, found.header.cwd.as_str()),
        (other, "/elsewhere")
    );
    assert!(matches!(find("abd"), Ok(Target::Elsewhere(_))));
    assert_eq!(find("some/file").unwrap(), Target::Path("some/file".into()));
    assert_eq!(find("x.jsonl").unwrap(), Target::Path("x.jsonl".into()));
    assert_eq!(
        find("zz").unwrap_err().to_string(),
        "no session found matching 'zz'"
    );
    assert!(matches!(find(""), Err(Error::NoMatch { .. })));
}

#[test]
fn a_beginning_that_several_ids_share_lists_them_and_a_whole_id_is_never_ambiguous() {
    let root = tempfile::tempdir().unwrap();
    let here = project_dir(root.path(), Path::new("/work"));
    let long = session(root.path(), "/work", "abc-long", 1);
    let short = session(root.path(), "/work", "abc", 2);
    let Err(Error::Ambiguous { matches, .. }) = index::find("ab", &here, root.path()) else {
        panic!()
    };
    assert_eq!(matches, [long, short.clone()]);
    let Ok(Target::Here(found)) = index::find("abc", &here, root.path()) else {
        panic!()
    };
    assert_eq!(found.path, short);
    assert_eq!(index::by_id(&here, "abc").unwrap().unwrap().path, short);
    assert_eq!(index::by_id(&here, "ab").unwrap(), None);
}
