//! The terminal as a face: its keys, colours and habits, from settings and environment.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Notify;

use super::indexer::Indexer;
use super::library::Library;
use super::place::{self, WhenHeld};
use super::shelf::Sessions;
use super::start::Started;
use super::world::World;
use super::{Args, CliError, abilities, print};
use crate::config::Env;
use crate::config::settings::{ExitOutput, Quiet, Switch, TuiMode, WheelLines};
use crate::modes::Prompt;
use crate::session::{Command, Reply};
use crate::store::Filter;
use crate::store::drafts::Drafts;
use crate::tui::abilities::Abilities;
use crate::tui::ask::{Asking, Said, ask, which_session};
use crate::tui::look::{Depth, Look};
use crate::tui::markdown::Highlighter;
use crate::tui::panels::Whereabouts;
use crate::tui::run::{Farewell, Options};
use crate::tui::shelf::Shelf;
use crate::tui::{app, run};

/// Rows a wheel step scrolls when nothing is set.
const WHEEL: i32 = 3;

/// Shows the conversation; returns the exit code.
pub(super) async fn show(
    args: &Args,
    world: &World,
    started: Started,
    prompts: Vec<Prompt>,
) -> Result<u8, CliError> {
    let mut warnings = started.warnings;
    let (keymap, problems) = world.keymap();
    warnings.extend(problems.iter().map(ToString::to_string));
    let brought = Command::Resources {
        reason: "startup".into(),
    };
    let brought = match started.session.send(brought).await {
        Reply::Resources(resources) => resources.themes,
        _ => Vec::new(),
    };
    let (theme, unknown) = world.theme(args, &brought);
    warnings.extend(unknown);
    let settings = &world.settings;
    let library = Library::of(world, args.session_dir.as_deref());
    let repaint = Arc::new(Notify::new());
    let ready = repaint.clone();
    let options = Options {
        app: app::Settings {
            keymap,
            look: Look::new(&theme, depth(&world.env, settings.terminal.true_color)),
            version: env!("CARGO_PKG_VERSION").into(),
            home: home(world),
            hide_thinking: settings.hide_thinking_block,
            quiet: settings.quiet_startup != Quiet::Off && !args.verbose,
            completions: usize::from(settings.autocomplete_max_visible).max(1),
            padding: settings.editor_padding_x,
            double_escape: settings.double_escape_action,
            tree_filter: Filter::of(settings.tree_filter_mode.as_str()).unwrap_or_default(),
            skip_summary: settings.branch_summary.skip_prompt,
            zone: jiff::tz::TimeZone::system(),
            highlighter: Highlighter::new(move || ready.notify_one()),
            abilities: Abilities::of(&world.env),
            manner: abilities::manner(world, home(world)),
            warnings,
        },
        prompts: prompts
            .into_iter()
            .map(|prompt| (prompt.text, prompt.images))
            .collect(),
        editor: editor(&world.env, settings.external_editor.as_deref()),
        mode: match args.tui_mode {
            Some(super::args::TuiMode::Fullscreen) => TuiMode::Fullscreen,
            Some(super::args::TuiMode::Regular) => TuiMode::Regular,
            None => settings.tui_mode,
        },
        farewell: match settings.fullscreen_exit_output {
            ExitOutput::Transcript => Farewell::Transcript,
            ExitOutput::ResumeHint => Farewell::ResumeHint,
        },
        folder: place::folder(&Args::default(), world),
        wheel: match settings.fullscreen_wheel_scroll_lines {
            WheelLines::Auto => WHEEL,
            WheelLines::Rows(rows) => i32::from(rows),
        },
        repaint,
        clock: world.clock.clone(),
        at: started.at,
        shelf: shelf(&library, world),
        drafts: (!args.no_session).then(|| Drafts::new(world.paths.drafts())),
    };
    if let Some(indexer) = Indexer::start(library) {
        tokio::spawn(indexer.follow(started.session.clone()));
    }
    run::run(started.session, options).await.map_err(unusable)
}

