//! Panels: what takes the editor's place for a moment. An open set behind one trait.

mod history;
mod list;
mod question;
mod resume;
mod text;
mod tree;

use std::path::PathBuf;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Block, BorderType, Widget};

use super::look::{Look, Token};
use super::markdown::sanitize_line;
use super::mouse::Mouse;
use super::shelf::{Answer, Request};
use crate::ai::ThinkingLevel;
use crate::config::{KeyChord, Keymap};
use crate::session::OutlineRow;

pub use history::HistoryPanel;
pub use list::{Item, ListPanel};
pub use question::question;
pub use resume::{ResumePanel, Whereabouts};
pub use text::{InputPanel, TextPanel};
pub use tree::TreePanel;

/// Something that takes the editor's place.
pub trait Panel: Send {
    /// How many rows it would like, borders included.
    fn height(&self, width: u16) -> u16;

    /// Paints itself; returns where the caret belongs.
    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position>;

    /// Takes a key.
    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step;

    /// Takes pasted text.
    fn paste(&mut self, _text: &str) {}

    /// Takes the mouse, told from the top left of where the panel was painted last.
    fn mouse(&mut self, _mouse: Mouse) -> Step {
        Step::Stay
    }

    /// Scrolls by so many rows.
    fn scroll(&mut self, _rows: i32) {}

    /// Learns what became of what was done.
    fn told(&mut self, _news: News) {}

    /// What it wants to know of the sessions now; asked after whatever happened to it.
    fn asks(&mut self) -> Vec<Request> {
        Vec::new()
    }

    /// Takes what it wanted to know.
    fn hear(&mut self, _answer: &Answer) -> Step {
        Step::Stay
    }
}

/// Something that an open panel should know.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// The tree as it is now.
    Tree(Vec<OutlineRow>),
    /// In words for the person.
    Word(String),
    /// What was sent before, newest first: as it stands in the editor, and as it reads.
    Prompts(Vec<(String, String)>),
}

/// What a key came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The panel stays.
    Stay,
    /// It was dismissed.
    Dismiss,
    /// Something was chosen.
    Choose(Choice),
    /// Something is to be done; the panel stays unless that takes its place.
    Do(Choice),
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This model.
    Model {
        /// The provider's id.
        provider: String,
        /// The model's id.
        id: String,
    },
    /// This thinking level.
    Thinking(ThinkingLevel),
    /// The session in this file.
    Session(PathBuf),
    /// A copy of the session in this file.
    SessionCopy(PathBuf),
    /// Nothing of it.
    Nothing,
    /// This entry to fork before.
    Fork(String),
    /// This prompt to look at, by its place among the messages.
    Slot(usize),
    /// This answer to a question.
    Answer(String),
    /// This entry of the tree, to go on from.
    Entry(String),
    /// This old prompt, as it stands in the editor.
    Prompt(String),
    /// Where the conversation is already.
    Here,
    /// This label for an entry; none to take it away.
    Label(String, Option<String>),
    /// What this entry says, for the clipboard.
    Copy(String),
    /// What to tell the model of the branch that is left.
    Leave(Leave),
}

/// What to tell the model of a branch that is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// Nothing.
    Silently,
    /// A summary.
    Summarised,
    /// A summary after the person's own instructions, which are asked for.
    AsTold,
}

/// Draws the frame of a panel and returns what is inside. Too small an area has no frame.
fn frame(area: Rect, buffer: &mut Buffer, look: &Look, title: &str, hint: &str) -> Rect {
    ratatui::widgets::Clear.render(area, buffer);
    if area.width < 8 || area.height < 4 {
        return area;
    }
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(look.fg(Token::BorderAccent))
        .title_style(look.bold(Token::Accent))
        .title(format!(" {} ", sanitize_line(title)));
    let block = if hint.is_empty() {
        block
    } else {
        block.title_bottom(ratatui::text::Line::styled(
            format!(" {hint} "),
            look.fg(Token::Dim),
        ))
    };
    let inside = block.inner(area);
    block.render(area, buffer);
    inside
}

/// Whether a key dismisses any panel.
fn dismisses(chord: KeyChord, keymap: &Keymap) -> bool {
    keymap.matches("tui.select.cancel", chord) || keymap.matches("app.interrupt", chord)
}
