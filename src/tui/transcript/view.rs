//! The transcript as its face sees it: events and keys in, rows out.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use ratatui::text::Line;

use super::cell::Cell;
use super::folds::Kind;
use super::header::Header;
use super::list::List;
use super::live::Live;
use super::mark::Mark;
use super::notice::Notice;
use super::paint::{Paint, Setup, day};
use super::scroll::{Bar, Scroll};
use super::search::Search;
use super::selection::Selection;
use super::tail::Given;
use crate::ai::message::Millis;
use crate::session::{History, Level};
use crate::tui::look::Look;

/// What to draw with; a macro so that the transcript's other fields stay free.
macro_rules! paint {
    ($transcript:ident, $width:expr, $look:expr) => {
        Paint {
            look: $look,
            setup: &$transcript.setup,
            width: usize::from($width).max(1),
            expanded: $transcript.expanded,
            thinking: $transcript.thinking,
            setups: $transcript.setups,
            now: $transcript.now,
            today: $transcript.today,
        }
    };
}

pub(super) use paint;

/// A conversation as rows on a screen.
pub struct Transcript {
    pub(super) list: List,
    pub(super) live: Live,
    pub(super) scroll: Scroll,
    pub(super) setup: Setup,
    pub(super) now: Millis,
    pub(super) setups: u32,
    pub(super) today: Date,
    pub(super) expanded: bool,
    pub(super) thinking: bool,
    pub(super) search: Search,
    pub(super) selection: Option<Selection>,
    pub(super) marks: Vec<Mark>,
    /// What was handed out for a terminal that scrolls.
    pub(super) given: Option<Given>,
    visible: Range<usize>,
}

impl Transcript {
    /// The transcript of a conversation so far. Reads nothing yet.
    pub fn new(history: Arc<dyn History>, setup: Setup) -> Self {
        Transcript {
            list: List::new(history),
            live: Live::default(),
            scroll: Scroll::default(),
            now: 0,
            today: day(0, &setup.zone),
            expanded: false,
            thinking: setup.thinking,
            setups: 0,
            given: None,
            setup,
            search: Search::default(),
            selection: None,
            marks: Vec::new(),
            visible: 0..0,
        }
    }

    /// Puts this above the first message, in place of what stood there.
    pub fn set_header(&mut self, header: Header) {
        if let Some(group) = self.list.group_mut(0) {
            group.cells = vec![Cell::Header(header).into()];
        }
    }

    /// Draws everything with another setup from now on; what is folded stays so.
    pub fn set_up(&mut self, setup: Setup) {
        self.setup = setup;
        self.setups = self.setups.wrapping_add(1);
    }

    /// Adds a word of pi's own.
    pub fn push_notice(&mut self, level: Level, text: &str) {
        let notice = Cell::Notice(Notice::new(level, text));
        self.list.push(vec![notice.into()]);
    }

    /// Sets the time. True when something on the screen shows it: paint again.
    pub fn tick(&mut self, now: Millis) -> bool {
        let before = std::mem::replace(&mut self.now, now);
        self.today = day(now, &self.setup.zone);
        before / 1000 != now / 1000 && self.touch_running()
    }

    /// Whether something runs whose elapsed time is shown.
    pub fn is_busy(&self) -> bool {
        self.live.is_running()
    }

    /// Lets go of what has happened so far, as far as `history` has it: it is read again when it is
    /// looked at. For [`crate::session::Event::Settled`]. False when the history is another
    /// conversation's or has moved on; then all stays as it is.
    pub fn settle(&mut self, history: Arc<dyn History>) -> bool {
        !self.live.is_running() && self.list.settle(history)
    }

    /// Folds or unfolds all tool output, whatever was folded by itself.
    pub fn toggle_tools(&mut self) {
        self.expanded = !self.expanded;
        self.list.folds.reset(Kind::Output);
    }

    /// Shows or hides all thinking, whatever was shown by itself.
    pub fn toggle_thinking(&mut self) {
        self.thinking = !self.thinking;
        self.list.folds.reset(Kind::Thinking);
    }

