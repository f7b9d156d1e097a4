//! From arguments and world to a living conversation.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock, RwLock};

use serde_json::Value;

use super::grounds::{Grounds, Viewer};
use super::place::WhenHeld;
use super::world::{self, World};
use super::{Args, CliError, export, local, model, place};
use crate::agent::{Drain, Limits, NoHooks, Tool};
use crate::ai::http::HttpClient;
use crate::ai::{Timeouts, Transport, demo};
use crate::config::settings::{QueueMode, Transport as TransportChoice};
use crate::config::{DayBook, Paths, Scope, Settings};
use crate::prompt::files::{find_context_files, first_file, text_or_file};
use crate::prompt::{ContextFiles, SystemPrompt};
use crate::session::local::caution;
use crate::session::{
    Budgets, Connection, Exports, Models, Place, Remember, Renewal, Session, SessionDirs, Setup,
};
use crate::store::Header;
use crate::store::encode::project_dir;
use crate::tools::{DEFAULT_TOOLS, LocalPlace, LocalWorkspace, ToolOptions, Workspace, builtin};

/// A conversation that has begun, and what its face needs.
pub(super) struct Started {
    pub session: Session,
    pub workspace: Arc<dyn Workspace>,
    /// What it stood on at first.
    pub place: Place,
    /// What can be chosen, and the keys for it.
    pub models: Arc<Models>,
    /// The session's first line, for JSON mode.
    pub header: Header,
    /// What the person should know.
    pub warnings: Vec<String>,
    /// The message to begin at, by its place in the conversation.
    pub at: Option<usize>,
    /// What it stands on, for changes.
    pub grounds: Arc<Grounds>,
}

/// Opens the session, chooses the model and begins.
pub(super) fn start(
    args: &Args,
    world: &mut World,
    when_held: WhenHeld,
) -> Result<Started, CliError> {
    let (mut store, damage) = place::open(args, world, when_held)?;
    let mut warnings = std::mem::take(&mut world.warnings);
    warnings.extend(damage);
    let at = place::go_to(args, &mut store, &mut warnings)?;
    if store.is_read_only() {
        let who = match store.writer().flatten() {
            Some(pid) => format!("process {pid} writes this session"),
            None => "another process writes this session".into(),
        };
        warnings.push(format!(
            "watching: {who}; it is followed as it grows, /clone goes on in a copy"
        ));
    } else if let Some(name) = &args.name {
        store.append_session_info(name).map_err(CliError::files)?;
    }
    if store.assume_cwd(world.paths.cwd()) {
        let here = world.paths.cwd().display();
        warnings.push(format!(
            "the session does not say which directory it belongs to: it goes on in {here}"
        ));
    }
    let cwd = store.cwd().to_path_buf();
    if !cwd.is_dir() {
        return Err(CliError::files(format!(
            "the session's directory is gone: {}",
            cwd.display()
        ))
        .hint("make it again, or begin a new session where the project is now"));
    }
    let read = world.read.take();
    let (mut registry, problems) = read.unwrap_or_else(|| world.registry());
    warnings.extend(problems.iter().map(ToString::to_string));
    let choice =
        model::choose(args, world, &mut registry, &problems, &store).inspect_err(|error| {
            // A provider that was left out of models.json may be why; what is said so is not said twice.
            let why = error.to_string();
            warnings.retain(|warning| !why.contains(warning.as_str()));
            world::warn(&warnings);
        })?;
    warnings.extend(choice.warnings);
    warnings.extend(caution(&choice.model));

    // The tools are there before the session whose facts their commands are told.
    let living = Arc::new(OnceLock::<Viewer>::new());
    let grounds = Arc::new(Grounds {
        args: match demo::is_stand_in(&choice.model) {
            true => with_listing(args, &world.settings),
            false => args.clone(),
        },
        world: RwLock::new(world.clone()),
        living: living.clone(),
        models: Arc::new(match local::search(world) {
            Some(search) => Models::new(registry).with_local(search),
            None => Models::new(registry),
        }),
        block_images: Arc::new(AtomicBool::new(world.settings.block_images)),
    });
    let place = grounds.place(&cwd, &mut warnings)?;
    let workspace = place.workspace.clone();

    let models = grounds.models.clone();
    let connection = Connection {
        models: models.clone(),
        http: HttpClient::new(world.proxies()),
        block_images: grounds.block_images.clone(),
    };
    let header = store.header().clone();
    let changeable = renewal(args, &world.settings);
    let session = Session::start(Setup {
        session_dir: session_dir(args, world),
        place_for: grounds.places(),
        store,
        provider: Arc::new(connection),
        models: models.clone(),
        model: choice.model,
        thinking: choice.thinking,
        scope: choice.scope,
        thinking_for: grounds.thinking_for(),
        shell_prefix: changeable.shell_prefix,
        place: place.clone(),
        hooks: Arc::new(NoHooks),
        remember: match args.no_session {
            // Nothing is kept of such a conversation.
            true => Box::new(|_| Ok(())),
            false => remember(world.paths.clone()),
        },
        limits: changeable.limits,
        compaction: changeable.compaction,
        branch_summary: changeable.branch_summary,
        retry: changeable.retry,
        fallback: changeable.fallback,
        budget: budgets(args, world),
        drains: changeable.drains,
        thinking_budgets: changeable.thinking_budgets,
        cache: world.env.cache_retention(),
        timeouts: changeable.timeouts,
        transport: changeable.transport,
        cache_notices: changeable.cache_notices,
        clock: world.clock.clone(),
        exports: Exports {
            colors: export::colors(args, world),
            viewer: world.env.share_viewer_url().to_owned(),
            temporary: std::env::temp_dir(),
        },
    });
    // Set once, here.
    let _ = living.set(Box::new(session.viewer()));
    Ok(Started {
        session,
        workspace,
        place,
        models,
        header,
        warnings,
        at,
        grounds,
    })
}

