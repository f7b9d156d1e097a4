//! How hard the model thinks: the levels that it has, what each comes to, and which is kept.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Choice, Item, ListPanel, Panel, Step};
use crate::ai::{Model, ThinkingLevel};
use crate::config::{KeyChord, Keymap};
use crate::tui::footer::short_count;
use crate::tui::look::Look;
use crate::tui::mouse::Mouse;
use crate::tui::preferences::{Answer, Request, Standing};

/// The wire API whose vendors count tokens of thinking.
const COUNTING: &str = "anthropic-messages";

/// The levels of a model.
pub struct ThinkingPanel {
    list: ListPanel,
    model: Model,
    current: ThinkingLevel,
    save: String,
    /// Whether the settings give this model a level of its own.
    has_own: bool,
    wishes: Vec<Request>,
}

impl ThinkingPanel {
    /// The levels of `model`; `current` is the one in force.
    pub fn new(model: &Model, current: ThinkingLevel, keymap: &Keymap) -> Self {
        let save = keymap.describe("app.thinking.save");
        ThinkingPanel {
            list: list(model, current, &save, &Standing::default()),
            model: model.clone(),
            current,
            save,
            has_own: false,
            wishes: vec![Request::Standing],
        }
    }

    fn choose(&self, is_kept: bool) -> Step {
        match self.list.selected() {
            Some(Choice::Thinking(level)) if is_kept => Step::Choose(Choice::KeepThinking {
                level: *level,
                of_the_model: self.has_own,
            }),
            Some(choice) => Step::Choose(choice.clone()),
            None => Step::Stay,
        }
    }
}

fn list(model: &Model, current: ThinkingLevel, save: &str, standing: &Standing) -> ListPanel {
    let held = |name: &str| standing.held.get(name)?.value.as_ref();
    let own = held("modelThinkingLevels").and_then(|levels| levels.get(model.full_id())?.as_str());
    let default = own.or_else(|| held("defaultThinkingLevel")?.as_str());
    let budgets: BTreeMap<ThinkingLevel, u64> = held("thinkingBudgets")
        .and_then(|budgets| serde_json::from_value(budgets.clone()).ok())
        .unwrap_or_default();
    let items = model.thinking_levels().into_iter().map(|level| {
        let mut detail = vec![does(level).to_owned()];
        if level != ThinkingLevel::Off && model.api == COUNTING {
            let counted = level.min(ThinkingLevel::High);
            let budget = budgets.get(&counted).copied();
            let budget = budget.unwrap_or(counted.usual_budget());
            detail.push(format!("≤ {} tokens", short_count(budget)));
        }
        if default == Some(level.as_str()) {
            detail.push("default".into());
        }
        Item {
            label: level.as_str().into(),
            detail: detail.join(" · "),
            current: level == current,
            choice: Choice::Thinking(level),
        }
    });
    let title = format!("How hard {} thinks", model.name);
    let list = ListPanel::new(&title, "this model does not think", items.collect(), "");
    match save.is_empty() {
        true => list,
        false => list.saying(&format!("{save} makes it the default")),
    }
}

fn does(level: ThinkingLevel) -> &'static str {
    match level {
        ThinkingLevel::Off => "no thinking",
        ThinkingLevel::Minimal => "hardly any",
        ThinkingLevel::Low => "a little",
        ThinkingLevel::Medium => "the usual",
        ThinkingLevel::High => "a lot",
        ThinkingLevel::Xhigh => "very much",
        ThinkingLevel::Max => "all it can",
    }
}

impl Panel for ThinkingPanel {
    fn height(&self, width: u16) -> u16 {
        self.list.height(width)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        self.list.draw(area, buffer, look)
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        if keymap.matches("app.thinking.save", chord) {
            return self.choose(true);
        }
        self.list.key(chord, keymap)
    }

    fn paste(&mut self, text: &str) {
        self.list.paste(text);
    }

    fn mouse(&mut self, mouse: Mouse) -> Step {
        self.list.mouse(mouse)
    }

    fn scroll(&mut self, rows: i32) {
        self.list.scroll(rows);
    }

    fn wishes(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.wishes)
    }

    fn learn(&mut self, answer: &Answer) {
        let Answer::Standing(standing) = answer else {
            return;
        };
        let own = standing.held.get("modelThinkingLevels");
        let own = own.and_then(|held| held.value.as_ref()?.get(self.model.full_id()));
        self.has_own = own.is_some();
        let fresh = list(&self.model, self.current, &self.save, standing);
        self.list = fresh.as_it_stood(&self.list);
    }
}
