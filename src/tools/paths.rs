//! From a path as a model writes it to an absolute one.
//!
//! A leading `@` is a mention mark and goes; `~` is the home directory; `file://` is a URL; Unicode
//! spaces are what a copy from a web page made of ordinary ones. For files that should be there, the
//! spellings that macOS gives to screenshots are tried too.

use std::path::{Component, Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

/// Makes `path` absolute.
pub(super) fn resolve(path: &str, root: &Path, home: Option<&Path>) -> PathBuf {
    absolute(path.strip_prefix('@').unwrap_or(path), root, home)
}

/// Makes `path` absolute, by the first spelling under which something is there; when none is, like
/// [`resolve`].
pub(super) fn resolve_existing(path: &str, root: &Path, home: Option<&Path>) -> PathBuf {
    let plain = resolve(path, root, home);
    if plain.exists() {
        return plain;
    }
    let mut candidates = Vec::new();
    if path.starts_with('@') {
        candidates.push(absolute(path, root, home));
    }
    candidates.push(root.join(path));
    if let Some(text) = plain.to_str() {
        let decomposed: String = text.nfd().collect();
        candidates.push(narrow_space_before_am_pm(text).into());
        candidates.push(text.replace('\'', "\u{2019}").into());
        candidates.push(decomposed.replace('\'', "\u{2019}").into());
        candidates.push(decomposed.into());
    }
    let found = candidates.into_iter().find(|candidate| candidate.exists());
    found.unwrap_or(plain)
}

fn absolute(path: &str, root: &Path, home: Option<&Path>) -> PathBuf {
    let path: String = path
        .chars()
        .map(|c| if is_unicode_space(c) { ' ' } else { c })
        .collect();
    if let Some(url) = path.strip_prefix("file://") {
        return PathBuf::from(percent_decoded(
            url.strip_prefix("localhost").unwrap_or(url),
        ));
    }
    if let Some(home) = home {
        if path == "~" {
            return home.to_path_buf();
        }
        if let Some(rest) = path.strip_prefix("~/") {
            return home.join(rest.trim_start_matches('/'));
        }
    }
    if Path::new(&path).is_absolute() {
        return PathBuf::from(path);
    }
    without_dots(&root.join(path))
}

fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

fn is_unicode_space(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// `Shot 10.15 AM.png` as macOS writes it: with U+202F before `AM` or `PM`.
fn narrow_space_before_am_pm(path: &str) -> String {
    let mut out = path.to_string();
    for half in [" AM.", " PM.", " am.", " pm."] {
        out = out.replace(half, &half.replace(' ', "\u{202f}"));
    }
    out
}

fn percent_decoded(url: &str) -> String {
    let bytes = url.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| url.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(hex.unwrap_or(bytes[at]));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> String {
        let home = Path::new("/home/ada");
        let resolved = resolve(path, Path::new("/srv/app"), Some(home));
        resolved.to_string_lossy().into_owned()
    }

    #[test]
    fn a_path_is_read_as_the_model_means_it() {
        assert_eq!(at("src/main.rs"), "/srv/app/src/main.rs");
        assert_eq!(at("./a/../b"), "/srv/app/b");
        assert_eq!(at("../../../.."), "/");
        assert_eq!(at("."), "/srv/app");
        assert_eq!(at(""), "/srv/app");
        assert_eq!(at("@src/main.rs"), "/srv/app/src/main.rs");
        assert_eq!(at("~"), "/home/ada");
        assert_eq!(at("~/notes.txt"), "/home/ada/notes.txt");
        assert_eq!(at("@~/notes.txt"), "/home/ada/notes.txt");
        assert_eq!(at("~ada/notes.txt"), "/srv/app/~ada/notes.txt");
        assert_eq!(at("/etc/hosts"), "/etc/hosts");
        assert_eq!(at("my\u{a0}own\u{202f}file"), "/srv/app/my own file");
        assert_eq!(at("file:///tmp/a%20b%zz"), "/tmp/a b%zz");
    }
}
