//! The command line: every flag, its meaning in our words, and the reference's habits that clap does
//! not have (two-letter short flags, `@file` among the messages, an optional search word).

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Parser, ValueEnum, ValueHint};

use crate::config::budget;

/// A terminal coding agent: it reads, writes and edits files and runs commands until the work is done.
#[derive(Debug, Clone, Parser, Default)]
#[command(
    name = "pi",
    version,
    disable_version_flag = true,
    override_usage = "pi [options] [@files...] [messages...]",
    after_help = AFTER_HELP,
    max_term_width = 100
)]
pub struct Args {
    /// What to say first; @path attaches a file or a picture
    #[arg(value_name = "MESSAGE", value_hint = ValueHint::AnyPath)]
    pub messages: Vec<String>,

    /// Answer on stdout and exit, without a screen
    #[arg(short, long, help_heading = "Mode")]
    pub print: bool,

    /// How to answer: text, json (every event as a line), or rpc (commands on standard input)
    #[arg(long, value_enum, value_name = "MODE", help_heading = "Mode")]
    pub mode: Option<Mode>,

    /// Who serves the model, such as anthropic, openrouter or a name from models.json
    #[arg(long, value_name = "NAME", help_heading = "Model")]
    pub provider: Option<String>,

    /// Which model: an id, a part of one or provider/id, with :thinking behind it if you like
    #[arg(long, value_name = "PATTERN", help_heading = "Model")]
    pub model: Option<String>,

