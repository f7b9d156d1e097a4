//! `pi auth`: log in, log out, and tell other programs which credentials there are. Names, outputs and exit
//! codes are the reference's.

mod check;
mod face;
mod key;
mod login;
mod logout;
mod print;
mod secret;

use std::ffi::OsString;
use std::pin::pin;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use tokio_util::sync::CancellationToken;

use crate::cli::deadly::{Deadly, INTERRUPTED};
use crate::cli::world::World;
use crate::cli::{Args as Flags, CliError};
use crate::config::resolve;
use crate::config::{AuthError, Problem, Registry};

/// Log in to providers and out of them, and tell other programs which credentials there are.
#[derive(Debug, Parser)]
#[command(
    name = "pi auth",
    max_term_width = 100,
    disable_help_subcommand = false
)]
pub struct AuthArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Log in with an account, or store an API key
    Login(Login),
    /// Forget the stored credential of a provider
    Logout(Logout),
    /// Say if there is a credential: ready, not_ready, invalid (exit 0, 1, 2)
    Check(Check),
    /// Print the API key that requests would use
    PrintApiKey(PrintApiKey),
    /// Print the token of a login, renewed if it ends soon
    PrintBearerToken(PrintBearerToken),
}

#[derive(Debug, Args)]
struct Login {
    /// The provider, such as anthropic or github-copilot
    provider: String,

    /// Store an API key, even where there is a login with an account; it is typed unseen
    #[arg(long, conflicts_with = "no_browser")]
    api_key: bool,

    /// Open no browser, and use the provider's other way to log in if it has one
    #[arg(long)]
    no_browser: bool,
}

#[derive(Debug, Args)]
struct Logout {
    /// The provider
    provider: String,
}

/// Whose credentials.
#[derive(Debug, Args)]
struct Whose {
    /// The provider
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,

    /// The provider that serves this model
    #[arg(long, value_name = "PATTERN")]
    model: Option<String>,
}

#[derive(Debug, Args)]
struct Check {
    #[command(flatten)]
    whose: Whose,

    /// Answer as JSON
    #[arg(long)]
    json: bool,

    /// Print the credential too
    #[arg(long)]
    credentials: bool,

    /// Renew no login
    #[arg(long)]
    no_refresh: bool,
}

#[derive(Debug, Args)]
struct PrintApiKey {
    #[command(flatten)]
    whose: Whose,
}

#[derive(Debug, Args)]
struct PrintBearerToken {
    #[command(flatten)]
    whose: Whose,

    /// How long the token has to be good, such as 30m or 1h (ms, s, m, h)
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = duration)]
    min_expiry: Duration,
}

/// How long the exit waits for a login that is being renewed.
pub(in crate::cli) const SETTLE: Duration = Duration::from_secs(20);

/// Does what the arguments behind `pi auth` ask for.
pub(super) fn main(words: &[OsString]) -> Result<u8, CliError> {
    let name = OsString::from("pi auth");
    let args = match AuthArgs::try_parse_from(std::iter::once(&name).chain(words)) {
        Ok(args) => args,
        Err(refusal) => {
            // Where it goes has been closed if it cannot be printed.
            let _ = refusal.print();
            let is_help = !refusal.use_stderr()
                || refusal.kind()
                    == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
            // Programs that check take 1 for an answer.
            let is_check = words.first().is_some_and(|word| word == "check");
            return Ok(match (is_help, is_check) {
                (true, _) => 0,
                (false, true) => 2,
                (false, false) => 1,
            });
        }
    };
    let world = World::look(&Flags::default())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let done = runtime.block_on(guarded(args.command, &world));
    // A read of the terminal may still wait.
    runtime.shutdown_background();
    done
}

/// Does it. A signal ends the work, but not the renewal of a login that has begun: the vendor may have taken
/// the old token back.
async fn guarded(command: Command, world: &World) -> Result<u8, CliError> {
    let mut deadly = Deadly::listen().with_quit();
    let stop = CancellationToken::new();
    let done = {
        let mut work = pin!(command.run(world, &stop));
        loop {
            tokio::select! {
                done = &mut work => break done,
                // The person gives up, which is told.
                code = deadly.come() => match command.asks() && code == INTERRUPTED {
                    true if !stop.is_cancelled() => stop.cancel(),
                    _ => break Ok(code),
                },
            }
        }
    };
    tokio::select! {
        () = world.renewals.settle(SETTLE) => done,
        // Again: at once.
        code = deadly.come() => Ok(code),
    }
}

impl Command {
    async fn run(&self, world: &World, stop: &CancellationToken) -> Result<u8, CliError> {
        match self {
            Command::Login(login) => login.run(world, stop).await,
            Command::Logout(logout) => logout.run(world).await,
            Command::Check(check) => check.run(world).await,
            Command::PrintApiKey(print) => print.run(world).await,
            Command::PrintBearerToken(print) => print.run(world).await,
        }
    }

    /// Whether a person is asked.
    fn asks(&self) -> bool {
        matches!(self, Command::Login(_))
    }
}

/// The provider that a person means: by its id, an id that it had, or its name.
fn provider(registry: &Registry, said: &str) -> Option<String> {
    let said = said.trim();
    let present = crate::ai::catalog::present_id(said);
    let all = registry.providers();
    let exact = all.iter().find(|id| *id == present);
    let alike = || {
        all.iter().find(|id| {
            let name = crate::ai::catalog::facts(id).map(|facts| facts.name.as_str());
            id.eq_ignore_ascii_case(said)
                || name.is_some_and(|name| name.eq_ignore_ascii_case(said))
        })
    };
    exact.or_else(alike).cloned()
}

/// Nobody serves models under this name; what else `there_is`.
fn nobody(registry: &Registry, said: &str, there_is: &str) -> CliError {
    let all = registry.providers();
    let meant = resolve::meant(said, all.iter().map(String::as_str));
    let meant = meant.map(|meant| format!("did you mean {meant}? "));
    CliError::usage(format!("there is no provider {said:?}"))
        .hint(format!("{}{there_is}", meant.unwrap_or_default()))
}

/// Nothing can be stored in a file that cannot be read, nor forgotten.
fn unreadable(problem: &Problem) -> CliError {
    CliError::files(problem).hint("mend the file, or move it away")
}

fn failed(error: &AuthError) -> CliError {
    CliError::usage(error)
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (amount, unit) = text.split_at(digits);
    let amount: Option<u64> = amount.parse().ok();
    let factor = match unit.to_ascii_lowercase().as_str() {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let millis = amount
        .zip(factor)
        .and_then(|(amount, factor)| amount.checked_mul(factor));
    let millis = millis.ok_or("a duration looks like 30m or 1h (ms, s, m, h)")?;
    Ok(Duration::from_millis(millis))
}
