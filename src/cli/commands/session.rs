//! `pi session check`: is a session file whole, and what can be read of it if it is not.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{CommandFactory, Parser};

use crate::cli::world::World;
use crate::cli::{Args, CliError, place, print};
use crate::store::check::{self, Report};
use crate::tools::sanitize;

/// Say what is damaged in session files. Ends with 0 when nothing is, else with 1.
#[derive(Debug, Parser)]
#[command(name = "pi session check", max_term_width = 100)]
struct Check {
    /// Session files, ids or beginnings of ids
    #[arg(value_name = "PATH|ID", required = true)]
    sessions: Vec<String>,

    /// Write what can be read of a damaged one to NAME.repaired.jsonl beside it
    #[arg(long)]
    repair: bool,

    /// Look for ids in this directory
    #[arg(long, value_name = "DIR")]
    session_dir: Option<PathBuf>,
}

/// The definition of the command, for shells.
pub(in crate::cli) fn check_command() -> clap::Command {
    Check::command()
}

/// Checks the sessions that the words name.
pub(super) fn check(words: &[OsString]) -> Result<u8, CliError> {
    let words = std::iter::once(OsString::from("pi session check")).chain(words.iter().cloned());
    let check = match Check::try_parse_from(words) {
        Ok(check) => check,
        Err(refusal) => {
            // Where it goes has been closed if it cannot be printed.
            let _ = refusal.print();
            return Ok(u8::from(refusal.use_stderr()));
        }
    };
    let args = Args {
        session_dir: check.session_dir.clone(),
        ..Args::default()
    };
    let world = World::look(&args)?;
    let mut code = 0;
    for wanted in &check.sessions {
        match check.one(wanted, &args, &world) {
            Ok(true) => {}
            Ok(false) => code = 1,
            Err(error) => code = error.report(),
        }
    }
    Ok(code)
}

impl Check {
    /// Whether a session is whole.
    fn one(&self, wanted: &str, args: &Args, world: &World) -> Result<bool, CliError> {
        let path = place::find_file(wanted, args, world)?;
        let clock = world.clock.clone();
        let (report, copy) = match self.repair {
            true => check::repair(&path, world.paths.cwd(), clock).map_err(CliError::files)?,
            false => (check::check(&path, clock).map_err(CliError::files)?, None),
        };
        let mut text = to_text(&report);
        if let Some(copy) = copy {
            let _ = writeln!(text, "  what can be read is in {}", copy.display());
        }
        print(&sanitize(&text))?;
        Ok(report.damage.is_empty())
    }
}

fn to_text(report: &Report) -> String {
    let (path, entries) = (report.path.display(), report.entries);
    let mut text = match report.damage.len() {
        0 => format!("{path}: no damage, {entries} entries\n"),
        1 => format!("{path}: one damaged place, {entries} entries can be read\n"),
        count => format!("{path}: {count} damaged places, {entries} entries can be read\n"),
    };
    if let Some(version) = report.newer {
        let _ = writeln!(text, "  {}", place::of_newer(version));
    }
    for damage in &report.damage {
        let _ = writeln!(text, "  {damage}");
    }
    text
}
