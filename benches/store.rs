//! Opening and growing a session of 50,000 entries and 100 MB.
//!
//! `cargo bench --bench store`. The file is made once per run, in a temporary folder.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop loudly"
)]
#![expect(clippy::print_stdout, reason = "memory is reported beside the times")]

mod generate;

use std::path::PathBuf;
use std::sync::OnceLock;

use divan::Bencher;
use pi::ai::{Clock, Message};
use pi::store::{Access, Store};

const ENTRIES: usize = 50_000;
const BYTES: usize = 100 * 1024 * 1024;

fn main() {
    let before = generate::resident();
    let opened = Store::open(session(), Access::Read, Clock::fixed(0)).unwrap();
    let entries = opened.store.tree().len();
    println!(
        "resident: {before} before, {} with {entries} entries open",
        generate::resident()
    );
    drop(opened);
    divan::main();
    std::fs::remove_dir_all(session().parent().unwrap()).unwrap();
}

#[divan::bench(sample_count = 20)]
fn open(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| Store::open(session(), Access::Read, Clock::fixed(0)).unwrap());
}

#[divan::bench]
fn read_the_last_fifty_messages(bencher: Bencher<'_, '_>) {
    let store = Store::open(session(), Access::Read, Clock::fixed(0))
        .unwrap()
        .store;
    bencher.bench_local(|| {
        let branch = store.branch();
        let last = branch.len() - 50..branch.len();
        last.filter_map(|index| branch.message(index)).count()
    });
}

#[divan::bench]
fn append(bencher: Bencher<'_, '_>) {
    let copy = session().with_file_name("append.jsonl");
    std::fs::copy(session(), &copy).unwrap();
    let mut store = Store::open(&copy, Access::Write, Clock::fixed(0))
        .unwrap()
        .store;
    let message = Message::user("a question of the usual length, say", 0);
    bencher.bench_local(|| store.append_message(&message).unwrap());
}

/// A generated session, made once.
fn session() -> &'static PathBuf {
    static SESSION: OnceLock<PathBuf> = OnceLock::new();
    SESSION.get_or_init(|| {
        let dir = std::env::temp_dir().join(format!("pi-bench-store-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        generate::session(&dir, ENTRIES, BYTES)
    })
}
