//! The commands behind `/`: their names, what follows them, what they do.

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlashCommand {
    /// What stands behind the slash.
    pub name: &'static str,
    /// What may follow, for the hint.
    pub arguments: &'static str,
    /// What it does, in a few words.
    pub does: &'static str,
    /// Which one it is.
    pub action: SlashAction,
}

/// Which command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlashAction {
    /// Choose a model.
    Model,
    /// Choose a thinking level.
    Thinking,
    /// Choose the models to cycle round.
    ScopedModels,
    /// Change settings.
    Settings,
    /// Read settings and their like again.
    Reload,
    /// Decide about the project.
    Trust,
    /// A new session.
    New,
    /// Choose a session to go on with.
    Resume,
    /// Name the session.
    Name,
    /// Figures of the session.
    Session,
    /// Summarise the older part of the conversation.
    Compact,
    /// Go back to before something that was said, in a new session.
    Fork,
    /// Go to another place in the session.
    Tree,
    /// Go on in a copy.
    Clone,
    /// Go on with a copy of a file.
    Import,
    /// Write the session as a document.
    Export,
    /// Share the session.
    Share,
    /// Copy the last answer.
    Copy,
    /// Search the conversation.
    Find,
    /// Go to a prompt.
    Prompts,
    /// Connect a provider.
    Login,
    /// Forget a provider's login or key.
    Logout,
    /// All keys.
    Hotkeys,
    /// What is new.
    Changelog,
    /// A report for debugging.
    Debug,
    /// All commands.
    Help,
    /// Leave.
    Quit,
}

/// Whether a text must not be kept, shown again or printed: somebody may have typed a key behind `/login`.
pub fn is_private(text: &str) -> bool {
    text.trim_start().starts_with("/login")
}

/// All commands, in the order in which they are offered.
pub const COMMANDS: [SlashCommand; 27] = [
    command("model", "[search]", "Choose a model", SlashAction::Model),
    command(
        "thinking",
        "[level]",
        "Choose how hard the model thinks",
        SlashAction::Thinking,
    ),
    command(
        "scoped-models",
        "",
        "Choose the models that cycling goes round",
        SlashAction::ScopedModels,
    ),
    command(
        "settings",
        "[search]",
        "Change settings",
        SlashAction::Settings,
    ),
    command("new", "", "Start a new session", SlashAction::New),
    command(
        "resume",
        "[search]",
        "Choose a session to go on with",
        SlashAction::Resume,
    ),
    command("name", "<name>", "Name this session", SlashAction::Name),
    command(
        "session",
        "",
        "Show file, messages, tokens and cost",
        SlashAction::Session,
    ),
    command(
        "compact",
        "[instructions]",
        "Summarise the older part of the conversation",
        SlashAction::Compact,
    ),
    command(
        "fork",
        "",
        "New session from before something you said",
        SlashAction::Fork,
    ),
    command(
        "tree",
        "",
        "Go to any place in this session",
        SlashAction::Tree,
    ),
    command(
        "clone",
        "",
        "Go on in a copy of this session",
        SlashAction::Clone,
    ),
    command(
        "import",
        "<file>",
        "Go on with a copy of a session file",
        SlashAction::Import,
    ),
    command(
        "export",
        "[file]",
        "Write this session as a page (.html) or as .md",
        SlashAction::Export,
    ),
    command(
        "share",
        "",
        "Share this session as a secret gist",
        SlashAction::Share,
    ),
    command("copy", "", "Copy the last answer", SlashAction::Copy),
    command(
        "reload",
        "",
        "Read settings, keys, themes, models and context files again",
        SlashAction::Reload,
    ),
    command(
        "trust",
        "",
        "Decide whether this project is trusted",
        SlashAction::Trust,
    ),
    command(
        "find",
        "[words]",
        "Search this conversation",
        SlashAction::Find,
    ),
    command(
        "prompts",
        "",
        "Go to something you said",
        SlashAction::Prompts,
    ),
    command(
        "login",
        "[provider]",
        "Connect a provider: with an account or a key",
        SlashAction::Login,
    ),
    command(
        "logout",
        "[provider]",
        "Forget a provider's login or key",
        SlashAction::Logout,
    ),
    command("hotkeys", "", "Show all keys", SlashAction::Hotkeys),
    command("changelog", "", "Show what is new", SlashAction::Changelog),
    command(
        "debug",
        "",
        "Write a report of what went wrong",
        SlashAction::Debug,
    ),
    command("help", "", "Show all commands", SlashAction::Help),
    command("quit", "", "Leave pi", SlashAction::Quit),
];

