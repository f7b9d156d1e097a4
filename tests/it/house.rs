//! The layering and the habits of the source tree, as `docs/architecture.md` states them.

use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up. A file may name its own folder and those to the left of it.
const STOREYS: [&[&str]; 9] = [
    &["ai"],
    &["agent"],
    &["tools"],
    &["store"],
    &["config"],
    &["prompt"],
    &["session"],
    &["extensions", "modes", "server", "tui"],
    &["cli"],
];

fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    assert!(files.len() > 30, "found only {} source files", files.len());
    files
}

/// `src/tui/app.rs` → `tui`; files at the root of `src` have no storey.
fn storey_of(path: &Path) -> Option<(usize, String)> {
    let inside = path
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap();
    let folder = inside.components().next()?.as_os_str().to_str()?.to_owned();
    let storey = STOREYS
        .iter()
        .position(|folders| folders.contains(&folder.as_str()))?;
    Some((storey, folder))
}

/// The code of a file without its comments and without its unit tests.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    before_tests
        .lines()
        .filter(is_code)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_file_names_only_its_own_folder_and_those_below_it() {
    let mut upward = Vec::new();
    for (path, text) in sources() {
        let Some((storey, folder)) = storey_of(&path) else {
            continue;
        };
        let code = code(&text);
        for (at, _) in code.match_indices("crate::") {
            let rest = &code[at + "crate::".len()..];
            let named: Vec<&str> = if let Some(group) = rest.strip_prefix('{') {
                group
                    .split('}')
                    .next()
                    .unwrap_or("")
                    .split(',')
                    .map(str::trim)
                    .collect()
            } else {
                vec![rest]
            };
            for name in named {
                let name: String = name
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let Some(other) = STOREYS
                    .iter()
                    .position(|folders| folders.contains(&name.as_str()))
                else {
                    continue;
                };
                if other > storey || (other == storey && name != folder) {
                    upward.push(format!("{} names crate::{name}", path.display()));
                }
            }
        }
    }
    assert_eq!(upward, Vec::<String>::new());
}

#[test]
fn every_file_opens_with_what_it_is() {
    let without: Vec<PathBuf> = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(without, Vec::<PathBuf>::new());
}

#[test]
fn no_file_outgrows_its_room() {
    let long: Vec<String> = sources()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > 600)
        .map(|(path, lines)| format!("{} has {lines} lines", path.display()))
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn no_room_is_called_after_nothing() {
    let vague = [
        "util", "utils", "common", "helpers", "helper", "manager", "misc",
    ];
    let found: Vec<PathBuf> = sources()
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| {
            path.components().any(|part| {
                let name = part.as_os_str().to_string_lossy();
                vague.contains(&name.trim_end_matches(".rs"))
            })
        })
        .filter(|path| path.strip_prefix(env!("CARGO_MANIFEST_DIR")).is_ok())
        .collect();
    assert_eq!(found, Vec::<PathBuf>::new());
}

#[test]
fn the_core_is_told_about_the_world_and_does_not_look() {
    let looks = [
        "std::env::",
        "env::var",
        "SystemTime::now",
        "home_dir()",
        "Timestamp::now",
        "Zoned::now",
    ];
    let mut found = Vec::new();
    for (path, text) in sources() {
        let Some((storey, folder)) = storey_of(&path) else {
            continue;
        };
        // Above the session, faces may look at the clock; `config::paths` is where the world is read.
        if storey > 6 || path.ends_with("src/config/paths.rs") {
            continue;
        }
        let code = code(&text);
        for look in looks {
            if code.contains(look) {
                found.push(format!("{} ({folder}) uses {look}", path.display()));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn only_the_screen_writes_to_the_terminal() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        let shown = path.display().to_string();
        if !shown.contains("/src/tui/") || shown.contains("/src/tui/screen/") {
            continue;
        }
        let code = code(&text);
        for look in ["stdout()", "stderr()", "println!", "print!("] {
            if code.contains(look) {
                found.push(format!("{shown} uses {look}"));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}
