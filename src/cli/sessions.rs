//! `pi session list`: which sessions there are.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};
use serde_json::json;

use super::dates;
use super::library::Library;
use super::search::short;
use super::world::World;
use super::{Args, CliError, print};
use crate::store::index::{Listed, Sort, Wanted};
use crate::tools::sanitize_line;

/// List this project's sessions, the one that was written last first
#[derive(Debug, Clone, Parser)]
#[command(
    name = "pi session list",
    disable_version_flag = true,
    max_term_width = 100
)]
pub struct ListArgs {
    /// Those with words that begin so in name, first message or directory
    #[arg(value_name = "WORDS")]
    pub words: Vec<String>,

    /// The sessions of all projects
    #[arg(long)]
    pub all: bool,

    /// Those alone that have a name
    #[arg(long)]
    pub named: bool,

    /// In which order
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = Order::Recent)]
    pub sort: Order,

    /// Leave out so many
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,

    /// At most so many; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,

    /// A line of JSON for each session
    #[arg(long)]
    pub json: bool,

    /// Look in this directory of sessions too
    #[arg(long, value_name = "DIR")]
    pub session_dir: Option<PathBuf>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// Written last first.
    Recent,
    /// Begun last first.
    Created,
    /// By name.
    Name,
    /// The longest first.
    Length,
}

/// Does what the arguments behind `pi session list` ask for.
pub(super) fn list(words: &[OsString]) -> Result<u8, CliError> {
    let name = OsString::from("pi session list");
    let args = match ListArgs::try_parse_from(std::iter::once(&name).chain(words)) {
        Ok(args) => args,
        Err(refusal) => {
            // Where it goes has been closed if it cannot be printed.
            let _ = refusal.print();
            return Ok(u8::from(refusal.use_stderr()));
        }
    };
    let world = World::look(&Args::default())?;
    let library = Library::of(&world, args.session_dir.as_deref());
    let wanted = Wanted {
        sort: match args.sort {
            Order::Recent => Sort::Recent,
            Order::Created => Sort::Created,
            Order::Name => Sort::Name,
            Order::Length => Sort::Length,
        },
        offset: args.offset,
        limit: if args.limit == 0 {
            usize::MAX
        } else {
            args.limit
        },
        project: (!args.all).then(|| world.paths.cwd().to_path_buf()),
        named: args.named,
        words: args.words.join(" "),
    };
    let page = library.page(&wanted).map_err(CliError::files)?;
    let mut text = String::new();
    for listed in &page.sessions {
        match args.json {
            true => json_line(&mut text, listed),
            false => text_line(&mut text, listed, world.paths.home(), args.all),
        }
    }
    if page.sessions.is_empty() && !args.json {
        text.push_str("no sessions\n");
    } else if page.more && !args.json {
        let next = args.offset + page.sessions.len();
        let _ = writeln!(text, "… more: --offset {next}");
    }
    print(&text)
}

fn json_line(text: &mut String, listed: &Listed) {
    let digest = &listed.digest;
    let line = json!({
        "session": digest.id,
        "path": listed.path,
        "name": digest.name,
        "cwd": digest.cwd,
        "parentSession": digest.parent,
        "created": dates::iso(digest.created),
        "modified": dates::iso(listed.modified),
        "lastActivity": dates::iso(digest.active),
        "messageCount": digest.messages,
        "firstMessage": digest.first,
        "totalTokens": digest.tokens,
        "cost": digest.cost,
    });
    let _ = writeln!(text, "{line}");
}

fn text_line(text: &mut String, listed: &Listed, home: &Path, with_directory: bool) {
    let digest = &listed.digest;
    let title = digest.name.as_deref().unwrap_or(&digest.first);
    let title: String = title.chars().take(80).collect();
    let directory = short(Path::new(&digest.cwd), home);
    let directory = match with_directory {
        true => format!("{}  ", sanitize_line(&directory)),
        false => String::new(),
    };
    let _ = writeln!(
        text,
        "{}  {}  {:>5}  {directory}{}",
        sanitize_line(&digest.id),
        dates::minute(listed.modified),
        digest.messages,
        sanitize_line(&title),
    );
}
