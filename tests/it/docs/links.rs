//! Links lead somewhere, and the README's first two commands are what they are.

use std::collections::BTreeSet;

use super::{page, pages, root};

/// The targets of `[text](target)` outside of blocks of code.
fn targets(text: &str) -> Vec<String> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            let parts = line.split("](").skip(1);
            found.extend(parts.filter_map(|part| Some(part.split_once(')')?.0.to_owned())));
        }
    }
    found
}

/// The anchors of a page's headings, as the usual hosts make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let slug = |line: &str| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(slug).collect()
}

#[test]
fn every_link_of_the_documentation_leads_to_a_file_and_a_heading() {
    let mut dead = Vec::new();
    let mut count = 0;
    for name in pages() {
        let name = name.to_str().unwrap().to_owned();
        for target in targets(&page(&name)) {
            if target.contains("://") {
                continue;
            }
            count += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let near = root().join(&name).parent().unwrap().to_path_buf();
            let file = if file.is_empty() {
                root().join(&name)
            } else {
                near.join(file)
            };
            let is_there = match std::fs::read_to_string(&file) {
                Ok(text) => anchor.is_empty() || anchors(&text).contains(anchor),
                Err(_) => file.is_dir() && anchor.is_empty(),
            };
            if !is_there {
                dead.push(format!("{name}: {target}"));
            }
        }
    }
    assert_eq!(dead, Vec::<String>::new());
    assert!(count > 20, "only {count} links were found");
}

#[test]
fn every_page_is_reached_from_the_readme() {
    let readme = targets(&page("README.md"));
    let unreached: Vec<String> = pages()
        .iter()
        .map(|path| path.to_str().unwrap().to_owned())
        .filter(|path| path != "README.md" && !readme.contains(path))
        .collect();
    assert_eq!(unreached, Vec::<String>::new());
}

#[test]
fn the_readme_has_its_two_commands() {
    let readme = page("README.md");
    for command in ["cargo run --release", "cargo test"] {
        let block = format!("\n```sh\n{command}\n```\n");
        assert!(readme.contains(&block), "no block with just `{command}`");
    }
}
