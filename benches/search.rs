//! Indexing, searching and listing many sessions.
//!
//! `cargo bench --bench search` makes 200 MB in 400 sessions; `SEARCH_BENCH_MB=5000
//! SEARCH_BENCH_SESSIONS=10000` is the size that pi promises figures for. `SEARCH_BENCH_DIR` keeps the
//! sessions and the index, to be looked at with the program itself
//! (`PI_CODING_AGENT_DIR=$SEARCH_BENCH_DIR pi search …`).
//!
//! The text is made up: words by Zipf's law from a vocabulary of 50,000, with identifiers, numbers and
//! paths among them, in prompts, answers, calls and results of the usual lengths.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop loudly"
)]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pi::store::index::{self, Filter, Index, Query, Roots, Sort, Wanted};
use serde_json::{Value, json};

/// The newest session began so many milliseconds after 1970.
const NEWEST: i64 = 1_795_000_000_000;

fn main() {
    let number = |name: &str, default| {
        let given = std::env::var(name).ok().and_then(|text| text.parse().ok());
        given.unwrap_or(default)
    };
    let (megabytes, sessions) = (
        number("SEARCH_BENCH_MB", 200),
        number("SEARCH_BENCH_SESSIONS", 400),
    );
    let kept = std::env::var_os("SEARCH_BENCH_DIR").map(PathBuf::from);
    let root = kept
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join(format!("pi-search-{}", std::process::id())));
    let roots = Roots {
        projects: root.join("sessions"),
        flat: None,
    };
    if !roots.projects.is_dir() {
        let begun = Instant::now();
        generate(&roots.projects, megabytes * 1_000_000, sessions);
        println!(
            "made {megabytes} MB in {sessions} sessions: {:.1?}",
            begun.elapsed()
        );
    }
    let path = root.join("sessions-index.sqlite");
    let (mut index, _) = Index::open(&path).unwrap();
    let begun = Instant::now();
    let updated = index.update(&roots, |_| ControlFlow::Continue(())).unwrap();
    println!("indexed ({updated:?}): {:.1?}", begun.elapsed());
    let size = fs::metadata(&path).unwrap().len();
    println!("index: {} MB", size / 1_000_000);
    drop(index);
    measure("nothing new", || {
        let (mut index, _) = Index::open(&path).unwrap();
        index.update(&roots, |_| ControlFlow::Continue(())).unwrap();
    });
    for query in QUERIES {
        search(&path, &roots, query);
    }
    list(&path, &roots);
    if kept.is_none() {
        fs::remove_dir_all(root).unwrap();
    }
}

/// A frequent word, words of middling rank, rare ones, a phrase of frequent words, patterns.
const QUERIES: [&str; 9] = [
    "w0",
    "w12 w345 w678",
    "w20000 w30000",
    "needle",
    "\"w1 w2 w3\"",
    "\"w0 needle\"",
    "w4999*",
    r"re:\bneedle_\d+\b",
    r"re:fn w49\d\d\(",
];

fn search(path: &Path, roots: &Roots, text: &str) {
    let query = Query::parse(text).unwrap();
    let first = measure(&format!("first hit of {text}"), || {
        let (index, _) = Index::open(path).unwrap();
        find(&index, roots, &query, 1);
    });
    if first > Duration::from_secs(1) {
        return;
    }
    let (index, _) = Index::open(path).unwrap();
    let hits = find(&index, roots, &query, 20);
    measure(&format!("{hits} hits of {text}"), || {
        let (index, _) = Index::open(path).unwrap();
        find(&index, roots, &query, 20);
    });
}