    /// A key for the provider, for this run only
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "KEY",
        help_heading = "Model"
    )]
    pub api_key: Option<String>,

    /// How hard the model thinks: off, minimal, low, medium, high, xhigh or max
    #[arg(long, value_name = "LEVEL", help_heading = "Model")]
    pub thinking: Option<String>,

    /// The models that Ctrl+P goes round, comma-separated patterns (globs allowed)
    #[arg(
        long,
        value_name = "PATTERNS",
        value_delimiter = ',',
        help_heading = "Model"
    )]
    pub models: Vec<String>,

    /// List the models that have credentials, or those among them that match, and exit
    #[arg(long, value_name = "SEARCH", num_args = 0..=1, require_equals = true, default_missing_value = "", help_heading = "Model")]
    pub list_models: Option<String>,

    /// Go on with this directory's latest session; begin one when there is none
    #[arg(short = 'c', long = "continue", help_heading = "Session")]
    pub continue_: bool,

    /// Choose a session to go on with
    #[arg(short, long, help_heading = "Session")]
    pub resume: bool,

    /// Go on with this session: its file, its id or the beginning of its id
    #[arg(long, value_name = "PATH|ID", value_hint = ValueHint::AnyPath, help_heading = "Session")]
    pub session: Option<String>,

    /// Go to this entry of the session, on whichever branch it is
    #[arg(
        long,
        value_name = "ENTRY",
        requires = "session",
        help_heading = "Session"
    )]
    pub at: Option<String>,

    /// Go on with the session of exactly this id, or begin it
    #[arg(long, value_name = "ID", help_heading = "Session")]
    pub session_id: Option<String>,

    /// Begin a session here as a copy of this one, which may be another directory's or in use
    #[arg(long, value_name = "PATH|ID", value_hint = ValueHint::AnyPath, help_heading = "Session")]
    pub fork: Option<String>,

    /// Keep sessions in this directory, and look for them there
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Session")]
    pub session_dir: Option<PathBuf>,

    /// Keep this conversation in memory only
    #[arg(long, help_heading = "Session")]
    pub no_session: bool,

    /// Name the session
    #[arg(
        short,
        long,
        allow_hyphen_values = true,
        value_name = "NAME",
        help_heading = "Session"
    )]
    pub name: Option<String>,

    /// Write a session as a page and exit; the message, if any, says where: .html, .md or .jsonl
    #[arg(long, value_name = "PATH|ID", value_hint = ValueHint::AnyPath, help_heading = "Session")]
    pub export: Option<String>,

    /// Mask no secrets in exports
    #[arg(long, help_heading = "Session")]
    pub no_redact: bool,

    /// Only these tools, comma-separated: read, bash, edit, write, grep, find, ls
    #[arg(
        short,
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        help_heading = "Tools"
    )]
    pub tools: Option<Vec<String>>,

    /// Without these tools, comma-separated [-xt]
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        help_heading = "Tools"
    )]
    pub exclude_tools: Vec<String>,

    /// No tools at all [-nt]
    #[arg(long, help_heading = "Tools")]
    pub no_tools: bool,

    /// None of pi's own tools; those of extensions stay [-nbt]
    #[arg(long, help_heading = "Tools")]
    pub no_builtin_tools: bool,

    /// Stop a run after so many answers of the model
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Tools")]
    pub max_turns: Option<u32>,

    /// US dollars that the session may cost, such as 2.50; then pi ends after the current response
    #[arg(long, value_name = "USD", value_parser = budget::usd, help_heading = "Budget")]
    pub budget: Option<f64>,

    /// The same in tokens of all kinds, such as 200k or 1.5M
    #[arg(long, value_name = "N", value_parser = budget::tokens, help_heading = "Budget")]
    pub budget_tokens: Option<u64>,

    /// The same in time that runs take, such as 90s, 10m or 1h30m
    #[arg(long, value_name = "TIME", value_parser = budget::time, help_heading = "Budget")]
    pub budget_time: Option<Duration>,

    /// The system prompt, as text or as a file, in place of pi's own
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "TEXT|FILE",
        value_hint = ValueHint::AnyPath,
        help_heading = "Prompt"
    )]
    pub system_prompt: Option<String>,

    /// Text or a file behind the system prompt; may be given again
    #[arg(
        long,
        allow_hyphen_values = true,
        value_name = "TEXT|FILE",
        value_hint = ValueHint::AnyPath,
        help_heading = "Prompt"
    )]
    pub append_system_prompt: Vec<String>,

    /// Ignore AGENTS.md and CLAUDE.md [-nc]
    #[arg(long, help_heading = "Prompt")]
    pub no_context_files: bool,

    /// Load an extension (not in this version yet)
    #[arg(short, long, value_name = "PATH", value_hint = ValueHint::AnyPath, help_heading = "Resources")]
    pub extension: Vec<String>,

    /// Look for no extensions [-ne]
    #[arg(long, help_heading = "Resources")]
    pub no_extensions: bool,

    /// Load a skill (not in this version yet)
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath, help_heading = "Resources")]
    pub skill: Vec<String>,

    /// Look for no skills [-ns]
    #[arg(long, help_heading = "Resources")]
    pub no_skills: bool,

    /// Load a prompt template (not in this version yet)
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath, help_heading = "Resources")]
    pub prompt_template: Vec<String>,

    /// Look for no prompt templates [-np]
    #[arg(long, help_heading = "Resources")]
    pub no_prompt_templates: bool,

    /// Load a theme file; may be given again
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath, help_heading = "Resources")]
    pub theme: Vec<PathBuf>,

    /// Look for no themes
    #[arg(long, help_heading = "Resources")]
    pub no_themes: bool,

    /// Use the theme of this name, for this run
    #[arg(long, value_name = "NAME", help_heading = "Resources")]
    pub use_theme: Option<String>,

    /// Connect to no MCP servers
    #[arg(long, help_heading = "Resources")]
    pub no_mcp: bool,

    /// Which of the two terminal modes
    #[arg(long, value_enum, value_name = "MODE", help_heading = "Terminal")]
    pub tui_mode: Option<TuiMode>,

    /// Line by line, without a painted screen: for screen readers and plain terminals
    #[arg(long, help_heading = "Terminal")]
    pub plain: bool,

    /// Trust this project's .pi folder, for this run
    #[arg(short, long, conflicts_with = "no_approve", help_heading = "Other")]
    pub approve: bool,

    /// Do not trust this project's .pi folder, for this run [-na]
    #[arg(long, help_heading = "Other")]
    pub no_approve: bool,

    /// Show all of the start-up header
    #[arg(long, help_heading = "Other")]
    pub verbose: bool,

    /// Reach out to nothing but the model
    #[arg(long, help_heading = "Other")]
    pub offline: bool,

    /// Print the version
    #[arg(short, long, help_heading = "Other")]
    pub version: bool,
}

