//! The tree of a conversation: `cargo run --example branch`. Two ways from the same point, both kept in
//! one file; then a fork into a file of its own.

use std::error::Error;
use std::sync::Arc;

use pi::ai::demo::{self, Demo};
use pi::session::{Command, LeaveWith, Reply, Session, Setup};
use pi::store::{Filter, Store};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "this program is its output")]
async fn main() -> Result<(), Box<dyn Error>> {
    let home = tempfile::tempdir()?;
    let (here, clock) = (home.path().to_path_buf(), pi::system_clock());
    let mut setup = Setup::in_memory(&here, Arc::new(Demo), demo::model(), clock.clone());
    setup.store = Store::create(&here, &here, None, None, clock.clone());
    setup.session_dir = Box::new(move |_| Some(here.clone()));
    let session = Session::start(setup);
    session.ask("hello").await?;
    session.ask("what is this?").await?;

    // Back to before the second question, which is given back for editing.
    let Reply::ForkPoints(said) = session.send(Command::ForkPoints).await else {
        return Err("nothing was said".into());
    };
    let second = said[1].entry.clone();
    let back = Command::Navigate {
        entry: second.clone(),
        summary: LeaveWith::Nothing,
        label: Some("two ways from here".into()),
    };
    if let Reply::Text(Some(words)) = session.send(back).await {
        println!("to say differently: {words}");
    }
    session.ask("what is that?").await?;

    // A new file with the way up to before that message.
    let tree = session.view().file.clone().ok_or("no file")?;
    session.send(Command::Fork { entry: second }).await;
    session.send(Command::Shutdown).await;

    let opened = Store::open(&tree, pi::store::Access::Read, clock)?;
    for row in opened.store.outline(Filter::UserOnly).rows() {
        let entry = opened.store.entry_at(row.index).unwrap_or_default();
        println!("{}", entry["message"]["content"][0]["text"]);
    }
    Ok(())
}
