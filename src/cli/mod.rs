//! Arguments → setup → face; errors classified once.

#[cfg(feature = "tui")]
mod abilities;
pub mod args;
mod browser;
mod commands;
mod completions;
mod dates;
mod deadly;
#[cfg(feature = "tui")]
mod depth;
mod errors;
mod export;
mod face;
#[cfg(feature = "tui")]
mod greeting;
mod grounds;
#[cfg(feature = "tui")]
mod indexer;
#[cfg(feature = "tui")]
mod keyring;
mod library;
mod local;
mod log;
mod model;
mod place;
#[cfg(feature = "tui")]
mod plain;
mod preferences;
mod prompts;
mod search;
mod sessions;
#[cfg(feature = "tui")]
mod shelf;
mod start;
#[cfg(feature = "tui")]
mod terminal;
mod update;
mod world;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

pub use args::Args;
pub use commands::AuthArgs;
pub use errors::CliError;
pub use search::SearchArgs;
pub use sessions::ListArgs;
pub use update::UpdateArgs;
use world::World;

/// Words that name commands of the reference which this version does not have.
const COMMANDS: [&str; 6] = ["install", "remove", "uninstall", "update", "list", "config"];

/// Does what the arguments behind the program's name ask for.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    if let Some(done) = commands::run(&words) {
        return exit(done);
    }
    let args = match Args::parse_from_words(words) {
        Ok(args) => args,
        Err(refusal) => {
            // `--help` is a refusal to clap; where it goes has been closed if it cannot be printed.
            let _ = refusal.print();
            return ExitCode::from(u8::from(refusal.use_stderr()));
        }
    };
    exit(run(args))
}

fn exit(done: Result<u8, CliError>) -> ExitCode {
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => ExitCode::from(error.report()),
    }
}

fn run(args: Args) -> Result<u8, CliError> {
    if args.version {
        return print(concat!(env!("CARGO_PKG_VERSION"), "\n"));
    }
    refuse_what_is_not_here(&args)?;
    let mut world = World::look(&args)?;
    if let Some(search) = &args.list_models {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(local::look(&mut world));
        let search = Some(search.as_str()).filter(|search| !search.is_empty());
        let (registry, problems) = world.registry();
        world::report(&problems);
        return local::list(&args, search, &world, &registry);
    }
    if let Some(session) = &args.export {
        return export::run(session, &args, &world);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let renewals = world.renewals.clone();
    let code = runtime.block_on(async {
        let code = face::run(args, world).await;
        // A vendor may have taken the old token back: the new one has to reach the file.
        renewals.settle(commands::SETTLE).await;
        code
    });
    // What is left (a blocking read of a terminal, say) must not hold the exit up.
    runtime.shutdown_background();
    code
}

/// Writes to standard output. A reader that has had enough is no failure.
fn print(text: &str) -> Result<u8, CliError> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(0),
    }
}

/// Whether a person sits at both ends.
fn is_interactive(args: &Args) -> bool {
    !args.print && args.mode.is_none() && io::stdin().is_terminal() && io::stdout().is_terminal()
}

fn refuse_what_is_not_here(args: &Args) -> Result<(), CliError> {
    let mut missing = Vec::new();
    let mut note = |is_there: bool, what: &'static str| {
        if is_there {
            missing.push(what);
        }
    };
    note(!args.extension.is_empty(), "--extension");
    note(!args.skill.is_empty(), "--skill");
    note(!args.prompt_template.is_empty(), "--prompt-template");
    if let Some(what) = missing.first() {
        return Err(CliError::not_yet(what));
    }
    if let Some(command) = args
        .messages
        .first()
        .filter(|first| COMMANDS.contains(&first.as_str()))
    {
        return Err(
            CliError::not_yet(&format!("the command `pi {command}`")).hint(format!(
                "to say {command:?} to the model, put it in a sentence"
            )),
        );
    }
    Ok(())
}
