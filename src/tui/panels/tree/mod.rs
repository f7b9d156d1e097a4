//! The session as a tree: type to search, five views, branches that fold, labels.
//!
//! It shows and asks; what the person wants (go there, label it, copy it) the app does. Only what is on
//! the screen is drawn. `words` has what is near the screen read, and for a search everything. `branches` says what is seen and how it hangs together, `row` draws a row.

mod branches;
mod drawing;
mod row;
mod words;

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Choice, News, Panel, Step, dismisses, frame};
use crate::ai::Millis;
use crate::config::{KeyChord, KeyName, Keymap};
use crate::session::OutlineRow;
use crate::store::Filter;
use crate::tui::editor::{Editor, typed};
use crate::tui::look::Look;
use crate::tui::markdown::sanitize_line;
use crate::tui::mouse::{Button, Mouse, MouseAct};
use branches::Branches;

/// The session as a tree.
pub struct TreePanel {
    branches: Branches,
    filter: Filter,
    search: String,
    selected: usize,
    /// The entry that was last selected: it is kept while nothing matches.
    kept: Option<u32>,
    /// The most rows that were seen at once: the panel does not shrink under one's hands.
    most: usize,
    times: bool,
    label: Option<Labelling>,
    /// Said instead of the hints until the next key.
    word: Option<String>,
    hints: Vec<String>,
    page: usize,
    /// Where the entries were painted, from the panel's top left, and the first of them.
    area: Rect,
    first: usize,
    /// The entry that was clicked last.
    clicked: Option<u32>,
    /// The entries whose words are being read.
    reading: Vec<(u32, String)>,
    now: Millis,
    zone: TimeZone,
}

/// A label that is being typed.
struct Labelling {
    entry: String,
    editor: Editor,
}

impl TreePanel {
    /// Shows `entries`, which are all in the order of the tree; the leaf is selected.
    pub fn new(entries: Vec<OutlineRow>, filter: Filter, keymap: &Keymap) -> Self {
        let key = |id: &str| {
            let keys = keymap.describe(id);
            keys.split('/').next().unwrap_or_default().to_owned()
        };
        let hints = [
            ("tui.select.confirm", "goes"),
            ("app.tree.filter.cycleForward", "view"),
            ("app.tree.editLabel", "label"),
            ("app.tree.foldOrUp", "folds"),
            ("tui.select.cancel", "closes"),
            ("app.message.copy", "copies"),
        ];
        let hints = hints.map(|(id, does)| (key(id), does));
        let hints = hints.iter().filter(|(key, _)| !key.is_empty());
        let mut panel = TreePanel {
            branches: Branches::new(entries),
            filter,
            search: String::new(),
            selected: 0,
            kept: None,
            most: 0,
            times: false,
            label: None,
            word: None,
            hints: hints.map(|(key, does)| format!("{key} {does}")).collect(),
            page: 1,
            area: Rect::default(),
            first: 0,
            clicked: None,
            reading: Vec::new(),
            now: 0,
            zone: TimeZone::UTC,
        };
        panel.kept = panel.branches.leaf();
        panel.arrange();
        panel
    }

    /// With this entry selected.
    pub fn at(mut self, entry: &str) -> Self {
        self.kept = self.branches.place_of(entry);
        self.arrange();
        self
    }

    /// With times as they are told here, and now.
    pub fn with_time(mut self, now: Millis, zone: TimeZone) -> Self {
        (self.now, self.zone) = (now, zone);
        self
    }

    /// Shows what is wanted now; what was selected stays so, or the nearest entry above it.
    fn arrange(&mut self) {
        self.branches.arrange(self.filter, &self.search);
        self.most = self.most.max(self.branches.len());
        self.selected = self.branches.nearest(self.kept);
        self.keep();
    }

    fn keep(&mut self) {
        if let Some((row, _)) = self.branches.row(self.selected) {
            self.kept = Some(row.index);
        }
    }

    fn select(&mut self, row: usize) {
        self.selected = row.min(self.branches.len().saturating_sub(1));
        self.keep();
    }

    fn go(&mut self, by: isize) {
        self.select(self.selected.saturating_add_signed(by));
    }

    /// Up from the first is the last, down from the last the first.
    fn go_round(&mut self, is_down: bool) {
        let last = self.branches.len().saturating_sub(1);
        self.select(match is_down {
            true if self.selected >= last => 0,
            true => self.selected + 1,
            false => self.selected.checked_sub(1).unwrap_or(last),
        });
    }

    fn search(&mut self, search: String) {
        self.search = search;
        self.branches.unfold_all();
        self.arrange();
    }

    /// Another view; the usual one when this is the one already.
    fn view(&mut self, filter: Filter) {
        self.filter = match self.filter == filter {
            true => Filter::Default,
            false => filter,
        };
        self.branches.unfold_all();
        self.arrange();
    }

    fn cycle(&mut self, by: usize) {
        let all = Filter::ALL;
        let at = all.iter().position(|filter| *filter == self.filter);
        self.view(all[(at.unwrap_or(0) + by) % all.len()]);
    }

    fn fold(&mut self, is_folded: bool) -> bool {
        let Some((row, _)) = self.branches.row(self.selected) else {
            return false;
        };
        let changes = match is_folded {
            true => self.branches.can_fold(self.selected) && !self.branches.is_folded(row),
            false => self.branches.is_folded(row),
        };
        if changes {
            let at = row.index;
            self.branches.fold(at, is_folded);
            self.arrange();
        }
        changes
    }

    fn chosen(&self) -> Step {
        match self.branches.row(self.selected) {
            None => Step::Stay,
            Some((row, _)) if self.branches.is_here(row.index) => Step::Choose(Choice::Here),
            Some((_, entry)) => Step::Do(Choice::Entry(entry.entry.clone())),
        }
    }

