//! What Enter sends: a prompt, a shell command, a slash command.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::keys::{fork_points, leave, new_session};
use super::{App, welcome};
use crate::agent::Lane;
use crate::ai::{Model, ThinkingLevel};
use crate::config::Keymap;
use crate::session::{Command, ForkPoint, Level, Stats};
use crate::store::export::Report;
use crate::tui::footer::short_count;
use crate::tui::look::Token;
use crate::tui::msg::{Asked, Effect};
use crate::tui::panels::{Choice, Item, ListPanel, TextPanel};
use crate::tui::slash::{self, COMMANDS, SlashAction, Typed};

impl App {
    pub(super) fn submit(&mut self, lane: Lane) -> Vec<Effect> {
        let text = self.editor.text();
        if text.trim().is_empty() {
            return Vec::new();
        }
        match slash::classify(&text) {
            Typed::Prompt => {
                let text = self.editor.take();
                self.transcript.to_bottom();
                vec![Self::prompt(text, lane)]
            }
            Typed::Shell { line, excluded } => {
                if self.shell {
                    self.flash(
                        Level::Warning,
                        "a shell command is running; escape stops it",
                    );
                    return Vec::new();
                }
                let command = Command::Bash {
                    line: line.to_owned(),
                    excluded,
                };
                let asked = Asked::Prompt(self.editor.take());
                self.transcript.to_bottom();
                vec![Effect::Send(command, asked)]
            }
            Typed::Command(action, arguments) => {
                let arguments = arguments.to_owned();
                self.editor.take();
                self.run_command(action, &arguments)
            }
            Typed::Unknown(name) => {
                let text = if slash::LATER.contains(&name) {
                    format!("/{name} is not in this version yet; /help lists what is")
                } else {
                    format!("there is no command /{name}; /help lists those there are")
                };
                self.flash(Level::Warning, text);
                Vec::new()
            }
        }
    }

    pub(super) fn prompt(text: String, while_running: Lane) -> Effect {
        let asked = Asked::Prompt(text.clone());
        Effect::Send(
            Command::Prompt {
                text,
                images: Vec::new(),
                while_running,
            },
            asked,
        )
    }

    fn run_command(&mut self, action: SlashAction, arguments: &str) -> Vec<Effect> {
        match action {
            SlashAction::Model => {
                self.model_filter = arguments.to_owned();
                return vec![Effect::Send(Command::Models, Asked::Models)];
            }
            SlashAction::Thinking => return self.thinking(arguments),
            SlashAction::New => return new_session(),
            SlashAction::Resume => self.open_sessions(arguments),
            SlashAction::Name if arguments.is_empty() => {
                let name = self.view.name.clone();
                let text = match name {
                    Some(name) => {
                        format!("this session is called {name:?}; /name <name> changes it")
                    }
                    None => "this session has no name; /name <name> gives it one".into(),
                };
                self.flash(Level::Info, text);
            }
            SlashAction::Name => {
                let asked = Asked::Prompt(format!("/name {arguments}"));
                return vec![Effect::Send(Command::SetName(arguments.to_owned()), asked)];
            }
            SlashAction::Session => return vec![Effect::Send(Command::Stats, Asked::Stats)],
            SlashAction::Compact => {
                self.activity.has_told = false;
                let instructions = Some(arguments.to_owned()).filter(|words| !words.is_empty());
                let command = Command::Compact { instructions };
                return vec![Effect::Send(command, Asked::Compact)];
            }
            SlashAction::Fork => return fork_points(),
            SlashAction::Tree => return self.show_tree(),
            SlashAction::Clone => {
                let what = "a copy; the other session is unchanged";
                return leave(Command::Clone, Asked::Moved(what));
            }
            SlashAction::Import if arguments.is_empty() => {
                self.flash(Level::Warning, "/import <file> names the session file");
            }
            SlashAction::Import => {
                let path = self.path(slash::unquoted(arguments));
                let what = "imported into the sessions of this directory";
                return leave(Command::Import { path }, Asked::Moved(what));
            }
            SlashAction::Export => {
                let path = slash::unquoted(arguments);
                let path = (!path.is_empty()).then(|| path.to_owned());
                let command = Command::Export { path, redact: true };
                return vec![Effect::Send(command, Asked::Export)];
            }
            SlashAction::Share => {
                self.sharing = true;
                self.flash(Level::Info, "creating a secret gist; escape stops it");
                let command = Command::Share { redact: true };
                return vec![Effect::Send(command, Asked::Share)];
            }
            SlashAction::Copy => return self.copy_answer(),
            SlashAction::Find => return self.open_search(arguments),
            SlashAction::Prompts => return self.list_prompts(),
            SlashAction::Login => {
                let lines = welcome::login()
                    .into_iter()
                    .map(|line| (line, Token::Text))
                    .collect();
                self.open(TextPanel::new("Connect a model", lines));
            }
            SlashAction::Hotkeys => {
                let lines = hotkeys(&self.settings.keymap);
                self.open(TextPanel::new("Keys", lines));
            }
            SlashAction::Help => self.open(TextPanel::new("Commands", help())),
            SlashAction::Quit => return vec![Effect::Quit],
        }
        Vec::new()
    }