/// What of the settings a conversation takes while it lives.
pub(super) fn renewal(args: &Args, settings: &Settings) -> Renewal {
    Renewal {
        shell_prefix: settings.shell_command_prefix.clone(),
        limits: limits(args, settings),
        compaction: settings.compaction.clone(),
        branch_summary: settings.branch_summary,
        retry: settings.retry,
        fallback: settings.fallback_models.clone(),
        drains: (
            drain(settings.steering_mode),
            drain(settings.follow_up_mode),
        ),
        thinking_budgets: settings.thinking_budgets.clone(),
        timeouts: Timeouts {
            idle: settings.http_idle_timeout,
            websocket: settings.websocket_connect_timeout,
            head: settings.retry.provider_timeout,
            retries: u32::try_from(settings.retry.provider_max_retries).unwrap_or(u32::MAX),
            longest_wait: settings.retry.provider_max_retry_delay,
            ..Timeouts::default()
        },
        transport: match settings.transport {
            TransportChoice::Auto => Transport::Auto,
            TransportChoice::Sse => Transport::Sse,
            TransportChoice::Websocket => Transport::WebSocket,
            TransportChoice::WebsocketCached => Transport::CachedWebSocket,
        },
        cache_notices: settings.show_cache_miss_notices,
        place: None,
    }
}

/// What a conversation in `cwd` stands on.
pub(super) fn place_in(
    cwd: &Path,
    args: &Args,
    world: &World,
    living: Arc<OnceLock<Viewer>>,
    warnings: &mut Vec<String>,
) -> Result<Place, CliError> {
    let workspace: Arc<dyn Workspace> = Arc::new(LocalWorkspace::new(LocalPlace {
        root: cwd.to_path_buf(),
        home: Some(world.paths.home().to_path_buf()),
        shell: world
            .settings
            .shell_path
            .as_deref()
            .map(|path| world.paths.expand(path)),
        temporary: std::env::temp_dir(),
    }));
    let tools = tools(args, world, &workspace, living, warnings)?;
    let context = if args.no_context_files {
        ContextFiles::default()
    } else {
        find_context_files(world.paths.agent_dir(), cwd)
    };
    warnings.extend(context.warnings.iter().cloned());
    let system = system_prompt(args, world, &tools, &context, cwd)?;
    Ok(Place {
        workspace,
        tools,
        system,
        context_files: context.files.into_iter().map(|file| file.path).collect(),
    })
}

