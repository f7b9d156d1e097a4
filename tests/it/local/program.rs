//! The real binary beside fake servers.

use serde_json::{Value, json};

use super::fake::{Fake, Say, ollama};
use crate::support::TestPi;
use crate::support::model_server::Turn;
use crate::support::pty::Pty;

/// Time enough on any machine.
const PATIENT: &str = r#"{"localServers": {"waitMs": 20000}, "retry": {"baseDelayMs": 1}}"#;

fn patient(pi: &TestPi) -> String {
    pi.write_agent("settings.json", PATIENT);
    "OLLAMA_HOST".to_owned()
}

#[test]
fn a_server_that_runs_is_listed_and_answers_without_any_configuration() {
    let (pi, fake) = (TestPi::unconfigured([]), Fake::start(ollama()));
    let host = patient(&pi);
    let env = [(host.as_str(), fake.url.as_str())];
    let listed = pi.run_with_env(&["--list-models"], &env);
    let rows: Vec<Vec<&str>> = listed
        .stdout
        .lines()
        .map(|line| line.split_whitespace().take(3).collect())
        .collect();
    let expected = [
        vec!["provider", "model", "context"],
        vec!["ollama", "coder:7b", "16.4K"],
        vec!["ollama", "poet:latest", "9K"],
    ];
    assert_eq!(rows, expected, "{}", listed.stderr);
    let said = pi.run_with_env(
        &["-p", "--provider", "ollama", "--model", "coder", "hi"],
        &env,
    );
    assert_eq!(
        (said.stdout.as_str(), said.stderr.as_str()),
        ("I am local.\n", "")
    );
    let chats = fake.chats();
    let tools = chats[0]["tools"].as_array().unwrap();
    assert!(chats[0]["model"] == "coder:7b" && tools.len() == 4);
    assert_eq!(chats[0]["messages"][0]["role"], "system");
    assert_eq!(pi.messages()[1]["provider"], "ollama");
}

#[test]
fn a_model_without_tools_is_sent_none_and_the_person_is_told() {
    let (pi, fake) = (TestPi::unconfigured([]), Fake::start(ollama()));
    let host = patient(&pi);
    let env = [(host.as_str(), fake.url.as_str())];
    let said = pi.run_with_env(&["-p", "--model", "ollama/poet", "hi"], &env);
    assert_eq!(said.stdout, "I am local.\n");
    assert!(
        said.stderr.contains("poet:latest takes no tools"),
        "{}",
        said.stderr
    );
    assert_eq!(fake.chats()[0].get("tools"), None);
}

#[test]
fn nobody_is_asked_when_another_provider_answers() {
    let (pi, fake) = (TestPi::new([Turn::text("far")]), Fake::start(ollama()));
    let host = patient(&pi);
    let env = [(host.as_str(), fake.url.as_str())];
    let said = pi.run_with_env(&["-p", "--model", "oai/scripted", "hi"], &env);
    assert_eq!(said.stdout, "far\n");
    assert_eq!(fake.asked(), []);
}

#[test]
fn offline_no_server_elsewhere_is_asked() {
    // Whatever is asked for elsewhere comes by here.
    let (pi, fake) = (TestPi::unconfigured([]), Fake::start(ollama()));
    let host = patient(&pi);
    let env = [
        (host.as_str(), "http://ollama.invalid:11434"),
        ("HTTP_PROXY", fake.url.as_str()),
    ];
    pi.run_with_env(&["--offline", "--list-models"], &env);
    assert_eq!(fake.asked(), []);
    let variable = [env[0], env[1], ("PI_OFFLINE", "1")];
    pi.run_with_env(&["--list-models"], &variable);
    assert_eq!(fake.asked(), []);
    pi.run_with_env(&["--list-models"], &env);
    assert_ne!(fake.asked(), []);
}

