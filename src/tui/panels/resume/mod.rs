//! The list of sessions to go on with: type to filter, sort, name, delete, look at the last words.
//!
//! It reads nothing itself: [`Panel::asks`] says what it wants to know and [`Panel::hear`] takes the
//! answers, so no key ever waits. One part of the list is asked for at a time; an answer to what is no
//! longer wanted is dropped. `keys` says what keys do, `list` holds what came, `draw` and `row` paint.

mod draw;
mod keys;
mod list;
mod row;

use std::path::PathBuf;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Panel, Step};
use crate::ai::Millis;
use crate::config::{KeyChord, Keymap};
use crate::store::index::Sort;
use crate::tui::editor::Editor;
use crate::tui::look::{Look, Token};
use crate::tui::mouse::Mouse;
use crate::tui::shelf::{Answer, Request};
use list::Sessions;

/// Where the list is opened.
#[derive(Debug, Clone, Default)]
pub struct Whereabouts {
    /// The directory whose sessions are "this project's".
    pub project: PathBuf,
    /// The file of the session that is open.
    pub open: Option<PathBuf>,
    /// The home directory, for `~`.
    pub home: Option<String>,
    /// The time.
    pub now: Millis,
}

/// The list of sessions.
pub struct ResumePanel {
    at: Whereabouts,
    hints: Hints,
    all_projects: bool,
    sort: Sort,
    named: bool,
    with_paths: bool,
    filter: String,
    sessions: Sessions,
    selected: usize,
    first: usize,
    page: usize,
    mode: Mode,
    /// Enter was pressed before what is typed was found.
    entered: bool,
    /// Asked for by a key, not yet handed out.
    to_ask: Vec<Request>,
    /// Said until the next key.
    note: Option<(String, Token)>,
    rows: u16,
    /// Where the sessions were painted, from the panel's top left.
    area: Rect,
    /// The one that was clicked last.
    clicked: Option<PathBuf>,
}

/// What keys are for.
enum Mode {
    List,
    Rename(PathBuf, Box<Editor>),
    Confirm(PathBuf),
}

/// The names of keys.
struct Hints {
    scope: String,
    sort: String,
    named: String,
    paths: String,
    rename: String,
    delete: String,
    confirm: String,
    cancel: String,
}

/// Rows that the panel would like in the editor's place.
const ROWS: u16 = 20;

impl ResumePanel {
    /// This project's sessions, the one that was written last first, with this typed already.
    pub fn new(at: Whereabouts, keymap: &Keymap, filter: &str) -> Self {
        let key = |id: &str| keymap.describe(id);
        // Of several keys the first is enough.
        let first = |id: &str| key(id).split('/').next().unwrap_or_default().to_owned();
        ResumePanel {
            at,
            hints: Hints {
                scope: first("tui.input.tab"),
                sort: first("app.session.toggleSort"),
                named: first("app.session.toggleNamedFilter"),
                paths: first("app.session.togglePath"),
                rename: first("app.session.rename"),
                delete: first("app.session.delete"),
                confirm: first("tui.select.confirm"),
                cancel: first("tui.select.cancel"),
            },
            all_projects: false,
            sort: Sort::Recent,
            named: false,
            with_paths: false,
            filter: filter.into(),
            sessions: Sessions::default(),
            selected: 0,
            first: 0,
            page: 1,
            mode: Mode::List,
            entered: false,
            to_ask: Vec::new(),
            note: None,
            rows: ROWS,
            area: Rect::default(),
            clicked: None,
        }
    }

    /// With all the rows that there are.
    pub fn filling(mut self) -> Self {
        self.rows = u16::MAX;
        self
    }

    /// Whether what is listed is not yet what is wanted.
    fn is_behind(&self) -> bool {
        self.sessions.is_behind(&self.wanted())
    }

    /// Whether what Enter is for has yet to be found.
    fn may_come(&self) -> bool {
        let wanted = self.wanted();
        let is_empty = self.sessions.len() == 0;
        self.is_behind() || is_empty && self.sessions.is_listening(&wanted)
    }

    fn say(&mut self, text: impl Into<String>, token: Token) {
        self.note = Some((text.into(), token));
    }
}

impl Panel for ResumePanel {
    fn height(&self, _width: u16) -> u16 {
        self.rows
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        self.paint(area, buffer, look)
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        self.press(chord, keymap)
    }

    fn paste(&mut self, text: &str) {
        self.put(text);
    }

    fn scroll(&mut self, rows: i32) {
        self.go(isize::try_from(rows).unwrap_or(0));
    }

    fn mouse(&mut self, mouse: Mouse) -> Step {
        self.click(mouse)
    }

    fn asks(&mut self) -> Vec<Request> {
        let mut asks = std::mem::take(&mut self.to_ask);
        let wanted = self.wanted();
        asks.extend(self.sessions.asks(&wanted, self.selected, self.page));
        asks
    }

    fn hear(&mut self, answer: &Answer) -> Step {
        self.take(answer);
        let is_awaited = self.entered && !self.may_come();
        if is_awaited { self.open() } else { Step::Stay }
    }
}