fn session_dir(args: &Args, world: &World) -> SessionDirs {
    if args.no_session {
        return Box::new(|_| None);
    }
    let here = world.paths.cwd().to_path_buf();
    let folder = place::folder(args, world);
    let sessions = world.paths.sessions();
    Box::new(move |cwd| {
        Some(match cwd == here {
            true => folder.clone(),
            false => project_dir(&sessions, cwd),
        })
    })
}

/// The tools that are on, in pi's order.
fn tools(
    args: &Args,
    world: &World,
    workspace: &Arc<dyn Workspace>,
    living: Arc<OnceLock<Viewer>>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Arc<dyn Tool>>, CliError> {
    let environment = move || {
        living
            .get()
            .map(|look| look().environment())
            .unwrap_or_default()
    };
    let options = ToolOptions {
        env: Arc::new(environment),
        command_prefix: world.settings.shell_command_prefix.clone(),
        resize_images: world.settings.images_auto_resize,
    };
    let all = builtin(workspace.clone(), options);
    let known = |name: &str| all.iter().any(|tool| tool.spec().name == name);
    let chosen: Vec<String> = match &args.tools {
        Some(names) => names
            .iter()
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect(),
        None if args.no_tools || args.no_builtin_tools => Vec::new(),
        None => default_tools(&world.settings),
    };
    for name in chosen
        .iter()
        .chain(&args.exclude_tools)
        .filter(|name| !known(name))
    {
        warnings.push(format!(
            "there is no tool {name:?}; there are read, bash, edit, write, grep, find, ls"
        ));
    }
    let is_on = |tool: &Arc<dyn Tool>| {
        let name = &tool.spec().name;
        chosen.contains(name) && !args.exclude_tools.contains(name)
    };
    Ok(all.iter().filter(|tool| is_on(tool)).cloned().collect())
}

/// The tools of a start without flags: pi's four, or those that `defaultTools` names. Words with `+` or
/// `-` in front add to or take from what was there.
fn default_tools(settings: &Settings) -> Vec<String> {
    let mut tools = DEFAULT_TOOLS.map(str::to_owned).to_vec();
    let Some(layers) = &settings.default_tools else {
        return tools;
    };
    for layer in std::iter::once(&layers.user).chain(&layers.project) {
        let is_change = |word: &String| word.starts_with(['+', '-']);
        if !layer.is_empty() && !layer.iter().all(is_change) {
            tools.clear();
        }
        for word in layer {
            if let Some(name) = word.strip_prefix('-') {
                tools.retain(|tool| tool != name);
            } else {
                tools.push(word.strip_prefix('+').unwrap_or(word).to_owned());
            }
        }
    }
    tools
}

/// The same with the tools of the demo that stands in for a model, which lists without a shell.
fn with_listing(args: &Args, settings: &Settings) -> Args {
    let mut args = args.clone();
    if args.tools.is_none() && !args.no_tools && !args.no_builtin_tools {
        let mut tools = default_tools(settings);
        tools.extend(demo::READS.map(str::to_owned));
        args.tools = Some(tools);
    }
    args
}

fn system_prompt(
    args: &Args,
    world: &World,
    tools: &[Arc<dyn Tool>],
    context: &ContextFiles,
    cwd: &Path,
) -> Result<String, CliError> {
    let project_first = |project: PathBuf, own: PathBuf| {
        let mut places = vec![own];
        if world.trusted {
            places.insert(0, project);
        }
        first_file(&places).map_err(CliError::files)
    };
    let custom = match &args.system_prompt {
        Some(argument) => Some(text_or_file(argument).map_err(CliError::files)?),
        None => project_first(
            world.paths.project_system_prompt(),
            world.paths.system_prompt(),
        )?,
    };
    let append = if args.append_system_prompt.is_empty() {
        let found = project_first(
            world.paths.project_append_system_prompt(),
            world.paths.append_system_prompt(),
        )?;
        found.into_iter().collect()
    } else {
        let given = args
            .append_system_prompt
            .iter()
            .map(|argument| text_or_file(argument));
        given
            .collect::<Result<Vec<_>, _>>()
            .map_err(CliError::files)?
    };
    let date = jiff::Zoned::now().strftime("%Y-%m-%d").to_string();
    let docs = world.docs();
    Ok(SystemPrompt {
        custom: custom.as_deref(),
        append: &append,
        tools,
        context_files: &context.files,
        date: &date,
        cwd,
        docs: docs.as_deref(),
    }
    .to_text())
}

fn limits(args: &Args, settings: &Settings) -> Limits {
    let setting = settings
        .max_turns
        .and_then(|turns| u32::try_from(turns).ok());
    Limits {
        max_turns: args.max_turns.or(setting),
        max_repeats: u32::try_from(settings.max_repeated_tool_calls).unwrap_or(u32::MAX),
    }
}

/// The settings' budgets, the session's as the flags say, and the day's sums where all processes see them.
fn budgets(args: &Args, world: &World) -> Budgets {
    let mut limits = world.settings.budget;
    let session = &mut limits.session;
    session.usd = args.budget.or(session.usd);
    session.tokens = args.budget_tokens.or(session.tokens);
    session.time = args.budget_time.or(session.time);
    let clock = world.clock.clone();
    let today = move || {
        let now = jiff::Timestamp::from_millisecond(clock.now()).unwrap_or_default();
        let here = now.to_zoned(jiff::tz::TimeZone::system());
        here.date().to_string()
    };
    let book = DayBook::new(world.paths.budget(), today);
    Budgets {
        limits,
        day_book: Some(Box::new(move |spent| {
            book.add(spent).map_err(|problem| problem.to_string())
        })),
    }
}

fn drain(mode: QueueMode) -> Drain {
    match mode {
        QueueMode::OneAtATime => Drain::OneAtATime,
        QueueMode::All => Drain::All,
    }
}

/// Writes the person's choices into their own settings, as the reference does.
fn remember(paths: Paths) -> Box<dyn Fn(Remember) -> Result<(), String> + Send> {
    Box::new(move |choice| {
        let changes = match choice {
            Remember::Model { provider, id } => vec![
                ("defaultProvider", Some(Value::from(provider))),
                ("defaultModel", Some(Value::from(id))),
            ],
            Remember::Thinking(level) => {
                vec![("defaultThinkingLevel", Some(Value::from(level.as_str())))]
            }
        };
        Settings::write_all(&paths, Scope::User, &changes)
            .map_err(|problem| format!("the choice is not kept for the next start: {problem}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Env;
    use crate::config::settings::Layered;

    fn tools(user: &[&str], project: Option<&[&str]>) -> Vec<String> {
        let home = tempfile::tempdir().unwrap();
        let env: Env = [("HOME", home.path().to_str().unwrap())]
            .into_iter()
            .collect();
        let (mut settings, _) = Settings::load(&Paths::new(&env, home.path()), false);
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        settings.default_tools = Some(Layered {
            user: words(user),
            project: project.map(words),
        });
        default_tools(&settings)
    }

    #[test]
    fn default_tools_are_named_added_and_taken_away() {
        assert_eq!(tools(&["read", "grep"], None), ["read", "grep"]);
        assert_eq!(
            tools(&["+grep", "-bash"], None),
            ["read", "edit", "write", "grep"]
        );
        assert_eq!(tools(&["read"], Some(&["+ls"])), ["read", "ls"]);
        assert_eq!(tools(&["+ls"], Some(&["read"])), ["read"]);
    }
}
