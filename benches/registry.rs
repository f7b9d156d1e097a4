//! What models cost at the start: a `models.json` of 1,000 models, and a catalogue of 1,600 models that was
//! fetched later.
//!
//! `cargo bench --bench registry`. The best of many tries each; every try reads its files anew. What the
//! embedded catalogue parsed once stays parsed within the process, so "all" comes last.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop loudly"
)]
#![expect(clippy::print_stdout, reason = "figures are its result")]

use std::path::Path;
use std::time::{Duration, Instant};

use pi::ai::{Clock, catalog};
use pi::config::models::refresh::{self, Kept};
use pi::config::{Env, Paths, Registry, Sources, resolve};
use serde_json::json;

fn main() {
    let dir = std::env::temp_dir().join(format!("pi-bench-registry-{}", std::process::id()));
    let agent = dir.join(".pi/agent");
    std::fs::create_dir_all(&agent).unwrap();
    let home = dir.to_str().unwrap().to_owned();
    let facts = catalog::providers().filter_map(catalog::facts);
    let keys = facts.flat_map(|facts| facts.env.clone());
    let mut env: Env = keys.map(|name| (name, "key".to_owned())).collect();
    env = env
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .chain([("HOME".to_owned(), home)])
        .collect();
    let load = || {
        let sources = Sources::new(&Paths::new(&env, &dir), env.clone(), Clock::fixed(0));
        let (registry, problems) = Registry::load(sources);
        assert!(problems.is_empty(), "{problems:?}");
        registry
    };
    let one = |registry: &Registry| registry.find("anthropic", "claude-opus-5-5").unwrap();

    println!("no files, read: {:?}", best(|| drop(load())));
    println!("and one model asked for: {:?}", best(|| drop(one(&load()))));

    models_json(&agent, "");
    println!("1,000 models, read: {:?}", best(|| drop(load())));
    println!("and one asked for: {:?}", best(|| drop(one(&load()))));
    models_json(&agent, "// with comments\n");
    println!("the same with comments: {:?}", best(|| drop(load())));
    std::fs::remove_file(agent.join("models.json")).unwrap();

    let made_at = catalog::MADE_AT + 1;
    let kept: Vec<Kept> = catalog::providers()
        .map(|provider| Kept {
            checked: refresh::read(provider, &json!(catalog::models(provider))).unwrap(),
            checked_at: made_at,
            made_at,
            source: "bench".into(),
            tag: None,
        })
        .collect();
    let store = agent.join("models-store.json");
    refresh::write(&store, &kept).unwrap();
    println!(
        "a later catalogue, one asked for: {:?}",
        best(|| drop(one(&load())))
    );
    println!(
        "all listed: {:?}",
        best(|| drop(resolve::list_models(&load(), None, None)))
    );
    let text = std::fs::read_to_string(&store).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    std::fs::write(&store, serde_json::to_string_pretty(&value).unwrap()).unwrap();
    println!(
        "as the reference lays it out, one: {:?}",
        best(|| drop(one(&load())))
    );
    std::fs::remove_file(store).unwrap();

    println!(
        "embedded, all listed: {:?}",
        best(|| drop(resolve::list_models(&load(), None, None)))
    );
    println!(
        "those that match \"sonnet\": {:?}",
        best(|| drop(resolve::list_models(&load(), None, Some("sonnet"))))
    );
    std::fs::remove_dir_all(dir).unwrap();
}

fn models_json(agent: &Path, comment: &str) {
    let models: Vec<String> = (0..1000)
        .map(|at| {
            let model = json!({
                "id": format!("vendor/model-{at}-instruct"), "name": format!("Model {at} Instruct"), "reasoning": at % 2 == 0,
                "input": ["text", "image"], "contextWindow": 128_000 + at, "maxTokens": 8192,
                "cost": {"input": 0.5, "output": 1.5, "cacheRead": 0.1, "cacheWrite": 0},
                "compat": {"supportsDeveloperRole": false, "maxTokensField": "max_tokens"},
            });
            format!("{comment}{model}")
        })
        .collect();
    let text = format!(
        "{{\"providers\": {{\"box\": {{\"baseUrl\": \"http://localhost:8080/v1\", \"api\": \"openai-completions\", \
         \"apiKey\": \"none\", \"models\": [\n{}\n]}}}}}}",
        models.join(",\n")
    );
    std::fs::write(agent.join("models.json"), text).unwrap();
}

fn best(mut run: impl FnMut()) -> Duration {
    let timed = (0..200).map(|_| {
        let begun = Instant::now();
        run();
        begun.elapsed()
    });
    timed.min().unwrap()
}
