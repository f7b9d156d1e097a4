//! Sessions made of sessions: forks, clones, imports, exports.

use std::fs;
use std::path::{Path, PathBuf};

use pi::ai::Message;
use pi::store::export::{self, Format, Options, export_store};
use pi::store::{Access, Error, Imported, Store};
use serde_json::Value;

use super::{answer, clock, open, rich_session, shown};

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(String::from).collect()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}

fn id_of(line: &str) -> String {
    let entry: Value = serde_json::from_str(line).unwrap();
    entry["id"].as_str().unwrap().to_string()
}

/// The entry of the first line that contains `part`.
fn entry_with(path: &Path, part: &str) -> String {
    let lines = lines(path);
    id_of(lines.iter().find(|line| line.contains(part)).unwrap())
}

#[test]
fn a_fork_has_the_lines_of_its_branch_as_they_were_and_names_its_source() {
    let dir = tempfile::tempdir().unwrap();
    let source = rich_session(dir.path());
    // A field and a type that nobody knows, and half a surrogate pair.
    let strange = r#"{"type":"novel","id":"00000abc","parentId":"PARENT","timestamp":"2026-01-01T00:00:00.000Z","x":1.0e2,"half":"\ud83d"}"#;
    let parent = id_of(lines(&source).last().unwrap());
    let mut text = fs::read_to_string(&source).unwrap();
    text.push_str(&strange.replace("PARENT", &parent));
    text.push('\n');
    fs::write(&source, text).unwrap();

    let store = open(&source).store;
    let fork = store.fork(Some("00000abc"), None).unwrap();
    let path = fork.path().unwrap();
    assert_eq!(path.parent(), source.parent());
    assert_ne!(fork.id(), store.id());
    let source_text = source.to_str().unwrap();
    assert_eq!(fork.header().parent_session.as_deref(), Some(source_text));
    assert_eq!(fork.cwd(), store.cwd());
    assert_eq!(shown(&fork), shown(&store));

    let copied = lines(&path);
    let original = lines(&source);
    // The branch without the one that was left: model, level, first, one, summary, third, novel; and
    // the label, which was given on the other branch.
    let branch: Vec<&String> = [1, 2, 3, 4, 12, 13, 14].map(|at| &original[at]).to_vec();
    assert_eq!(copied[1..8].iter().collect::<Vec<_>>(), branch);
    assert_eq!(copied.len(), 9);
    let first = id_of(&original[3]);
    assert_eq!(fork.label(&first).unwrap().0, "start");
    assert_eq!(fork.label(&first), store.label(&first));
    assert_eq!(fork.name(), None, "it was given on the other branch");
    assert_eq!(files(dir.path()).len(), 2, "nothing else is left behind");
}

#[test]
fn a_clone_goes_on_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let source = rich_session(dir.path());
    let before = fs::read(&source).unwrap();
    let store = open(&source).store;
    let leaf = store.leaf();
    let mut clone = store
        .fork(leaf.as_ref().map(|id| id.as_str()), None)
        .unwrap();
    clone.append_message(&Message::user("more", 9)).unwrap();
    let path = clone.path().unwrap();
    drop(clone);
    assert_eq!(
        shown(&open(&path).store).last().map(String::as_str),
        Some("more")
    );
    assert_eq!(fs::read(&source).unwrap(), before);
}

#[test]
fn a_fork_before_a_prompt_gives_its_text_back_and_waits_for_something_to_be_said() {
    let dir = tempfile::tempdir().unwrap();
    let source = rich_session(dir.path());
    let store = open(&source).store;
    let first = entry_with(&source, "quoted");
    let landing = store.landing_before(&first).unwrap();
    assert_eq!(landing.text.as_deref(), Some("first \"quoted\" \u{1F600}"));
    let leaf = landing.leaf.unwrap();
    let mut fork = store.fork(Some(leaf.as_str()), None).unwrap();
    assert_eq!(files(dir.path()).len(), 1);
    assert_eq!(fork.thinking().as_deref(), Some("high"));
    fork.append_message(&Message::user("else", 9)).unwrap();
    let path = fork.path().unwrap();
    drop(fork);
    let opened = open(&path);
    assert_eq!(opened.damage, []);
    assert_eq!(shown(&opened.store), ["else"]);

    let root = id_of(&lines(&source)[1]);
    assert!(matches!(
        store.landing_before(&root),
        Err(Error::NotAPrompt { .. })
    ));
    let empty = store.fork(None, None).unwrap();
    assert_eq!((empty.tree().len(), empty.leaf()), (0, None));
    assert!(empty.header().parent_session.is_some());
}

