//! The terminal as a face: its keys, colours and habits, from settings and environment.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use super::depth::depth;
use super::greeting;
use super::indexer::Indexer;
use super::keyring::Keys;
use super::library::Library;
use super::place::{self, WhenHeld};
use super::preferences::Chosen;
use super::shelf::Sessions;
use super::start::Started;
use super::world::World;
use super::{Args, CliError, print};
use crate::ai::http::HttpClient;
use crate::config::Env;
use crate::config::settings::{ExitOutput, Quiet, TuiMode, WheelLines};
use crate::config::trust::{self, Decision};
use crate::modes::Prompt;
use crate::session::{Command, Reply};
use crate::store::Filter;
use crate::store::drafts::Drafts;
use crate::store::prompts::Prompts;
use crate::tui::abilities::Abilities;
use crate::tui::ask::{Asking, Said, ask, which_session};
use crate::tui::clipboard::Clipboard;
use crate::tui::footer::short_path;
use crate::tui::markdown::Highlighter;
use crate::tui::panels::Whereabouts;
use crate::tui::pasteboard::Pasteboard;
use crate::tui::preferences::Habits;
use crate::tui::run::{Farewell, Options};
use crate::tui::shelf::Shelf;
use crate::tui::wardrobe::Wardrobe;
use crate::tui::{app, run};

/// Shows the conversation; returns the exit code.
pub(super) async fn show(
    args: &Args,
    world: &World,
    started: Started,
    prompts: Vec<Prompt>,
) -> Result<u8, CliError> {
    let mut warnings = started.warnings;
    let (_, problems) = world.keymap();
    warnings.extend(problems.iter().map(ToString::to_string));
    let brought = Command::Resources {
        reason: "startup".into(),
    };
    let brought = match started.session.send(brought).await {
        Reply::Resources(resources) => resources.themes,
        _ => Vec::new(),
    };
    let (_, unknown) = world.theme(args, &brought);
    warnings.extend(unknown);
    let library = Library::of(world, args.session_dir.as_deref());
    let repaint = Arc::new(Notify::new());
    let ready = repaint.clone();
    let highlighter = Highlighter::new(move || ready.notify_one());
    let chosen = Chosen {
        grounds: started.grounds.clone(),
        brought: brought.clone(),
        highlighter: highlighter.clone(),
        repaint: repaint.clone(),
        seen: Mutex::default(),
    };
    let options = Options {
        app: app::Settings {
            welcome: greeting::is_open(args) && prompts.is_empty(),
            update: greeting::update(world),
            warnings,
            ..app_settings(world, args, &brought, &highlighter, &repaint)
        },
        prompts: prompts
            .into_iter()
            .map(|prompt| (prompt.text, prompt.images))
            .collect(),
        habits: habits(world),
        folder: place::folder(&Args::default(), world),
        clipboard: Clipboard::of(&world.env),
        repaint,
        clock: world.clock.clone(),
        at: started.at,
        shelf: shelf(&library, world),
        preferences: Arc::new(chosen.begin(&started.place)),
        pasteboard: Pasteboard::new(world.env.clone(), std::env::temp_dir()),
        sent: match args.no_session {
            true => Prompts::new(world.paths.history()).read_only(),
            false => Prompts::new(world.paths.history()),
        },
        report: greeting::reports(world, started.models.clone()),
        keyring: Arc::new(Keys {
            models: started.models,
            http: HttpClient::new(world.proxies()),
            env: world.env.clone(),
        }),
        drafts: (!args.no_session).then(|| Drafts::new(world.paths.drafts())),
    };
    if let Some(indexer) = Indexer::start(library) {
        tokio::spawn(indexer.follow(started.session.clone()));
    }
    run::run(started.session, options).await.map_err(unusable)
}

/// What the settings say to the app.
pub(super) fn app_settings(
    world: &World,
    args: &Args,
    brought: &[String],
    highlighter: &Highlighter,
    repaint: &Arc<Notify>,
) -> app::Settings {
    let settings = &world.settings;
    let (mut wardrobe, abilities) = (wardrobe(args, world, brought), Abilities::of(&world.env));
    let drawable = repaint.clone();
    app::Settings {
        keymap: world.keymap().0,
        look: wardrobe.dress(&abilities),
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
        highlighter: highlighter.clone(),
        scrollbar: settings.fullscreen_scrollbar,
        copy_on_select: settings.fullscreen_copy_on_select,
        wardrobe,
        abilities,
        welcome: false,
        update: None,
        timestamps: settings.timestamps,
        padded: settings.output_pad > 0,
        mode: mode(args, world),
        notify: settings.terminal.notify,
        progress: settings.terminal.show_terminal_progress,
        manner: super::abilities::manner(world, home(world), move || drawable.notify_one()),
        warnings: Vec::new(),
    }
}

/// Which of the terminal's two modes is wanted.
fn mode(args: &Args, world: &World) -> TuiMode {
    match args.tui_mode {
        Some(super::args::TuiMode::Fullscreen) => TuiMode::Fullscreen,
        Some(super::args::TuiMode::Regular) => TuiMode::Regular,
        None => world.settings.tui_mode,
    }
}