#[test]
fn a_remembered_default_answers_and_a_session_goes_on_with_it() {
    let (pi, fake) = (TestPi::unconfigured([]), Fake::start(ollama()));
    let settings = r#"{"localServers": {"waitMs": 20000}, "defaultProvider": "ollama", "defaultModel": "coder:7b"}"#;
    pi.write_agent("settings.json", settings);
    let env = [("OLLAMA_HOST", fake.url.as_str())];
    // Also where nothing was remembered of it.
    let said = pi.run_with_env(&["-p", "hi"], &env);
    assert_eq!(
        (said.stdout.as_str(), said.stderr.as_str()),
        ("I am local.\n", "")
    );
    pi.write_agent("settings.json", PATIENT);
    let said = pi.run_with_env(&["-p", "-c", "and now?"], &env);
    assert_eq!(said.stdout, "I am local.\n", "{}", said.stderr);
    assert_eq!(fake.chats().len(), 2);
    // The model that answers is looked at before it does: one question about it, none about others.
    let shown = fake
        .asked()
        .into_iter()
        .filter(|(path, _)| path == "/api/show");
    let of: Vec<String> = shown.map(|(_, body)| body).collect();
    assert_eq!(of, [r#"{"model":"coder:7b"}"#, r#"{"model":"coder:7b"}"#]);
}

#[test]
fn a_server_that_is_gone_is_named_with_how_to_start_it_and_who_else_there_is() {
    let pi = TestPi::new([]);
    let settings = r#"{"localServers": {"waitMs": 20000}, "defaultProvider": "ollama", "defaultModel": "coder:7b"}"#;
    pi.write_agent("settings.json", settings);
    let said = pi.run(&["-p", "hi"]);
    assert_eq!((said.stdout.as_str(), said.code), ("", 1));
    let [line] = said.stderr.lines().collect::<Vec<_>>()[..] else {
        panic!("{}", said.stderr);
    };
    for words in [
        "http://127.0.0.1:1.",
        "ollama serve",
        "/model",
        "ant/scripted",
    ] {
        assert!(line.contains(words), "no {words:?} in {line}");
    }
    // Named outright without anything known of it: at once.
    let said = pi.run(&["-p", "--provider", "vllm", "hi"]);
    assert_eq!(said.code, 1);
    assert!(
        said.stderr.contains("nobody answers at http://127.0.0.1:1"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_provider_of_models_json_comes_before_the_server_of_its_name() {
    let (pi, fake) = (TestPi::unconfigured([]), Fake::start(ollama()));
    let host = patient(&pi);
    let models = json!({"providers": {"ollama": {"baseUrl": "http://127.0.0.1:1/v1",
        "api": "openai-completions", "models": [{"id": "mine"}]}}});
    pi.write_agent("models.json", &models.to_string());
    let env = [(host.as_str(), fake.url.as_str())];
    let listed = pi.run_with_env(&["--list-models"], &env);
    assert!(listed.stdout.contains("mine") && !listed.stdout.contains("coder"));
    assert_eq!(fake.asked(), []);
    // Changes alone leave the server its models.
    let models = json!({"providers": {"ollama": {"modelOverrides": {"coder:7b": {"contextWindow": 40000}}}}});
    pi.write_agent("models.json", &models.to_string());
    let listed = pi.run_with_env(&["--list-models", "coder"], &env);
    assert!(
        listed.stdout.contains("40K") && listed.stdout.contains("10K"),
        "{}{}",
        listed.stdout,
        listed.stderr
    );
}

#[test]
fn a_variable_that_is_no_address_is_told_where_servers_are_looked_for_and_nowhere_else() {
    let pi = TestPi::new([Turn::text("hello")]);
    let complaint = "OLLAMA_HOST is no address of a server, so Ollama is not looked for";
    let env = [("OLLAMA_HOST", "ftp://box"), ("VLLM_BASE_URL", "a b")];
    let listed = pi.run_with_env(&["--list-models"], &env);
    assert!(listed.stderr.contains(complaint), "{}", listed.stderr);
    assert!(listed.stderr.contains("VLLM_BASE_URL is no address"));
    let named = pi.run_with_env(&["-p", "--model", "ollama/qwen3", "hi"], &env);
    assert_eq!(
        named.stderr.matches(complaint).count(),
        1,
        "{}",
        named.stderr
    );
    assert!(!named.stderr.contains("VLLM_BASE_URL"));
    let other = pi.run_with_env(&["-p", "--model", "oai/scripted", "hi"], &env);
    assert_eq!(
        (other.stdout.as_str(), other.stderr.as_str()),
        ("hello\n", "")
    );
    pi.write_agent("settings.json", r#"{"localServers": {"enabled": false}}"#);
    let quiet = pi.run_with_env(&["--list-models"], &env);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn what_keeps_models_out_of_the_list_is_told_once_in_the_terminal() {
    let pi = TestPi::new([]);
    pi.write_agent("models-store.json", "{");
    let env = vec![
        ("HOME".to_owned(), pi.home().display().to_string()),
        ("OLLAMA_HOST".to_owned(), "ftp://box".to_owned()),
    ];
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_pi"));
    let mut pty = Pty::spawn(
        binary,
        &["--model", "oai/scripted"],
        env,
        &pi.project(),
        120,
        30,
    );
    pty.wait_for_text("oai/scripted");
    assert!(!pty.contents().contains("cannot be read"));
    for _ in 0..2 {
        pty.type_text("/model\r");
        pty.wait_for_text("enter chooses");
        pty.type_text("\u{1b}");
        pty.wait_for(|screen| !screen.contents().contains("enter chooses"));
        pty.wait_for_text("OLLAMA_HOST is no address of a server");
        pty.wait_for_text("models-store.json: cannot be read");
    }
    assert_eq!(pty.contents().matches("OLLAMA_HOST is no").count(), 1);
    assert_eq!(pty.contents().matches("cannot be read").count(), 1);
    pty.type_text("/quit\r");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn local_servers_can_be_left_alone() {
    let (pi, fake) = (TestPi::unconfigured([]), Fake::start(ollama()));
    pi.write_agent("settings.json", r#"{"localServers": {"enabled": false}}"#);
    let env = [("OLLAMA_HOST", fake.url.as_str())];
    let listed = pi.run_with_env(&["--list-models"], &env);
    assert!(
        listed.stdout.starts_with("No models available"),
        "{}",
        listed.stdout
    );
    assert_eq!(fake.asked(), []);
}

#[test]
fn a_key_goes_to_the_server_that_it_is_for() {
    let routes = [
        (
            "/v1/models",
            Say::Json(json!({"object": "list", "data": [{"id": "m"}]})),
        ),
        ("/v1/chat/completions", Say::Chat("guarded".into())),
    ];
    let (pi, fake) = (TestPi::unconfigured([]), Fake::start(routes));
    patient(&pi);
    let env = [
        ("LLAMA_BASE_URL", fake.url.as_str()),
        ("LLAMA_API_KEY", "key-of-llama"),
    ];
    let said = pi.run_with_env(&["-p", "--provider", "llama.cpp", "hi"], &env);
    assert_eq!(said.stdout, "guarded\n", "{}", said.stderr);
    let kept = std::fs::read_to_string(pi.agent().join("local-models.json")).unwrap();
    assert!(!kept.contains("key-of-llama"));
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["models"][0]["id"], "m");
}

#[test]
fn of_a_busy_server_the_name_is_believed_without_its_level() {
    let silent = || ("/api/tags", Say::Nothing);
    for (named, asked) in [
        ("coder:8b", "coder:8b"),
        ("coder:8b:high", "coder:8b"),
        ("coder:high", "coder"),
    ] {
        let chat = ("/v1/chat/completions", Say::Chat("I am busy.".into()));
        let (pi, fake) = (TestPi::unconfigured([]), Fake::start([silent(), chat]));
        pi.write_agent("settings.json", r#"{"localServers": {"waitMs": 30}}"#);
        let env = [("OLLAMA_HOST", fake.url.as_str())];
        let model = format!("ollama/{named}");
        let said = pi.run_with_env(&["-p", "--model", &model, "hi"], &env);
        assert_eq!(said.stdout, "I am busy.\n", "{}", said.stderr);
        assert_eq!(fake.chats()[0]["model"], asked);
    }
}