fn find(index: &Index, roots: &Roots, query: &Query, limit: usize) -> usize {
    let mut hits = 0;
    let mut each = |_| {
        hits += 1;
        match hits < limit {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    };
    let filter = Filter::default();
    index
        .search(roots, query, &filter, &|| false, &mut each)
        .unwrap();
    hits
}

fn list(path: &Path, roots: &Roots) {
    for (what, wanted) in [
        ("recent", Wanted::default()),
        (
            "by name",
            Wanted {
                sort: Sort::Name,
                ..Wanted::default()
            },
        ),
        (
            "with a word",
            Wanted {
                words: "w77".into(),
                ..Wanted::default()
            },
        ),
    ] {
        let wanted = Wanted {
            limit: 50,
            ..wanted
        };
        measure(&format!("a page, {what}"), || {
            let (index, _) = Index::open(path).unwrap();
            let page = index::page(Some(&index), roots, &wanted).unwrap();
            assert!(!page.sessions.is_empty());
        });
    }
    let wanted = Wanted {
        limit: 50,
        ..Wanted::default()
    };
    measure("a page without an index", || {
        index::page(None, roots, &wanted).unwrap();
    });
}

/// Prints the first time and the best of five.
fn measure(what: &str, mut work: impl FnMut()) -> Duration {
    let times: Vec<Duration> = (0..5)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    let best = times.iter().min().unwrap();
    println!("{what:<40} first {:>9.1?}  best {best:>9.1?}", times[0]);
    *best
}

fn generate(projects: &Path, bytes: u64, sessions: u64) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for number in 0..sessions {
        let cwd = format!("/proj/project{}", number % 200);
        let folder = projects.join(format!("--work-project{}--", number % 200));
        fs::create_dir_all(&folder).unwrap();
        let start = NEWEST - (sessions - number) as i64 * 3_600_000;
        let id = format!("{number:08x}-0000-7000-8000-{number:012x}");
        let name = format!("{}_{id}.jsonl", iso(start).replace([':', '.'], "-"));
        let mut file = BufWriter::new(File::create(folder.join(name)).unwrap());
        let header =
            json!({"type": "session", "version": 3, "id": id, "timestamp": iso(start), "cwd": cwd});
        writeln!(file, "{header}").unwrap();
        // From a tenth of the mean to almost twice as much.
        let wanted = bytes / sessions * (10 + random.below(180)) / 100;
        let mut session = Session {
            file,
            at: start,
            entries: 0,
            written: 0,
        };
        while session.written < wanted {
            session.round(&mut random);
        }
        session.file.flush().unwrap();
    }
}

struct Session {
    file: BufWriter<File>,
    at: i64,
    entries: u32,
    written: u64,
}

impl Session {
    /// A prompt, and a few answers that call a tool.
    fn round(&mut self, random: &mut Random) {
        let length = 20 + random.below(60);
        let prompt = random.text(length);
        self.message(json!({"role": "user", "content": [{"type": "text", "text": prompt}], "timestamp": self.at}));
        for call in 0..3 + random.below(8) {
            let length = 20 + random.below(80);
            let said = random.text(length);
            let command = random.text(10);
            self.message(json!({
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": random.text(60)},
                    {"type": "text", "text": said},
                    {"type": "toolCall", "id": format!("call{call}"), "name": "bash", "arguments": {"command": command}},
                ],
                "api": "anthropic-messages", "provider": "made", "model": "up",
                "usage": {"input": 1000, "output": 200, "cacheRead": 0, "cacheWrite": 0, "totalTokens": 1200,
                    "cost": {"input": 0.0, "output": 0.0, "cacheRead": 0.0, "cacheWrite": 0.0, "total": 0.01}},
                "stopReason": "toolUse", "timestamp": self.at,
            }));
            // Most results are short, some are long.
            let lines = if random.below(10) == 0 {
                500
            } else {
                10 + random.below(40)
            };
            let output = random.code(lines);
            self.message(json!({
                "role": "toolResult", "toolCallId": format!("call{call}"), "toolName": "bash",
                "content": [{"type": "text", "text": output}], "isError": false, "timestamp": self.at,
            }));
        }
    }

    fn message(&mut self, message: Value) {
        let parent = self
            .entries
            .checked_sub(1)
            .map(|last| format!("{last:08x}"));
        let line = json!({"type": "message", "id": format!("{:08x}", self.entries), "parentId": parent,
            "timestamp": iso(self.at), "message": message});
        let line = line.to_string();
        writeln!(self.file, "{line}").unwrap();
        self.written += line.len() as u64 + 1;
        self.entries += 1;
        self.at += 7_000;
    }
}

/// xorshift64*: <https://en.wikipedia.org/wiki/Xorshift>.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A rank by Zipf's law, near enough: the inverse of its distribution.
    fn rank(&mut self) -> u64 {
        let part = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        (50_000f64.powf(part) - 1.0) as u64
    }

    fn text(&mut self, words: u64) -> String {
        let mut text = String::new();
        for _ in 0..words {
            match self.below(200) {
                0 => write!(text, "0x{:08x} ", self.next() as u32),
                1 => write!(
                    text,
                    "src/w{}/w{}.rs:{} ",
                    self.rank(),
                    self.rank(),
                    self.below(900)
                ),
                _ => write!(text, "w{} ", self.rank()),
            }
            .unwrap();
        }
        // One entry of some thousand.
        if self.below(5_000) == 0 {
            write!(text, "needle needle_{} ", self.below(100)).unwrap();
        }
        text
    }

    fn code(&mut self, lines: u64) -> String {
        let mut text = String::new();
        for line in 0..lines {
            writeln!(
                text,
                "{line:5}  fn w{}(w{}: &str) -> Option<W{}> {{",
                self.rank(),
                self.rank(),
                self.rank()
            )
            .unwrap();
            text.push_str("        ");
            text.push_str(&self.text(6));
            text.push('\n');
        }
        text
    }
}

fn iso(at: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(at).unwrap();
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
