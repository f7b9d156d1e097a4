//! Models of local servers by their names alone.

use serde_json::{Value, json};

use super::fake::{Fake, Say, ollama};
use crate::rpc::client::Client;
use crate::support::TestPi;
use crate::support::model_server::Turn;

/// Time enough on any machine.
const PATIENT: &str = r#"{"localServers": {"waitMs": 20000}, "retry": {"baseDelayMs": 1}}"#;

fn settings(pi: &TestPi, more: Value) {
    let mut settings: Value = serde_json::from_str(PATIENT).unwrap();
    for (name, value) in more.as_object().unwrap() {
        settings[name] = value.clone();
    }
    pi.write_agent("settings.json", &settings.to_string());
}

/// A machine with an Ollama, and where that is.
fn machine() -> (TestPi, Fake) {
    let (pi, fake) = (TestPi::unconfigured([]), Fake::start(ollama()));
    settings(&pi, json!({}));
    (pi, fake)
}

/// How often all models were asked about: this one never answers.
fn looks(fake: &Fake) -> usize {
    let asked = fake.asked();
    let of_embedder =
        |(path, body): &&(String, String)| path == "/api/show" && body.contains("embedder");
    asked.iter().filter(of_embedder).count()
}

fn models(fake: &Fake) -> Vec<Value> {
    let chats = fake.chats();
    chats.iter().map(|chat| chat["model"].clone()).collect()
}

#[test]
fn a_name_alone_finds_the_model_of_a_server_that_runs() {
    let (pi, fake) = machine();
    let env = [("OLLAMA_HOST", fake.url.as_str())];
    for flags in [
        ["--model", "coder:7b"],
        ["--model", "CODER"],
        ["--model", "coder:high"],
        ["--models", "coder"],
        // Ollama's name for its latest.
        ["--model", "poet"],
    ] {
        let args = [&["-p", "--no-session", "hi"] as &[&str], &flags].concat();
        let said = pi.run_with_env(&args, &env);
        assert_eq!(said.stdout, "I am local.\n", "{flags:?}: {}", said.stderr);
    }
    let coder = json!("coder:7b");
    let by = [coder.clone(), coder.clone(), coder.clone(), coder];
    assert_eq!(models(&fake)[..4], by);
    assert_eq!(models(&fake)[4], "poet:latest");
    assert_eq!(fake.chats()[2]["reasoning_effort"], "high");
}

#[test]
fn a_name_that_several_have_is_refused_with_all_of_them() {
    let (pi, fake) = machine();
    let env = [("OLLAMA_HOST", fake.url.as_str())];
    for name in ["e", "ollama/e", "e:high"] {
        let said = pi.run_with_env(&["-p", "--model", name, "hi"], &env);
        let is_told = said.stderr.contains("ollama/coder:7b, ollama/poet:latest");
        assert_eq!((said.code, is_told), (1, true), "{name}: {}", said.stderr);
    }
    assert_eq!(fake.chats().len(), 0);
}

#[test]
fn nobody_is_asked_where_a_name_means_something_that_can_be_used() {
    let (pi, fake) = (TestPi::new([]), Fake::start(ollama()));
    settings(&pi, json!({"defaultModel": "think"}));
    let env = [("OLLAMA_HOST", fake.url.as_str())];
    for flags in [
        &["--model", "scripted"] as &[&str],
        &["--model", "think:low"],
        &["--models", "scripted,*thinker"],
        &["--model", "coder", "--provider", "oai"],
        // The saved default.
        &[],
    ] {
        pi.server.push(Turn::text("far"));
        let args = [&["-p", "--no-session", "hi"], flags].concat();
        let said = pi.run_with_env(&args, &env);
        assert_eq!(said.stdout, "far\n", "{flags:?}: {}", said.stderr);
        assert_eq!(fake.asked(), [], "{flags:?}");
    }
    // A key is for the model that it is named with.
    pi.run_with_env(&["-p", "--model", "coder", "--api-key", "k", "hi"], &env);
    assert_eq!(fake.asked(), []);
}

#[test]
fn offline_a_name_asks_nobody_elsewhere_and_servers_can_be_left_alone() {
    // Whatever is asked for elsewhere comes by here.
    let (pi, fake) = machine();
    let env = [
        ("OLLAMA_HOST", "http://ollama.invalid:11434"),
        ("HTTP_PROXY", fake.url.as_str()),
    ];
    let said = pi.run_with_env(&["-p", "--offline", "--model", "coder", "hi"], &env);
    assert_eq!((said.code, fake.asked()), (1, Vec::new()));
    pi.run_with_env(&["-p", "--model", "coder", "hi"], &env);
    assert_ne!(fake.asked(), []);

    let (pi, fake) = machine();
    settings(&pi, json!({"localServers": {"enabled": false}}));
    let env = [("OLLAMA_HOST", fake.url.as_str())];
    let said = pi.run_with_env(&["-p", "--model", "zzz", "hi"], &env);
    assert_eq!((said.code, fake.asked()), (1, Vec::new()));
    assert!(
        said.stderr.contains("localServers.enabled"),
        "{}",
        said.stderr
    );
}

