//! What is offered now, and which of it is selected.
//!
//! Follows the editor: it opens when something was typed that calls for it, stays with the caret while it
//! is open, and is closed for a text until that changes. What is looked up arrives later; until then those
//! of the old entries stay that still fit, so that nothing flickers and nothing stale can be taken.

use super::{Before, Call, Facts, Found, Item, Offer, Then, Trigger, What, triggers};
use crate::tui::editor::Editor;

/// What is offered.
pub struct Popup {
    triggers: Vec<Box<dyn Trigger>>,
    items: Vec<Item>,
    /// Where what would be replaced begins, in bytes of the editor's text.
    start: usize,
    selected: usize,
    first: usize,
    page: usize,
    /// Whether it was asked for, with a key of its own.
    is_asked: bool,
    /// The only entry that is found is to be taken.
    takes_one: bool,
    /// The question that is open or was answered last, and what it was about.
    question: Option<(u64, What)>,
    /// The answer is still to come, whole.
    is_waiting: bool,
    questions: u64,
    /// The text that it was closed for.
    closed: Option<String>,
    /// The editor's revision and caret when it was looked at.
    seen: (u64, usize),
}

/// What is needed to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// An answer to this: its number, whether it is the first of its kind, and what.
    Answer(u64, bool, What),
    /// The models there are.
    Models,
}

/// An entry as it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The entry.
    pub item: &'a Item,
    /// Whether it is selected.
    pub is_selected: bool,
}

/// What came of taking an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The text is as it is to be.
    Put,
    /// It is to be sent.
    Send,
}

impl Default for Popup {
    fn default() -> Self {
        Popup {
            triggers: triggers(),
            items: Vec::new(),
            start: 0,
            selected: 0,
            first: 0,
            page: 1,
            is_asked: false,
            takes_one: false,
            question: None,
            is_waiting: false,
            questions: 0,
            closed: None,
            seen: (0, 0),
        }
    }
}

impl Popup {
    /// Whether anything is offered.
    pub fn is_open(&self) -> bool {
        !self.items.is_empty()
    }

    /// Whether anything is offered, or looked for.
    pub fn is_on(&self) -> bool {
        self.is_open() || self.is_waiting
    }

    /// Follows what is typed; says what it needs to go on.
    pub fn follow(&mut self, editor: &Editor, facts: &Facts<'_>) -> Option<Need> {
        let now = (editor.revision(), editor.caret());
        let before = std::mem::replace(&mut self.seen, now);
        if before == now {
            return None;
        }
        let has_changed = before.0 != now.0;
        if has_changed && self.closed.as_deref() != Some(editor.raw()) {
            self.closed = None;
        }
        // A caret that only walks by opens nothing.
        if self.closed.is_some() || editor.is_browsing() || !has_changed && !self.is_on() {
            self.shut();
            return None;
        }
        self.look(editor, facts)
    }

    /// Opens it because it was asked for.
    pub fn ask(&mut self, editor: &Editor, facts: &Facts<'_>) -> Option<Need> {
        self.shut();
        self.closed = None;
        self.is_asked = true;
        self.takes_one = true;
        self.seen = (editor.revision(), editor.caret());
        self.look(editor, facts)
    }

    /// The models have come.
    pub fn told_models(&mut self, editor: &Editor, facts: &Facts<'_>) {
        if self.closed.is_none() && !editor.is_browsing() {
            self.look(editor, facts);
        }
    }

    fn look(&mut self, editor: &Editor, facts: &Facts<'_>) -> Option<Need> {
        let text = editor.raw();
        let caret = editor.caret();
        let line_start = text[..caret].rfind('\n').map_or(0, |newline| newline + 1);
        let before = Before {
            line: &text[line_start..caret],
            is_first: line_start == 0,
            is_shell: editor.is_shell(),
            is_asked: self.is_asked,
        };
        let calls = self.triggers.iter();
        let Some(call) = calls
            .filter_map(|trigger| trigger.call(&before, facts))
            .next()
        else {
            self.shut();
            return None;
        };
        let Call { start, offer } = call;
        let start = line_start + start;
        let is_same = self.start == start;
        self.start = start;
        match offer {
            Offer::Items(items) => {
                self.question = None;
                self.is_waiting = false;
                self.offer(items);
                None
            }
            Offer::Models => {
                self.hide();
                self.question = None;
                self.is_waiting = true;
                Some(Need::Models)
            }
            Offer::Lookup(what) => {
                let is_first = !is_same || self.question.is_none();
                match is_first {
                    true => self.hide(),
                    false => self.keep_what_fits(what.words()),
                }
                self.questions += 1;
                self.question = Some((self.questions, what.clone()));
                self.is_waiting = true;
                Some(Need::Answer(self.questions, is_first, what))
            }
        }
    }

    /// Takes an answer. True when it is one entry only, and was asked for: it is to be taken.
    pub fn hear(&mut self, found: Found) -> bool {
        let is_meant = self
            .question
            .as_ref()
            .is_some_and(|(id, _)| *id == found.id);
        if !is_meant || self.closed.is_some() {
            return false;
        }
        self.is_waiting = !found.is_whole;
        self.offer(found.items);
        found.is_whole && std::mem::take(&mut self.takes_one) && self.items.len() == 1
    }

