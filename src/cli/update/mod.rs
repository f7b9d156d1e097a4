//! `pi update --models`: newer catalogues of models, from where the person says and only when the person
//! says so. All of it is looked through before anything is kept; what fails leaves what there was.
//! pi does not update itself yet.

mod fetch;
mod told;

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::Parser;
use fetch::{Fetched, Fetcher};
use serde_json::Value;
use told::Told;

use super::world::{self, World};
use super::{Args, CliError, print};
use crate::ai::catalog;
use crate::config::models::refresh::{self, Checked, Difference, Kept};
use crate::tools::sanitize;

/// A file that is longer is no catalogue.
const MOST: u64 = 32 * 1024 * 1024;

/// Bring the catalogue of models up to date.
#[derive(Debug, Parser)]
#[command(name = "pi update", max_term_width = 100)]
pub struct UpdateArgs {
    /// Fetch newer catalogues of models
    #[arg(long)]
    models: bool,

    /// From this address or file, not from the setting modelCatalogUrl; {provider} in an address stands
    /// for every provider
    #[arg(long, value_name = "URL|FILE", requires = "models")]
    from: Option<String>,

    /// Use no network (a file can still be read)
    #[arg(long)]
    offline: bool,

    /// Update pi itself (not in this version yet)
    #[arg(long = "self", conflicts_with = "models")]
    itself: bool,

    /// Update packages (not in this version yet)
    #[arg(long, conflicts_with = "models")]
    extensions: bool,

    /// Update everything (not in this version yet)
    #[arg(long, conflicts_with = "models")]
    all: bool,
}

/// Whether these words behind `update` are for this command rather than for the model.
pub(super) fn is_meant(words: &[OsString]) -> bool {
    words.first().is_none_or(|word| {
        let word = word.to_string_lossy();
        word.starts_with('-') || ((word == "self" || word == "pi") && words.len() == 1)
    })
}

/// Does what the words behind `update` ask for.
pub(super) fn main(words: &[OsString]) -> Result<u8, CliError> {
    if matches!(words, [word] if !word.to_string_lossy().starts_with('-')) {
        return Err(not_itself());
    }
    let words = std::iter::once(OsString::from("pi update")).chain(words.iter().cloned());
    let args = match UpdateArgs::try_parse_from(words) {
        Ok(args) => args,
        Err(refusal) => {
            // Where it goes has been closed if it cannot be printed.
            let _ = refusal.print();
            return Ok(u8::from(refusal.use_stderr()));
        }
    };
    if !args.models {
        return Err(not_itself());
    }
    let world = World::look(&Args::default())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(models(&args, &world));
    runtime.shutdown_background();
    done
}

fn not_itself() -> CliError {
    CliError::not_yet("an update of pi itself or of packages")
        .hint("pi update --models fetches newer catalogues of models")
}

async fn models(args: &UpdateArgs, world: &World) -> Result<u8, CliError> {
    let from = args
        .from
        .as_ref()
        .or(world.settings.model_catalog_url.as_ref());
    let Some(from) = from else {
        return Err(CliError::usage("nobody has said where newer catalogues are").hint(
            "set modelCatalogUrl in settings.json (the reference asks https://pi.dev/api/models/providers/{provider}), \
             or name an address or a file with --from",
        ));
    };
    let fetched = match from.contains("://") {
        false => vec![of_file(from, world)?],
        true if args.offline || world.env.offline() => {
            return Err(
                CliError::usage("newer catalogues are not fetched while pi is offline")
                    .hint("leave out --offline and PI_OFFLINE, or name a file with --from"),
            );
        }
        true => Fetcher::new(world, from)?.fetch().await,
    };
    keep(fetched, from, world)
}

fn of_file(name: &str, world: &World) -> Result<Fetched, CliError> {
    let path = world.paths.expand(name);
    let refuse = |why: String| CliError::files(format!("{}: {why}", path.display()));
    let length = std::fs::metadata(&path)
        .map_err(|error| refuse(error.to_string()))?
        .len();
    if length > MOST {
        return Err(refuse("it is too long for a catalogue".into()));
    }
    let bytes = std::fs::read(&path).map_err(|error| refuse(error.to_string()))?;
    Ok(Fetched {
        provider: None,
        outcome: fetch::json(&bytes).map(|document| fetch::Outcome::New {
            document,
            made_at: None,
            tag: None,
        }),
    })
}

