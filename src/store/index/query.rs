//! What is searched for, and where it stands in a text.
//!
//! A query is words, phrases and at most one pattern; all of them have to be in one entry. Words and
//! phrases are runs of folded words ([`super::words`]): `error`, `"lock file"`, `store::open` and
//! `错误` are each one run. `conn*` is any word that begins so. `re:` begins a pattern, which takes
//! the rest of the query.

use std::ops::Range;

use regex_automata::meta::{self, Regex};
use regex_automata::util::syntax;

use super::error::Error;
use super::literal;
use super::words::{self, Words};

/// A pattern's program may take so much memory.
const PATTERN: usize = 8 * 1024 * 1024;

/// What is searched for.
#[derive(Debug, Clone)]
pub struct Query {
    runs: Vec<Run>,
    pattern: Option<Pattern>,
}

/// Words that stand one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    words: Vec<String>,
    /// Whether the last word may go on.
    open: bool,
}

#[derive(Debug, Clone)]
struct Pattern {
    regex: Regex,
    /// What every match has in it.
    needs: literal::Needs,
}

impl Query {
    /// Reads a query as a person types it: `disk full "lock file" conn* re:err(or)?\b`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut query = Query::nothing();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            if let Some(pattern) = rest.strip_prefix("re:") {
                query.pattern = Some(Pattern::new(pattern)?);
                break;
            }
            let (part, after) = match rest.strip_prefix('"') {
                Some(phrase) => phrase.split_once('"').unwrap_or((phrase, "")),
                None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
            };
            query.add(part);
            rest = after.trim_start();
        }
        query.checked(text)
    }

    /// Reads a query from the words of a command line, where the shell has taken the quotes away: an
    /// argument with blanks in it is a phrase, one that begins with `re:` is a pattern.
    pub fn of_arguments(arguments: &[String]) -> Result<Self, Error> {
        let mut query = Query::nothing();
        for argument in arguments {
            if let Some(pattern) = argument.strip_prefix("re:") {
                if query.pattern.is_some() {
                    return Err(Error::TwoPatterns);
                }
                query.pattern = Some(Pattern::new(pattern)?);
            } else if argument.contains('"') {
                let inner = Query::parse(argument)?;
                query.runs.extend(inner.runs);
                query.pattern = inner.pattern.or(query.pattern);
            } else {
                query.add(argument);
            }
        }
        query.checked(&arguments.join(" "))
    }

    fn nothing() -> Self {
        Query {
            runs: Vec::new(),
            pattern: None,
        }
    }

    fn add(&mut self, part: &str) {
        let words = words::folded(part);
        if !words.is_empty() {
            let open = part.ends_with('*');
            self.runs.push(Run { words, open });
        }
    }

    fn checked(self, text: &str) -> Result<Self, Error> {
        if self.runs.is_empty() && self.pattern.is_none() {
            return Err(Error::Nothing { query: text.into() });
        }
        Ok(self)
    }

    /// The full-text index's question, if the index can help: all of these words.
    pub(super) fn to_match(&self) -> Option<String> {
        let mut parts = Vec::new();
        for run in &self.runs {
            let last = run.words.len() - 1;
            for (at, word) in run.words.iter().enumerate() {
                let is_open = run.open && at == last;
                // Everything that begins with a letter or two is too much to ask for.
                if !is_open || word.len() > 2 {
                    let star = if is_open { "*" } else { "" };
                    parts.push(format!("\"{word}\"{star}"));
                }
            }
        }
        let needs = self.pattern.iter().flat_map(|pattern| &pattern.needs.words);
        parts.extend(needs.map(|word| format!("\"{word}\"")));
        // Long words are rare ones.
        parts.sort_by_key(|part| (std::cmp::Reverse(part.len()), part.clone()));
        parts.dedup();
        parts.truncate(ASKED);
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// Bytes that a line has to hold for the query to match it; for looking without an index.
    pub(super) fn needed_bytes(&self) -> Option<&[u8]> {
        let pattern = self.pattern.as_ref()?;
        pattern.needs.bytes.as_deref()
    }

    /// Where a text has what is searched for, in order; `None` when it does not have all of it.
    pub(super) fn find(&self, text: &str) -> Option<Vec<Range<usize>>> {
        let mut matches = Vec::new();
        if let Some(pattern) = &self.pattern {
            // A pattern that matches nothing at all, such as `x*`, is no find.
            let found = pattern.regex.find_iter(text).map(|found| found.range());
            matches.extend(found.filter(|range| !range.is_empty()).take(MATCHES));
            if matches.is_empty() {
                return None;
            }
        }
        self.find_runs(text, &mut matches)?;
        matches.sort_by_key(|range| (range.start, range.end));
        matches.dedup_by(|later, kept| {
            let overlaps = later.start < kept.end;
            if overlaps {
                kept.end = kept.end.max(later.end);
            }
            overlaps
        });
        Some(matches)
    }

    /// One walk over the text for all runs.
    fn find_runs(&self, text: &str, matches: &mut Vec<Range<usize>>) -> Option<()> {
        if self.runs.is_empty() {
            return Some(());
        }
        let mut counts = vec![0usize; self.runs.len()];
        // Runs that have begun: which, how many words of it stand already, where it began.
        let mut begun: Vec<(usize, usize, usize)> = Vec::new();
        let mut next = Vec::new();
        let mut words = Words::new(text);
        while let Some(range) = words.next() {
            let starts = (0..self.runs.len()).map(|run| (run, 0, range.start));
            for (run, done, start) in begun.drain(..).chain(starts) {
                if !self.runs[run].fits(done, words.folded()) {
                    continue;
                }
                if done + 1 < self.runs[run].words.len() {
                    next.push((run, done + 1, start));
                } else if counts[run] < MATCHES {
                    counts[run] += 1;
                    matches.push(start..range.end);
                }
            }
            std::mem::swap(&mut begun, &mut next);
        }
        counts.iter().all(|count| *count > 0).then_some(())
    }
}