/// Commands of the reference that this version does not have yet.
pub const LATER: [&str; 3] = ["bug", "llama", "mcp"];

const fn command(
    name: &'static str,
    arguments: &'static str,
    does: &'static str,
    action: SlashAction,
) -> SlashCommand {
    SlashCommand {
        name,
        arguments,
        does,
        action,
    }
}

/// What a typed text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed<'a> {
    /// Words for the model.
    Prompt,
    /// A command and what follows it.
    Command(SlashAction, &'a str),
    /// Something behind a slash that is no command.
    Unknown(&'a str),
    /// A shell command; `excluded` for `!!`, which the model is not told of.
    Shell {
        /// The command line.
        line: &'a str,
        /// Whether the model is not told.
        excluded: bool,
    },
}

/// Tells what a text is. A path such as `/etc/hosts` is words for the model.
pub fn classify(text: &str) -> Typed<'_> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('!') {
        let (line, excluded) = match rest.strip_prefix('!') {
            Some(rest) => (rest.trim(), true),
            None => (rest.trim(), false),
        };
        return if line.is_empty() {
            Typed::Prompt
        } else {
            Typed::Shell { line, excluded }
        };
    }
    let Some(rest) = text.strip_prefix('/') else {
        return Typed::Prompt;
    };
    let (name, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if name.is_empty() || name.contains('/') || text.contains('\n') {
        return Typed::Prompt;
    }
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => Typed::Command(command.action, arguments.trim()),
        None => Typed::Unknown(name),
    }
}

/// What stands between quotes; all of it when there are none.
pub fn unquoted(argument: &str) -> &str {
    let inside = |quote: char| argument.strip_prefix(quote)?.split(quote).next();
    inside('"').or_else(|| inside('\'')).unwrap_or(argument)
}

/// The commands that what is typed so far may become; none once something follows the name.
pub fn complete(text: &str) -> Vec<SlashCommand> {
    let Some(begun) = text.strip_prefix('/') else {
        return Vec::new();
    };
    if begun.contains(char::is_whitespace) || begun.contains('/') {
        return Vec::new();
    }
    let begins = |command: &&SlashCommand| command.name.starts_with(begun);
    let within = |command: &&SlashCommand| !begins(command) && command.name.contains(begun);
    COMMANDS
        .iter()
        .filter(begins)
        .chain(COMMANDS.iter().filter(within))
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_shell_lines_paths_and_words_are_told_apart() {
        assert_eq!(
            classify("/name  my work "),
            Typed::Command(SlashAction::Name, "my work")
        );
        assert_eq!(classify("/nonsense x"), Typed::Unknown("nonsense"));
        assert_eq!(classify("/etc/hosts is what?"), Typed::Prompt);
        assert_eq!(classify("what does /model do"), Typed::Prompt);
        assert_eq!(
            classify("!ls -l"),
            Typed::Shell {
                line: "ls -l",
                excluded: false
            }
        );
        assert_eq!(
            classify("!! ls"),
            Typed::Shell {
                line: "ls",
                excluded: true
            }
        );
        assert_eq!(classify("!"), Typed::Prompt);
        assert_eq!(classify("/"), Typed::Prompt);
    }

    #[test]
    fn completion_offers_beginnings_before_parts() {
        let names = |text: &str| {
            complete(text)
                .iter()
                .map(|command| command.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names("/"), COMMANDS.map(|command| command.name));
        assert_eq!(names("/co"), ["compact", "copy", "scoped-models"]);
        let with_an_m = names("/m");
        assert_eq!(with_an_m[0], "model");
        assert!(with_an_m[1..].contains(&"name"), "{with_an_m:?}");
        assert_eq!(names("/mo"), ["model", "scoped-models"]);
        assert_eq!(names("/model "), [""; 0]);
        assert_eq!(names("model"), [""; 0]);
    }
}
