//! What is new in each version: `CHANGELOG.md`, which pi carries with it.

const TEXT: &str = include_str!("../../CHANGELOG.md");

/// A version's number, as three.
type Version = [u64; 3];

/// The whole of it, without its heading, the newest version first.
pub fn whole() -> &'static str {
    let start = TEXT.find("\n## ").map_or(0, |at| at + 1);
    &TEXT[start..]
}

/// What is new since a version, up to this one; `None` when nothing is.
pub fn since(last: &str, now: &str) -> Option<String> {
    news(whole(), number(last)?, number(now)?)
}

/// Whether one version came after another; false where one of them is no version.
pub fn is_after(one: &str, other: &str) -> bool {
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one > other,
        _ => false,
    }
}

fn news(text: &str, last: Version, now: Version) -> Option<String> {
    let sections = text.split("\n## ").map(|section| {
        let section = section.trim_start_matches("## ");
        (number(section), section.trim_end())
    });
    let new = sections.filter(|(version, _)| version.is_some_and(|it| it > last && it <= now));
    let new: Vec<String> = new.map(|(_, section)| format!("## {section}")).collect();
    (!new.is_empty()).then(|| new.join("\n\n"))
}

/// The number that a text begins with: `1.2.3`, `[1.2.3] - 2026-01-01`.
fn number(text: &str) -> Option<Version> {
    let text = text.trim_start_matches(['[', 'v']);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let mut parts = text[..end.unwrap_or(text.len())].split('.');
    let mut version = [0; 3];
    for place in &mut version {
        *place = parts.next()?.parse().ok()?;
    }
    Some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: &str = "## [Unreleased]\n\n- later\n\n## [0.3.0] - 2026-03-01\n\n- c\n\n## 0.2.0\n\n- b\n\n## 0.1.0\n\n- a\n";

    #[test]
    fn news_are_the_versions_between_the_last_start_and_this_one() {
        let news = |last, now| news(THREE, last, now);
        let two = "## [0.3.0] - 2026-03-01\n\n- c\n\n## 0.2.0\n\n- b";
        assert_eq!(news([0, 1, 0], [0, 3, 0]).as_deref(), Some(two));
        assert_eq!(
            news([0, 1, 9], [0, 2, 0]).as_deref(),
            Some("## 0.2.0\n\n- b")
        );
        assert_eq!(news([0, 3, 0], [0, 3, 0]), None);
        assert_eq!(news([1, 0, 0], [0, 3, 0]), None);
    }

    #[test]
    fn this_version_has_its_section() {
        let now = env!("CARGO_PKG_VERSION");
        assert!(since("0.0.0", now).is_some_and(|news| news.contains(now)));
        assert!(whole().starts_with("## "));
        assert!(is_after("0.10.0", "0.9.9") && !is_after("0.1.0", "nonsense"));
    }
}