/// How to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// The last answer's text.
    Text,
    /// Every event as a line of JSON.
    Json,
    /// Commands on stdin, answers and events on stdout: docs/rpc.md.
    Rpc,
}

/// Which terminal mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TuiMode {
    /// The alternate screen.
    Fullscreen,
    /// The terminal's own scrollback.
    Regular,
}

const AFTER_HELP: &str = "\
Examples:
  pi                                     open the terminal here
  pi \"explain src/main.rs\"               open it and begin with this
  pi -p \"list the files here\"            answer on stdout
  git diff | pi -p \"review this\"         read stdin first
  pi -p @shot.png \"what is wrong here?\"  attach a picture
  pi --model sonnet:high -c              go on with the latest session, think hard
  pi -t read,grep,find,ls -p \"review\"    only look, touch nothing
  pi -p --budget 0.50 \"fix the tests\"    end cleanly when half a dollar is spent
  pi --export 019ab talk.html            write a session as a page
  pi --fork 019ab                        go on from another session in a copy
  pi session check --repair 019ab        look for damage, write a healthy copy
  pi auth login anthropic                log in with an account, or store a key
  pi search lock file                    find what was said in any session
  pi session list --all                  list the sessions of all projects
  pi update --models                     fetch newer catalogues of models
  pi completions bash                    write completions for a shell (bash, zsh, fish)
  pi man                                 write the manual page

Environment:
  PI_CODING_AGENT_DIR          where settings, keys and sessions live (default ~/.pi/agent)
  PI_CODING_AGENT_SESSION_DIR  where sessions live
  PI_CACHE_RETENTION=long      ask vendors to keep prompts cached for longer
  PI_OFFLINE=1                 same as --offline
  NO_COLOR=1                   no colours; PI_TRUE_COLOR=1 or 0 says how many there are
  PI_LOG=debug                 write a log to pi.log in the agent directory
  ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY …   keys; see docs/providers.md

Without a key or a server, an embedded demo model answers; see docs/demo.md.";

/// The two-letter short flags.
const SHORT: [(&str, &str); 8] = [
    ("-nt", "--no-tools"),
    ("-nbt", "--no-builtin-tools"),
    ("-ne", "--no-extensions"),
    ("-ns", "--no-skills"),
    ("-np", "--no-prompt-templates"),
    ("-nc", "--no-context-files"),
    ("-na", "--no-approve"),
    ("-xt", "--exclude-tools"),
];

/// Stands for a message that begins with dashes while clap looks at the rest.
const DASHED: &str = "\u{1}dashed message";

impl Args {
    /// Parses the arguments behind the program's name.
    pub fn parse_from_words(
        words: impl IntoIterator<Item = OsString>,
    ) -> Result<Args, clap::Error> {
        let mut dashed = Vec::new();
        let normal = normalise(words.into_iter().collect(), &mut dashed)?;
        let mut args = Args::try_parse_from(std::iter::once(OsString::from("pi")).chain(normal))?;
        let mut dashed = dashed.into_iter();
        for message in &mut args.messages {
            if message == DASHED
                && let Some(original) = dashed.next()
            {
                *message = original;
            }
        }
        Ok(args)
    }

    /// The `@file` arguments, without their `@`.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.messages
            .iter()
            .filter_map(|message| message.strip_prefix('@'))
    }

    /// The messages that are no files.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.messages
            .iter()
            .map(String::as_str)
            .filter(|message| !message.starts_with('@'))
    }
}

