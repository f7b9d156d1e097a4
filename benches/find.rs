//! Searching a session of 50,000 entries in the terminal, and going to its beginning.
//!
//! `cargo bench --bench find`. The best of several tries each. The file is made in a temporary folder and
//! taken away again.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop loudly"
)]
#![expect(clippy::print_stdout, reason = "figures are its result")]

mod generate;

use std::sync::Arc;
use std::time::{Duration, Instant};

use pi::ai::Clock;
use pi::config::Themes;
use pi::store::{Access, Store};
use pi::tui::look::{Depth, Look};
use pi::tui::transcript::{Setup, Transcript};

const ENTRIES: usize = 50_000;
const BYTES: usize = 55_000_000;

fn main() {
    let dir = std::env::temp_dir().join(format!("pi-bench-find-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let path = generate::session(&dir, ENTRIES, BYTES);
    let store = Store::open(&path, Access::Read, Clock::fixed(0))
        .unwrap()
        .store;
    let look = Look::new(&Themes::embedded().find("dark").unwrap(), Depth::Truecolor);
    let open = || {
        let mut transcript = Transcript::new(Arc::new(store.transcript()), Setup::default());
        transcript.viewport(120, 40, &look);
        transcript
    };
    for words in ["nowhere-to-be-found", "value", "e"] {
        let mut first = Duration::MAX;
        let mut count = None;
        let all = best(5, || {
            let mut transcript = open();
            let begun = Instant::now();
            let scan = transcript.search(words).unwrap();
            let mut parts = Vec::new();
            scan.run(|part| parts.push(part));
            let told = begun.elapsed();
            for part in parts {
                transcript.found(part, &look);
                transcript.viewport(120, 40, &look);
                if transcript.search_progress().is_some_and(|now| now.at > 0) {
                    first = first.min(begun.elapsed() - told);
                }
            }
            count = transcript.search_progress();
            begun.elapsed()
        });
        println!("search {words:?}: {all:?}, {count:?}; first shown on the loop within {first:?}");
    }
    let prompts = best(5, || {
        let transcript = open();
        let begun = Instant::now();
        let found = transcript.prompts().run().len();
        assert!(found > 0);
        begun.elapsed()
    });
    println!("the list of prompts: {prompts:?}");
    let top = best(5, || {
        let mut transcript = open();
        let begun = Instant::now();
        transcript.to_top();
        transcript.viewport(120, 40, &look);
        begun.elapsed()
    });
    println!("to the top: {top:?}");
    println!("resident at the end: {}", generate::resident());
    std::fs::remove_dir_all(&dir).unwrap();
}

fn best(tries: usize, mut once: impl FnMut() -> Duration) -> Duration {
    (0..tries).map(|_| once()).min().unwrap_or_default()
}
