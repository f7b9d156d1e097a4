//! What keys do in the list of sessions.

use std::path::Path;

use super::{Mode, ResumePanel};
use crate::config::{KeyChord, KeyName, Keymap};
use crate::store::index::Sort;
use crate::tui::editor::{Editor, typed};
use crate::tui::look::Token;
use crate::tui::markdown::sanitize_line;
use crate::tui::mouse::{Button, Mouse, MouseAct};
use crate::tui::panels::{Choice, Step, dismisses};
use crate::tui::shelf::Request;

impl ResumePanel {
    pub(super) fn press(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        self.note = None;
        self.entered = false;
        self.clicked = None;
        match &mut self.mode {
            Mode::List => return self.list_key(chord, keymap),
            Mode::Rename(path, editor) => {
                if dismisses(chord, keymap) {
                    self.mode = Mode::List;
                } else if keymap.matches("tui.input.submit", chord) {
                    let name = editor.text().trim().to_owned();
                    if !name.is_empty() {
                        let request = Request::Rename(path.clone(), name);
                        self.to_ask.push(request);
                        self.mode = Mode::List;
                    }
                } else if !keymap.matches("tui.input.newLine", chord) {
                    editor.key(chord, keymap);
                }
            }
            Mode::Confirm(path) => {
                if keymap.matches("tui.select.confirm", chord) {
                    let request = Request::Remove(path.clone());
                    self.to_ask.push(request);
                    self.mode = Mode::List;
                } else if dismisses(chord, keymap) {
                    self.mode = Mode::List;
                }
            }
        }
        Step::Stay
    }

    pub(super) fn put(&mut self, text: &str) {
        self.entered = false;
        let line = sanitize_line(text);
        match &mut self.mode {
            Mode::List => {
                self.note = None;
                self.filter.push_str(line.trim());
            }
            Mode::Rename(_, editor) => editor.insert(line.trim()),
            Mode::Confirm(_) => {}
        }
    }

    fn list_key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        let is = |id: &str| keymap.matches(id, chord);
        if dismisses(chord, keymap) {
            return Step::Dismiss;
        }
        if is("tui.select.confirm") {
            return self.open();
        }
        let page = isize::try_from(self.page).unwrap_or(1);
        let may_delete = is("app.session.deleteNoninvasive") && self.filter.is_empty();
        match () {
            () if is("tui.select.up") => self.go(-1),
            () if is("tui.select.down") => self.go(1),
            () if is("tui.select.pageUp") => self.go(-page),
            () if is("tui.select.pageDown") => self.go(page),
            () if chord == KeyChord::plain(KeyName::Home) => self.go(isize::MIN),
            () if chord == KeyChord::plain(KeyName::End) => self.go(isize::MAX),
            () if is("tui.input.tab") => self.all_projects = !self.all_projects,
            () if is("app.session.togglePath") => self.with_paths = !self.with_paths,
            () if is("app.session.toggleSort") => self.sort = next(self.sort),
            () if is("app.session.toggleNamedFilter") => self.named = !self.named,
            () if is("app.session.rename") => self.begin_renaming(),
            () if is("app.session.delete") || may_delete => self.begin_deleting(),
            () if is("tui.editor.deleteCharBackward") => {
                self.filter.pop();
            }
            () if is("tui.editor.deleteToLineStart") || is("tui.editor.deleteWordBackward") => {
                self.filter.clear();
            }
            () => {
                if let Some(text) = typed(chord) {
                    self.filter.push_str(&text);
                }
            }
        }
        Step::Stay
    }

    /// Goes on with the selected session, once the list is what was asked for.
    pub(super) fn open(&mut self) -> Step {
        self.entered = self.may_come();
        if self.entered {
            return Step::Stay;
        }
        let Some(path) = self.chosen().map(|listed| listed.path.clone()) else {
            return Step::Stay;
        };
        if self.is_open(&path) {
            self.say("this is the session that is open", Token::Muted);
            return Step::Stay;
        }
        Step::Choose(match self.sessions.entry(self.selected) {
            Some(entry) => Choice::Found(path, entry.to_owned()),
            None => Choice::Session(path),
        })
    }

    /// A click selects a session, another one on it opens it.
    pub(super) fn click(&mut self, mouse: Mouse) -> Step {
        let is_press = mouse.act == MouseAct::Press(Button::Left);
        if !is_press || !matches!(self.mode, Mode::List) {
            return Step::Stay;
        }
        let Some(at) = mouse.within(self.area).map(|it| usize::from(it.row)) else {
            return Step::Stay;
        };
        let Some((session, _)) = self.sessions.row(self.first + at) else {
            return Step::Stay;
        };
        let clicked = self.clicked.replace(session.path.clone());
        self.note = None;
        self.entered = false;
        self.selected = self.first + at;
        match clicked == self.clicked {
            true => self.open(),
            false => Step::Stay,
        }
    }

    fn begin_renaming(&mut self) {
        if self.is_behind() {
            return;
        }
        if let Some(session) = self.chosen() {
            let mut editor = Editor::default();
            editor.replace(session.digest.name.as_deref().unwrap_or_default());
            self.mode = Mode::Rename(session.path.clone(), Box::new(editor));
        }
    }

    fn begin_deleting(&mut self) {
        if self.is_behind() {
            return;
        }
        let Some(path) = self.chosen().map(|listed| listed.path.clone()) else {
            return;
        };
        if self.is_open(&path) {
            self.say("the session that is open is not deleted", Token::Warning);
        } else {
            self.mode = Mode::Confirm(path);
        }
    }

    /// Whether a session is the one that is open.
    pub(super) fn is_open(&self, path: &Path) -> bool {
        self.at.open.as_deref() == Some(path)
    }
}

fn next(sort: Sort) -> Sort {
    match sort {
        Sort::Recent => Sort::Created,
        Sort::Created => Sort::Name,
        Sort::Name => Sort::Length,
        Sort::Length => Sort::Recent,
    }
}
