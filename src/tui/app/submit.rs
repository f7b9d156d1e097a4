//! What Enter sends: a prompt, a shell command, a slash command.

use std::path::{Path, PathBuf};

use super::App;
use super::keys::{fork_points, leave, new_session};
use crate::agent::Lane;
use crate::session::{Command, ForkPoint, Level, Saying};
use crate::store::export::Report;
use crate::tui::msg::{Asked, Effect};
use crate::tui::panels::{Choice, Item, ListPanel};
use crate::tui::preferences::Request;
use crate::tui::slash::{self, SlashAction, Typed};

impl App {
    pub(super) fn submit(&mut self, lane: Lane) -> Vec<Effect> {
        let text = self.editor.text();
        if text.trim().is_empty() {
            return match self.editor.images().is_empty() {
                true => Vec::new(),
                false => self.speak(lane),
            };
        }
        match slash::classify(&text) {
            Typed::Prompt => self.speak(lane),
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
                let asked = Asked::Prompt(self.editor.take().into());
                self.transcript.to_bottom();
                vec![Effect::Send(command, asked)]
            }
            Typed::Command(action, arguments) => {
                let arguments = arguments.to_owned();
                self.take_typed(&text);
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

    fn take_typed(&mut self, text: &str) {
        match slash::is_private(text) {
            true => self.editor.take_unkept(),
            false => self.editor.take(),
        };
    }

    /// Sends what is typed as a prompt, with the pictures that are in it.
    fn speak(&mut self, lane: Lane) -> Vec<Effect> {
        let images = self.editor.images();
        let text = self.editor.take();
        // What was said in passing is not about what comes.
        self.flash = None;
        self.transcript.to_bottom();
        vec![Self::prompt(Saying { text, images }, lane)]
    }

    pub(super) fn prompt(spoken: Saying, while_running: Lane) -> Effect {
        let asked = Asked::Prompt(spoken.clone());
        let Saying { text, images } = spoken;
        Effect::Send(
            Command::Prompt {
                text,
                images,
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
            SlashAction::ScopedModels => {
                return vec![Effect::Send(Command::Models, Asked::ScopedModels)];
            }
            SlashAction::Settings => {
                self.model_filter = arguments.to_owned();
                return vec![Effect::Send(Command::Models, Asked::Settings)];
            }
            SlashAction::Reload => return self.reload(),
            SlashAction::Trust => return vec![Effect::Prefer(Request::Trust)],
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
                let asked = Asked::Prompt(format!("/name {arguments}").into());
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
            SlashAction::Login => return self.log_in(arguments),
            SlashAction::Logout => return self.log_out(arguments),
            SlashAction::Hotkeys => self.show_keys(),
            SlashAction::Changelog => self.show_changelog(),
            SlashAction::Debug => return vec![Effect::Report],
            SlashAction::Help => self.show_commands(),
            SlashAction::Quit => return vec![Effect::Quit],
        }
        Vec::new()
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
        self.notice(Level::Info, &text);
    }
}
