//! What is made of what servers say, and of those that say nonsense.

use std::time::Duration;

use pi::ai::http::HttpClient;
use pi::ai::local::{Found, Kind, Server, Survey, Trouble, servers};
use pi::ai::{Model, ThinkingLevel};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::fake::{Fake, Say, ollama};

fn at(kind: Kind, url: &str) -> Server {
    let url = url.to_owned();
    servers(kind, |name| {
        kind.host_variables().contains(&name).then(|| url.clone())
    })
    .remove(0)
}

async fn ask(kind: Kind, url: &str, patience: Duration) -> Found {
    let survey = Survey {
        http: HttpClient::default(),
        patience,
        patience_with_named: patience,
    };
    let stop = CancellationToken::new();
    survey.ask(&[at(kind, url)], &stop).await.remove(0)
}

/// Longer than any machine takes.
const LONG: Duration = Duration::from_secs(30);

async fn models(kind: Kind, routes: Vec<(&'static str, Say)>) -> Vec<Model> {
    let fake = Fake::start(routes);
    match ask(kind, &fake.url, LONG).await {
        Ok(models) => models.iter().map(|model| Model::clone(model)).collect(),
        other => panic!("{other:?}"),
    }
}

/// Id, window, tools, pictures, thinking.
fn facts(model: &Model) -> (&str, u64, bool, bool, bool) {
    let (tools, sees) = (model.takes_tools(), model.reads_images());
    (
        &model.id,
        model.context_window,
        tools,
        sees,
        model.reasoning,
    )
}

fn list(models: Value) -> Say {
    Say::Json(json!({"object": "list", "data": models}))
}

#[tokio::test]
async fn ollama_tells_the_context_in_force_and_what_each_model_can() {
    let found = models(Kind::Ollama, ollama()).await;
    let told: Vec<_> = found.iter().map(facts).collect();
    let expected = [
        ("coder:7b", 16_384, true, true, true),
        ("poet:latest", 9_000, false, false, false),
    ];
    assert_eq!(told, expected);
    let coder = &found[0];
    assert_eq!(
        (coder.api.as_str(), coder.provider.as_str()),
        ("openai-completions", "ollama")
    );
    assert!(coder.base_url.ends_with("/v1") && coder.cost.input == 0.0);
    assert_eq!(coder.compat["supportsDeveloperRole"], false);
    assert_eq!(
        coder.clamp_thinking(ThinkingLevel::Minimal),
        ThinkingLevel::Low
    );
}

#[tokio::test]
async fn an_old_ollama_that_knows_no_capabilities_is_believed_to_take_tools() {
    let routes = vec![("/api/tags", Say::Json(json!({"models": [{"name": "old"}]})))];
    let found = models(Kind::Ollama, routes).await;
    assert_eq!(
        found.iter().map(facts).collect::<Vec<_>>(),
        [("old", 32_768, true, false, false)]
    );
}

#[tokio::test]
async fn llama_cpp_tells_of_its_one_model() {
    let props = json!({"default_generation_settings": {"n_ctx": 8192}, "modalities": {"vision": true},
        "chat_template": "{% if enable_thinking %}", "chat_template_caps": {"supports_tools": true}});
    let model = json!([{"id": "m.gguf", "object": "model", "owned_by": "llamacpp", "meta": {"n_ctx_train": 32768}}]);
    let routes = vec![
        ("/v1/models", list(model.clone())),
        ("/props", Say::Json(props)),
    ];
    let found = models(Kind::LlamaCpp, routes).await;
    assert_eq!(facts(&found[0]), ("m.gguf", 8192, true, true, true));
    assert_eq!(found[0].compat["thinkingFormat"], "qwen-chat-template");
    let caps =
        json!({"chat_template_caps": {"supports_tools": false, "supports_tool_calls": false}});
    let routes = vec![("/v1/models", list(model)), ("/props", Say::Json(caps))];
    let found = models(Kind::LlamaCpp, routes).await;
    assert_eq!(facts(&found[0]), ("m.gguf", 32_768, false, false, false));
}

#[tokio::test]
async fn a_router_offers_what_is_loaded_or_wakes_by_itself_and_loads_nothing() {
    let model = |id: &str, status: &str, source: &str| json!({"id": id, "source": source, "status": {"value": status, "args": ["llama", "-c", "6000"]}});
    let decider = json!({"id": "judge", "status": {"value": "loaded"},
        "architecture": {"output_modalities": ["decisions"]}});
    let all = json!([
        model("a", "loaded", "cache"),
        model("b", "sleeping", "cache"),
        model("c", "unloaded", "cache"),
        model("d", "unloaded", "preset"),
        decider
    ]);
    let own = json!({"default_generation_settings": {"n_ctx": 4096}});
    let routes = |loads: bool| {
        vec![
            ("/v1/models", list(all.clone())),
            (
                "/props",
                Say::Json(json!({"role": "router", "models_autoload": loads})),
            ),
            ("/props?model=a&autoload=false", Say::Json(own.clone())),
        ]
    };
    let fake = Fake::start(routes(false));
    let Ok(found) = ask(Kind::LlamaCpp, &fake.url, LONG).await else {
        panic!("nothing was found");
    };
    let told: Vec<_> = found
        .iter()
        .map(|model| (model.id.as_str(), model.context_window))
        .collect();
    assert_eq!(told, [("a", 4096), ("b", 6000)]);
    assert!(
        fake.asked()
            .iter()
            .all(|(path, _)| !path.contains("model=b"))
    );
    let found = models(Kind::LlamaCpp, routes(true)).await;
    let ids: Vec<_> = found.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "d"]);
}