/// Words that the index is asked for; the others are looked for in what it finds.
const ASKED: usize = 16;

/// Matches of one part of a query that are looked at in one entry.
const MATCHES: usize = 1000;

impl Run {
    fn fits(&self, at: usize, word: &str) -> bool {
        let wanted = &self.words[at];
        if self.open && at + 1 == self.words.len() {
            return word.starts_with(wanted.as_str());
        }
        wanted == word
    }
}

impl Pattern {
    fn new(pattern: &str) -> Result<Self, Error> {
        let refused = |why: String| Error::Pattern {
            pattern: pattern.into(),
            why,
        };
        if pattern.is_empty() {
            return Err(refused("it is empty".into()));
        }
        let regex = meta::Builder::new()
            .configure(meta::Config::new().nfa_size_limit(Some(PATTERN)))
            .syntax(syntax::Config::new().multi_line(true))
            .build(pattern)
            .map_err(|error| refused(reason(&error)))?;
        Ok(Pattern {
            regex,
            needs: literal::needs(pattern),
        })
    }
}

/// Why a pattern is none, in one line.
fn reason(error: &meta::BuildError) -> String {
    match error.syntax_error() {
        Some(regex_syntax::Error::Parse(error)) => error.kind().to_string(),
        Some(regex_syntax::Error::Translate(error)) => error.kind().to_string(),
        _ => "it is too large".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str, text: &str) -> Option<Vec<String>> {
        let matches = Query::parse(query).unwrap().find(text)?;
        Some(matches.into_iter().map(|at| text[at].to_owned()).collect())
    }

    fn some(words: &[&str]) -> Option<Vec<String>> {
        Some(words.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn all_words_have_to_be_there_in_any_order() {
        let text = "The disk is full, says Disk 2.";
        assert_eq!(found("full disk", text), some(&["disk", "full", "Disk"]));
        assert_eq!(found("disk empty", text), None);
        assert_eq!(found("ful", text), None);
        assert_eq!(found("ful*", text), some(&["full"]));
    }

    #[test]
    fn a_phrase_stands_together() {
        let text = "lock the file; a lock-file; Lock  File";
        assert_eq!(
            found("\"lock file\"", text),
            some(&["lock-file", "Lock  File"])
        );
        assert_eq!(found("lock-fi*", text), some(&["lock-file", "Lock  File"]));
        assert_eq!(found("\"a a b\"", "a a a b"), some(&["a a b"]));
    }

    #[test]
    fn accents_and_case_do_not_matter_and_characters_stand_side_by_side() {
        assert_eq!(found("CAFE", "ein Café"), some(&["Café"]));
        assert_eq!(found("错误", "修复错误。误错"), some(&["错误"]));
    }

    #[test]
    fn a_pattern_takes_the_rest_and_goes_with_words() {
        let text = "error: code 17\nerror: none";
        assert_eq!(found("re:code \\d+", text), some(&["code 17"]));
        assert_eq!(
            found("none re:^error", text),
            some(&["error", "error", "none"])
        );
        assert_eq!(found("missing re:^error", text), None);
        assert_eq!(found("re:x*", text), None);
    }

    #[test]
    fn the_shell_takes_the_quotes_and_blanks_make_a_phrase() {
        let query = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            Query::of_arguments(&words)
        };
        let phrase = query(&["lock file", "x"]).unwrap();
        assert!(phrase.find("x lock file").is_some() && phrase.find("x file lock").is_none());
        assert!(matches!(query(&["!?"]), Err(Error::Nothing { .. })));
        assert!(matches!(query(&["re:("]), Err(Error::Pattern { .. })));
        assert!(matches!(query(&["re:a", "re:b"]), Err(Error::TwoPatterns)));
    }

    #[test]
    fn the_index_is_asked_for_whole_words() {
        let asked = |query: &str| Query::parse(query).unwrap().to_match();
        let words = "\"abc\"* \"b\" \"c\"";
        assert_eq!(asked("b abc* ab* \"B c\""), Some(words.into()));
        assert_eq!(
            asked("re:the (lock|file) is held by"),
            Some("\"held\" \"is\"".into())
        );
        assert_eq!(asked("re:err.r"), None);
    }
}
