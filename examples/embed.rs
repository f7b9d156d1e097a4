//! The agent inside another program: a conversation in memory, the real tools on this directory, and
//! every event on standard output. Run it with
//!
//! ```sh
//! cargo run --example embed -- "list the files here"
//! ```
//!
//! The demo answers, so no key is needed. To talk to a real model, hand over a
//! [`pi::session::Connection`] as the provider and a model of its registry.

#![expect(clippy::print_stdout, reason = "this program is its output")]

use std::env;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use pi::agent::{Drain, Lane, Limits, NoHooks};
use pi::ai::{CacheRetention, Clock, ThinkingLevel, Timeouts, demo};
use pi::config::settings::{BranchSummarySettings, CompactionSettings, RetrySettings};
use pi::config::{Env, Paths, Registry, Sources};
use pi::prompt::SystemPrompt;
use pi::session::{Budgets, Command, Event, Models, Place, Reply, Session, Setup, wire};
use pi::store::Store;
use pi::tools::{LocalPlace, LocalWorkspace, ToolOptions, Workspace, builtin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let said = env::args().nth(1);
    let text = said.unwrap_or_else(|| "list the files here".to_owned());
    let session = Session::start(setup(&env::current_dir()?));
    let mut events = session.events();
    let prompt = Command::Prompt {
        text,
        images: Vec::new(),
        while_running: Lane::FollowUp,
    };
    if let Reply::Refused(why) = session.send(prompt).await {
        return Err(why.into());
    }
    while let Some(event) = events.recv().await {
        if let Some(json) = wire::event_to_json(&event) {
            println!("{json}");
        }
        if matches!(&*event, Event::Settled { .. }) {
            break;
        }
    }
    session.send(Command::Shutdown).await;
    Ok(())
}

/// A conversation that leaves nothing on disk and looks at no one's settings.
fn setup(cwd: &Path) -> Setup {
    let clock = Clock::new(|| {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    });
    let workspace: Arc<dyn Workspace> = Arc::new(LocalWorkspace::new(LocalPlace {
        root: cwd.to_path_buf(),
        home: None,
        shell: None,
        temporary: env::temp_dir(),
    }));
    let tools = builtin(workspace.clone(), ToolOptions::default());
    let system = SystemPrompt {
        custom: Some("You help the users of my program."),
        append: &[],
        tools: &tools,
        context_files: &[],
        date: "2026-11-21",
        cwd,
        docs: None,
    };
    // An environment without variables: no keys, no files of the person who runs this.
    let nobody = Env::default();
    let paths = Paths::new(&nobody, cwd);
    let (registry, _) = Registry::load(Sources::new(&paths, nobody, clock.clone()));
    Setup {
        store: Store::in_memory(cwd, None, clock.clone()),
        session_dir: Box::new(|_| None),
        place_for: Box::new(|cwd| Err(format!("only one directory, not {}", cwd.display()))),
        provider: Arc::new(demo::Demo),
        models: Arc::new(Models::new(registry)),
        model: Arc::new(demo::model()),
        thinking: ThinkingLevel::Off,
        scope: Vec::new(),
        thinking_for: Box::new(|_| ThinkingLevel::Medium),
        place: Place {
            system: system.to_text(),
            tools,
            workspace,
            context_files: Vec::new(),
        },
        shell_prefix: None,
        hooks: Arc::new(NoHooks),
        compaction: CompactionSettings::default(),
        branch_summary: BranchSummarySettings::default(),
        retry: RetrySettings::default(),
        budget: Budgets::default(),
        remember: Box::new(|_| Ok(())),
        limits: Limits {
            max_turns: Some(20),
            max_repeats: 5,
        },
        drains: (Drain::OneAtATime, Drain::OneAtATime),
        thinking_budgets: Default::default(),
        cache: CacheRetention::Short,
        timeouts: Timeouts::default(),
        clock,
    }
}