/// Asks what to do with a session that another process writes; the exit code when nothing is to be done.
/// Any other error is the caller's.
pub(super) async fn ask_about(
    error: CliError,
    args: &Args,
    world: &World,
) -> Result<Result<WhenHeld, u8>, CliError> {
    let Some(held) = error.holder() else {
        return Err(error);
    };
    let who = match held.pid {
        Some(pid) => format!("another pi (process {pid})"),
        None => "another pi".into(),
    };
    let (keymap, _) = world.keymap();
    let (theme, _) = world.theme(args, &[]);
    let look = Look::new(
        &theme,
        depth(&world.env, world.settings.terminal.true_color),
    );
    let choices = [
        ("Watch it", "read-only, as it grows"),
        ("Fork it", "go on in a copy"),
        ("New session", "leave it alone"),
        ("Quit", ""),
    ];
    let asking = Asking {
        title: "This session is in use",
        message: &format!("It is being written by {who}."),
        choices: &choices,
        program: concat!("pi ", env!("CARGO_PKG_VERSION")),
        look: &look,
        keymap: &keymap,
    };
    let said = ask(asking).await.map_err(unusable)?;
    Ok(match said {
        Said::Chosen(0) => Ok(WhenHeld::Watch),
        Said::Chosen(1) => Ok(WhenHeld::Fork),
        Said::Chosen(2) => Ok(WhenHeld::New),
        Said::Chosen(_) => Err(0),
        Said::Nothing(code) => Err(code),
    })
}

/// Asks which session to go on with; the exit code when none is chosen.
pub(super) async fn choose(args: &Args, world: &World) -> Result<Result<PathBuf, u8>, CliError> {
    let (keymap, _) = world.keymap();
    let (theme, _) = world.theme(args, &[]);
    let look = Look::new(
        &theme,
        depth(&world.env, world.settings.terminal.true_color),
    );
    let at = Whereabouts {
        project: world.paths.cwd().to_path_buf(),
        open: None,
        home: home(world),
        now: world.clock.now(),
    };
    let shelf = shelf(&Library::of(world, args.session_dir.as_deref()), world);
    let program = concat!("pi ", env!("CARGO_PKG_VERSION"));
    let chosen = which_session(at, shelf, program, &look, &keymap).await;
    let chosen = chosen.map_err(unusable)?;
    if chosen == Err(0) {
        print("no session was chosen\n")?;
    }
    Ok(chosen)
}

fn shelf(library: &Library, world: &World) -> Arc<dyn Shelf> {
    Arc::new(Sessions {
        library: library.clone(),
        clock: world.clock.clone(),
    })
}

/// The home directory, for `~`; none where everything is below it.
fn home(world: &World) -> Option<String> {
    let home = Some(world.paths.home()).filter(|home| *home != Path::new("/"));
    home.map(|home| home.display().to_string())
}

fn unusable(error: io::Error) -> CliError {
    CliError::usage(format!("the terminal cannot be used: {error}"))
}

/// How many colours: the setting, else what the terminal says of itself.
fn depth(env: &Env, true_color: Switch) -> Depth {
    let term = env.get("TERM").unwrap_or_default();
    if env.get("NO_COLOR").is_some() || term == "dumb" {
        return Depth::None;
    }
    let says_true =
        matches!(env.get("COLORTERM"), Some("truecolor" | "24bit")) || term.ends_with("-direct");
    match true_color {
        Switch::On => Depth::Truecolor,
        Switch::Auto if says_true => Depth::Truecolor,
        _ if term.contains("256") || !term.is_empty() && !is_plain(term) => Depth::Indexed,
        _ => Depth::Sixteen,
    }
}

/// Terminals that are known to have the 16 colours alone.
fn is_plain(term: &str) -> bool {
    matches!(
        term,
        "linux" | "xterm" | "screen" | "vt100" | "vt220" | "ansi" | "cons25"
    )
}

fn editor(env: &Env, setting: Option<&str>) -> Option<String> {
    setting
        .or(env.get("VISUAL"))
        .or(env.get("EDITOR"))
        .map(str::to_owned)
}
