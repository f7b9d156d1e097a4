//! Masking secrets, and exporting a session of 20 MB.
//!
//! `cargo bench --bench export`. What is owed: 100 MB/s of masking, and memory that does not follow the
//! session.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop loudly"
)]

use divan::Bencher;
use divan::counter::BytesCount;
use pi::ai::{Clock, Message};
use pi::store::Store;
use pi::store::export::{Format, Options, Redactor, write};

const SIZE: usize = 20 * 1024 * 1024;

fn main() {
    divan::main();
}

fn redactor() -> Redactor {
    let keys = (0..20).map(|n| format!("a-known-secret-of-provider-{n}"));
    Redactor::new(keys)
}

/// Source text as tools return it.
fn code() -> String {
    let source = include_str!("../src/store/file.rs");
    source.repeat(SIZE / source.len() + 1)
}

/// Prose full of words that secrets are told by.
fn anchors() -> String {
    let line =
        "the token: is in api_key or in password = none, says https://a.b/c of the task-force\n";
    line.repeat(SIZE / line.len() + 1)
}

#[divan::bench(args = ["code", "anchors"], sample_count = 5)]
fn masking(bencher: Bencher<'_, '_>, kind: &str) {
    let text = match kind {
        "code" => code(),
        _ => anchors(),
    };
    let redactor = redactor();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| redactor.redact(&text).1);
}

#[divan::bench(args = ["html", "md"], sample_count = 5)]
fn export(bencher: Bencher<'_, '_>, kind: &str) {
    let mut store = Store::in_memory("/proj".as_ref(), None, Clock::fixed(0));
    let text = include_str!("../docs/usage.md");
    for _ in 0..SIZE / text.len() {
        store.append_message(&Message::user(text, 0)).unwrap();
    }
    let options = Options {
        redactor: Some(redactor()),
        ..Options::default()
    };
    let format = Format::of(format!("x.{kind}").as_ref());
    bencher.counter(BytesCount::new(SIZE)).bench_local(|| {
        let mut out = std::io::sink();
        write(&store, format, &options, &mut out).unwrap()
    });
}