#[test]
fn returning_to_an_extensions_message_gives_its_text_and_to_an_answer_the_answer() {
    let dir = tempfile::tempdir().unwrap();
    let source = rich_session(dir.path());
    let store = open(&source).store;
    let note = store.landing(&entry_with(&source, "psst")).unwrap();
    assert_eq!(note.text.as_deref(), Some("psst"));
    let said = entry_with(&source, "\"one\"");
    let answer = store.landing(&said).unwrap();
    assert_eq!(answer.leaf.unwrap().as_str(), said);
    assert_eq!(answer.text, None);
    let prompts: Vec<String> = store
        .user_messages()
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert_eq!(prompts, ["first \"quoted\" \u{1F600}", "second", "third"]);
}

#[test]
fn a_session_in_memory_forks_into_memory() {
    let mut store = Store::in_memory(Path::new("/work"), None, clock());
    let first = store.append_message(&Message::user("one", 1)).unwrap();
    store.append_label(first.as_str(), Some("here")).unwrap();
    store.append_message(&answer("two")).unwrap();
    let mut fork = store.fork(Some(first.as_str()), None).unwrap();
    fork.append_message(&answer("three")).unwrap();
    assert_eq!(fork.path(), None);
    assert_eq!(shown(&fork), ["one", "three"]);
    assert_eq!(fork.label(first.as_str()).unwrap().0, "here");
}

#[test]
fn a_label_that_was_taken_away_elsewhere_does_not_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create(dir.path(), Path::new("/work"), None, None, clock());
    let first = store.append_message(&Message::user("one", 1)).unwrap();
    store.append_label(first.as_str(), Some("here")).unwrap();
    let second = store.append_message(&answer("two")).unwrap();
    store.append_label(first.as_str(), None).unwrap();
    let fork = store.fork(Some(second.as_str()), None).unwrap();
    assert_eq!(fork.label(first.as_str()), None);
    assert_eq!(shown(&fork), ["one", "two"]);
}

#[test]
fn a_damaged_file_forks_into_a_healthy_one_with_all_that_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let source = rich_session(dir.path());
    let mut old = lines(&source);
    // The entry that the compaction keeps from, and that two branches follow.
    let kept = entry_with(&source, "\"one\"");
    let at = old
        .iter()
        .position(|line| line.contains("\"one\""))
        .unwrap();
    old[at] = format!("{{\"type\":\"message\",\"id\":\"{kept}\",\"par");
    fs::write(&source, old.join("\n")).unwrap();
    let damaged = Store::open(&source, Access::Read, clock()).unwrap();
    assert!(!damaged.damage.is_empty());

    let folder = dir.path().join("forks");
    let here = Path::new("/here");
    let forked = Store::fork_file(&source, &folder, here, Some("mine".into()), clock()).unwrap();
    assert_eq!(forked.damage, damaged.damage);
    let (fork, path) = (forked.store, files(&folder)[0].clone());
    assert_eq!((fork.id(), fork.cwd()), ("mine", here));
    assert_eq!(shown(&fork), shown(&damaged.store));
    let compaction = entry_with(&path, "\"compaction\"");
    drop(fork);
    let mut fork = open(&path);
    assert_eq!(fork.damage, []);
    assert_eq!(fork.store.tree().len(), damaged.store.tree().len());
    fork.store.set_leaf(Some(&compaction)).unwrap();
    let mut damaged = damaged.store;
    damaged.set_leaf(Some(&compaction)).unwrap();
    assert_eq!(shown(&fork.store), shown(&damaged));
    assert_eq!(shown(&damaged)[0], "what was");
    assert!(shown(&damaged).len() > 1, "what it kept is kept");

    let again = Store::fork_file(&source, &folder, here, Some("mine".into()), clock());
    assert!(matches!(again, Err(Error::Exists { .. })));
    assert_eq!(files(&folder).len(), 1);
}

#[test]
fn a_session_in_use_and_one_of_an_old_version_can_be_forked() {
    let dir = tempfile::tempdir().unwrap();
    let source = rich_session(dir.path());
    let holder = open(&source).store;
    let folder = dir.path().join("forks");
    let fork = Store::fork_file(&source, &folder, Path::new("/x"), None, clock()).unwrap();
    assert_eq!(shown(&fork.store), shown(&holder));

    let old = dir.path().join("old.jsonl");
    let text = concat!(
        r#"{"type":"session","id":"o","timestamp":"2025-01-01T00:00:00.000Z","cwd":"/w"}"#,
        "\n",
        r#"{"type":"message","timestamp":"2025-01-01T00:00:00.000Z","message":{"role":"user","content":"v1","timestamp":1}}"#,
        "\n",
    );
    fs::write(&old, text).unwrap();
    let fork = Store::fork_file(&old, &folder, Path::new("/x"), None, clock()).unwrap();
    assert_eq!(shown(&fork.store), ["v1"]);
    assert_eq!(fs::read_to_string(&old).unwrap(), text);
}

