//! What streaming and scrolling cost: `cargo bench --bench transcript`.
//!
//! A frame is 120×40, drawn into a ratatui buffer as the terminal would; a token is about four bytes.
#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot go on should stop loudly"
)]

use std::sync::Arc;

use divan::{Bencher, black_box};
use pi::agent::AgentEvent;
use pi::ai::message::{AssistantMessage, Content, Message, StopReason, Usage};
use pi::ai::{Delta, SharedMessage};
use pi::config::Themes;
use pi::session::{Event, History};
use pi::tui::look::{Depth, Look};
use pi::tui::markdown::Highlighter;
use pi::tui::transcript::{Setup, Transcript};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

const WIDTH: u16 = 120;
const HEIGHT: u16 = 40;
const TOKENS: usize = 20_000;
const CHUNKS_A_FRAME: usize = 16;

fn main() {
    divan::main();
}

/// Prose, lists, tables and code, as models write them.
const MIXED: &str = "## A heading of some words\n\nA paragraph with **bold** and `code`, which is long \
    enough to be wrapped at a hundred and twenty columns, as most paragraphs of an answer are.\n\n\
    - a first point\n- a second point with [a link](https://example.org)\n  1. nested\n\n\
    | name | value |\n|---|---|\n| one | 1 |\n| two | 2 |\n\n\
    ```rust\nfn main() -> Result<(), Error> {\n    let lines = read(\"notes.txt\")?; // all of them\n    \
    for (index, line) in lines.iter().enumerate() {\n        println!(\"{index}: {line}\");\n    }\n    Ok(())\n}\n```\n\n";
/// One endless code block.
const CODE: &str = "    let lines: Vec<String> = read(\"notes.txt\")?; // all of them\n";
/// One endless paragraph.
const PROSE: &str = "words that go on and on, ";

#[divan::bench(args = ["mixed", "code", "prose"], sample_count = 5, sample_size = 1)]
fn stream_20_000_tokens(bencher: Bencher, kind: &str) {
    let (start, piece) = match kind {
        "mixed" => ("", MIXED),
        "code" => ("```rust\n", CODE),
        _ => ("", PROSE),
    };
    let body = piece.repeat(TOKENS * 4 / piece.len());
    let text = format!("{start}{body}");
    let highlighter = Highlighter::new(|| {});
    highlighter.load();
    bencher.bench_local(|| stream(&text, &highlighter));
}

/// Streams a text in tokens, drawing a frame every so many.
fn stream(text: &str, highlighter: &Highlighter) {
    let look = look();
    let setup = Setup {
        highlighter: highlighter.clone(),
        ..Setup::default()
    };
    let mut transcript = Transcript::new(Arc::new(Vec::<SharedMessage>::new()), setup);
    let mut apply = |event, draw: bool| {
        transcript.apply(&Event::Agent(event));
        if draw {
            paint(&mut transcript, &look);
        }
    };
    let message = Arc::new(answer(String::new()));
    apply(AgentEvent::MessageStart { message }, false);
    let delta = Delta::TextStart { index: 0 };
    apply(AgentEvent::MessageUpdate { delta }, false);
    for (count, piece) in text.as_bytes().chunks(4).enumerate() {
        let text = std::str::from_utf8(piece).unwrap().into();
        let delta = Delta::Text { index: 0, text };
        apply(
            AgentEvent::MessageUpdate { delta },
            count % CHUNKS_A_FRAME == 0,
        );
    }
    let message = Arc::new(answer(text.to_owned()));
    apply(AgentEvent::MessageEnd { message }, true);
}

#[divan::bench]
fn open_50_000_messages_and_paint_the_end() {
    let mut transcript = Transcript::new(Arc::new(Endless(50_000)), Setup::default());
    paint(&mut transcript, &look());
}

#[divan::bench]
fn scroll_a_line_in_50_000_messages(bencher: Bencher) {
    let mut transcript = Transcript::new(Arc::new(Endless(50_000)), Setup::default());
    let look = look();
    paint(&mut transcript, &look);
    bencher.bench_local(|| {
        transcript.scroll_lines(-1);
        paint(&mut transcript, &look);
    });
}

/// A history of so many answers.
struct Endless(usize);

impl History for Endless {
    fn len(&self) -> usize {
        self.0
    }

    fn message(&self, _: usize) -> Option<SharedMessage> {
        Some(Arc::new(answer(MIXED.to_owned())))
    }
}

fn paint(transcript: &mut Transcript, look: &Look) {
    let mut buffer = Buffer::empty(Rect::new(0, 0, WIDTH, HEIGHT));
    for (row, line) in transcript.viewport(WIDTH, HEIGHT, look).iter().enumerate() {
        let row = u16::try_from(row).unwrap();
        line.render(Rect::new(0, row, WIDTH, 1), &mut buffer);
    }
    black_box(buffer);
}

fn look() -> Look {
    Look::new(&Themes::embedded().find("dark").unwrap(), Depth::Truecolor)
}

fn answer(text: String) -> Message {
    Message::Assistant(AssistantMessage {
        content: vec![Content::text(text)],
        api: String::new(),
        provider: String::new(),
        model: String::new(),
        provider_thinking_level: None,
        response_model: None,
        response_id: None,
        usage: Usage::default(),
        stop_reason: StopReason::Stop,
        error_message: None,
        failure: None,
        timestamp: 0,
    })
}
