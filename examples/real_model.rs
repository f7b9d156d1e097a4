//! A real model: `cargo run --example real_model groq/openai/gpt-oss-120b`. The person's own keys, logins and
//! `models.json` say which models there are; without an argument they are listed.

use std::error::Error;
use std::sync::Arc;

use pi::ai::Model;
use pi::ai::http::HttpClient;
use pi::config::{Env, Paths, Registry, Sources};
use pi::session::{Connection, Models, Session, Setup};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "this program is its output")]
async fn main() -> Result<(), Box<dyn Error>> {
    let here = std::env::current_dir()?;
    let (env, clock) = (Env::of_process(), pi::system_clock());
    let paths = Paths::new(&env, &here);
    let (registry, problems) = Registry::load(Sources::new(&paths, env, clock.clone()));
    for problem in problems {
        println!("{problem}");
    }
    let Some(wanted) = std::env::args().nth(1) else {
        println!("Name one of these, or connect another (docs/providers.md):");
        for model in registry.available() {
            println!("{}", model.full_id());
        }
        return Ok(());
    };
    let mut usable = registry.available().into_iter();
    let model = usable
        .find(|model| model.full_id() == wanted)
        .ok_or("there is no such model, or nothing that connects it")?;
    // Keys are looked up with each request, and logins renewed, where the registry is.
    let models = Arc::new(Models::new(registry));
    let connection = Connection {
        models: models.clone(),
        http: HttpClient::default(),
        block_images: Arc::default(),
    };
    let mut setup = Setup::in_memory(&here, Arc::new(connection), Model::clone(&model), clock);
    setup.models = models;
    println!("{}", Session::start(setup).ask("Say hello.").await?);
    Ok(())
}
