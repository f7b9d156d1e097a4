//! Keys, settings, flags, theme tokens, providers.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, CommandFactory};
use pi::ai::oauth::{Method, account, accounts};
use pi::ai::{catalog, providers};
use pi::cli::{Args, AuthArgs, ListArgs, SearchArgs};
use pi::config::settings::{SETTINGS, Setting};
use pi::config::{Keymap, Token};

use super::{assert_holds, code, page, root, table};

/// The code of all files below a folder of `src`, without comments, unit tests and needless blanks.
fn squeezed(folder: &str) -> String {
    let mut text = String::new();
    let mut folders: Vec<PathBuf> = vec![root().join("src").join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name() != Some("tests.rs".as_ref()) {
                text.push_str(&squeezed_file(&path));
            }
        }
    }
    text
}

fn squeezed_file(path: &Path) -> String {
    let source = fs::read_to_string(path).unwrap();
    let code = source.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut text = String::new();
    for word in lines.flat_map(str::split_whitespace) {
        // Two words stay two.
        if text.ends_with(is_of_word) && word.starts_with(is_of_word) {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Settings that ask for what pi does whatever they say.
const ALWAYS: [&str; 2] = ["showHardwareCursor", "terminal.clearOnShrink"];

/// `now` for what the code makes use of, `later` for what waits for a later version.
fn when(is_used: bool) -> String {
    if is_used { "now" } else { "later" }.to_owned()
}

#[test]
fn every_key_is_documented_as_it_is_in_keybindings_toml() {
    let terminal = squeezed("tui");
    let groups = Keymap::groups().iter().map(|group| {
        let rows = group.actions.iter().map(|action| {
            let keys = |keys: &[String]| {
                let keys: Vec<String> = keys.iter().map(|key| code(key)).collect();
                if keys.is_empty() {
                    "none".to_owned()
                } else {
                    keys.join(" ")
                }
            };
            let windows = match (&action.windows, &action.wsl) {
                (Some(windows), Some(wsl)) => {
                    format!(" (Windows: {}; WSL: {})", keys(windows), keys(wsl))
                }
                (Some(windows), None) => format!(" (Windows, WSL: {})", keys(windows)),
                _ => String::new(),
            };
            [
                code(&action.id),
                keys(&action.keys) + &windows,
                action.does.clone(),
                when(terminal.contains(&format!("\"{}\"", action.id))),
            ]
        });
        let rows = table(["action", "keys", "what it does", "works"], rows);
        format!("### {}\n\n{rows}", group.title)
    });
    let expected: Vec<String> = groups.collect();
    assert_holds("docs/keybindings.md", &expected.join("\n\n"));
}

#[test]
fn every_action_of_the_table_starts_something() {
    let terminal = squeezed("tui");
    for action in Keymap::groups().iter().flat_map(|group| &group.actions) {
        let id = format!("\"{}\"", action.id);
        // A hint names the key of an action; that alone starts nothing.
        let is_hint = |at: usize| {
            let before = &terminal[..at];
            ["describe(", "key(", "keys("]
                .iter()
                .any(|hint| before.ends_with(hint))
        };
        let mut places = terminal.match_indices(&id);
        assert!(places.any(|(at, _)| !is_hint(at)), "{} is dead", action.id);
    }
}

/// The names under which the code may speak of a setting.
fn spoken_as(setting: &Setting) -> Vec<String> {
    let mut field = String::new();
    for c in setting.name.trim_end_matches("Ms").chars() {
        match c {
            '.' => field.push('_'),
            c if c.is_ascii_uppercase() => {
                field.push('_');
                field.push(c.to_ascii_lowercase());
            }
            c => field.push(c),
        }
    }
    let fields = match setting.name {
        "modelThinkingLevels" => vec!["thinking_level_for".to_owned()],
        "images.blockImages" => vec!["block_images".to_owned()],
        "markdown.codeBlockIndent" => vec!["code_block_indent".to_owned()],
        "markdown.mermaid" => vec!["mermaid".to_owned()],
        "warnings.anthropicExtraUsage" => vec!["warn_anthropic_extra_usage".to_owned()],
        // Handed over as one value.
        name if name.starts_with("budget.") => {
            let (scope, unit) = name["budget.".len()..].split_once('.').unwrap();
            vec![format!("limits.{scope}.{unit}"), format!("limits.{scope}")]
        }
        name if name.starts_with("retry.") => {
            vec![
                field.replacen("retry_", "", 1),
                field.replacen("retry_", "retry.", 1),
            ]
        }
        _ => {
            let group = setting.name.split('.').next().unwrap();
            // Snake case has one character more for every capital.
            let capitals = group.chars().filter(char::is_ascii_uppercase).count();
            let mut nested = field.clone();
            if setting.name.contains('.') {
                let at = group.len() + capitals;
                nested.replace_range(at..at + 1, ".");
            }
            vec![field, nested]
        }
    };
    let owners = match setting.name.starts_with("budget.") {
        true => ["self.", "world.settings."],
        false => ["settings.", "own."],
    };
    let both = fields
        .iter()
        .flat_map(|field| owners.map(|owner| format!("{owner}{field}")));
    both.collect()
}

fn names(source: &str, name: &str) -> bool {
    source
        .match_indices(name)
        .any(|(at, _)| !source[at + name.len()..].starts_with(is_of_word))
}

#[test]
fn every_setting_is_documented_as_the_code_has_it() {
    // Who makes use of settings: everyone but those who read them.
    let folders = ["cli", "session", "tui", "modes", "config/resolve"];
    let source = folders.map(squeezed).concat();
    let rows = SETTINGS.iter().map(|setting| {
        let mut does = setting.does.to_owned();
        if setting.user_only {
            does.push_str("; your own file only");
        }
        if setting.ours {
            does.push_str("; the reference does not have it");
        }
        let is_json = serde_json::from_str::<serde_json::Value>(setting.default).is_ok();
        let default = if is_json {
            code(setting.default)
        } else {
            setting.default.to_owned()
        };
        let is_used = spoken_as(setting).iter().any(|name| names(&source, name));
        [
            code(setting.name),
            code(setting.kind),
            default,
            does,
            match ALWAYS.contains(&setting.name) {
                true => "always".to_owned(),
                false => when(is_used),
            },
        ]
    });
    let expected = table(
        ["setting", "type", "default", "what it does", "works"],
        rows,
    );
    assert_holds("docs/settings.md", &expected);
}

fn flag(arg: &Arg) -> Option<[String; 2]> {
    let long = arg.get_long()?;
    let mut name = match arg.get_short() {
        Some(short) => format!("-{short}, --{long}"),
        None => format!("--{long}"),
    };
    if matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
        && let Some([value]) = arg.get_value_names()
    {
        let is_optional = arg
            .get_num_args()
            .is_some_and(|range| range.min_values() == 0);
        name.push_str(&if is_optional {
            format!(" [{value}]")
        } else {
            format!(" {value}")
        });
    }
    Some([code(&name), arg.get_help().unwrap().to_string()])
}

#[test]
fn every_flag_is_documented_as_help_tells_it() {
    let mut command = Args::command();
    command.build();
    let mut headings: Vec<&str> = Vec::new();
    for arg in command.get_arguments() {
        if let Some(heading) = arg.get_help_heading()
            && !headings.contains(&heading)
        {
            headings.push(heading);
        }
    }
    let groups = headings.iter().map(|heading| {
        let args = command.get_arguments();
        let own = args.filter(|arg| arg.get_help_heading() == Some(heading));
        let rows = table(["flag", "what it does"], own.filter_map(flag));
        format!("**{heading}**\n\n{rows}")
    });
    let expected: Vec<String> = groups.collect();
    assert_holds("docs/usage.md", &expected.join("\n\n"));
}

#[test]
fn every_flag_of_search_and_list_is_documented() {
    for command in [SearchArgs::command(), ListArgs::command()] {
        let own = command.get_arguments().filter(|arg| arg.get_id() != "help");
        let expected = table(["flag", "what it does"], own.filter_map(flag));
        assert_holds("docs/search.md", &expected);
    }
}

#[test]
fn logins_and_the_commands_for_them_are_documented() {
    let ways = |methods: &[Method]| {
        let names = methods.iter().map(|method| match method {
            Method::Browser => "browser",
            Method::Paste => "code to copy",
            Method::Device => "code to type",
        });
        names.collect::<Vec<_>>().join(", ")
    };
    let rows = accounts().iter().map(|account| {
        let name = account.name.to_owned();
        [code(account.provider), name, ways(account.methods)]
    });
    let expected = table(["provider", "with", "ways, the usual one first"], rows);
    assert_holds("docs/providers.md", &expected);
    let auth = AuthArgs::command();
    let flags = auth.get_subcommands().flat_map(|command| {
        let own = command
            .get_arguments()
            .filter(|arg| arg.get_long() != Some("help"));
        own.filter_map(flag)
            .map(|[flag, meaning]| [flag, code(command.get_name()), meaning])
            .collect::<Vec<_>>()
    });
    let expected = table(["flag", "of", "what it does"], flags);
    assert_holds("docs/providers.md", &expected);
}

#[test]
fn every_theme_token_is_documented() {
    // Their meaning is said once, where they are declared: `/// Meaning.` above `Name = "name"`.
    let source = page("src/config/theme/token.rs");
    let meaning = |token: &Token| {
        let declared = format!(" = \"{}\"", token.name());
        let lines: Vec<&str> = source.lines().map(str::trim).collect();
        let at = lines
            .iter()
            .position(|line| line.contains(&declared))
            .unwrap();
        let said = lines[at - 1].strip_prefix("/// ").unwrap();
        said.trim_end_matches('.').to_owned()
    };
    let rows = Token::ALL.iter().map(|token| {
        let without = match token.fallback() {
            Some(other) => format!("as {}", code(other.name())),
            None => "needed".to_owned(),
        };
        [code(token.name()), meaning(token), without]
    });
    let expected = table(["token", "colours", "when it is not there"], rows);
    assert_holds("docs/themes.md", &expected);
}

#[test]
fn every_provider_is_documented_with_its_variables() {
    let rows = catalog::providers().map(|id| {
        let facts = catalog::facts(id).unwrap();
        let variables: Vec<String> = facts.env.iter().map(|name| code(name)).collect();
        let mut connects = variables.join(" ");
        if account(id).is_some() {
            let and = if connects.is_empty() { "" } else { ", or " };
            connects.push_str(&format!("{and}an account"));
        }
        let apis: Vec<String> = facts.apis.iter().map(|api| code(api)).collect();
        let silent = facts.apis.iter().find(|api| !providers::is_spoken(api));
        assert_eq!(silent, None, "{id} would not answer");
        [code(id), facts.name.clone(), connects, apis.join(" ")]
    });
    let expected = table(["provider", "name", "connects with", "wire APIs"], rows);
    assert_holds("docs/providers.md", &expected);
}

#[test]
fn every_slash_command_is_documented() {
    let rows = pi::tui::slash::COMMANDS.iter().map(|command| {
        let usage = format!("/{} {}", command.name, command.arguments);
        [code(usage.trim()), command.does.to_owned()]
    });
    assert_holds("docs/usage.md", &table(["command", "does"], rows));
}
