//! Panels: what takes the editor's place for a moment. An open set behind one trait.

mod account;
mod changelog;
mod history;
mod hotkeys;
mod list;
mod models;
mod question;
mod resume;
mod roll;
mod scoped;
mod secret;
mod session;
mod settings;
mod text;
mod thinking;
mod tree;
mod trust;
mod welcome;

use std::path::PathBuf;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Block, BorderType, Widget};

use super::keyring::{LoginNews, Secret, Typed};
use super::look::{Look, Token};
use super::markdown::sanitize_line;
use super::mouse::Mouse;
use super::preferences;
use super::shelf::{Answer, Request};
use crate::ai::local::{Server, Trouble};
use crate::ai::oauth::Method;
use crate::ai::{Model, ThinkingLevel};
use crate::config::resolve::ScopedModel;
use crate::config::trust::Decision;
use crate::config::{KeyChord, Keymap};
use crate::session::{EntryWords, ModelSpend, OutlineRow};

pub use account::AccountPanel;
pub use changelog::ChangelogPanel;
pub use history::HistoryPanel;
pub use hotkeys::HotkeysPanel;
pub use list::{Item, ListPanel};
pub use models::ModelsPanel;
pub use question::question;
pub use resume::{ResumePanel, Whereabouts};
pub use scoped::ScopedPanel;
pub use secret::SecretPanel;
pub use session::SessionPanel;
pub use settings::{ENTRIES, SettingsPanel};
pub use text::{InputPanel, TextPanel};
pub use thinking::ThinkingPanel;
pub use tree::TreePanel;
pub use trust::trust;
pub use welcome::{Start, WelcomePanel};

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

    /// Whether words that are typed or pasted close it and are the editor's.
    fn steps_aside(&self) -> bool {
        false
    }

    /// Learns what became of what was done.
    fn told(&mut self, _news: News) {}

    /// What it wants to know of the sessions now; asked after whatever happened to it.
    fn asks(&mut self) -> Vec<Request> {
        Vec::new()
    }

    /// The entries of the session whose words it lacks now; asked after whatever happened to it.
    fn lacks(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Takes what it wanted to know.
    fn hear(&mut self, _answer: &Answer) -> Step {
        Step::Stay
    }

    /// What it wants of the settings and their like now; asked after whatever happened to it.
    fn wishes(&mut self) -> Vec<preferences::Request> {
        Vec::new()
    }

    /// Learns what came of it.
    fn learn(&mut self, _answer: &preferences::Answer) {}

    /// The models that can be chosen, now that the servers on this machine have said what they have. What
    /// was selected and typed stays. `troubles` are of those that have none.
    fn offer(&mut self, _models: &[Arc<Model>], _troubles: &[(Server, Trouble)]) {}
}

/// Something that an open panel should know.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// The tree as it is now.
    Tree(Vec<OutlineRow>),
    /// What entries of the tree say.
    Words(Vec<EntryWords>),
    /// In words for the person.
    Word(String),
    /// What was sent before, newest first: as it stands in the editor, and as it reads.
    Prompts(Vec<(String, String)>),
    /// What the session has taken, by model.
    Spending(Vec<ModelSpend>),
    /// So many seconds are left to answer.
    Left(u64),
    /// What a login with an account shows and asks.
    Login(LoginNews),
}

/// What a key came to.
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// This model.
    Model {
        /// The provider's id.
        provider: String,
        /// The model's id.
        id: String,
    },
    /// This model, from the next start on too.
    KeepModel {
        /// The provider's id.
        provider: String,
        /// The model's id.
        id: String,
    },
    /// These models to cycle round; all when there are none.
    Scope(Vec<ScopedModel>),
    /// This thinking level.
    Thinking(ThinkingLevel),
    /// This thinking level, from the next start on too.
    KeepThinking {
        /// The level.
        level: ThinkingLevel,
        /// Whether it is kept for this model, which has a level of its own, rather than for all.
        of_the_model: bool,
    },
    /// The look of this theme while it is not chosen; none for the one in force.
    Look(Option<String>),
    /// This about the project.
    Trust(Decision),
    /// The session in this file.
    Session(PathBuf),
    /// The session in this file, at this entry.
    Found(PathBuf, String),
    /// A copy of the session in this file.
    SessionCopy(PathBuf),
    /// Nothing of it.
    Nothing,
    /// This entry to fork before.
    Fork(String),
    /// This message to look at, by its place among the messages.
    Message(usize),
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
    /// How to begin, with nothing connected.
    Start(Start),
    /// The list of providers.
    Providers,
    /// This provider, to be connected.
    Provider(String),
    /// This key for this provider.
    Key(String, Secret),
    /// A login with an account at this provider, this way.
    LogIn(String, Method),
    /// This provider, to be connected by other means than an account.
    WithoutAccount(String),
    /// This answer to what a login asked.
    AnswerLogin(Typed),
    /// The login that goes on is given up.
    StopLogin,
    /// This provider, whose key may be forgotten.
    Held(String),
    /// What is stored of this provider is to be forgotten.
    Forget(String),
    /// This text, for the clipboard.
    Text(String),
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

/// A title with the seconds that are left to answer. They come first: the end of a title may be cut off.
fn with_seconds(title: &str, left: Option<u64>) -> String {
    match left {
        Some(seconds) => format!("{seconds}s · {title}"),
        None => title.to_owned(),
    }
}

/// Whether a key dismisses any panel.
fn dismisses(chord: KeyChord, keymap: &Keymap) -> bool {
    keymap.matches("tui.select.cancel", chord) || keymap.matches("app.interrupt", chord)
}
