//! `grep`: lines that match, by ripgrep's own engine, in process.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{
    BinaryDetection, Searcher, SearcherBuilder, Sink, SinkContext, SinkContextKind, SinkMatch,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::arguments::{self, path_not_found, with_notices};
use super::truncate::{self, MAX_BYTES, MAX_GREP_LINE, human_size};
use super::workspace::{FileKind, Workspace};
use crate::agent::{CallContext, Outcome, Tool};
use crate::ai::ToolSpec;

/// Matches that are returned when the model says nothing.
const LIMIT: usize = 100;
/// The longest line that is searched; a file with a longer one is passed over.
const LONGEST_LINE: usize = 16 * 1024 * 1024;

pub(super) struct Grep {
    workspace: Arc<dyn Workspace>,
    spec: ToolSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Arguments {
    pattern: String,
    path: Option<String>,
    glob: Option<String>,
    ignore_case: Option<bool>,
    literal: Option<bool>,
    context: Option<f64>,
    limit: Option<f64>,
}

impl Grep {
    pub(super) fn new(workspace: Arc<dyn Workspace>) -> Self {
        let spec = arguments::spec(
            "grep",
            "Search file contents. Gives path, line number and line of each match; honours \
             .gitignore. At most 100 matches or 50KB, lines cut at 500 characters.",
            json!({
                "type": "object",
                "properties": {
                    "pattern": { "type": "string", "description": "Regular expression, or text with literal" },
                    "path": { "type": "string", "description": "Directory or file; default: working directory" },
                    "glob": { "type": "string", "description": "Only such files, e.g. '*.ts' or 'src/**/*.rs'" },
                    "ignoreCase": { "type": "boolean", "description": "Ignore case; default: false" },
                    "literal": { "type": "boolean", "description": "Pattern is plain text; default: false" },
                    "context": { "type": "number", "description": "Lines around each match; default: 0" },
                    "limit": { "type": "number", "description": "Most matches; default: 100" },
                },
                "required": ["pattern"],
            }),
        );
        Grep { workspace, spec }
    }

    async fn grep(&self, args: Arguments, stop: CancellationToken) -> Outcome {
        let root = self
            .workspace
            .resolve_existing(args.path.as_deref().unwrap_or("."));
        let Ok(stat) = self.workspace.stat(&root).await else {
            return path_not_found(&root);
        };
        let matcher = RegexMatcherBuilder::new()
            .case_insensitive(args.ignore_case.unwrap_or(false))
            .fixed_strings(args.literal.unwrap_or(false))
            .line_terminator(Some(b'\n'))
            .build(&args.pattern);
        let matcher = match matcher {
            Ok(matcher) => matcher,
            Err(error) => return Outcome::error(format!("Bad pattern: {error}")),
        };
        let limit = args.limit.map_or(LIMIT, arguments::count).max(1);
        let found = Arc::new(Mutex::new(Found::new(limit)));
        let mut search = Search {
            workspace: self.workspace.clone(),
            base: (stat.kind == FileKind::Directory).then(|| root.clone()),
            searcher: searcher(args.context.map_or(0, arguments::count)),
            matcher,
            stop: stop.clone(),
            found: found.clone(),
        };
        let visit = Box::new(move |path: &Path, kind| search.visit(path, kind));
        let walked = self
            .workspace
            .walk(&root, args.glob.as_deref(), stop, visit)
            .await;
        if let Err(error) = walked {
            return Outcome::error(format!("Cannot search: {error}"));
        }
        let found = found.lock().unwrap_or_else(PoisonError::into_inner);
        found.outcome()
    }
}

#[async_trait]
impl Tool for Grep {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn snippet(&self) -> Option<&str> {
        Some("Search what files say (honours .gitignore)")
    }

