//! Links of addresses, and of paths as they are written.

use std::fmt::Write;
use std::path::{Component, Path, PathBuf};

use super::Link;

/// Makes links. One is only where the terminal shows links.
#[derive(Debug, Clone, Default)]
pub struct Linker {
    /// Where relative paths begin.
    pub cwd: PathBuf,
    /// Where `~` leads.
    pub home: Option<String>,
    /// This machine's name where the terminal is on another one, which cannot open its files and has
    /// to know; empty where it is the same.
    pub host: String,
}

impl Linker {
    /// The link to a web page, a mail address or a file, as it stands in a text.
    pub fn address(&self, address: &str) -> Option<Link> {
        Link::to(&encoded(address.trim(), is_address))
    }

    /// The link to what a link's target names: an address, or a file with or without a line.
    pub fn target(&self, target: &str) -> Option<Link> {
        if target.contains("://") || target.starts_with("mailto:") {
            return self.address(target);
        }
        let (path, line) = match target.split_once(['#', ':']) {
            Some((path, line)) => (path, line.trim_start_matches('L').parse().ok()),
            None => (target, None),
        };
        let other_scheme = line.is_none() && target[path.len()..].starts_with(':');
        (!path.is_empty() && !other_scheme)
            .then(|| self.file(path, line))
            .flatten()
    }

    /// The link to a file, and to a line of it.
    pub fn file(&self, path: &str, line: Option<u64>) -> Option<Link> {
        let path = self.absolute(path)?;
        let path = encoded(path.to_str()?, is_path);
        let mut address = format!("file://{}{path}", self.host);
        if let Some(line) = line {
            let _ = write!(address, "#{line}");
        }
        Link::to(&address)
    }

    fn absolute(&self, path: &str) -> Option<PathBuf> {
        let path = path.strip_prefix('@').unwrap_or(path);
        if path.is_empty() || path.contains(char::is_control) {
            return None;
        }
        let whole = match (path.strip_prefix('~'), &self.home) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                Path::new(home).join(rest.trim_start_matches('/'))
            }
            _ => self.cwd.join(path),
        };
        let mut clean = PathBuf::new();
        for part in whole.components() {
            match part {
                Component::ParentDir => {
                    clean.pop();
                }
                Component::CurDir => {}
                part => clean.push(part),
            }
        }
        clean.is_absolute().then_some(clean)
    }
}

/// What stands in an address as it is; `%` too, for what is encoded already.
fn is_address(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'<' | b'>' | b'"' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
        )
}

fn is_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,=:@".contains(&byte)
}

fn encoded(text: &str, stays: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linker() -> Linker {
        Linker {
            cwd: "/proj/my project".into(),
            home: Some("/home/me".into()),
            host: String::new(),
        }
    }

    fn file(path: &str, line: Option<u64>) -> String {
        let link = linker().file(path, line).unwrap();
        link.address().unwrap().to_string()
    }

    #[test]
    fn paths_become_absolute_and_encoded() {
        assert_eq!(file("src/a.rs", None), "file:///proj/my%20project/src/a.rs");
        assert_eq!(file("./../b.rs", Some(7)), "file:///proj/b.rs#7");
        assert_eq!(file("~/ä#?.txt", None), "file:///home/me/%C3%A4%23%3F.txt");
        assert_eq!(file("/etc/hosts", None), "file:///etc/hosts");
        assert_eq!(linker().file("a\u{1b}b", None), None);
        assert_eq!(linker().file("", None), None);
    }

    #[test]
    fn files_of_another_machine_say_which() {
        let there = Linker {
            host: "box".into(),
            ..linker()
        };
        let link = there.file("/etc/hosts", None).unwrap();
        assert_eq!(link.address().as_deref(), Some("file://box/etc/hosts"));
    }

    #[test]
    fn addresses_are_made_safe() {
        let linker = linker();
        let link = linker.address("https://ä.example/a b\u{1b}]8;;x").unwrap();
        let address = link.address().unwrap();
        assert_eq!(&*address, "https://%C3%A4.example/a%20b%1B]8;;x");
        assert_eq!(linker.address("javascript:alert(1)"), None);
    }
}
