//! `pi search`: what was said in any session, found again.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::json;

use super::dates;
use super::library::Library;
use super::place;
use super::world::World;
use super::{Args, CliError};
use crate::store::index::{
    self, Filter, Hit, Index, IndexError, Progress, Query, Updated, Voice, rank,
};
use crate::tools::sanitize_line;

/// Find what was said in any session, the newest first
#[derive(Debug, Clone, Parser)]
#[command(
    name = "pi search",
    disable_version_flag = true,
    max_term_width = 100,
    after_help = AFTER_HELP
)]
pub struct SearchArgs {
    /// Words that all have to be in one entry; "a phrase", begin*, re:PATTERN
    #[arg(required = true, value_name = "WORDS")]
    pub words: Vec<String>,

    /// Sessions of this directory and of those below it
    #[arg(long, value_name = "DIR", conflicts_with = "here")]
    pub project: Option<String>,

    /// Sessions of the current directory and of those below it
    #[arg(long)]
    pub here: bool,

    /// Not older than this: a date (2026-01-31) or an age (12h, 7d, 2w)
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,

    /// Not newer than this; a date counts whole
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,

    /// Whose words: user, assistant, tool, shell, summary, custom, name (comma-separated)
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    pub role: Vec<String>,

    /// At most so many; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,

    /// What speaks most of it first, out of the newest 1,000
    #[arg(long)]
    pub rank: bool,

    /// A line of JSON for each find
    #[arg(long)]
    pub json: bool,