#[test]
fn where_nothing_answers_what_was_tried_and_what_to_do_is_told() {
    let pi = TestPi::new([]);
    settings(&pi, json!({}));
    let told = |args: &[&str], env: &[(&str, &str)], words: &[&str]| {
        let said = pi.run_with_env(args, env);
        assert_eq!((said.stdout.as_str(), said.code), ("", 1));
        for words in words {
            assert!(
                said.stderr.contains(words),
                "no {words:?} in {}",
                said.stderr
            );
        }
    };
    let nonsense = ["-p", "--model", "zzz", "hi"];
    let none = "no local server answers (Ollama, llama.cpp, LM Studio, vLLM were asked)";
    let words = [
        "error: there is no model \"zzz\"",
        none,
        "/login",
        "models.json",
    ];
    told(&nonsense, &[], &words);
    let fake = Fake::start(ollama());
    let env = [("OLLAMA_HOST", fake.url.as_str())];
    told(
        &nonsense,
        &env,
        &["local servers have ollama/coder:7b, ollama/poet:latest"],
    );
    // What it had is remembered, and how it is started.
    drop(fake);
    let words = ["Ollama had coder:7b and does not answer now (ollama serve starts it)"];
    told(&["-p", "--model", "coder", "hi"], &[], &words);
    let words = [
        "error: no API key for qwen-token-plan: set",
        "also at amazon-bedrock",
        none,
    ];
    told(&["-p", "--model", "qwen3", "hi"], &[], &words);
    assert_eq!(pi.server.requests().len(), 0);
}

#[test]
fn a_saved_default_without_a_provider_is_looked_for_once_and_then_remembered() {
    let (pi, fake) = machine();
    settings(&pi, json!({"defaultModel": "coder"}));
    let env = [("OLLAMA_HOST", fake.url.as_str())];
    for times in 1..=3 {
        let said = pi.run_with_env(&["-p", "--no-session", "hi"], &env);
        assert_eq!(
            (said.stdout.as_str(), said.stderr.as_str()),
            ("I am local.\n", "")
        );
        assert_eq!((models(&fake).len(), looks(&fake)), (times, 1));
    }
}

#[test]
fn a_chain_goes_on_with_a_local_model_that_is_named_alone() {
    let pi = TestPi::new([Turn::status(503, "broken")]);
    settings(
        &pi,
        json!({"fallbackModels": ["coder"], "retry": {"baseDelayMs": 1, "maxRetries": 0}}),
    );
    let fake = Fake::start(ollama());
    let env = [("OLLAMA_HOST", fake.url.as_str())];
    let said = pi.run_with_env(&["-p", "--model", "oai/scripted", "hi"], &env);
    assert_eq!(said.stdout, "I am local.\n", "{}", said.stderr);
    assert!(
        said.stderr.contains("ollama/coder:7b goes on"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_program_chooses_a_local_model_by_a_part_of_its_name() {
    let pi = TestPi::new([]);
    settings(&pi, json!({}));
    let fake = Fake::start(ollama());
    let auth = json!({"ollama": {"type": "api_key", "env": {"OLLAMA_HOST": fake.url}}});
    pi.write_agent("auth.json", &auth.to_string());
    let mut client = Client::start(&pi);
    for (name, id) in [("poet", "poet:latest"), ("code", "coder:7b")] {
        let set = json!({"type": "set_model", "provider": "ollama", "modelId": name});
        assert_eq!(client.data(set)["id"], id);
    }
    let set = json!({"type": "set_model", "provider": "ollama", "modelId": "e"});
    assert!(client.error(set).starts_with("Model not found: ollama/e"));
    drop(client);
    let mut named = Client::start_with(&pi, &["--model", "coder"]);
    let state = named.data(json!({"type": "get_state"}));
    assert_eq!(state["model"]["provider"], "ollama");
}

#[test]
fn an_id_that_looks_like_anothers_provider_is_found_where_it_is() {
    let all = json!({"object": "list", "data": [{"id": "openai/gpt-5", "object": "model", "owned_by": "vllm"}]});
    let routes = [
        ("/v1/models", Say::Json(all)),
        ("/v1/chat/completions", Say::Chat("guarded".into())),
    ];
    let (pi, fake) = (TestPi::unconfigured([]), Fake::start(routes));
    settings(&pi, json!({}));
    let env = [("VLLM_BASE_URL", fake.url.as_str())];
    let said = pi.run_with_env(&["-p", "--model", "openai/gpt-5", "hi"], &env);
    assert_eq!(said.stdout, "guarded\n", "{}", said.stderr);
    // With a key it is the vendor's.
    let asked = fake.asked().len();
    let env = [
        env[0],
        ("OPENAI_API_KEY", "k"),
        ("HTTPS_PROXY", "http://127.0.0.1:1"),
    ];
    let said = pi.run_with_env(&["-p", "--model", "openai/gpt-5", "hi"], &env);
    assert_eq!(
        (said.code, fake.asked().len()),
        (1, asked),
        "{}",
        said.stderr
    );
}
