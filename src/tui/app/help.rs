//! Panels that tell: keys, commands, what is new, what the session is; and the report for debugging.

use std::path::PathBuf;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::CellWidth;

use super::App;
use crate::session::{Command, Level, ModelSpend, Stats};
use crate::tui::changelog;
use crate::tui::look::Token;
use crate::tui::msg::{Asked, Effect};
use crate::tui::panels::{ChangelogPanel, HotkeysPanel, News, SessionPanel, TextPanel};
use crate::tui::slash::COMMANDS;

/// The last messages, so many, are in a report.
const MESSAGES: usize = 50;

/// What an update has brought, told at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// This version.
    pub version: String,
    /// What is new, as Markdown; `None` where a line is enough.
    pub news: Option<String>,
}

impl App {
    /// `/hotkeys`
    pub(super) fn show_keys(&mut self) {
        let panel = HotkeysPanel::new(&self.settings.keymap, self.abilities.keyboard);
        self.open(panel);
    }

    /// `/help`
    pub(super) fn show_commands(&mut self) {
        self.open(TextPanel::new("Commands", commands()));
    }

    /// `/changelog`
    pub(super) fn show_changelog(&mut self) {
        let panel = self.page("What is new", changelog::whole());
        self.open(panel);
    }

    /// What an update has brought.
    pub(super) fn tell_update(&mut self, update: &Update) {
        let text = format!(
            "pi is {} now · /changelog tells what is new",
            update.version
        );
        match &update.news {
            None => self.notice(Level::Info, &text),
            Some(news) => {
                let title = format!("New in pi {}", update.version);
                let panel = self.page(&title, news);
                self.open(panel.stepping_aside());
            }
        }
    }

    fn page(&self, title: &str, text: &str) -> ChangelogPanel {
        let (highlighter, manner) = (&self.settings.highlighter, &self.settings.manner);
        ChangelogPanel::new(title, text, highlighter.clone(), manner.clone())
    }

    /// `/session`: what is known at once; the sums by model are asked for.
    pub(super) fn open_stats(&mut self, stats: Stats) -> Vec<Effect> {
        let panel = SessionPanel::new(stats, &self.view, &self.settings.keymap);
        self.open(panel);
        vec![Effect::Send(Command::Spending, Asked::Spending)]
    }

    pub(super) fn tell_spending(&mut self, spending: Vec<ModelSpend>) {
        self.tell_panel(News::Spending(spending));
    }

    /// Where the report is.
    pub(super) fn tell_report(&mut self, written: Result<PathBuf, String>) {
        let (level, text) = match written {
            Ok(path) => (
                Level::Info,
                format!("The debug report is in {}", path.display()),
            ),
            Err(why) => (
                Level::Error,
                format!("The debug report was not written: {why}"),
            ),
        };
        self.notice(level, &text);
    }

    /// All that helps to find out what went wrong: the terminal, the screen row by row, the session and
    /// its last messages. Secrets are in it; whoever writes it down masks them.
    pub fn report(&mut self, columns: u16, rows: u16) -> String {
        let time = jiff::Timestamp::from_millisecond(self.now).unwrap_or_default();
        let settings = &self.settings;
        let view = &self.view;
        let file = view.file.as_ref();
        let mut lines = vec![
            format!("pi {} debug report, {time}", settings.version),
            format!(
                "System: {} {}",
                std::env::consts::OS,
                std::env::consts::ARCH
            ),
            format!("Terminal: {columns}x{rows}"),
            format!("Colours: {:?}", settings.look.depth()),
            format!("Abilities: {:?}", self.abilities),
            format!("Session: {}", view.id),
            format!(
                "File: {}",
                file.map_or("in memory only".into(), |file| file.display().to_string())
            ),
            format!(
                "Model: {} · {}",
                view.model.full_id(),
                view.thinking.as_str()
            ),
            format!(
                "Running: {} · Compacting: {}",
                view.running, view.compacting
            ),
            format!("Tools: {}", view.tools.join(", ")),
            String::new(),
            "=== The screen, row by row, with the columns that are used ===".into(),
        ];
        lines.extend(self.screen_rows(columns, rows));
        let count = self.view.history.len();
        let first = count.saturating_sub(MESSAGES);
        lines.push(String::new());
        lines.push(format!(
            "=== Messages {} to {count} of {count}, as JSON lines ===",
            (first + 1).min(count)
        ));
        lines.extend((first..count).filter_map(|at| {
            let message = self.view.history.message(at)?;
            serde_json::to_string(&*message).ok()
        }));
        lines.push(String::new());
        lines.join("\n")
    }

    fn screen_rows(&mut self, columns: u16, rows: u16) -> Vec<String> {
        // A buffer takes everything.
        let Ok(mut terminal) = Terminal::new(TestBackend::new(columns, rows));
        let Ok(drawn) = terminal.draw(|frame| self.draw(frame));
        let buffer = drawn.buffer;
        let row = |y: u16| {
            let mut text = String::new();
            let mut x = 0;
            while x < buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                text.push_str(symbol);
                x += symbol.cell_width().max(1);
            }
            let text = text.trim_end();
            format!("[{y}] (w={}) {text:?}", text.cell_width())
        };
        (0..buffer.area.height).map(row).collect()
    }
}

fn commands() -> Vec<(String, Token)> {
    let mut lines: Vec<(String, Token)> = COMMANDS
        .iter()
        .map(|command| {
            let usage = format!("/{} {}", command.name, command.arguments);
            (format!("{usage:<20} {}", command.does), Token::Text)
        })
        .collect();
    lines.push((String::new(), Token::Text));
    for (usage, does) in [
        ("!command", "Run it in the shell; the model is told"),
        ("!!command", "Run it; the model is not told"),
    ] {
        lines.push((format!("{usage:<20} {does}"), Token::Text));
    }
    lines
}
