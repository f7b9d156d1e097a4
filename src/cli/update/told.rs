//! What went wrong with catalogues, told once: a reason that many have in common names them in one line.

/// As many are named.
const NAMED: usize = 4;

/// Reasons, each with those that it holds for; in the order in which they came up.
#[derive(Debug, Default)]
pub(super) struct Told {
    reasons: Vec<(String, Vec<String>)>,
}

impl Told {
    /// Adds that `why` holds for `who`; for everything when nobody is named.
    pub fn add(&mut self, who: Option<&str>, why: &str) {
        let known = self.reasons.iter().position(|(known, _)| known == why);
        let at = known.unwrap_or_else(|| {
            self.reasons.push((why.to_owned(), Vec::new()));
            self.reasons.len() - 1
        });
        if let Some((_, whose)) = self.reasons.get_mut(at) {
            whose.extend(who.map(str::to_owned));
        }
    }

    /// A line for each reason.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.reasons.iter().map(|(why, whose)| match &whose[..] {
            [] => why.clone(),
            [one] => format!("{one}: {why}"),
            [some @ .., last] if whose.len() <= NAMED => {
                format!("{} and {last}: {why}", some.join(", "))
            }
            many => format!(
                "{} and {} more: {why}",
                many[..NAMED - 1].join(", "),
                many.len() - (NAMED - 1)
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_once_with_those_that_it_holds_for() {
        let mut told = Told::default();
        told.add(None, "it is no object");
        for who in ["a", "b", "c", "d", "e", "f"] {
            told.add(Some(who), "the server answers 500");
        }
        told.add(Some("x"), "it is not valid JSON");
        for who in ["g", "h", "i"] {
            told.add(Some(who), "no answer");
        }
        let lines: Vec<String> = told.lines().collect();
        assert_eq!(
            lines,
            [
                "it is no object",
                "a, b, c and 3 more: the server answers 500",
                "x: it is not valid JSON",
                "g, h and i: no answer",
            ]
        );
    }
}