    /// Look in this directory of sessions too
    #[arg(long, value_name = "DIR")]
    pub session_dir: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Examples:
  pi search lock file                  both words in one entry
  pi search \"lock file\"                the words side by side
  pi search --here --since 7d conn*    words that begin so, this project, this week
  pi search 're:E[0-9]{4}' --role tool a regular expression in tools' results

Ends with 0 when something was found, and with 1 when nothing was.";

/// Finds that `--rank` chooses from.
const RANKED: usize = 1000;
/// A quiet update may take so long before it is told of.
const PATIENCE: Duration = Duration::from_millis(300);

/// Does what the arguments behind `pi search` ask for.
pub(super) fn main(words: &[OsString]) -> Result<u8, CliError> {
    let name = OsString::from("pi search");
    let args = match SearchArgs::try_parse_from(std::iter::once(&name).chain(words)) {
        Ok(args) => args,
        Err(refusal) => {
            // Where it goes has been closed if it cannot be printed.
            let _ = refusal.print();
            return Ok(u8::from(refusal.use_stderr()));
        }
    };
    let world = World::look(&Args::default())?;
    let query = Query::of_arguments(&args.words).map_err(refused)?;
    let filter = filter(&args, &world)?;
    let library = Library::of(&world, args.session_dir.as_deref());
    let index = current(&library)?;
    let mut out = Out::new(&args, &world);
    let found = seek(&library, index, &query, &filter, &mut out);
    out.finish();
    found.map_err(refused)?;
    if out.found > 0 {
        return Ok(0);
    }
    note(if has_sessions(&library) {
        "nothing found"
    } else {
        "there are no sessions yet"
    });
    Ok(1)
}

fn filter(args: &SearchArgs, world: &World) -> Result<Filter, CliError> {
    let here = || world.paths.cwd().to_path_buf();
    let project = args.project.as_deref().map(|dir| world.paths.expand(dir));
    let project = project.map(|dir| dir.canonicalize().unwrap_or(dir));
    let voices = args.role.iter().map(|role| {
        Voice::parse(role).ok_or_else(|| {
            let all: Vec<&str> = Voice::ALL.iter().map(|voice| voice.as_str()).collect();
            CliError::usage(format!("there is no role {role:?}"))
                .hint(format!("roles are {}", all.join(", ")))
        })
    });
    let when = |given: &Option<String>, edge| {
        let given = given.as_deref();
        given
            .map(|text| dates::parse(text, world.clock.now(), edge))
            .transpose()
    };
    Ok(Filter {
        project: project.or_else(|| args.here.then(here)),
        since: when(&args.since, dates::Edge::Start)?,
        until: when(&args.until, dates::Edge::End)?,
        voices: voices.collect::<Result<_, _>>()?,
    })
}

/// The index, brought up to date; `None` when there shall be none, or when it cannot be had.
fn current(library: &Library) -> Result<Option<Index>, CliError> {
    let (index, anew) = match library.open() {
        Ok(Some(opened)) => opened,
        Ok(None) => return Ok(None),
        Err(error) => {
            note(&format!("{error}; the session files are read instead"));
            return Ok(None);
        }
    };
    if let Some(anew) = &anew {
        note(anew);
    }
    let mut meter = Meter::new();
    let updated = library.update(index, |progress| meter.show(progress));
    meter.clear();
    match updated {
        Ok((index, updated, again)) => {
            if again {
                note(&library.replaced());
            }
            if let Updated::Elsewhere { files } = updated {
                note(&format!(
                    "another pi is bringing the index up to date ({files} files to go): not everything can be found yet"
                ));
            }
            Ok(Some(index))
        }
        Err(error) => {
            note(&format!("{error}; the session files are read instead"));
            Ok(None)
        }
    }
}

/// Searches, in the index or without it.
fn seek(
    library: &Library,
    index: Option<Index>,
    query: &Query,
    filter: &Filter,
    out: &mut Out,
) -> Result<(), IndexError> {
    let never = || false;
    let roots = &library.roots;
    let Some(index) = index else {
        index::search_files(roots, query, filter, &never, &mut |hit| out.take(hit));
        return Ok(());
    };
    let found = index.search(roots, query, filter, &never, &mut |hit| out.take(hit));
    match found {
        // What was found so far is printed; what is found again is the same and more.
        Err(error) if error.is_damage() && out.found == 0 => {
            note(&library.replaced());
            let index = index.remake()?;
            let (index, ..) = library.update(index, |_| ControlFlow::Continue(()))?;
            index.search(roots, query, filter, &never, &mut |hit| out.take(hit))
        }
        found => found,
    }
}

fn has_sessions(library: &Library) -> bool {
    let wanted = index::Wanted {
        limit: 1,
        ..index::Wanted::default()
    };
    index::page(None, &library.roots, &wanted).is_ok_and(|page| !page.sessions.is_empty())
}

fn refused(error: IndexError) -> CliError {
    let hint = match &error {
        IndexError::Nothing { .. } => Some("give a word, or re: and a regular expression"),
        IndexError::Pattern { .. } => Some("what stands behind re: is a regular expression"),
        _ => None,
    };
    match (&error, hint) {
        (_, Some(hint)) => CliError::usage(error).hint(hint),
        (IndexError::TwoPatterns, None) => CliError::usage(error),
        _ => CliError::files(error),
    }
}

/// Says something beside what was found.
fn note(text: &str) {
    // There is nowhere else to say that standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{}", sanitize_line(text));
}

/// How far a long update has come, on a terminal.
struct Meter {
    begun: Instant,
    shown: bool,
}

impl Meter {
    fn new() -> Self {
        Meter {
            begun: Instant::now(),
            shown: false,
        }
    }

    fn show(&mut self, progress: Progress) -> ControlFlow<()> {
        let mut err = io::stderr();
        if err.is_terminal() && self.begun.elapsed() > PATIENCE {
            self.shown = true;
            let Progress { done, of } = progress;
            let _ = write!(err, "\rreading sessions: {done} of {of} ");
        }
        ControlFlow::Continue(())
    }

