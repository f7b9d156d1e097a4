//! Fuzzy search in short texts: every word of the query must be found, its letters in order but not
//! necessarily together.

/// The items whose text matches all words of the query, the best first; all of them for an empty query.
pub(super) fn filter<T>(items: Vec<T>, query: &str, text: impl Fn(&T) -> String) -> Vec<T> {
    let words: Vec<Vec<char>> = query.split_whitespace().map(lower).collect();
    let mut scored: Vec<(f64, T)> = items
        .into_iter()
        .filter_map(|item| {
            let text = lower(&text(&item));
            let scores = words.iter().map(|word| score(word, &text));
            Some((scores.sum::<Option<f64>>()?, item))
        })
        .collect();
    scored.sort_by(|one, other| one.0.total_cmp(&other.0));
    scored.into_iter().map(|(_, item)| item).collect()
}

fn lower(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// How well a word matches, lower is better; `None` when it does not. A word of letters and digits such
/// as `gpt5` also matches with its parts swapped, a little worse.
fn score(word: &[char], text: &[char]) -> Option<f64> {
    subsequence(word, text).or_else(|| subsequence(&swapped(word)?, text).map(|score| score + 5.0))
}

fn swapped(word: &[char]) -> Option<Vec<char>> {
    let is_letter = |c: &char| c.is_ascii_lowercase();
    let is_digit = |c: &char| c.is_ascii_digit();
    let at = word
        .windows(2)
        .position(|pair| is_letter(&pair[0]) != is_letter(&pair[1]))?
        + 1;
    let (front, back) = word.split_at(at);
    let fits = front.iter().all(is_letter) && back.iter().all(is_digit)
        || front.iter().all(is_digit) && back.iter().all(is_letter);
    fits.then(|| [back, front].concat())
}

fn subsequence(word: &[char], text: &[char]) -> Option<f64> {
    let mut score = 0.0;
    let mut run = 0.0;
    let mut last: Option<usize> = None;
    let mut wanted = word.iter().peekable();
    for (at, c) in text.iter().enumerate() {
        if wanted.next_if_eq(&c).is_none() {
            continue;
        }
        match last {
            Some(before) if before + 1 != at => {
                run = 0.0;
                score += 2.0 * (at - before - 1) as f64;
            }
            None if at > 0 => run = 0.0,
            // The text's beginning counts as the end of a run.
            _ => {
                run += 1.0;
                score -= 5.0 * run;
            }
        }
        let starts_word = at
            .checked_sub(1)
            .and_then(|before| text.get(before))
            .is_none_or(|before| before.is_whitespace() || "-_./:".contains(*before));
        if starts_word {
            score -= 10.0;
        }
        score += 0.1 * at as f64;
        last = Some(at);
        if wanted.peek().is_none() {
            break;
        }
    }
    if wanted.peek().is_some() {
        return None;
    }
    Some(if word == text { score - 100.0 } else { score })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(query: &str) -> Vec<&'static str> {
        let items = vec![
            "openai gpt-5-mini",
            "openai gpt-5",
            "google gemini-2.5-pro",
            "zai glm-4.6",
        ];
        filter(items, query, |item| (*item).to_owned())
    }

    #[test]
    fn all_words_must_match_and_the_tightest_match_comes_first() {
        assert_eq!(search("gpt 5"), ["openai gpt-5-mini", "openai gpt-5"]);
        assert_eq!(search("GEM pro"), ["google gemini-2.5-pro"]);
        assert_eq!(search("pro missing"), Vec::<&str>::new());
        assert_eq!(search("  ").len(), 4);
        assert_eq!(search("4glm"), ["zai glm-4.6"]);
    }
}
