//! What is typed, as commands to the conversation.

use crate::agent::Lane;
use crate::ai::ThinkingLevel;
use crate::session::{Command, Reply, Stats};
use crate::tui::slash::{self, COMMANDS, SlashAction, Typed};

/// What a typed line leads to.
#[derive(Debug)]
pub(super) enum Deed {
    /// Send this.
    Send(Command),
    /// Ask which model; the words narrow the choice.
    Models(String),
    /// Say this.
    Say(Vec<String>),
    /// Leave.
    Quit,
}

/// What a line means.
pub(super) fn deed(text: &str) -> Deed {
    match slash::classify(text) {
        Typed::Prompt => Deed::Send(Command::Prompt {
            text: text.to_owned(),
            images: Vec::new(),
            while_running: Lane::Steering,
        }),
        Typed::Shell { line, excluded } => Deed::Send(Command::Bash {
            line: line.to_owned(),
            excluded,
        }),
        Typed::Command(action, rest) => command(text, action, rest.trim()),
        Typed::Unknown(name) => Deed::Say(vec![format!(
            "There is no command /{name}; /help lists those there are."
        )]),
    }
}

fn command(text: &str, action: SlashAction, rest: &str) -> Deed {
    let some = Some(rest.to_owned()).filter(|rest| !rest.is_empty());
    Deed::Send(match (action, some) {
        (SlashAction::Model, _) => return Deed::Models(rest.to_owned()),
        (SlashAction::Thinking, Some(level)) => match ThinkingLevel::parse(&level) {
            Some(level) => Command::SetThinking(level),
            None => return Deed::Say(vec![format!("{level:?} is no thinking level.")]),
        },
        (SlashAction::Thinking, None) => Command::CycleThinking,
        (SlashAction::New, _) => Command::NewSession { parent: None },
        (SlashAction::Name, Some(name)) => Command::SetName(name),
        (SlashAction::Session, _) => Command::Stats,
        (SlashAction::Compact, instructions) => Command::Compact { instructions },
        (SlashAction::Clone, _) => Command::Clone,
        (SlashAction::Export, path) => Command::Export {
            path: path.map(|path| slash::unquoted(&path).to_owned()),
            redact: true,
        },
        (SlashAction::Share, _) => Command::Share { redact: true },
        (SlashAction::Help, _) => return Deed::Say(help()),
        (SlashAction::Quit, _) => return Deed::Quit,
        (SlashAction::Name, None) => {
            return Deed::Say(vec!["/name and the name: /name spring clean".into()]);
        }
        (SlashAction::Login, provider) => {
            // In another terminal: it asks and answers in lines, too.
            let provider = provider.unwrap_or_else(|| "PROVIDER".into());
            let provider = provider.split_whitespace().next().unwrap_or("PROVIDER");
            return Deed::Say(vec![format!(
                "/login needs the painted screen, which --plain leaves out: run pi auth login {provider} in another \
                 terminal."
            )]);
        }
        _ => {
            let name = text.split_whitespace().next().unwrap_or_default();
            let why = format!("{name} needs the painted screen, which --plain leaves out.");
            return Deed::Say(vec![why]);
        }
    })
}

fn help() -> Vec<String> {
    let works = |action: SlashAction| {
        matches!(
            action,
            SlashAction::Model
                | SlashAction::Thinking
                | SlashAction::New
                | SlashAction::Name
                | SlashAction::Session
                | SlashAction::Compact
                | SlashAction::Clone
                | SlashAction::Export
                | SlashAction::Share
                | SlashAction::Help
                | SlashAction::Quit
        )
    };
    let commands = COMMANDS.iter().filter(|command| works(command.action));
    let mut lines: Vec<String> = commands
        .map(|command| {
            let usage = format!("/{} {}", command.name, command.arguments);
            format!("{}: {}", usage.trim_end(), command.does)
        })
        .collect();
    lines
        .push("!command: run it in the shell; the model is told. !!command: it is not told".into());
    lines.push("A line that ends with \\ goes on in the next one".into());
    lines.push("Control C stops what is going on; twice leaves pi".into());
    lines
}

/// The lines of an answer to a command; what events tell is not told again.
pub(super) fn answered(reply: &Reply) -> Vec<String> {
    match reply {
        Reply::Refused(why) | Reply::Cancelled(why) => vec![format!("Refused: {why}")],
        Reply::Stats(stats) => figures(stats),
        Reply::Exported(report) => match &report.path {
            Some(path) => vec![format!("Exported to {}", path.display())],
            None => vec!["Exported.".into()],
        },
        Reply::Shared { gist, viewer } => {
            vec![format!("Shared: {viewer}"), format!("Gist: {gist}")]
        }
        _ => Vec::new(),
    }
}

fn figures(stats: &Stats) -> Vec<String> {
    let file = stats.file.as_ref();
    let usage = &stats.usage;
    let mut lines = vec![
        match file {
            Some(file) => format!("File: {}", file.display()),
            None => "File: none, in memory only".into(),
        },
        format!("Id: {}", stats.id),
        format!("Name: {}", stats.name.as_deref().unwrap_or("none")),
        format!("Messages: {}", stats.total_messages),
        format!("Tokens: {} in, {} out", usage.input, usage.output),
        format!("Cost: {:.4} dollars", usage.cost.total),
    ];
    lines.extend(stats.budgets.iter().map(|spent| format!("Budget: {spent}")));
    lines
}
