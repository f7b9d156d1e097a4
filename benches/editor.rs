//! Files behind an `@` in a large tree, and a paste of ten megabytes.
//!
//! `cargo bench --bench editor` makes a tree of 200,000 files; `EDITOR_BENCH_DIR` names one that is there
//! already.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop loudly"
)]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pi::tui::completion::{Finder, Lookup, Quoting, Style, What};
use pi::tui::editor::Editor;

/// Files of the tree.
const FILES: usize = 200_000;

/// Bytes that are pasted.
const PASTED: usize = 10_000_000;

fn main() {
    let kept = std::env::var_os("EDITOR_BENCH_DIR").map(PathBuf::from);
    let made = kept.is_none().then(|| tempfile::tempdir().unwrap());
    let root = kept.unwrap_or_else(|| made.as_ref().unwrap().path().to_path_buf());
    if made.is_some() {
        make(&root);
    }
    println!(
        "{:<28} {:>10} {:>10}  found first, at last",
        "@ and", "first", "whole"
    );
    for round in ["new", "known"] {
        let finder = Finder::default();
        if round == "known" {
            ask(&finder, &root, 0, "");
        }
        for (id, words) in ["", "m", "mo", "model", "parsertok", "zzz", "editor/model"]
            .into_iter()
            .enumerate()
        {
            // A new tree for every question.
            let own = Finder::default();
            let finder = if round == "new" { &own } else { &finder };
            let id = u64::try_from(id).unwrap() + 1;
            let (first, whole, counts) = ask(finder, &root, id, words);
            let name = format!("{round} {words:?}");
            println!("{name:<28} {first:>10.1?} {whole:>10.1?}  {counts:?}");
        }
    }
    paste();
}

/// When the first answer came, when the last, and how many entries they had.
fn ask(finder: &Finder, root: &Path, id: u64, words: &str) -> (Duration, Duration, (usize, usize)) {
    let style = Style {
        is_attached: true,
        quoting: Quoting::ForBlanks,
    };
    let lookup = Lookup {
        id,
        root: root.to_path_buf(),
        home: None,
        is_first: false,
        what: What::Files(words.into(), style),
    };
    let begun = Instant::now();
    let mut first = None;
    let mut counts = (0, 0);
    finder.answer(&lookup, |found| {
        // An answer without entries shows nothing.
        if !found.items.is_empty() && first.is_none() {
            first = Some(begun.elapsed());
            counts.0 = found.items.len();
        }
        counts.1 = found.items.len();
    });
    let whole = begun.elapsed();
    (first.unwrap_or(whole), whole, counts)
}

fn paste() {
    let line = "let größe = compute(the, answer); // 日本語 and more of it\n";
    let text = line.repeat(PASTED / line.len());
    let mut editor = Editor::default();
    let begun = Instant::now();
    editor.paste(&text);
    let pasted = begun.elapsed();
    let height = editor.height();
    let begun = Instant::now();
    assert_eq!(editor.take(), text);
    let taken = begun.elapsed();
    println!(
        "{} bytes pasted in {pasted:.1?} ({height} row), taken in {taken:.1?}",
        text.len()
    );
}

fn make(root: &Path) {
    let words = [
        "model", "view", "engine", "parser", "lexer", "token", "session", "store", "editor",
        "cursor",
    ];
    for at in 0..FILES {
        let word = |by: usize| words[at / by % words.len()];
        let folder = root.join(format!(
            "{}{}/{}/{}",
            word(40_000),
            at / 20_000,
            word(2000),
            word(200)
        ));
        if at % 20 == 0 {
            fs::create_dir_all(&folder).unwrap();
        }
        fs::write(folder.join(format!("{}_{}_{at}.rs", word(1), word(7))), "").unwrap();
    }
}