/// Rewrites the reference's habits into clap's.
fn normalise(words: Vec<OsString>, dashed: &mut Vec<String>) -> Result<Vec<OsString>, clap::Error> {
    let mut normal = Vec::with_capacity(words.len());
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let Some(text) = word.to_str() else {
            return Err(clap::Error::raw(
                ErrorKind::InvalidUtf8,
                format!("the argument {word:?} is not valid UTF-8\n"),
            ));
        };
        if text == "--" {
            normal.push(word);
            normal.extend(words);
            break;
        }
        if let Some((_, long)) = SHORT.iter().find(|(short, _)| *short == text) {
            normal.push(OsString::from(long));
        } else if text == "--list-models" {
            let search = words.next_if(|next| {
                next.to_str()
                    .is_some_and(|next| !next.starts_with(['-', '@']))
            });
            let mut flag = OsString::from("--list-models");
            if let Some(search) = search {
                flag.push("=");
                flag.push(search);
            }
            normal.push(flag);
        } else if text == "-p" || text == "--print" {
            normal.push(OsString::from("--print"));
            // A Markdown document with front matter is a message, not a flag.
            if let Some(message) =
                words.next_if(|next| next.to_str().is_some_and(|n| n.starts_with("---")))
            {
                dashed.push(message.to_string_lossy().into_owned());
                normal.push(OsString::from(DASHED));
            }
        } else {
            normal.push(word);
        }
    }
    Ok(normal)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(words: &[&str]) -> Args {
        Args::parse_from_words(words.iter().map(OsString::from)).unwrap()
    }

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn two_letter_flags_are_whole_flags() {
        let args = parse(&["-nt", "-nc", "-xt", "bash,edit", "hello"]);
        assert!(args.no_tools && args.no_context_files);
        assert_eq!(args.exclude_tools, ["bash", "edit"]);
        assert_eq!(args.texts().collect::<Vec<_>>(), ["hello"]);
    }

    #[test]
    fn files_and_messages_mix() {
        let args = parse(&[
            "-p", "first", "@a.rs", "--model", "x:high", "second", "@b.png",
        ]);
        assert!(args.print);
        assert_eq!(args.files().collect::<Vec<_>>(), ["a.rs", "b.png"]);
        assert_eq!(args.texts().collect::<Vec<_>>(), ["first", "second"]);
        assert_eq!(args.model.as_deref(), Some("x:high"));
    }

    #[test]
    fn words_of_ones_own_may_begin_with_a_dash() {
        let args = parse(&[
            "--append-system-prompt",
            "- be terse",
            "-n",
            "--",
            "--api-key",
            "-k",
        ]);
        assert_eq!(args.append_system_prompt, ["- be terse"]);
        assert_eq!(args.name.as_deref(), Some("--"));
        assert_eq!(args.api_key.as_deref(), Some("-k"));
    }

    #[test]
    fn print_takes_front_matter_and_two_dashes_end_options() {
        assert_eq!(
            parse(&["-p", "---\ntitle: x\n---\n"]).messages,
            ["---\ntitle: x\n---\n"]
        );
        assert_eq!(parse(&["-p", "--", "--model"]).messages, ["--model"]);
    }

    #[test]
    fn list_models_takes_a_word_but_no_flag_and_no_file() {
        assert_eq!(
            parse(&["--list-models", "sonnet"]).list_models.as_deref(),
            Some("sonnet")
        );
        assert_eq!(parse(&["--list-models"]).list_models.as_deref(), Some(""));
        let args = parse(&["--list-models", "-p"]);
        assert_eq!(args.list_models.as_deref(), Some(""));
        assert!(args.print);
        assert_eq!(parse(&["--list-models", "@x"]).messages, ["@x"]);
    }

    #[test]
    fn an_unknown_flag_is_refused_with_the_nearest_one() {
        let error = Args::parse_from_words(["--modle".into(), "x".into()])
            .unwrap_err()
            .to_string();
        assert!(error.contains("--model"), "{error}");
    }
}
