//! The plain face: when it is chosen, and what it is begun with.

use super::start::Started;
use super::world::World;
use super::{Args, CliError};
use crate::config::Env;
use crate::modes::Prompt;
use crate::session::Command;
use crate::tui::plain::{Options, run};

/// Whether the terminal is spoken to line by line: because that is wanted, or because it can do nothing else.
pub(super) fn is_wanted(args: &Args, env: &Env) -> bool {
    args.plain || is_dumb(env)
}

fn is_dumb(env: &Env) -> bool {
    matches!(env.get("TERM"), None | Some("dumb" | "unknown"))
}

/// Speaks line by line; returns the exit code.
pub(super) async fn show(
    args: &Args,
    world: &World,
    started: Started,
    prompts: Vec<Prompt>,
) -> Result<u8, CliError> {
    let mut warnings = started.warnings;
    if !args.plain {
        let term = world.env.get("TERM").unwrap_or("not set");
        warnings.push(format!(
            "this terminal (TERM is {term}) cannot show pi's screen, so pi speaks line by line; --plain does that anywhere"
        ));
    }
    let options = Options {
        prompts: prompts
            .into_iter()
            .map(|prompt| (prompt.text, prompt.images))
            .collect(),
        version: env!("CARGO_PKG_VERSION").into(),
        warnings,
    };
    let session = started.session.clone();
    let shown = run(started.session, options).await;
    if shown.is_err() {
        session.send(Command::Shutdown).await;
    }
    shown.map_err(|error| CliError::usage(format!("the terminal cannot be used: {error}")))
}