#[tokio::test]
async fn lm_studio_tells_what_is_loaded_and_how_and_embedders_are_left_out() {
    let all = json!([
        {"id": "eye", "object": "model", "type": "vlm", "state": "not-loaded", "max_context_length": 20000},
        {"id": "hand", "type": "llm", "state": "loaded", "max_context_length": 131072,
            "loaded_context_length": 4096, "capabilities": ["tool_use"]},
        {"id": "mouth", "type": "llm", "max_context_length": 131072, "capabilities": []},
        {"id": "text-embedding-nomic", "type": "embeddings", "max_context_length": 2048},
    ]);
    let found = models(Kind::LmStudio, vec![("/api/v0/models", list(all))]).await;
    let told: Vec<_> = found.iter().map(facts).collect();
    let expected = [
        ("eye", 20_000, true, true, false),
        ("hand", 4096, true, false, false),
        ("mouth", 32_768, false, false, false),
    ];
    assert_eq!(told, expected);
    let old = vec![(
        "/v1/models",
        list(json!([{"id": "m"}, {"id": "text-embedding-x"}])),
    )];
    assert_eq!(models(Kind::LmStudio, old).await.len(), 1);
}

#[tokio::test]
async fn vllm_tells_how_long_a_conversation_may_be() {
    let all =
        json!([{"id": "org/model", "object": "model", "owned_by": "vllm", "max_model_len": 40960}]);
    let found = models(Kind::Vllm, vec![("/v1/models", list(all))]).await;
    assert_eq!(facts(&found[0]), ("org/model", 40_960, true, false, false));
    // The limit of an answer leaves room for the conversation.
    assert_eq!(found[0].max_tokens, 10_240);
}

#[tokio::test]
async fn who_does_not_answer_in_time_or_talks_nonsense_is_not_there() {
    let deep = "[".repeat(100_000);
    let long = format!(
        r#"{{"object": "list", "data": [], "x": "{}"}}"#,
        "x".repeat(5_000_000)
    );
    let fake = Fake::start([("/v1/models", Say::Text("<html>it works</html>".into()))]);
    let found = ask(Kind::Vllm, &fake.url, LONG).await;
    assert_eq!(found, Err(Trouble::Page));
    for text in ["", "null", "[]", "{\"object\": \"list\"}", &deep, &long] {
        let fake = Fake::start([("/v1/models", Say::Text(text.into()))]);
        let found = ask(Kind::Vllm, &fake.url, LONG).await;
        assert_eq!(
            found,
            Err(Trouble::Alien),
            "{}",
            &text[..text.len().min(40)]
        );
    }
    let mute = Fake::start([("/v1/models", Say::Nothing)]);
    let short = Duration::from_millis(20);
    let found = ask(Kind::Vllm, &mute.url, short).await;
    assert_eq!(found, Err(Trouble::Late(short)));
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    assert_eq!(ask(Kind::Vllm, &url, LONG).await, Err(Trouble::Nobody));
}

