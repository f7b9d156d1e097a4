//! `pi update --models` against a server on loopback, and from files.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use pi::ai::catalog;
use serde_json::{Value, json};

use crate::support::TestPi;

/// A path, and what came in `if-none-match`.
type Asked = (String, Option<String>);

/// Answers questions by their path; remembers them with their `if-none-match`.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    fn start(answer: impl Fn(&str, Option<&str>) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let remembered = asked.clone();
        thread::spawn(move || {
            for socket in listener.incoming() {
                let mut socket = socket.unwrap();
                let mut lines = BufReader::new(socket.try_clone().unwrap()).lines();
                let first = lines.next().unwrap().unwrap();
                let path = first.split(' ').nth(1).unwrap().to_owned();
                let mut tag = None;
                for line in lines
                    .map(Result::unwrap)
                    .take_while(|line| !line.is_empty())
                {
                    if let Some(value) = line.to_lowercase().strip_prefix("if-none-match: ") {
                        tag = Some(value.to_owned());
                    }
                }
                let response = answer(&path, tag.as_deref());
                remembered.lock().unwrap().push((path, tag));
                // Whoever asked may have gone.
                let _ = socket.write_all(response.as_bytes());
            }
        });
        Server { address, asked }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

fn model(id: &str) -> Value {
    json!({"id": id, "name": id, "api": "openai-completions", "baseUrl": "https://api.groq.com/openai/v1",
        "contextWindow": 1000, "maxTokens": 500})
}

