//! Gives a conversation its face and waits for the end.

use std::io::{self, ErrorKind, IsTerminal};

use tokio_util::sync::CancellationToken;

use super::args::Mode;
use super::deadly::Deadly;
use super::place::WhenHeld;
use super::start::{Started, start};
use super::world::World;
use super::{Args, CliError, is_interactive, local, place, prompts};
use crate::modes::{self, Outcome, Prompt};
use crate::prompt::Resize;
use crate::session::Command;

/// Begins the conversation and shows it; returns the exit code.
pub(super) async fn run(mut args: Args, mut world: World) -> Result<u8, CliError> {
    let interactive = is_interactive(&args);
    // Lists are chosen from on a painted screen.
    let can_choose = interactive && !is_plain(&args, &world);
    let is_rpc = args.mode == Some(Mode::Rpc);
    if is_rpc && args.files().next().is_some() {
        return Err(CliError::usage("@file arguments are not taken in RPC mode")
            .hint("send what is in the file with the prompt command"));
    }
    if interactive
        && world.undecided
        && let Err(code) = decide_about(&args, &mut world).await?
    {
        return Ok(code);
    }
    if args.resume {
        place::check_flags(&args)?;
        if !can_choose {
            let why = match interactive {
                true => "--resume asks on a painted screen, which is not there",
                false => "--resume asks which session, and nobody is there to answer",
            };
            return Err(CliError::usage(why).hint(
                "-c goes on with the latest, --session ID with that one; pi session list lists them",
            ));
        }
        match choose(&args, &world).await? {
            Ok((session, entry)) => {
                args.resume = false;
                args.at = args.at.take().or(entry);
                args.session = Some(session.to_string_lossy().into_owned());
            }
            Err(code) => return Ok(code),
        }
    }
    local::look_for_named(&args, &mut world).await?;
    let started = match start(&args, &mut world, WhenHeld::Refuse) {
        Err(error) if can_choose => match ask_about(error, &args, &world).await? {
            Ok(instead) => start(&args, &mut world, instead)?,
            Err(code) => return Ok(code),
        },
        started => started?,
    };
    if is_rpc {
        return rpc(args, world, started).await;
    }
    let resize = match world.settings.images_auto_resize {
        true => Resize::ToFit(started.session.view().model.image_resize()),
        false => Resize::Never,
    };
    let prompts = prompts::collect(&args, &started.workspace, resize, !interactive).await?;
    if interactive && !can_choose {
        return plain(&args, &world, started, prompts).await;
    }
    if interactive {
        return terminal(&args, &world, started, prompts).await;
    }
    world.warnings.clone_from(&started.warnings);
    world.report_unless_interactive(&args);
    if prompts.is_empty() {
        return Err(CliError::usage("there is nothing to say")
            .hint("give a message, a @file, or something on standard input"));
    }
    let session = started.session.clone();
    // Before anything is said or shown, so that no signal finds a conversation unguarded.
    let mut deadly = Deadly::listen();
    // A task of its own: a reader that has stopped reading must not keep a signal from ending pi.
    let program = tokio::spawn(program(args.mode, started, prompts));
    let code = tokio::select! {
        code = program => code.unwrap_or_else(|crash| Err(io::Error::other(crash).into())),
        code = deadly.come() => Ok(code),
    };
    tokio::select! {
        // What could not be saved has been told when it was said.
        _ = session.send(Command::Shutdown) => code,
        // Again: at once.
        code = deadly.come() => Ok(code),
    }
}

/// RPC: commands on standard input.
async fn rpc(args: Args, mut world: World, started: Started) -> Result<u8, CliError> {
    world.warnings.clone_from(&started.warnings);
    if args.texts().next().is_some() {
        let text = "messages on the command line are not said in RPC mode; send a prompt command";
        world.warnings.push(text.into());
    }
    world.report_unless_interactive(&args);
    let mut deadly = Deadly::listen();
    let stop = CancellationToken::new();
    let options = modes::rpc::Options {
        paths: world.paths.clone(),
        redact: !args.no_redact,
    };
    let (input, out) = (tokio::io::stdin(), tokio::io::stdout());
    let face = modes::rpc::run(started.session, options, input, out, stop.clone());
    let mut face = tokio::spawn(face);
    let mut code = None;
    loop {
        tokio::select! {
            ended = &mut face => {
                ended.unwrap_or_else(|crash| Err(io::Error::other(crash)))?;
                return Ok(code.unwrap_or(0));
            }
            signal = deadly.come() => {
                stop.cancel();
                // Again: at once.
                if code.replace(signal).is_some() {
                    return Ok(signal);
                }
            }
        }
    }
}

/// Print or JSON mode.
async fn program(
    mode: Option<Mode>,
    started: Started,
    prompts: Vec<Prompt>,
) -> Result<u8, CliError> {
    let mut out = io::stdout();
    let result = match mode {
        Some(Mode::Json) => {
            modes::json::run(
                &started.session,
                &started.header.to_value(),
                prompts,
                &mut out,
            )
            .await
        }
        _ => {
            let mut out = modes::print::Out {
                is_terminal: out.is_terminal(),
                writer: out,
            };
            modes::print::run(&started.session, prompts, &mut out, &mut io::stderr()).await
        }
    };
    match result {
        Ok(Outcome::Answered) => Ok(0),
        Ok(Outcome::Failed) => Ok(1),
        Ok(Outcome::OverBudget) => Ok(3),
        // Whoever read has had enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// The terminal.
#[cfg(not(feature = "tui"))]
async fn ask_about(error: CliError, _: &Args, _: &World) -> Result<Result<WhenHeld, u8>, CliError> {
    Err(error)
}

#[cfg(not(feature = "tui"))]
async fn choose(
    _: &Args,
    _: &World,
) -> Result<Result<(std::path::PathBuf, Option<String>), u8>, CliError> {
    Err(CliError::not_yet(
        "the list of sessions (this build has no feature `tui`)",
    ))
}

#[cfg(not(feature = "tui"))]
async fn terminal(_: &Args, _: &World, started: Started, _: Vec<Prompt>) -> Result<u8, CliError> {
    started.session.send(Command::Shutdown).await;
    Err(CliError::not_yet(
        "the terminal (this build has no feature `tui`)",
    ))
}

#[cfg(not(feature = "tui"))]
fn is_plain(_: &Args, _: &World) -> bool {
    false
}

#[cfg(not(feature = "tui"))]
use terminal as plain;

#[cfg(feature = "tui")]
fn is_plain(args: &Args, world: &World) -> bool {
    super::plain::is_wanted(args, &world.env)
}

#[cfg(feature = "tui")]
use super::plain::show as plain;

#[cfg(not(feature = "tui"))]
async fn decide_about(_: &Args, _: &mut World) -> Result<Result<(), u8>, CliError> {
    // Nobody can be asked: the project is not trusted.
    Ok(Ok(()))
}

#[cfg(feature = "tui")]
use super::terminal::{ask_about, choose, decide_about, show as terminal};