#[tokio::test]
async fn hostile_names_and_numbers_and_thousands_of_models_are_cut_down() {
    let mut all = vec![
        json!({"id": "\u{1b}[2J"}),
        json!({"id": "a\nb"}),
        json!({"id": ""}),
        json!({"id": 7}),
        json!({"id": "x".repeat(5000)}),
        json!({"id": "huge", "max_model_len": u64::MAX}),
        json!({"id": "negative", "max_model_len": -5}),
        json!({"id": "huge", "max_model_len": 5}),
        json!("no object"),
    ];
    let found = models(Kind::Vllm, vec![("/v1/models", list(json!(all)))]).await;
    let told: Vec<_> = found
        .iter()
        .map(|model| (model.id.as_str(), model.context_window))
        .collect();
    assert_eq!(told, [("huge", 32_768), ("negative", 32_768)]);
    all = (0..5000).map(|n| json!({"id": format!("m{n}")})).collect();
    let found = models(Kind::Vllm, vec![("/v1/models", list(json!(all)))]).await;
    assert_eq!(found.len(), 512);
}

fn vllm_with_key(url: &str) -> Server {
    let url = url.to_owned();
    let look = |name: &str| match name {
        "VLLM_BASE_URL" => Some(url.clone()),
        "VLLM_API_KEY" => Some("key-of-vllm".to_owned()),
        _ => None,
    };
    servers(Kind::Vllm, look).remove(0)
}

#[tokio::test]
async fn a_key_is_shown_to_servers_that_ask_for_one_and_to_no_others() {
    let survey = Survey {
        http: HttpClient::default(),
        patience: LONG,
        patience_with_named: LONG,
    };
    let stop = CancellationToken::new();
    let models = json!({"object": "list", "data": [{"id": "m"}]});

    let open = Fake::start([("/v1/models", Say::Json(models.clone()))]);
    let found = survey.ask_one(&vllm_with_key(&open.url), None, &stop).await;
    assert!(matches!(found, Ok(models) if models.len() == 1));
    assert_eq!(open.shown(), [None]);

    // Something else at that port.
    let other = Fake::start([]);
    let found = survey
        .ask_one(&vllm_with_key(&other.url), None, &stop)
        .await;
    assert_eq!(found, Err(Trouble::Status(404)));
    assert_eq!(other.shown(), [None]);

    let locked = Fake::start([("/v1/models", Say::Locked("key-of-vllm", models.clone()))]);
    let found = survey
        .ask_one(&vllm_with_key(&locked.url), None, &stop)
        .await;
    assert!(matches!(found, Ok(models) if models.len() == 1));
    let key = Some("Bearer key-of-vllm".to_owned());
    assert_eq!(locked.shown(), [None, key.clone()]);

    // It is shown once; another key opens nothing.
    let wrong = Fake::start([("/v1/models", Say::Locked("another", models))]);
    let found = survey
        .ask_one(&vllm_with_key(&wrong.url), None, &stop)
        .await;
    assert_eq!(found, Err(Trouble::Locked));
    assert_eq!(wrong.shown(), [None, key]);
}

#[tokio::test]
async fn a_usual_port_is_waited_for_briefly_and_an_address_that_was_given_longer() {
    let short = Duration::from_millis(20);
    let survey = Survey {
        http: HttpClient::default(),
        patience: short,
        patience_with_named: LONG,
    };
    let models = json!({"object": "list", "data": [{"id": "m"}]});
    let late = Say::Late(Duration::from_millis(300), models);
    let fake = Fake::start([("/v1/models", late)]);
    let named = at(Kind::Vllm, &fake.url);
    let usual = Server {
        is_named: false,
        ..named.clone()
    };
    let stop = CancellationToken::new();
    let found = survey.ask(&[named, usual], &stop).await;
    assert!(matches!(&found[0], Ok(models) if models.len() == 1));
    assert_eq!(found[1], Err(Trouble::Late(short)));
}