/// Looks through what came, keeps what can be used, and tells.
fn keep(fetched: Vec<Fetched>, source: &str, world: &World) -> Result<u8, CliError> {
    let now = u64::try_from(world.clock.now()).unwrap_or_default();
    let (registry, _) = world.registry();
    world::report(registry.catalogue_problem().as_slice());
    let mut kept = Vec::new();
    let (mut failures, mut missing) = (Told::default(), Told::default());
    let mut as_before = 0;
    for part in fetched {
        match part.outcome {
            Err(why) => failures.add(part.provider.as_deref(), &why),
            Ok(fetch::Outcome::Unchanged | fetch::Outcome::Absent) => as_before += 1,
            Ok(fetch::Outcome::New {
                document,
                made_at,
                tag,
            }) => {
                let all = looked_through(part.provider.as_deref(), &document);
                let is_whole = |checked: &Result<Checked, String>| {
                    checked.as_ref().is_ok_and(|it| it.left_out.is_empty())
                };
                let tag = tag.filter(|_| all.iter().all(is_whole));
                for checked in all {
                    match checked {
                        Ok(checked) => kept.push(Kept {
                            checked,
                            checked_at: now,
                            made_at: made_at.unwrap_or(now),
                            source: source.to_owned(),
                            tag: tag.clone(),
                        }),
                        Err(why) => failures.add(None, &why),
                    }
                }
            }
        }
    }
    let (newer, older): (Vec<Kept>, Vec<Kept>) = kept.into_iter().partition(Kept::is_newer);
    let mut text = String::new();
    let mut sum = Difference::default();
    for catalogue in &newer {
        let checked = &catalogue.checked;
        let difference = checked.difference(registry.listed(&checked.provider));
        sum.new += difference.new;
        sum.changed += difference.changed;
        sum.same += difference.same;
        if difference.new + difference.changed > 0 {
            let Difference { new, changed, .. } = difference;
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}: {new} new, {changed} changed", checked.provider);
        }
        for left_out in &checked.left_out {
            // One of ours: who, and why.
            let (who, why) = left_out.split_once(": ").unwrap_or((left_out, ""));
            missing.add(Some(who), why);
        }
    }
    if !newer.is_empty() {
        refresh::write(&world.paths.models_store(), &newer).map_err(CliError::files)?;
    }
    let _ = match (newer.is_empty(), as_before + older.len()) {
        (true, 0) => Ok(()),
        (true, _) => writeln!(text, "nothing is newer than what is here"),
        (false, _) => writeln!(
            text,
            "{} models looked through: {} new, {} changed, {} as before; kept in {}",
            sum.new + sum.changed + sum.same,
            sum.new,
            sum.changed,
            sum.same,
            world.paths.models_store().display()
        ),
    };
    print(&sanitize(&text))?;
    let mut err = std::io::stderr().lock();
    let missing = missing.lines().map(|line| format!("left out: {line}"));
    let warnings: Vec<String> = failures.lines().chain(missing).collect();
    for warning in &warnings {
        // There is nowhere else to say that standard error is gone.
        let _ =
            std::io::Write::write_fmt(&mut err, format_args!("warning: {}\n", sanitize(warning)));
    }
    if newer.is_empty() && as_before + older.len() == 0 {
        return Err(CliError::usage(
            "no catalogue could be used; what there was stays",
        ));
    }
    Ok(u8::from(!warnings.is_empty()))
}

fn looked_through(provider: Option<&str>, document: &Value) -> Vec<Result<Checked, String>> {
    match provider {
        Some(provider) => vec![refresh::read(provider, document)],
        None => refresh::read_all(document).unwrap_or_else(|why| vec![Err(why)]),
    }
}

/// The providers that are asked for one by one.
fn providers() -> impl Iterator<Item = &'static str> {
    catalog::providers()
}