    /// Whether thinking is shown.
    pub fn thinking_shown(&self) -> bool {
        self.thinking
    }

    /// The rows of the window: at most `height` lines, none wider than `width`. Fewer than `height`
    /// when that is all there is.
    pub fn viewport(&mut self, width: u16, height: u16, look: &Look) -> Vec<Line<'static>> {
        let paint = paint!(self, width, look);
        let (rows, visible) = self
            .scroll
            .window(&mut self.list, &paint, usize::from(height));
        self.search_since();
        self.mark(&rows, usize::from(width).max(1));
        self.list.evict(visible.clone());
        self.visible = visible;
        rows
    }

    /// The last rows of the conversation, at most so many, and whether there are earlier ones: for
    /// printing it. Reads only what they are of, from the end.
    pub fn last_rows(
        &mut self,
        width: u16,
        look: &Look,
        most: usize,
    ) -> (VecDeque<Line<'static>>, bool) {
        let paint = paint!(self, width, look);
        let mut last = VecDeque::new();
        for at in (0..self.list.len()).rev() {
            let height = self.list.layout(at, &paint);
            let room = most - last.len();
            let mut rows = Vec::new();
            self.list
                .copy(at, height.saturating_sub(room)..height, &mut rows);
            self.list.evict(at..at);
            rows.into_iter().rev().for_each(|row| last.push_front(row));
            if height > room {
                return (last, true);
            }
        }
        (last, false)
    }

    /// Moves the window by so many rows, up when negative.
    pub fn scroll_lines(&mut self, rows: isize) {
        self.scroll.by_lines(rows);
    }

    /// Moves the window by so many of its heights, up when negative.
    pub fn scroll_pages(&mut self, pages: isize) {
        self.scroll.by_pages(pages);
    }

    /// Moves the window to the beginning.
    pub fn to_top(&mut self) {
        self.scroll.hold(0);
    }

    /// Moves the window to the end, and keeps it there.
    pub fn to_bottom(&mut self) {
        self.scroll.follow();
    }

    /// Moves the window to a message of the history.
    pub fn to_message(&mut self, message: usize) {
        // The header has the first slot.
        self.scroll.hold(message + 1);
    }

    /// Moves the window to a message, by its place in the history or since.
    pub fn to_prompt(&mut self, prompt: usize) {
        if let Some(slot) = self.list.slot_of(prompt) {
            self.scroll.hold(slot);
        }
    }

    /// Where the window stands among all there is; `None` when all of it is in the window.
    pub fn bar(&self) -> Option<Bar> {
        self.scroll.bar()
    }

    /// Moves the window to where this share of the way to the end is above it.
    pub fn go_to_share(&mut self, share: f64) {
        self.scroll.go_to_share(share);
    }

    /// Moves the window to the prompt above its first row; false when there is none.
    pub fn to_previous_prompt(&mut self) -> bool {
        let above = (0..self.scroll.first_slot(self.visible.start)).rev();
        self.jump_to_prompt(above)
    }

    /// Moves the window to the next prompt below its first row, or to the end.
    pub fn to_next_prompt(&mut self) -> bool {
        let below = self.visible.start + 1..self.list.len();
        self.jump_to_prompt(below) || {
            self.to_bottom();
            false
        }
    }

    /// Whether the window stays at the end as more comes.
    pub fn is_following(&self) -> bool {
        self.scroll.is_following()
    }

    /// The first message in the window and how many there are, for a scrollbar.
    pub fn position(&self) -> (usize, usize) {
        (self.visible.start, self.list.len())
    }

    /// How many messages are in memory, drawn or not.
    pub fn loaded(&self) -> usize {
        self.list.loaded()
    }

    fn jump_to_prompt(&mut self, mut slots: impl Iterator<Item = usize>) -> bool {
        let found = slots.find(|slot| self.list.is_prompt(*slot));
        if let Some(slot) = found {
            self.scroll.hold(slot);
        }
        found.is_some()
    }
}