    async fn call(&self, args: Value, cx: CallContext) -> Outcome {
        match arguments::parse(args) {
            Ok(args) => arguments::until_stopped(&cx.stop, self.grep(args, cx.stop.clone())).await,
            Err(outcome) => outcome,
        }
    }
}

fn searcher(context: usize) -> Searcher {
    SearcherBuilder::new()
        .line_number(true)
        .before_context(context)
        .after_context(context)
        .binary_detection(BinaryDetection::quit(0))
        .heap_limit(Some(LONGEST_LINE))
        .build()
}

/// One search, on the walking thread.
struct Search {
    workspace: Arc<dyn Workspace>,
    /// What paths are shown relative to; none when a single file is searched.
    base: Option<PathBuf>,
    searcher: Searcher,
    matcher: RegexMatcher,
    stop: CancellationToken,
    /// Shared with the call that waits; the lock is held for one file.
    found: Arc<Mutex<Found>>,
}

impl Search {
    /// Searches one file; false when there is enough.
    fn visit(&mut self, path: &Path, kind: FileKind) -> bool {
        if kind != FileKind::File {
            return true;
        }
        // What cannot be read is passed over, like in ripgrep's output.
        let Ok(file) = self.workspace.open(path) else {
            return true;
        };
        let reader = Stoppable {
            file,
            stop: self.stop.clone(),
        };
        let shown = match &self.base {
            Some(base) => path.strip_prefix(base).unwrap_or(path),
            None => path.file_name().map_or(path, Path::new),
        };
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sink = FileSink {
            path: shown.to_string_lossy().into_owned(),
            found: &mut found,
        };
        let _ = self
            .searcher
            .search_reader(&self.matcher, reader, &mut sink);
        !found.is_enough
    }
}

/// A file that ends when the person stops.
struct Stoppable {
    file: Box<dyn Read + Send>,
    stop: CancellationToken,
}

impl Read for Stoppable {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_cancelled() {
            return Ok(0);
        }
        self.file.read(buffer)
    }
}

/// What has been found so far.
struct Found {
    limit: usize,
    text: String,
    matches: usize,
    more_matches: bool,
    lines_cut: bool,
    is_enough: bool,
}

impl Found {
    fn new(limit: usize) -> Self {
        Found {
            limit,
            text: String::new(),
            matches: 0,
            more_matches: false,
            lines_cut: false,
            is_enough: false,
        }
    }

    fn push(&mut self, path: &str, mark: char, number: Option<u64>, line: &[u8]) {
        let line = String::from_utf8_lossy(line).replace(['\r', '\n'], "");
        let (line, cut) = truncate::grep_line(&line);
        self.lines_cut |= cut;
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let number = number.unwrap_or_default();
        self.text
            .push_str(&format!("{path}{mark}{number}{mark} {line}"));
        self.is_enough |= self.text.len() > MAX_BYTES;
    }

    fn outcome(&self) -> Outcome {
        if self.matches == 0 {
            return Outcome::text("No matches found");
        }
        let (text, facts) = truncate::head(&self.text, truncate::NO_LIMIT);
        let mut notices = Vec::new();
        let mut details = Map::new();
        if self.more_matches {
            let limit = self.limit;
            notices.push(format!(
                "Stopped at {limit} matches. There are more: narrow the pattern or use limit={}",
                limit.saturating_mul(2)
            ));
            details.insert("matchLimitReached".into(), limit.into());
        }
        if facts.truncated {
            notices.push(format!("Cut at {}", human_size(MAX_BYTES as u64)));
            details.insert("truncation".into(), json!(facts));
        }
        if self.lines_cut {
            notices.push(format!(
                "Long lines are cut at {MAX_GREP_LINE} characters; read shows them whole"
            ));
            details.insert("linesTruncated".into(), true.into());
        }
        Outcome {
            details: (!details.is_empty()).then_some(Value::Object(details)),
            ..Outcome::text(with_notices(text, &notices))
        }
    }
}

/// Takes the lines of one file.
struct FileSink<'a> {
    path: String,
    found: &'a mut Found,
}

impl Sink for FileSink<'_> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, line: &SinkMatch<'_>) -> io::Result<bool> {
        if self.found.matches == self.found.limit {
            self.found.more_matches = true;
            self.found.is_enough = true;
        } else {
            self.found.matches += 1;
            self.found
                .push(&self.path, ':', line.line_number(), line.bytes());
        }
        Ok(!self.found.is_enough)
    }

    fn context(&mut self, _: &Searcher, line: &SinkContext<'_>) -> io::Result<bool> {
        // Lines before a match that will not be shown are not shown either.
        let is_full = self.found.matches == self.found.limit;
        if !(is_full && *line.kind() == SinkContextKind::Before) {
            self.found
                .push(&self.path, '-', line.line_number(), line.bytes());
        }
        Ok(!self.found.is_enough)
    }
}
