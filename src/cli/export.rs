//! `pi --export`: a session as a document, without a conversation.

use std::io::{self, Write};
use std::path::PathBuf;

use super::world::{self, World};
use super::{Args, CliError, place};
use crate::store::export::{self, Colors, Format, Options, Redactor};
use crate::store::index::{self, Target};
use crate::tools::sanitize;

/// Exports the session that `wanted` names, and says where to.
pub(super) fn run(wanted: &str, args: &Args, world: &World) -> Result<u8, CliError> {
    let session = find(wanted, args, world)?;
    let cwd = world.paths.cwd();
    let out = match args.texts().next() {
        Some(path) => world.paths.expand(path),
        None => cwd.join(export::default_name(&session)),
    };
    let options = Options {
        redactor: redactor(args, world),
        colors: colors(args, world),
        ..Options::default()
    };
    let format = Format::of(&out);
    let clock = world.clock.clone();
    let report = export::export_file(&session, &out, format, &options, clock).map_err(refused)?;
    let mut err = io::stderr().lock();
    if let Some(version) = index::read_header(&session).and_then(|header| header.newer()) {
        // As below.
        let _ = writeln!(
            err,
            "warning: the session is of {}",
            place::of_newer(version)
        );
    }
    if report.unreadable > 0 {
        let places = match report.unreadable {
            1 => "one place".to_owned(),
            count => format!("{count} places"),
        };
        // There is nowhere else to say that standard error is gone; nor below.
        let _ = writeln!(
            err,
            "warning: the session is damaged in {places}; all else was exported"
        );
    }
    if report.masked > 0 {
        let times = match report.masked {
            1 => "once".to_owned(),
            count => format!("{count} times"),
        };
        let _ = writeln!(
            err,
            "note: what looks like a secret was masked {times}; --no-redact leaves everything as it is"
        );
    }
    if !out.is_file() {
        // A pipe has been given the document and nothing else.
        return Ok(0);
    }
    let shown = out.strip_prefix(cwd).unwrap_or(&out);
    super::print(&format!(
        "Exported to: {}\n",
        sanitize(&shown.display().to_string())
    ))
}

/// A file when there is one of that name, else the session of that id.
fn find(wanted: &str, args: &Args, world: &World) -> Result<PathBuf, CliError> {
    let path = world.paths.expand(wanted);
    if path.is_file() {
        return Ok(path);
    }
    let folder = place::folder(args, world);
    match index::find(wanted, &folder, &world.paths.sessions()) {
        Ok(Target::Here(found) | Target::Elsewhere(found)) => Ok(found.path),
        // The export says what is wrong with it.
        Ok(Target::Path(_)) => Ok(path),
        Err(error) => Err(CliError::files(error)
            .hint("--export takes a session's file, its id or the beginning of its id")),
    }
}

/// Masks everything that pi knows as secret, unless the person says otherwise.
pub(super) fn redactor(args: &Args, world: &World) -> Option<Redactor> {
    if args.no_redact {
        return None;
    }
    let (registry, problems) = world.registry();
    // A key in a file that cannot be read is a key that is not masked.
    world::report(&problems);
    let given = args.api_key.clone();
    Some(Redactor::new(registry.secrets().into_iter().chain(given)))
}

/// The colours of the theme that was chosen.
pub(super) fn colors(args: &Args, world: &World) -> Colors {
    let (theme, _) = world.theme(args, &[]);
    theme.page_colors()
}

fn refused(error: export::Error) -> CliError {
    let is_session = matches!(
        &error,
        export::Error::Session(crate::store::Error::NotASession { .. })
    );
    let error = CliError::files(error);
    match is_session {
        true => error.hint("sessions are .jsonl files; pi keeps them in its agent directory"),
        false => error,
    }
}