fn models_of_groq(pi: &TestPi) -> String {
    let ran = pi.run_with_env(&["--list-models=groq"], &[("GROQ_API_KEY", "k")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout
}

#[test]
fn newer_models_come_from_the_address_of_the_setting_and_only_when_asked_for() {
    let body = json!({"groq": {"models": [model("brand-new")]}, "nobody": []}).to_string();
    let server = Server::start(move |_, tag| match tag {
        Some("\"one\"") => response("304 Not Modified", "", ""),
        _ => response(
            "200 OK",
            "ETag: \"one\"\r\nLast-Modified: Sun, 01 Jan 2040 00:00:00 GMT\r\n",
            &body,
        ),
    });
    let pi = TestPi::unconfigured([]);
    let url = format!("{}/all.json", server.address);
    pi.write_agent(
        "settings.json",
        &json!({"modelCatalogUrl": url}).to_string(),
    );
    assert!(!models_of_groq(&pi).contains("brand-new"));
    assert_eq!(server.asked(), []);

    let ran = pi.run(&["update", "--models"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(
        ran.stdout.starts_with("groq: 1 new, 0 changed\n"),
        "{}",
        ran.stdout
    );
    let list = models_of_groq(&pi);
    assert!(list.contains("brand-new"), "{list}");
    for known in catalog::models("groq") {
        assert!(list.contains(&known.id));
    }

    let ran = pi.run(&["update", "--models"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "nothing is newer than what is here\n")
    );
    assert!(models_of_groq(&pi).contains("brand-new"));
    let asked = |tag: Option<&str>| ("/all.json".to_owned(), tag.map(str::to_owned));
    assert_eq!(server.asked(), [asked(None), asked(Some("\"one\""))]);
}

#[test]
fn an_address_with_a_gap_is_asked_for_every_provider_and_what_fails_leaves_what_there_was() {
    let server = Server::start(|path, _| match path {
        "/groq" => response("200 OK", "", &json!({"a": model("first")}).to_string()),
        "/xai" => response("500 Oops", "", ""),
        "/openai" => response("200 OK", "", "[{]"),
        "/mistral" => response("301 Moved", "Location: https://elsewhere.example/\r\n", ""),
        _ => response("404 Not Found", "", ""),
    });
    let pi = TestPi::unconfigured([]);
    let url = format!("{}/{{provider}}", server.address);
    let ran = pi.run(&["update", "--models", "--from", &url]);
    assert_eq!(ran.code, 1);
    let mut said: Vec<&str> = ran.stderr.lines().collect();
    said.sort_unstable();
    assert_eq!(
        said,
        [
            "warning: mistral: the server answers 301, go to https://elsewhere.example/: name that address",
            "warning: openai: it is not valid JSON: key must be a string at line 1 column 3",
            "warning: xai: the server answers 500",
        ]
    );
    assert!(models_of_groq(&pi).contains("first"));
    let mut asked: Vec<String> = server.asked().into_iter().map(|(path, _)| path).collect();
    asked.sort();
    let expected: Vec<String> = catalog::providers()
        .map(|provider| format!("/{provider}"))
        .collect();
    assert_eq!(asked, expected);
    let store = fs::read_to_string(pi.agent().join("models-store.json")).unwrap();
    let store: Value = serde_json::from_str(&store).unwrap();
    assert_eq!(
        store.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["groq"]
    );
}

#[test]
fn what_was_left_out_is_told_by_the_next_update_too() {
    let mut elsewhere = model("elsewhere");
    elsewhere["baseUrl"] = json!("https://evil.example");
    let all = json!({"groq": [model("good"), elsewhere], "xai": [{"id": 5}]}).to_string();
    let server = Server::start(move |_, tag| match tag {
        Some(_) => response("304 Not Modified", "", ""),
        None => response("200 OK", "ETag: \"one\"\r\n", &all),
    });
    let pi = TestPi::unconfigured([]);
    let run = || pi.run(&["update", "--models", "--from", &server.address]);
    let first = run();
    assert_eq!(first.code, 1);
    for said in ["left out: groq/elsewhere", "none of its models can be used"] {
        assert!(first.stderr.contains(said), "{}", first.stderr);
    }
    assert_eq!(run().stderr, first.stderr);
    assert!(models_of_groq(&pi).contains("good"));
}

#[test]
fn what_is_wrong_with_many_is_told_once() {
    // Where no other test listens.
    let nobody = TcpListener::bind("127.9.9.9:0").unwrap();
    let closed = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let server = Server::start(|path, _| match path.trim_start_matches("/sub/") {
        "groq" => response("500 Oops", "", ""),
        provider => {
            let place = format!("Location: https://elsewhere.example/{provider}.json\r\n");
            response("301 Moved", &place, "")
        }
    });
    let pi = TestPi::unconfigured([]);
    for (address, said) in [
        (
            &closed,
            "amazon-bedrock, ant-ling, anthropic and 38 more: cannot connect to 127.9.9.9:",
        ),
        (
            &format!("{}/sub", server.address),
            "go to https://elsewhere.example/{provider}.json: name that address\nwarning: groq: the server answers 500",
        ),
    ] {
        let ran = pi.run(&[
            "update",
            "--models",
            "--from",
            &format!("{address}/{{provider}}"),
        ]);
        assert_eq!(ran.code, 1);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        assert!(ran.stderr.lines().count() < 5, "{}", ran.stderr);
    }
}

#[test]
fn a_file_is_taken_and_what_does_not_fit_in_it_is_named() {
    let pi = TestPi::unconfigured([]);
    let mut elsewhere = model("else\u{1b}[31mwhere");
    elsewhere["baseUrl"] = json!("https://evil.example");
    pi.write(
        "project/new.json",
        json!({"groq": [model("filed"), elsewhere]}).to_string(),
    );
    let ran = pi.run_with_env(
        &["update", "--models", "--from", "new.json"],
        &[("PI_OFFLINE", "1")],
    );
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.starts_with("warning: left out: groq/else"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains('\u{1b}'));
    assert!(models_of_groq(&pi).contains("filed"));
}

#[test]
fn a_damaged_store_is_told_when_models_are_looked_at_and_mended_by_an_update() {
    let pi = TestPi::new([]);
    pi.write_agent("models-store.json", "{\"groq\": {\"models\": [");
    pi.write(
        "project/good.json",
        json!({"groq": [model("kept")]}).to_string(),
    );
    let said = "models-store.json: cannot be read (EOF while parsing";
    let ran = pi.run(&["--list-models"]);
    assert_eq!(
        (ran.code, ran.stderr.matches(said).count()),
        (0, 1),
        "{}",
        ran.stderr
    );
    let ran = pi.run(&["update", "--models", "--from", "good.json"]);
    assert_eq!(
        (ran.code, ran.stderr.matches(said).count()),
        (0, 1),
        "{}",
        ran.stderr
    );
    let ran = pi.run(&["update", "--models", "--from", "good.json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(models_of_groq(&pi).contains("kept"));
}

#[test]
fn what_cannot_be_used_at_all_changes_nothing() {
    let pi = TestPi::unconfigured([]);
    pi.write(
        "project/good.json",
        json!({"groq": [model("kept")]}).to_string(),
    );
    assert_eq!(
        pi.run(&["update", "--models", "--from", "good.json"]).code,
        0
    );
    let store = || fs::read(pi.agent().join("models-store.json")).unwrap();
    let before = store();
    for bad in [
        "",
        "[]",
        "{\"groq\": [{\"id\": 5}]}",
        "{\"groq\": [",
        "{\"nobody\": []}",
    ] {
        pi.write("project/bad.json", bad);
        let ran = pi.run(&["update", "--models", "--from", "bad.json"]);
        assert_eq!(ran.code, 1, "{bad}");
        assert!(
            ran.stderr
                .contains("no catalogue could be used; what there was stays"),
            "{}",
            ran.stderr
        );
        assert_eq!(store(), before, "{bad}");
    }
}

#[test]
fn without_an_address_offline_or_to_a_stranger_it_says_what_to_do() {
    let pi = TestPi::unconfigured([]);
    let refused = |args: &[&str], variables: &[(&str, &str)]| {
        let ran = pi.run_with_env(args, variables);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
        ran.stderr
    };
    let said = refused(&["update", "--models"], &[]);
    assert!(
        said.contains("nobody has said where") && said.contains("modelCatalogUrl"),
        "{said}"
    );
    let address = "http://127.0.0.1:1/x";
    for (args, variables) in [
        (
            &["update", "--models", "--from", address][..],
            &[("PI_OFFLINE", "1")][..],
        ),
        (
            &["update", "--models", "--offline", "--from", address][..],
            &[][..],
        ),
    ] {
        let said = refused(args, variables);
        assert!(said.contains("while pi is offline"), "{said}");
    }
    let said = refused(
        &["update", "--models", "--from", "http://catalogue.example/x"],
        &[],
    );
    assert!(said.contains("https://"), "{said}");
    let said = refused(&["update", "--models", "--from", address], &[]);
    assert!(said.contains("cannot connect to 127.0.0.1:1"), "{said}");
    for args in [
        &["update"][..],
        &["update", "self"][..],
        &["update", "--all"][..],
    ] {
        let said = refused(args, &[]);
        assert!(
            said.contains("an update of pi itself") && said.contains("--models"),
            "{said}"
        );
    }
}

#[test]
fn a_project_does_not_say_where_catalogues_come_from() {
    let pi = TestPi::unconfigured([]);
    pi.write(
        "project/.pi/settings.json",
        r#"{"modelCatalogUrl": "http://127.0.0.1:1/x"}"#,
    );
    pi.write_agent("settings.json", r#"{"defaultProjectTrust": "always"}"#);
    let ran = pi.run(&["update", "--models"]);
    assert!(
        ran.stderr.contains("nobody has said where"),
        "{}",
        ran.stderr
    );
}