    fn clear(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// Where finds are printed, and how.
struct Out {
    found: usize,
    limit: usize,
    waiting: Option<Vec<Hit>>,
    is_json: bool,
    is_colored: bool,
    home: PathBuf,
    cwd: PathBuf,
    folder: PathBuf,
    // Files whose format version has been looked at.
    known: HashSet<PathBuf>,
}

impl Out {
    fn new(args: &SearchArgs, world: &World) -> Self {
        Out {
            found: 0,
            limit: if args.limit == 0 {
                usize::MAX
            } else {
                args.limit
            },
            waiting: args.rank.then(Vec::new),
            is_json: args.json,
            is_colored: io::stdout().is_terminal()
                && world.env.get("NO_COLOR").is_none()
                && world.env.get("TERM") != Some("dumb"),
            home: world.paths.home().to_path_buf(),
            cwd: world.paths.cwd().to_path_buf(),
            folder: place::folder(&Args::default(), world),
            known: HashSet::new(),
        }
    }

    fn take(&mut self, hit: Hit) -> ControlFlow<()> {
        let Some(waiting) = &mut self.waiting else {
            return self.print(&hit);
        };
        waiting.push(hit);
        match waiting.len() < RANKED {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }

    fn finish(&mut self) {
        let mut waiting = self.waiting.take().unwrap_or_default();
        rank(&mut waiting);
        for hit in waiting {
            if self.print(&hit).is_break() {
                break;
            }
        }
    }

    fn print(&mut self, hit: &Hit) -> ControlFlow<()> {
        let text = match self.is_json {
            true => self.json(hit),
            false => self.text(hit),
        };
        self.found += 1;
        self.tell_newer(&hit.path);
        let mut out = io::stdout().lock();
        // Whoever read has had enough, or standard output is gone: either way it is over.
        let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        match printed.is_ok() && self.found < self.limit {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }

    /// Says once of a session that a newer pi wrote it.
    fn tell_newer(&mut self, path: &Path) {
        if self.known.insert(path.to_path_buf())
            && let Some(version) = index::read_header(path).and_then(|header| header.newer())
        {
            let text = place::of_newer(version);
            note(&format!("warning: {} is of {text}", path.display()));
        }
    }

    fn json(&self, hit: &Hit) -> String {
        let snippet = &hit.snippet;
        let place = |at: usize| snippet.text[..at].chars().count();
        let matches = snippet.matches.iter();
        let matches = matches.map(|found| [place(found.start), place(found.end)]);
        let line = json!({
            "session": hit.session,
            "path": hit.path,
            "name": hit.name,
            "cwd": hit.cwd,
            "entry": hit.entry,
            "timestamp": dates::iso(hit.time),
            "role": hit.voice.as_str(),
            "snippet": snippet.text,
            "matches": matches.collect::<Vec<_>>(),
        });
        format!("{line}\n")
    }

    fn text(&self, hit: &Hit) -> String {
        let paint = |codes: &str, text: &str| match self.is_colored {
            true => format!("\x1b[{codes}m{text}\x1b[0m"),
            false => text.to_owned(),
        };
        let title = hit.name.as_deref().unwrap_or(&hit.session);
        let mut snippet = String::new();
        let mut at = 0;
        for found in &hit.snippet.matches {
            snippet.push_str(&hit.snippet.text[at..found.start]);
            snippet.push_str(&paint("1;33", &hit.snippet.text[found.clone()]));
            at = found.end;
        }
        snippet.push_str(&hit.snippet.text[at..]);
        format!(
            "{} · {} · {} · {}\n  {snippet}\n  {}\n\n",
            paint("1", &sanitize_line(title)),
            dates::minute(hit.time),
            sanitize_line(&short(Path::new(&hit.cwd), &self.home)),
            hit.voice.as_str(),
            paint("2", &self.command(hit)),
        )
    }

    /// What opens the session at the entry.
    fn command(&self, hit: &Hit) -> String {
        // Only there does pi look for an id, unless it is told where else.
        let is_here =
            Path::new(&hit.cwd) == self.cwd && hit.path.parent() == Some(self.folder.as_path());
        let session = match is_here && is_word(&hit.session) {
            true => hit.session.clone(),
            false => quoted(&hit.path.to_string_lossy()),
        };
        let entry = hit.entry.as_deref().filter(|entry| is_word(entry));
        let at = entry.map_or_else(String::new, |entry| format!(" --at {entry}"));
        format!("pi --session {session}{at}")
    }
}

/// A path with `~` for the home directory.
pub(super) fn short(path: &Path, home: &Path) -> String {
    match path.strip_prefix(home) {
        Ok(rest) if rest.as_os_str().is_empty() => "~".into(),
        Ok(rest) if home != Path::new("/") => format!("~/{}", rest.display()),
        _ => path.display().to_string(),
    }
}

/// Whether a shell takes it as it is.
fn is_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@+,".contains(c);
    !text.is_empty() && !text.starts_with('-') && text.chars().all(plain)
}

fn quoted(text: &str) -> String {
    let text = sanitize_line(text);
    match is_word(&text) {
        true => text.into_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}
