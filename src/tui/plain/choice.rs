//! What can be chosen, by number or by its words.

use std::sync::Arc;

use super::tell;
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

    /// It is told, with its choices.
    pub(super) fn told(&self) -> Vec<String> {
        let mut lines = match self {
            Choice::Question(_, question) => tell::question(question),
            Choice::Model(_) => vec!["Which model?".into()],
        };
        lines.extend(self.lines());
        lines
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

/// Takes a question away that nobody waits for any more. Returns what is said of that, if it was there; what
/// a line answers then is told.
pub(super) fn over(choices: &mut Vec<Choice>, id: u64) -> Vec<String> {
    let is_it = |choice: &Choice| matches!(choice, Choice::Question(open, _) if *open == id);
    let Some(at) = choices.iter().position(is_it) else {
        return Vec::new();
    };
    choices.remove(at);
    let mut said = vec!["The question is over.".to_owned()];
    if at == 0 {
        said.extend(choices.first().map(Choice::told).unwrap_or_default());
    }
    said
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

    #[test]
    fn the_question_behind_one_that_is_over_is_told() {
        let ask = |id: u64, title: &str| {
            let title = title.to_owned();
            let placeholder = String::new();
            Choice::Question(id, Question::Input { title, placeholder })
        };
        let mut choices = vec![ask(1, "First"), ask(2, "Second"), ask(3, "Third")];
        assert_eq!(over(&mut choices, 7), [""; 0]);
        assert_eq!(over(&mut choices, 2), ["The question is over."]);
        let said = over(&mut choices, 1).join("\n");
        assert!(said.contains("over") && said.contains("Third"), "{said}");
        assert_eq!(over(&mut choices, 3), ["The question is over."]);
    }
}
