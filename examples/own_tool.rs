//! A tool of one's own: `cargo run --example own_tool`. A scripted model calls it, so no key is needed;
//! a real one would find it among its tools in the same way.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use pi::agent::{CallContext, Outcome, Tool};
use pi::ai::ToolSpec;
use pi::ai::script::{ScriptedProvider, Turn, model};
use pi::session::{Session, Setup};
use serde_json::{Value, json};

/// Rolls dice of the given sides, and is always lucky.
struct Dice(ToolSpec);

impl Dice {
    fn new() -> Self {
        let parameters = json!({
            "type": "object",
            "properties": {"sides": {"type": "integer", "minimum": 2}},
            "required": ["sides"],
        });
        Dice(ToolSpec {
            name: "dice".into(),
            description: "Rolls a die with so many sides.".into(),
            parameters: Arc::new(parameters),
        })
    }
}

#[async_trait]
impl Tool for Dice {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    async fn call(&self, args: Value, _cx: CallContext) -> Outcome {
        // The arguments have passed the schema.
        Outcome::text(format!("rolled {}", args["sides"]))
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "this program is its output")]
async fn main() -> Result<(), Box<dyn Error>> {
    let script = ScriptedProvider::new([
        Turn::tool("call_1", "dice", json!({"sides": 6})),
        Turn::text("The die shows six."),
    ]);
    let here = std::env::current_dir()?;
    let answers = Arc::new(script.clone());
    let mut setup = Setup::in_memory(&here, answers, model(), pi::system_clock());
    setup.place.tools = vec![Arc::new(Dice::new())];
    println!("{}", Session::start(setup).ask("roll a die").await?);
    let told = &script.requests()[1].messages;
    println!("the model was told: {}", serde_json::to_string(&told[2])?);
    Ok(())
}
