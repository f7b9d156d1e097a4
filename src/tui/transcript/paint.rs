//! What cells are drawn with.

use ratatui::style::Style;
use ratatui::text::Span;

use crate::ai::message::Millis;
use crate::tui::look::Look;
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::{Highlighter, Ink, Manner};

/// What a transcript is given for life.
#[derive(Clone)]
pub struct Setup {
    /// The keys that hints name.
    pub keys: KeyNames,
    /// Colours code.
    pub highlighter: Highlighter,
    /// How text is drawn, apart from its colours.
    pub manner: Manner,
    /// The home directory: paths below it are shown with `~`.
    pub home: Option<String>,
    /// Whether thinking is shown from the start.
    pub thinking: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            keys: KeyNames::default(),
            highlighter: Highlighter::off(),
            manner: Manner::default(),
            home: None,
            thinking: true,
        }
    }
}

/// The keys that hints name, as the person has bound them.
#[derive(Debug, Clone)]
pub struct KeyNames {
    /// Unfolds tool output (`app.tools.expand`).
    pub expand: String,
    /// Shows thinking (`app.thinking.toggle`).
    pub thinking: String,
    /// Stops what is running (`app.interrupt`).
    pub interrupt: String,
}

impl Default for KeyNames {
    fn default() -> Self {
        KeyNames {
            expand: "ctrl+o".into(),
            thinking: "ctrl+t".into(),
            interrupt: "escape".into(),
        }
    }
}

/// What cells are drawn with, for one frame.
#[derive(Clone, Copy)]
pub(super) struct Paint<'a> {
    pub look: &'a Look,
    pub setup: &'a Setup,
    /// The columns of the whole transcript.
    pub width: usize,
    /// Whether tool output is unfolded.
    pub expanded: bool,
    /// Whether thinking is shown.
    pub thinking: bool,
    pub now: Millis,
}

/// What rows depend on besides their cell: rows drawn for another key are drawn again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Key {
    width: usize,
    look: u64,
    expanded: bool,
    thinking: bool,
    highlighted: bool,
}

impl<'a> Paint<'a> {
    pub fn key(&self) -> Key {
        Key {
            width: self.width,
            look: self.look.revision(),
            expanded: self.expanded,
            thinking: self.thinking,
            highlighted: self.setup.highlighter.is_ready(),
        }
    }

    pub fn ink(&self, base: Style) -> Ink<'a> {
        Ink {
            look: self.look,
            base,
            highlighter: &self.setup.highlighter,
            manner: &self.setup.manner,
        }
    }

    /// A path in a title: short, and leading to the file.
    pub fn path(&self, path: &str, line: Option<u64>, style: Style) -> Span<'static> {
        let linker = self.setup.manner.linker.as_ref();
        let link = linker.and_then(|linker| linker.file(path, line));
        let style = link.map_or(style, |link| link.on(style));
        Span::styled(self.short_path(&sanitize_line(path)), style)
    }

    /// A path below the home directory with `~` in its place.
    pub fn short_path(&self, path: &str) -> String {
        let home = self.setup.home.as_deref().filter(|home| !home.is_empty());
        match home.and_then(|home| path.strip_prefix(home)) {
            Some("") => "~".to_owned(),
            Some(rest) if rest.starts_with('/') => format!("~{rest}"),
            _ => path.to_owned(),
        }
    }
}