    /// Closes it until the text changes.
    pub fn close(&mut self, editor: &Editor) {
        self.shut();
        self.closed = Some(editor.raw().to_owned());
        self.seen = (editor.revision(), editor.caret());
    }

    /// Selects the entry so many further on, going round.
    pub fn go(&mut self, by: isize) {
        let count = isize::try_from(self.items.len()).unwrap_or(isize::MAX);
        if count > 0 {
            let at = isize::try_from(self.selected).unwrap_or(0) + by;
            self.selected = usize::try_from(at.rem_euclid(count)).unwrap_or(0);
        }
    }

    /// Selects the entry a page further on, or as far as there are any.
    pub fn page(&mut self, down: bool) {
        let last = self.items.len().saturating_sub(1);
        self.selected = match down {
            true => (self.selected + self.page).min(last),
            false => self.selected.saturating_sub(self.page),
        };
    }

    /// Selects the entry in this row of those shown; false when there is none.
    pub fn point(&mut self, row: usize) -> bool {
        let at = self.first + row;
        let is_there = at < self.items.len() && row < self.page;
        if is_there {
            self.selected = at;
        }
        is_there
    }

    /// The entries to show, at most `most`, and how many there are.
    pub fn show(&mut self, most: usize) -> (Vec<Shown<'_>>, usize) {
        self.page = most.max(1);
        let lowest = (self.selected + 1).saturating_sub(self.page);
        let end = self.items.len().saturating_sub(self.page);
        self.first = self.first.clamp(lowest, self.selected.max(lowest)).min(end);
        let entries = self.items.iter().enumerate();
        let shown = entries.skip(self.first).take(most).map(|(at, item)| Shown {
            item,
            is_selected: at == self.selected,
        });
        (shown.collect(), self.items.len())
    }

    /// Which entry is selected, counted from 1.
    pub fn position(&self) -> usize {
        self.selected + 1
    }

    /// Takes the only entry.
    pub fn take_only(&mut self, editor: &mut Editor) {
        self.take(editor, true);
        self.close(editor);
    }

    /// Puts the selected entry in place of what is typed. `goes_on` when more of it may be wanted: Tab.
    pub fn take(&mut self, editor: &mut Editor, goes_on: bool) -> Taken {
        let Some(item) = self.items.get(self.selected).cloned() else {
            return Taken::Put;
        };
        let is_whole = editor.raw().get(self.start..editor.caret()) == Some(&item.value);
        let is_asked = self.is_asked;
        self.put(editor, &item, goes_on);
        self.close(editor);
        let sends = match item.then {
            Then::Run => !goes_on,
            Then::More | Then::Word => !goes_on && is_whole,
            Then::Attach | Then::Path | Then::Folder => false,
        };
        // What follows a command is offered once it is begun: Enter may be all that is wanted.
        if goes_on && item.then == Then::Folder {
            self.closed = None;
            self.is_asked = is_asked;
            // Looks like a change to `follow`.
            self.seen.0 = self.seen.0.wrapping_sub(1);
        }
        match sends {
            true => Taken::Send,
            false => Taken::Put,
        }
    }

    fn put(&self, editor: &mut Editor, item: &Item, goes_on: bool) {
        let closing = item.value.chars().next_back();
        let closing = closing.filter(|c| matches!(c, '"' | '\''));
        let behind = editor.raw()[editor.caret()..].chars().next();
        // A quote that was closed by hand is not closed twice.
        let overlap = match closing {
            Some(quote) if behind == Some(quote) => quote.len_utf8(),
            _ => 0,
        };
        let blank = match item.then {
            Then::Run => goes_on,
            Then::More | Then::Attach => true,
            Then::Word | Then::Path | Then::Folder => false,
        };
        let end = editor.caret() + overlap;
        let value = match blank && behind != Some(' ') {
            true => format!("{} ", item.value),
            false => item.value.clone(),
        };
        let back = match item.then {
            Then::Folder => closing.map_or(0, char::len_utf8),
            _ => 0,
        };
        editor.splice(self.start..end, &value, back);
    }

    /// Offers these in place of those; what was selected stays so when it is still there.
    fn offer(&mut self, items: Vec<Item>) {
        if items == self.items {
            return;
        }
        let chosen = self.items.get(self.selected).map(|item| &item.value);
        let place = items.iter().position(|item| Some(&item.value) == chosen);
        // The first one was not chosen, it just stood there.
        self.selected = place.filter(|_| self.selected > 0).unwrap_or(0);
        self.first = 0;
        self.items = items;
    }

    fn keep_what_fits(&mut self, words: &str) {
        let words = words.rsplit('/').next().unwrap_or(words);
        let mut items = std::mem::take(&mut self.items);
        let count = items.len();
        items.retain(|item| is_within(words, &item.value));
        if items.len() != count {
            self.selected = 0;
            self.first = 0;
        }
        self.items = items;
    }

    fn hide(&mut self) {
        self.items.clear();
        self.selected = 0;
        self.first = 0;
    }

    fn shut(&mut self) {
        self.hide();
        self.is_asked = false;
        self.takes_one = false;
        self.question = None;
        self.is_waiting = false;
    }
}

/// Whether all letters of `words` are in `text`, in this order.
fn is_within(words: &str, text: &str) -> bool {
    let mut text = text.chars().flat_map(char::to_lowercase);
    let mut words = words.chars().flat_map(char::to_lowercase);
    words.all(|wanted| text.any(|c| c == wanted))
}
