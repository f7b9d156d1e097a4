//! What cells are drawn with.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::user::Picture;
use crate::ai::message::Millis;
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::{Row, on_ground, row_width, text_width, truncate};
use crate::tui::markdown::{Highlighter, Ink, Manner};
use crate::tui::pictures::{self, describe};

/// The day that a time is in.
pub(super) fn day(at: Millis, zone: &TimeZone) -> Date {
    let at = Timestamp::from_millisecond(at).unwrap_or_default();
    at.to_zoned(zone.clone()).date()
}

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
    /// Whether the times of prompts and answers are shown, and where this is.
    pub timestamps: bool,
    /// Whether a column is left free on either side.
    pub padded: bool,
    /// The time zone.
    pub zone: TimeZone,
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
            timestamps: false,
            padded: true,
            zone: TimeZone::UTC,
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
    /// How often the setup has changed.
    pub setups: u32,
    pub now: Millis,
    /// The day that it is.
    pub today: Date,
}

/// What rows depend on besides their cell: rows drawn for another key are drawn again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Key {
    width: usize,
    look: u64,
    expanded: bool,
    thinking: bool,
    setups: u32,
    highlighted: bool,
    today: Date,
    pictures: u64,
}

impl<'a> Paint<'a> {
    pub fn key(&self) -> Key {
        Key {
            width: self.width,
            look: self.look.revision(),
            expanded: self.expanded,
            thinking: self.thinking,
            setups: self.setups,
            highlighted: self.setup.highlighter.is_ready(),
            today: self.today,
            pictures: pictures::revision(),
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

    /// The columns left free on either side: one where that is wanted and there is room for it.
    pub fn margin(&self) -> usize {
        usize::from(self.setup.padded && self.width > 2)
    }

    /// The columns between the margins.
    pub fn inner_width(&self) -> usize {
        (self.width - 2 * self.margin()).max(1)
    }

    /// A full row on a ground, from margin to margin.
    pub fn on_ground(&self, row: Row, ground: Style) -> Line<'static> {
        on_ground(row, self.margin(), self.width, ground)
    }

    /// A picture, or what it is.
    pub fn picture(&self, picture: &Picture<'_>, width: usize) -> Vec<Row> {
        let pictures = self.setup.manner.pictures.as_ref();
        let shown = pictures.and_then(|pictures| pictures.rows(&picture.base64, width));
        shown.unwrap_or_else(|| {
            let text = describe(&picture.mime_type, &picture.base64);
            let text = format!("[{}]", sanitize_line(&text));
            vec![truncate(
                &[Span::styled(text, self.look.fg(Token::Muted))],
                width,
            )]
        })
    }

    /// The row with a time at its end, where there is one to show and room for it.
    pub fn with_time(&self, mut row: Row, at: Millis, width: usize) -> Row {
        let Some(time) = self.time(at) else {
            return row;
        };
        let used = row_width(&row);
        let room = width.saturating_sub(used + text_width(&time));
        if room < 2 {
            return row;
        }
        row.push(Span::raw(" ".repeat(room)));
        row.push(Span::styled(time, self.look.fg(Token::Dim)));
        row
    }

    /// The time of day, and the day when it is another one.
    fn time(&self, at: Millis) -> Option<String> {
        if !self.setup.timestamps || at <= 0 {
            return None;
        }
        let at = Timestamp::from_millisecond(at).ok()?;
        let at = at.to_zoned(self.setup.zone.clone());
        let form = match at.date() {
            day if day == self.today => "%H:%M",
            day if day.year() == self.today.year() => "%b %-d %H:%M",
            _ => "%Y-%m-%d %H:%M",
        };
        Some(at.strftime(form).to_string())
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
