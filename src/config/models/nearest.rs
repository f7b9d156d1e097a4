//! The known name that somebody may have meant.

/// The name most like `word`; `None` when none is.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().take(64).collect();
    let allowed = (word.len() / 3).clamp(1, 5);
    names
        .into_iter()
        .map(|name| (distance(&word, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many letters have to be put in, taken out or changed.
fn distance(word: &[char], name: &str) -> usize {
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (at, letter) in name.chars().enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        for (known, above) in word.iter().zip(row.iter_mut().skip(1)) {
            let changed = diagonal + usize::from(*known != letter);
            diagonal = *above;
            left = changed.min(diagonal + 1).min(left + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keys_is_seen_through_and_another_word_is_not() {
        let names = ["supportsStore", "supportsStrictMode", "baseUrl"];
        let near = |word| nearest(word, names);
        assert_eq!(near("suportsStore"), Some("supportsStore"));
        assert_eq!(near("supportstrictmode"), Some("supportsStrictMode"));
        assert_eq!(near("baseURL"), Some("baseUrl"));
        assert_eq!(near("colour"), None);
        assert_eq!(near(""), None);
    }

    #[test]
    fn a_distance_counts_letters() {
        let far = |one: &str, other| distance(&one.chars().collect::<Vec<_>>(), other);
        assert_eq!(far("kitten", "sitting"), 3);
        assert_eq!(far("", "ab"), 2);
        assert_eq!(far("ab", ""), 2);
        assert_eq!(far("äb", "äb"), 0);
    }
}