    fn thinking(&mut self, argument: &str) -> Vec<Effect> {
        if !argument.is_empty() {
            if let Some(level) = ThinkingLevel::parse(argument) {
                return vec![Effect::Send(Command::SetThinking(level), Asked::Nothing)];
            }
            self.flash(Level::Warning, format!("{argument:?} is no thinking level"));
            return Vec::new();
        }
        let offered = self.view.model.thinking_levels();
        let items = offered.into_iter().map(|level| Item {
            label: level.as_str().into(),
            detail: String::new(),
            current: level == self.view.thinking,
            choice: Choice::Thinking(level),
        });
        let title = format!("How hard {} thinks", self.view.model.name);
        self.open(ListPanel::new(
            &title,
            "this model does not think",
            items.collect(),
            "",
        ));
        Vec::new()
    }

    pub(super) fn open_models(&mut self, models: &[Arc<Model>], filter: &str) {
        let typed = std::mem::take(&mut self.model_filter);
        let filter = if filter.is_empty() { &typed } else { filter };
        let items = models.iter().map(|model| Item {
            label: model.id.clone(),
            detail: format!("{} · {}", model.provider, short_count(model.context_window)),
            current: model.provider == self.view.model.provider && model.id == self.view.model.id,
            choice: Choice::Model {
                provider: model.provider.clone(),
                id: model.id.clone(),
            },
        });
        let empty = "no model is connected; /login says how";
        self.open(ListPanel::new(
            "Choose a model",
            empty,
            items.collect(),
            filter,
        ));
    }

    pub(super) fn open_fork_points(&mut self, points: &[ForkPoint]) {
        let items = points.iter().map(|point| Item {
            label: point.text.split_whitespace().collect::<Vec<_>>().join(" "),
            detail: String::new(),
            current: false,
            choice: Choice::Fork(point.entry.clone()),
        });
        let empty = "nothing has been said yet";
        let list = ListPanel::new("Fork from before", empty, items.collect(), "");
        self.open(list.from_the_end());
    }

    /// A path that was typed: `~` is the home directory, anything relative starts where the session does.
    fn path(&self, typed: &str) -> PathBuf {
        let below_home = match typed.strip_prefix('~') {
            Some("") => Some(""),
            Some(rest) => rest.strip_prefix('/'),
            None => None,
        };
        match (below_home, &self.settings.home) {
            (Some(below), Some(home)) => Path::new(home).join(below),
            _ => self.view.cwd.join(typed),
        }
    }

    pub(super) fn tell_export(&mut self, report: &Report) {
        let path = report.path.as_deref().map(|path| path.display());
        let mut text = match path {
            Some(path) => format!("Exported to: {path}"),
            None => "Exported".to_owned(),
        };
        if report.masked > 0 {
            text.push_str(&format!(" (secrets masked: {})", report.masked));
        }
        self.transcript.push_notice(Level::Info, &text);
    }

    pub(super) fn open_stats(&mut self, stats: &Stats) {
        let usage = &stats.usage;
        let file = stats
            .file
            .as_ref()
            .map_or("in memory only".into(), |file| file.display().to_string());
        let rows = [
            ("File", file),
            ("Id", stats.id.clone()),
            ("Name", stats.name.clone().unwrap_or_else(|| "none".into())),
            ("Model", self.view.model.full_id()),
            (
                "Messages",
                format!(
                    "{} (yours {}, the model's {}, tool calls {}, results {})",
                    stats.total_messages,
                    stats.user_messages,
                    stats.assistant_messages,
                    stats.tool_calls,
                    stats.tool_results
                ),
            ),
            (
                "Tokens",
                format!(
                    "{} in, {} out, {} read from cache, {} written to cache",
                    usage.input, usage.output, usage.cache_read, usage.cache_write
                ),
            ),
            ("Cost", format!("${:.4}", usage.cost.total)),
        ];
        let budgets = stats
            .budgets
            .iter()
            .map(|spent| ("Budget", spent.to_string()));
        let lines = rows
            .into_iter()
            .chain(budgets)
            .map(|(name, value)| (format!("{name:<9} {value}"), Token::Text));
        self.open(TextPanel::new("Session", lines.collect()));
    }
}

fn hotkeys(keymap: &Keymap) -> Vec<(String, Token)> {
    let mut lines = Vec::new();
    for group in Keymap::groups() {
        lines.push((group.title.to_string(), Token::MdHeading));
        for action in &group.actions {
            let keys = keymap.describe(&action.id);
            let keys = if keys.is_empty() {
                "–".to_owned()
            } else {
                keys
            };
            lines.push((format!("  {keys:<28} {}", action.does), Token::Text));
        }
        lines.push((String::new(), Token::Text));
    }
    lines.push((
        "Your own keys: keybindings.json in the agent directory, see docs/keybindings.md.".into(),
        Token::Muted,
    ));
    lines
}

fn help() -> Vec<(String, Token)> {
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
