//! What can be chosen, by number or by its words.

use std::sync::Arc;

use crate::ai::Model;
use crate::session::Question;

/// What the next line that is typed answers.
#[derive(Debug, Clone)]
pub(super) enum Choice {
    /// A question that somebody asked.
    Question(u64, Question),
    /// Which model is to answer.
    Model(Vec<Arc<Model>>),
}

/// What a line means as an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Picked {
    /// The answer; `None` dismisses.
    Answer(Option<String>),
    /// The choice of this number, from 0.
    At(usize),
    /// It is no answer: ask again.
    Unclear,
}

impl Choice {
    /// The choices as lines.
    pub(super) fn lines(&self) -> Vec<String> {
        let labels = self.labels();
        let numbered = labels.iter().enumerate();
        let mut lines: Vec<String> = numbered
            .map(|(index, label)| format!("{}. {label}", index + 1))
            .collect();
        if !labels.is_empty() {
            lines.push("Type a number; an empty line chooses none.".into());
        }
        lines
    }

    fn labels(&self) -> Vec<String> {
        match self {
            Choice::Question(_, Question::Select { options, .. }) => options.clone(),
            Choice::Question(_, Question::Confirm { .. }) => vec!["yes".into(), "no".into()],
            Choice::Question(..) => Vec::new(),
            Choice::Model(models) => models.iter().map(|model| model.full_id()).collect(),
        }
    }

    /// What a typed line means.
    pub(super) fn pick(&self, line: &str) -> Picked {
        let line = line.trim();
        if line.is_empty() {
            return Picked::Answer(None);
        }
        let labels = self.labels();
        if labels.is_empty() {
            return Picked::Answer(Some(line.to_owned()));
        }
        let lower = line.to_lowercase();
        let by_number = line.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let is_it = |label: &&String| label.to_lowercase() == lower;
        let by_words = || labels.iter().position(|label| is_it(&label));
        let by_beginning = || {
            let begins = |label: &String| label.to_lowercase().starts_with(&lower);
            let mut found = (0..labels.len()).filter(|index| begins(&labels[*index]));
            found.next().filter(|_| found.next().is_none())
        };
        let index = by_number.or_else(by_words).or_else(by_beginning);
        match index.filter(|index| *index < labels.len()) {
            None => Picked::Unclear,
            Some(index) => match self {
                Choice::Question(..) => Picked::Answer(labels.get(index).cloned()),
                Choice::Model(_) => Picked::At(index),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_made_by_number_by_word_or_by_its_beginning() {
        let options = ["Allow once", "Always allow", "Deny"]
            .map(str::to_owned)
            .to_vec();
        let title = "May it?".into();
        let choice = Choice::Question(1, Question::Select { title, options });
        assert_eq!(choice.lines()[1], "2. Always allow");
        let some = |text: &str| Picked::Answer(Some(text.into()));
        assert_eq!(choice.pick("3"), some("Deny"));
        assert_eq!(choice.pick("deny"), some("Deny"));
        assert_eq!(choice.pick("alw"), some("Always allow"));
        assert_eq!(choice.pick("al"), Picked::Unclear);
        assert_eq!(choice.pick("4"), Picked::Unclear);
        assert_eq!(choice.pick("0"), Picked::Unclear);
        assert_eq!(choice.pick(" "), Picked::Answer(None));
    }
}