    /// A click selects an entry, another one on it goes there.
    fn click(&mut self, mouse: Mouse) -> Step {
        if mouse.act != MouseAct::Press(Button::Left) || self.label.is_some() {
            return Step::Stay;
        }
        let Some(at) = mouse.within(self.area).map(|it| usize::from(it.row)) else {
            return Step::Stay;
        };
        let Some((row, _)) = self.branches.row(self.first + at) else {
            return Step::Stay;
        };
        let clicked = self.clicked.replace(row.index);
        self.word = None;
        self.select(self.first + at);
        match clicked == self.clicked {
            true => self.chosen(),
            false => Step::Stay,
        }
    }

    fn begin_label(&mut self) {
        if let Some((_, entry)) = self.branches.row(self.selected) {
            let mut editor = Editor::default();
            if let Some((label, _)) = &entry.label {
                editor.replace(label);
            }
            let entry = entry.entry.clone();
            self.label = Some(Labelling { entry, editor });
        }
    }

    fn label_key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        let is = |id: &str| keymap.matches(id, chord);
        let Some(label) = &mut self.label else {
            return Step::Stay;
        };
        if dismisses(chord, keymap) {
            self.label = None;
        } else if is("tui.select.confirm") || is("tui.input.submit") {
            let entry = std::mem::take(&mut label.entry);
            let text = label.editor.text();
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let text = Some(text).filter(|text| !text.is_empty());
            self.label = None;
            return Step::Do(Choice::Label(entry, text));
        } else {
            label.editor.key(chord, keymap);
        }
        Step::Stay
    }
}

impl Panel for TreePanel {
    fn height(&self, _width: u16) -> u16 {
        u16::try_from(self.most.max(3) + 3).unwrap_or(u16::MAX)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        self.paint(area, buffer, look)
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        self.word = None;
        self.clicked = None;
        if self.label.is_some() {
            return self.label_key(chord, keymap);
        }
        let is = |id: &str| keymap.matches(id, chord);
        let page = isize::try_from(self.page).unwrap_or(1);
        match () {
            () if dismisses(chord, keymap) => {
                if self.search.is_empty() {
                    return Step::Dismiss;
                }
                self.search(String::new());
            }
            () if is("tui.select.confirm") => return self.chosen(),
            () if is("tui.select.up") => self.go_round(false),
            () if is("tui.select.down") => self.go_round(true),
            () if is("app.tree.foldOrUp") => {
                if !self.fold(true) {
                    self.select(self.branches.stretch_before(self.selected));
                }
            }
            () if is("app.tree.unfoldOrDown") => {
                if !self.fold(false) {
                    self.select(self.branches.stretch_after(self.selected));
                }
            }
            () if is("tui.select.pageUp") || is("tui.editor.cursorLeft") => self.go(-page),
            () if is("tui.select.pageDown") || is("tui.editor.cursorRight") => self.go(page),
            () if chord == KeyChord::plain(KeyName::Home) => self.go(isize::MIN),
            () if chord == KeyChord::plain(KeyName::End) => self.go(isize::MAX),
            () if is("app.message.copy") => {
                if let Some((_, entry)) = self.branches.row(self.selected) {
                    return Step::Do(Choice::Copy(entry.entry.clone()));
                }
            }
            () if is("app.tree.filter.default") => {
                self.filter = Filter::All;
                self.view(Filter::Default);
            }
            () if is("app.tree.filter.noTools") => self.view(Filter::NoTools),
            () if is("app.tree.filter.userOnly") => self.view(Filter::UserOnly),
            () if is("app.tree.filter.labeledOnly") => self.view(Filter::LabeledOnly),
            () if is("app.tree.filter.all") => self.view(Filter::All),
            () if is("app.tree.filter.cycleForward") => self.cycle(1),
            () if is("app.tree.filter.cycleBackward") => self.cycle(Filter::ALL.len() - 1),
            () if is("app.tree.editLabel") => self.begin_label(),
            () if is("app.tree.toggleLabelTimestamp") => self.times = !self.times,
            () if is("tui.editor.deleteCharBackward") => {
                let mut search = std::mem::take(&mut self.search);
                if search.pop().is_some() {
                    self.search(search);
                }
            }
            () if is("tui.editor.deleteWordBackward") => self.search(String::new()),
            () => {
                if let Some(text) = typed(chord) {
                    self.search(format!("{}{text}", self.search));
                }
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str) {
        let text = sanitize_line(text);
        match &mut self.label {
            Some(label) => label.editor.insert(text.trim()),
            None => self.search(format!("{}{}", self.search, text.trim())),
        }
    }

    fn mouse(&mut self, mouse: Mouse) -> Step {
        self.click(mouse)
    }

    fn scroll(&mut self, rows: i32) {
        if self.label.is_none() {
            self.go(isize::try_from(rows).unwrap_or(0));
        }
    }

    fn lacks(&mut self) -> Vec<String> {
        self.next_words()
    }

    fn told(&mut self, news: News) {
        match news {
            News::Tree(entries) => {
                let kept = self.kept.and_then(|at| self.branches.entry(at));
                let kept = kept.map(|entry| entry.entry.clone());
                self.branches.renew(entries);
                self.reading.clear();
                self.kept = kept.and_then(|id| self.branches.place_of(&id));
                self.arrange();
            }
            News::Words(words) => self.take_words(words),
            News::Word(word) => self.word = Some(word),
            News::Login(_) | News::Prompts(_) | News::Spending(_) | News::Left(_) => {}
        }
    }
}
