//! The list of prompts: to any of them.

use jiff::Timestamp;

use super::App;
use crate::ai::Millis;
use crate::tui::msg::Effect;
use crate::tui::panels::{Choice, Item, ListPanel};
use crate::tui::transcript::Prompt;

impl App {
    /// Has the prompts of this session read.
    pub(super) fn list_prompts(&mut self) -> Vec<Effect> {
        if self.terminal_scrolls() {
            return Vec::new();
        }
        vec![Effect::Prompts(self.transcript.prompts())]
    }

    /// Shows them; the one that the window is at is selected, else the last.
    pub(super) fn open_prompts(&mut self, prompts: Vec<Prompt>) {
        let here = self.transcript.prompt_here(&prompts);
        let items = prompts.into_iter().enumerate().map(|(at, prompt)| Item {
            detail: self.time_of(prompt.time),
            label: prompt.text,
            current: here == Some(at),
            choice: Choice::Message(prompt.at),
        });
        let empty = "nothing has been said yet";
        let list = ListPanel::new("Go to a prompt", empty, items.collect(), "");
        match here {
            Some(_) => self.open(list),
            None => self.open(list.from_the_end()),
        }
    }

    /// The day and time in short; nothing for a time that is none.
    fn time_of(&self, time: Millis) -> String {
        let Ok(time) = Timestamp::from_millisecond(time) else {
            return String::new();
        };
        let time = time.to_zoned(self.settings.zone.clone());
        time.strftime("%b %-d %H:%M").to_string()
    }
}
