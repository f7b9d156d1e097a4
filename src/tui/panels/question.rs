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
            let (head, rest) = split_title(title);
            let empty = "there is nothing to choose from";
            Box::new(ListPanel::new(head, empty, items, "").saying(rest))
        }
        Question::Confirm { title, message } => {
            let items = vec![item("Yes", "yes"), item("No", "no")];
            Box::new(ListPanel::new(title, "", items, "").saying(message))
        }
        Question::Input { title, placeholder } => {
            Box::new(InputPanel::new(title, placeholder, "", false))
        }
        Question::Editor { title, prefill } => Box::new(InputPanel::new(title, "", prefill, true)),
    }
}

/// A title that does not fit the frame's edge is said whole below it.
fn split_title(title: &str) -> (&str, &str) {
    let fits = title.len() <= 32 && !title.contains('\n');
    if fits { (title, "") } else { ("Choose", title) }
}
