//! Ten lines to an answer: `cargo run --example hello`. The demo answers, so no key is needed.

use std::{env, error::Error, sync::Arc};

use pi::ai::demo::{self, Demo};
use pi::session::{Session, Setup};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "this program is its output")]
async fn main() -> Result<(), Box<dyn Error>> {
    let here = env::current_dir()?;
    let setup = Setup::in_memory(&here, Arc::new(Demo), demo::model(), pi::system_clock());
    println!("{}", Session::start(setup).ask("hello").await?);
    Ok(())
}