/// What the settings say to the terminal's loop.
pub(super) fn habits(world: &World) -> Habits {
    let settings = &world.settings;
    Habits {
        editor: editor(&world.env, settings.external_editor.as_deref()),
        farewell: match settings.fullscreen_exit_output {
            ExitOutput::Transcript => Farewell::Transcript,
            ExitOutput::ResumeHint => Farewell::ResumeHint,
        },
        wheel: match settings.fullscreen_wheel_scroll_lines {
            // Terminals of a Mac speed the wheel up by themselves.
            WheelLines::Auto
                if cfg!(target_os = "macos") && world.env.get("SSH_CONNECTION").is_none() =>
            {
                Some(1)
            }
            WheelLines::Auto => None,
            WheelLines::Rows(rows) => Some(i32::from(rows)),
        },
    }
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
        clothes: clothes(args, world),
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

/// Asks what to do with a project that brings along what only a trusted one may, and that nobody has decided
/// about; the exit code when pi is to end instead.
pub(super) async fn decide_about(
    args: &Args,
    world: &mut World,
) -> Result<Result<(), u8>, CliError> {
    let (keymap, _) = world.keymap();
    let folder = world.paths.cwd().to_path_buf();
    let home = home(world);
    let found: Vec<String> = trust::protected(&world.paths)
        .iter()
        .map(|path| match path.strip_prefix(&folder) {
            Ok(below) => below.display().to_string(),
            Err(_) => short_path(path, home.as_deref()),
        })
        .collect();
    let message = format!(
        "{} brings along: {}. Once it is trusted, pi goes by these, and runs what code is among them. Trust it if you know who wrote it.",
        short_path(&folder, home.as_deref()),
        found.join(", ")
    );
    let above = folder
        .parent()
        .map(|above| short_path(above, home.as_deref()));
    let mut choices = vec![
        ("Trust it in this run", "", Decision::TrustNow),
        ("Trust this folder", "from now on", Decision::Trust),
    ];
    if let Some(above) = &above {
        choices.push(("Trust the folder above", above, Decision::TrustParent));
    }
    choices.push(("Not in this run", "", Decision::DistrustNow));
    choices.push(("Never trust it", "", Decision::Distrust));
    let shown: Vec<(&str, &str)> = choices
        .iter()
        .map(|(label, detail, _)| (*label, *detail))
        .collect();
    let asking = Asking {
        title: "Do you trust this project?",
        message: &message,
        choices: &shown,
        program: concat!("pi ", env!("CARGO_PKG_VERSION")),
        clothes: clothes(args, world),
        keymap: &keymap,
    };
    let decision = match ask(asking).await.map_err(unusable)? {
        Said::Chosen(at) => choices.get(at).map(|(_, _, decision)| *decision),
        // Dismissed: nothing of the project is used.
        Said::Nothing(0) => None,
        Said::Nothing(code) => return Ok(Err(code)),
    };
    let decision = decision.unwrap_or(Decision::DistrustNow);
    // What was said of the project before it was decided about is no longer so.
    let stale = world.look_again(args);
    world.warnings.retain(|warning| !stale.contains(warning));
    match trust::keep(&world.paths, decision) {
        Ok(said) => world.said = said,
        Err(problem) => {
            world.said = Some(matches!(
                decision,
                Decision::Trust | Decision::TrustParent | Decision::TrustNow
            ));
            let text = format!("the decision holds for this run only: {problem}");
            world.warnings.push(text);
        }
    }
    let found = world.look_again(args);
    world.warnings.extend(found);
    Ok(Ok(()))
}

/// Asks which session to go on with, and at which entry; the exit code when none is chosen.
pub(super) async fn choose(
    args: &Args,
    world: &World,
) -> Result<Result<(PathBuf, Option<String>), u8>, CliError> {
    let (keymap, _) = world.keymap();
    let at = Whereabouts {
        project: world.paths.cwd().to_path_buf(),
        open: None,
        home: home(world),
        now: world.clock.now(),
    };
    let shelf = shelf(&Library::of(world, args.session_dir.as_deref()), world);
    let program = concat!("pi ", env!("CARGO_PKG_VERSION"));
    let chosen = which_session(at, shelf, program, clothes(args, world), &keymap).await;
    let chosen = chosen.map_err(unusable)?;
    if chosen == Err(0) {
        print("no session was chosen\n")?;
    }
    Ok(chosen)
}

/// What is worn before there is a conversation, and what is known of the terminal then.
fn clothes(args: &Args, world: &World) -> (Wardrobe, Abilities) {
    (wardrobe(args, world, &[]), Abilities::of(&world.env))
}

/// All themes, and the one that is wanted.
fn wardrobe(args: &Args, world: &World, brought: &[String]) -> Wardrobe {
    let (themes, _) = world.themes(args, brought);
    let (depth, may_rise) = depth(&world.env, world.settings.terminal.true_color);
    let wanted = world.wanted_theme(args).map(str::to_owned);
    Wardrobe::new(themes, wanted, depth).guessing(may_rise)
}

fn shelf(library: &Library, world: &World) -> Arc<dyn Shelf> {
    Arc::new(Sessions {
        library: library.clone(),
        clock: world.clock.clone(),
    })
}

/// The home directory, for `~`; none where everything is below it.
pub(super) fn home(world: &World) -> Option<String> {
    let home = Some(world.paths.home()).filter(|home| *home != Path::new("/"));
    home.map(|home| home.display().to_string())
}

fn unusable(error: io::Error) -> CliError {
    CliError::usage(format!("the terminal cannot be used: {error}"))
}

fn editor(env: &Env, setting: Option<&str>) -> Option<String> {
    setting
        .or(env.get("VISUAL"))
        .or(env.get("EDITOR"))
        .map(str::to_owned)
}
