//! A question before there is a conversation: a list below the program's name.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::abilities::Abilities;
use super::panels::{Choice, Item, ListPanel, ResumePanel, Whereabouts};
use super::shelf::Shelf;
use super::stage::Stage;
use super::wardrobe::Wardrobe;
use crate::config::Keymap;

/// What is asked, and how it looks.
pub struct Asking<'a> {
    /// Above the list, short.
    pub title: &'a str,
    /// Below the title, whole.
    pub message: &'a str,
    /// What can be chosen, and what it means.
    pub choices: &'a [(&'a str, &'a str)],
    /// The program's name and version.
    pub program: &'a str,
    /// The colours, on a terminal of which this is known before it is asked.
    pub clothes: (Wardrobe, Abilities),
    /// The keys.
    pub keymap: &'a Keymap,
}

/// What the person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// This choice, counted from 0.
    Chosen(usize),
    /// Nothing: pi is to end with this exit code.
    Nothing(u8),
}

/// Asks and waits.
pub async fn ask(asking: Asking<'_>) -> io::Result<Said> {
    let mut panel = asking.panel();
    let stage = Stage {
        program: asking.program,
        clothes: asking.clothes,
        keymap: asking.keymap,
        shelf: None,
    };
    let said = stage.play(&mut panel).await?;
    Ok(match said {
        Ok(Choice::Answer(label)) => {
            let is_it = |choice: &(&str, &str)| choice.0 == label;
            let chosen = asking.choices.iter().position(is_it);
            chosen.map_or(Said::Nothing(0), Said::Chosen)
        }
        Ok(_) => Said::Nothing(0),
        Err(code) => Said::Nothing(code),
    })
}

impl Asking<'_> {
    fn panel(&self) -> ListPanel {
        let items = self.choices.iter().map(|(label, detail)| Item {
            label: (*label).into(),
            detail: (*detail).into(),
            current: false,
            choice: Choice::Answer((*label).into()),
        });
        ListPanel::new(self.title, "", items.collect(), "").saying(self.message)
    }
}

/// Asks which session to go on with, and at which entry; `Err` with the exit code when none is chosen.
pub async fn which_session(
    at: Whereabouts,
    shelf: Arc<dyn Shelf>,
    program: &str,
    clothes: (Wardrobe, Abilities),
    keymap: &Keymap,
) -> io::Result<Result<(PathBuf, Option<String>), u8>> {
    let stage = Stage {
        program,
        clothes,
        keymap,
        shelf: Some(shelf),
    };
    let mut panel = ResumePanel::new(at, keymap, "").filling();
    let said = stage.play(&mut panel).await?;
    Ok(match said {
        Ok(Choice::Session(path)) => Ok((path, None)),
        Ok(Choice::Found(path, entry)) => Ok((path, Some(entry))),
        Ok(_) => Err(0),
        Err(code) => Err(code),
    })
}
