//! Everything that happens in a conversation, as programs see it:
//! `cargo run --example watch_events -- "list the files here"`.

use std::error::Error;
use std::sync::Arc;

use pi::agent::Lane;
use pi::ai::demo::{self, Demo};
use pi::session::{Command, Event, Session, Setup, wire};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "this program is its output")]
async fn main() -> Result<(), Box<dyn Error>> {
    let said = std::env::args().nth(1);
    let here = std::env::current_dir()?;
    let setup = Setup::in_memory(&here, Arc::new(Demo), demo::model(), pi::system_clock());
    let session = Session::start(setup);
    // Before anything is said, so that nothing is missed.
    let mut events = session.events();
    let prompt = Command::Prompt {
        text: said.unwrap_or_else(|| "list the files here".into()),
        images: Vec::new(),
        while_running: Lane::FollowUp,
    };
    session.send(prompt).await;
    while let Some(event) = events.recv().await {
        if let Some(json) = wire::event_to_json(&event) {
            println!("{json}");
        }
        if matches!(&*event, Event::Settled { .. }) {
            break;
        }
    }
    session.send(Command::Shutdown).await;
    Ok(())
}
