//! Questions that the conversation asks the person, as panels.

use super::{Choice, InputPanel, Item, ListPanel, Panel};
use crate::session::Question;

/// The panel that asks `question`.
pub fn question(question: &Question) -> Box<dyn Panel> {
    let item = |label: &str, answer: &str| Item {
        label: label.into(),
        detail: String::new(),
        current: false,
        choice: Choice::Answer(answer.into()),
    };
    match question {
        Question::Select { title, options } => {
            let items = options.iter().map(|option| item(option, option)).collect();
            Box::new(ListPanel::new(
                title,
                "there is nothing to choose from",
                items,
                "",
            ))
        }
        Question::Confirm { title, message } => {
            let title = format!("{title}: {message}");
            Box::new(ListPanel::new(
                &title,
                "",
                vec![item("Yes", "yes"), item("No", "no")],
                "",
            ))
        }
        Question::Input { title, placeholder } => {
            Box::new(InputPanel::new(title, placeholder, "", false))
        }
        Question::Editor { title, prefill } => Box::new(InputPanel::new(title, "", prefill, true)),
    }
}
