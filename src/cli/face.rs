//! Gives a conversation its face and waits for the end.

use std::io::{self, ErrorKind, IsTerminal};
use std::task::Poll;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::args::Mode;
use super::place::WhenHeld;
use super::start::{Started, start};
use super::world::World;
use super::{Args, CliError, is_interactive, prompts};
use crate::modes::{self, Outcome, Prompt};
use crate::session::Command;

/// Begins the conversation and shows it; returns the exit code.
pub(super) async fn run(args: Args, mut world: World) -> Result<u8, CliError> {
    let interactive = is_interactive(&args);
    let started = match start(&args, &mut world, WhenHeld::Refuse) {
        Err(error) if interactive => match ask_about(error, &args, &world).await? {
            Ok(instead) => start(&args, &mut world, instead)?,
            Err(code) => return Ok(code),
        },
        started => started?,
    };
    let resize = world.settings.images_auto_resize;
    let prompts = prompts::collect(&args, &started.workspace, resize, !interactive).await?;
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
    // What could not be saved has been told when it was said.
    session.send(Command::Shutdown).await;
    code
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

/// The signals that end this process, heard from the moment that this is made.
struct Deadly([(Option<Signal>, u8); 3]);

impl Deadly {
    fn listen() -> Self {
        let kinds = [
            (SignalKind::interrupt(), 130),
            (SignalKind::terminate(), 143),
            (SignalKind::hangup(), 129),
        ];
        // Without a handler the signal ends the process by itself.
        Deadly(kinds.map(|(kind, code)| (signal(kind).ok(), code)))
    }

    /// Waits for one and returns its exit code.
    async fn come(&mut self) -> u8 {
        std::future::poll_fn(|cx| {
            for (signal, code) in &mut self.0 {
                if let Some(signal) = signal
                    && signal.poll_recv(cx).is_ready()
                {
                    return Poll::Ready(*code);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// The terminal.
#[cfg(not(feature = "tui"))]
async fn ask_about(error: CliError, _: &Args, _: &World) -> Result<Result<WhenHeld, u8>, CliError> {
    Err(error)
}

#[cfg(not(feature = "tui"))]
async fn terminal(_: &Args, _: &World, started: Started, _: Vec<Prompt>) -> Result<u8, CliError> {
    started.session.send(Command::Shutdown).await;
    Err(CliError::not_yet(
        "the terminal (this build has no feature `tui`)",
    ))
}

#[cfg(feature = "tui")]
use super::terminal::{ask_about, show as terminal};
