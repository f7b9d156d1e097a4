//! The documentation's tables are the code's: a table that differs fails with the one to paste.

mod events;
mod examples;
mod links;
mod rpc;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// `README.md` and every page of `docs`, by their paths from the root.
fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let mut pages: Vec<PathBuf> = docs
        .map(|entry| Path::new("docs").join(entry.unwrap().file_name()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    pages.push("README.md".into());
    pages.sort();
    pages
}

/// A Markdown table; a `|` inside a cell is escaped.
fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let mut lines = vec![
        line(&head.map(str::to_owned)),
        line(&head.map(|_| "---".to_owned())),
    ];
    lines.extend(rows.into_iter().map(|row| line(&row)));
    lines.join("\n")
}

/// Fails unless `expected` stands in the page between blank lines, whole and with nothing added.
fn assert_holds(name: &str, expected: &str) {
    let page = format!("\n{}\n", page(name));
    let whole = format!("\n\n{expected}\n\n");
    assert!(
        page.contains(&whole),
        "{name} differs from the code; this belongs there:\n\n{expected}\n"
    );
}

/// `name` as code.
fn code(name: &str) -> String {
    format!("`{name}`")
}
