//! A session of 1,000,000 entries and 1 GB: opening it, the memory it takes, appending to it, listing its
//! tree, forking it.
//!
//! `cargo bench --bench large`. The best of several tries each: what else the machine does is not pi's.
//! The file is made in a temporary folder and taken away again.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop loudly"
)]
#![expect(clippy::print_stdout, reason = "figures are its result")]

mod generate;

use std::time::{Duration, Instant};

use pi::ai::{Clock, Message};
use pi::store::{Access, Filter, Store};

const ENTRIES: usize = 1_000_000;
const BYTES: usize = 1_100_000_000;
const APPENDS: u32 = 2_000;

fn main() {
    let dir = std::env::temp_dir().join(format!("pi-bench-large-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let path = generate::session(&dir, ENTRIES, BYTES);
    let len = std::fs::metadata(&path).unwrap().len();
    println!("{ENTRIES} entries, {} MB", len / 1_000_000);
    println!("resident before: {}", generate::resident());

    let clock = || Clock::fixed(0);
    let mut cpu = Duration::MAX;
    let open = best(5, || {
        let (begun, worked) = (Instant::now(), cpu_time());
        let opened = Store::open(&path, Access::Read, clock()).unwrap();
        let took = begun.elapsed();
        cpu = cpu.min(cpu_time() - worked);
        assert_eq!(opened.store.tree().len(), ENTRIES);
        took
    });
    println!("open: {open:?}, of which {cpu:?} at work");
    let mut store = Store::open(&path, Access::Write, clock()).unwrap().store;
    println!("resident with it open: {}", generate::resident());

    let message = Message::user("a question of the usual length, say", 0);
    let append = best(10, || each_append(&mut store, &message));
    println!("append, without fsync: {append:?}");
    let outline = best(3, || {
        let begun = Instant::now();
        assert!(store.outline(Filter::Default).rows().len() >= ENTRIES);
        begun.elapsed()
    });
    println!("outline of all entries: {outline:?}");
    let leaf = store.leaf().unwrap();
    let begun = Instant::now();
    drop(store.fork(Some(leaf.as_str()), None).unwrap());
    println!("fork of all of it: {:?}", begun.elapsed());
    println!("resident at the end: {}", generate::resident());
    drop(store);

    let small = dir.join("small");
    std::fs::create_dir_all(&small).unwrap();
    for entries in [1, 50_000] {
        let path = generate::session(&small, entries, entries * 2_000);
        let mut store = Store::open(&path, Access::Write, clock()).unwrap().store;
        let append = best(10, || each_append(&mut store, &message));
        println!("append, without fsync, after {entries} entries: {append:?}");
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

fn each_append(store: &mut Store, message: &Message) -> Duration {
    let begun = Instant::now();
    for _ in 0..APPENDS {
        store.append_message(message).unwrap();
    }
    begun.elapsed() / APPENDS
}

/// What this process has worked, which tells more than the clock where others work too.
fn cpu_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: a plain system call with a valid pointer.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn best(tries: usize, mut figure: impl FnMut() -> Duration) -> Duration {
    (0..tries).map(|_| figure()).min().unwrap_or_default()
}