fn import(source: &Path, dir: &Path, cwd: &str) -> Result<Imported, Error> {
    Store::import(source, dir, Path::new(cwd), "open", clock())
}

#[test]
fn an_import_is_a_copy_of_this_directory_and_every_copy_has_an_id_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let source = rich_session(dir.path());
    let original = fs::read_to_string(&source).unwrap();
    let folder = dir.path().join("sessions/--project--");
    let first = import(&source, &folder, "/project").unwrap();
    assert_eq!(first.was_of.as_deref(), Some(Path::new("/work")));
    let first = first.opened.store;
    assert_eq!(first.path().unwrap().file_name(), source.file_name());
    assert_eq!((first.id(), first.cwd()), ("rich", Path::new("/project")));
    assert_eq!(first.header().parent_session, None);

    // The second, and one for another project of the same pi.
    let other = dir.path().join("sessions/--other--");
    for (folder, cwd) in [(&folder, "/project"), (&other, "/other")] {
        let copy = import(&source, folder, cwd).unwrap().opened.store;
        assert_ne!(copy.id(), "rich");
        let path = copy.path().unwrap();
        assert!(path.to_str().unwrap().contains(copy.id()));
        assert_eq!(copy.header().parent_session.as_deref(), source.to_str());
        assert_eq!(copy.cwd(), Path::new(cwd));
        // Nothing but the header differs.
        assert_eq!(lines(&path)[1..], lines(&source)[1..]);
        assert_eq!(shown(&copy), shown(&first));
    }
    assert_eq!((files(&folder).len(), files(&other).len()), (2, 1));
    assert_eq!(fs::read_to_string(&source).unwrap(), original);

    // The id of the session that is left is taken, wherever its file is.
    let third = dir.path().join("third");
    let copy = Store::import(&source, &third, Path::new("/x"), "rich", clock()).unwrap();
    assert_ne!(copy.opened.store.id(), "rich");

    let own = import(&source, dir.path(), "/work").unwrap();
    assert_eq!(own.opened.store.path(), Some(source.clone()));
    own.undo();
    assert!(source.exists());
}

#[test]
fn an_import_that_comes_to_nothing_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let source = rich_session(dir.path());
    let folder = dir.path().join("project");
    import(&source, &folder, "/project").unwrap().undo();
    let old = dir.path().join("old.jsonl");
    let text = "{\"type\":\"session\",\"id\":\"o\",\"cwd\":\"/w\"}\n";
    fs::write(&old, text).unwrap();
    let imported = import(&old, &folder, "/project").unwrap();
    assert_eq!(imported.opened.store.cwd(), Path::new("/project"));
    imported.undo();
    let notes = dir.path().join("notes.jsonl");
    fs::write(&notes, "{\"a\":1}\n").unwrap();
    let refused = import(&notes, &folder, "/project");
    assert!(matches!(refused, Err(Error::NotASession { .. })));
    let missing = import(&dir.path().join("no.jsonl"), &folder, "/project");
    assert!(matches!(missing, Err(Error::NotFound { .. })));
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
    assert_eq!(fs::read_to_string(&old).unwrap(), text);
}

#[test]
fn what_has_lost_its_header_gets_one_when_it_is_imported() {
    let dir = tempfile::tempdir().unwrap();
    let source = rich_session(dir.path());
    let headless = dir.path().join("headless.jsonl");
    let text = lines(&source)[1..].join("\n") + "\n";
    fs::write(&headless, &text).unwrap();
    let folder = dir.path().join("project");
    let imported = import(&headless, &folder, "/project").unwrap().opened;
    assert!(imported.damage.is_empty());
    assert_eq!(imported.store.id(), "headless");
    assert_eq!(imported.store.cwd(), Path::new("/project"));
    let path = imported.store.path().unwrap();
    assert_eq!(lines(&path)[1..].join("\n") + "\n", text);
}

#[test]
fn the_exported_branch_is_one_chain_and_opens_as_a_session() {
    let dir = tempfile::tempdir().unwrap();
    let source = rich_session(dir.path());
    let store = open(&source).store;
    let out = dir.path().join("deep").join("branch.jsonl");
    let export = |out: &Path| export_store(&store, out, Format::Jsonl, &Options::default());
    assert_eq!(export(&out).unwrap().entries, lines(&out).len() - 1);
    let entries: Vec<Value> = lines(&out)
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(entries[0]["id"], store.id());
    assert!(entries[0].get("parentSession").is_none());
    assert_eq!(entries[1]["parentId"], Value::Null);
    for pair in entries[1..].windows(2) {
        assert_eq!(pair[1]["parentId"], pair[0]["id"]);
    }
    assert_eq!(shown(&open(&out).store), shown(&store));
    assert!(matches!(export(&source), Err(export::Error::Itself { .. })));
    assert_eq!(shown(&store).len(), 4);
}
