//! On real folders.

use std::fs;

use super::*;
use crate::tui::completion::Quoting;

const PLAIN: Style = Style {
    is_attached: true,
    quoting: Quoting::ForBlanks,
};

fn make(root: &Path, files: &[&str]) {
    for file in files {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
}

fn lookup(root: &Path, id: u64, what: What) -> Lookup {
    Lookup {
        id,
        root: root.to_path_buf(),
        home: Some(root.join("home")),
        is_first: true,
        what,
    }
}

/// What the last answer offers.
fn values(finder: &Finder, lookup: &Lookup) -> Vec<String> {
    let mut answers = Vec::new();
    finder.answer(lookup, |found| answers.push(found));
    let last = answers.pop().unwrap();
    assert!(last.is_whole, "the last answer is whole");
    assert!(answers.iter().all(|early| !early.is_whole));
    last.items.into_iter().map(|item| item.value).collect()
}

fn files(root: &Path, words: &str) -> Vec<String> {
    let what = What::Files(words.to_owned(), PLAIN);
    values(&Finder::default(), &lookup(root, 1, what))
}

#[test]
fn what_is_ignored_and_git_itself_are_not_offered_and_hidden_files_are() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    make(
        root,
        &[
            "src/main.rs",
            "target/debug/main",
            ".git/HEAD",
            ".github/ci.yml",
            "notes.md",
        ],
    );
    fs::write(root.join(".gitignore"), "target/\n*.md\n").unwrap();
    assert_eq!(
        files(root, ""),
        [
            "@src/",
            "@.github/",
            "@.gitignore",
            "@src/main.rs",
            "@.github/ci.yml"
        ]
    );
    assert_eq!(files(root, "main"), ["@src/main.rs"]);
    // Whoever names the folder sees what is in it.
    assert_eq!(
        files(root, "target/"),
        ["@target/debug/", "@target/debug/main"]
    );
}

#[test]
fn names_come_before_paths_and_paths_before_letters() {
    let dir = tempfile::tempdir().unwrap();
    make(
        dir.path(),
        &[
            "plan",
            "deep/er/plan.md",
            "planning/x",
            "a/my-plan.md",
            "p/l/a/n.txt",
            "explanation/y",
        ],
    );
    assert_eq!(
        files(dir.path(), "plan"),
        [
            "@plan",
            "@planning/",
            "@planning/x",
            "@deep/er/plan.md",
            "@explanation/",
            "@a/my-plan.md",
            "@explanation/y",
            "@p/l/a/n.txt"
        ]
    );
}

#[test]
fn folders_above_and_at_home_are_looked_into() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("work");
    make(
        dir.path(),
        &["side/tool.rs", "work/a.rs", "work/home/deep/in here.txt"],
    );
    assert_eq!(files(&root, "../side/to"), ["@../side/tool.rs"]);
    assert_eq!(files(&root, "~/here"), ["@\"~/deep/in here.txt\""]);
    assert_eq!(files(&root, "./a"), ["@./a.rs"]);
    let absolute = format!("{}/tool", dir.path().join("side").display());
    assert_eq!(files(&root, &absolute), [format!("@{absolute}.rs")]);
    assert_eq!(files(&root, "no/such/folder"), [""; 0]);
}

#[test]
fn a_folder_is_listed_by_how_its_entries_begin() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), &["Make/x", "make.sh", "my file", "other"]);
    let list = |typed: &str, quoting| {
        let style = Style {
            is_attached: false,
            quoting,
        };
        let what = What::Folder(typed.to_owned(), style);
        values(&Finder::default(), &lookup(dir.path(), 1, what))
    };
    assert_eq!(
        list("m", Quoting::ForBlanks),
        ["Make/", "make.sh", "\"my file\""]
    );
    assert_eq!(
        list("./m", Quoting::Shell),
        ["./Make/", "./make.sh", "'./my file'"]
    );
    assert_eq!(list("Make/", Quoting::ForBlanks), ["Make/x"]);
    assert_eq!(list("nowhere/", Quoting::ForBlanks), [""; 0]);
}

#[cfg(unix)]
#[test]
fn names_that_nobody_can_type_are_not_offered() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), &["a\nb", "a\u{1b}[31mc", "ab"]);
    assert_eq!(files(dir.path(), "a"), ["@ab"]);
}

#[test]
fn a_new_file_is_found_by_the_next_who_looks() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), &["one"]);
    let finder = Finder::default();
    let what = || What::Files(String::new(), PLAIN);
    assert_eq!(values(&finder, &lookup(dir.path(), 1, what())), ["@one"]);
    make(dir.path(), &["two"]);
    // As though the list had aged.
    finder.desk.trees().main.as_ref().unwrap().tree.make_old();
    assert_eq!(
        values(&finder, &lookup(dir.path(), 2, what())),
        ["@one", "@two"]
    );
}

#[test]
fn an_old_question_is_not_answered() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path(), &["one"]);
    let finder = Finder::default();
    let old = lookup(dir.path(), 1, What::Files(String::new(), PLAIN));
    finder.desk.newest.store(2, Ordering::Release);
    finder.desk.answer(&old, |found| panic!("{found:?}"));
}
