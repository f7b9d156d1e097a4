//! A model of one's own: `cargo run --example own_provider`. Anything that turns a request into deltas
//! can answer: a server with its own protocol, a local engine, a rule book.

use std::error::Error;
use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt};
use pi::ai::delta::empty_message;
use pi::ai::script::model;
use pi::ai::{Content, Delta, Message, Model, Provider, Request};
use pi::session::{Session, Setup};
use tokio_util::sync::CancellationToken;

/// Says what it was told, backwards.
struct Backwards;

impl Provider for Backwards {
    fn stream(
        &self,
        model: &Model,
        request: Request,
        _stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        let said = request
            .messages
            .iter()
            .rev()
            .find_map(|message| match &**message {
                Message::User(user) => Some(user.content.to_text()),
                _ => None,
            });
        let text: String = said.unwrap_or_default().chars().rev().collect();
        let mut answer = empty_message(model, request.clock.now());
        answer.content = vec![Content::text(text.clone())];
        answer.usage.output = text.len() as u64;
        // Pieces as they come, then the whole message: the stream always ends with it.
        let pieces = [
            Delta::Start,
            Delta::TextStart { index: 0 },
            Delta::Text {
                index: 0,
                text: text.as_str().into(),
            },
            Delta::TextEnd {
                index: 0,
                text: text.into(),
            },
            Delta::Done(Arc::new(answer)),
        ];
        stream::iter(pieces).boxed()
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "this program is its output")]
async fn main() -> Result<(), Box<dyn Error>> {
    let here = std::env::current_dir()?;
    let mut own = model();
    own.name = "Backwards".into();
    let setup = Setup::in_memory(&here, Arc::new(Backwards), own, pi::system_clock());
    println!("{}", Session::start(setup).ask("stressed").await?);
    Ok(())
}
