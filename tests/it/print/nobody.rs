//! Nothing is connected, and no person looks on: no file is written, nothing is run, and no help is taken for
//! an answer.

use serde_json::json;

use crate::rpc::client::Client;
use crate::support::TestPi;
use crate::support::model_server::Turn;

/// What asks for more than the demo may do in place of a model.
const TOO_MUCH: [&str; 9] = [
    "which files should change for this?",
    "list the files that have a bug in CHANGELOG.md",
    "read CHANGELOG.md and tell me what is wrong with it",
    "write CHANGELOG.md: a summary",
    "replace \"old\" with \"new\" in CHANGELOG.md",
    "run rm -rf build",
    "read CHANGELOG.md then run rm -rf build",
    "count to 3",
    "review this",
];

fn project() -> TestPi {
    let pi = TestPi::unconfigured([]);
    pi.write("project/CHANGELOG.md", "old\n");
    pi.write("project/build/keep.txt", "kept\n");
    pi
}

#[track_caller]
fn assert_untouched(pi: &TestPi) {
    let read = |path: &str| std::fs::read_to_string(pi.project().join(path)).unwrap_or_default();
    assert_eq!(
        (read("CHANGELOG.md"), read("build/keep.txt")),
        ("old\n".into(), "kept\n".into())
    );
}

#[test]
fn without_a_model_nothing_is_written_or_run_and_no_answer_is_made_up() {
    for said in TOO_MUCH {
        let pi = project();
        let ran = pi.run(&["-p", said]);
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{said}");
        let lines: Vec<&str> = ran.stderr.lines().collect();
        assert_eq!(lines.len(), 2, "{said}: {}", ran.stderr);
        assert!(
            lines[0].starts_with("warning: no model is connected: the demo answers"),
            "{}",
            ran.stderr
        );
        assert!(
            lines[1].starts_with("error: no model is connected"),
            "{}",
            ran.stderr
        );
        assert_untouched(&pi);
    }
    let ran = project().run_with_input(&["-p", "review this"], "list the files here\n");
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{}", ran.stderr);
}

#[test]
fn in_json_mode_the_failure_is_the_answer() {
    let pi = project();
    let ran = pi.run(&["--mode", "json", "write CHANGELOG.md: new"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("no model is connected"),
        "{}",
        ran.stderr
    );
    let lines = ran.json_lines();
    let answer = lines
        .iter()
        .rfind(|line| line["type"] == "message_end")
        .unwrap();
    assert_eq!(answer["message"]["stopReason"], "error", "{answer}");
    let why = answer["message"]["errorMessage"].as_str().unwrap();
    assert!(why.starts_with("no model is connected"), "{why}");
    assert_untouched(&pi);
}

#[test]
fn it_lists_and_reads_without_a_shell_and_says_who_answers() {
    let pi = project();
    for (said, answer) in [
        ("list the files here", "CHANGELOG.md"),
        ("list the files in build", "keep.txt"),
        ("read CHANGELOG.md", "old"),
    ] {
        let ran = pi.run(&["-p", "-c", said]);
        assert_eq!(ran.code, 0, "{said}: {}", ran.stderr);
        assert!(ran.stdout.contains(answer), "{said}: {}", ran.stdout);
        assert!(
            ran.stderr.starts_with("warning: no model is connected"),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
    let called: Vec<String> = pi
        .messages()
        .iter()
        .filter_map(|message| message["toolName"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(called, ["ls", "ls", "read"]);
}

#[test]
fn asked_for_by_name_the_demo_does_all_it_can() {
    let cases: [(&[&str], Option<&str>); 3] = [
        (&["--provider", "demo"], None),
        (&["--model", "demo"], None),
        (&[], Some(r#"{"defaultProvider": "demo"}"#)),
    ];
    for (flags, settings) in cases {
        let pi = project();
        if let Some(settings) = settings {
            pi.write_agent("settings.json", settings);
        }
        let ran = pi.run(&[flags, &["-p", "write new.txt: Hello"]].concat());
        assert_eq!(
            (ran.stderr.as_str(), ran.code),
            ("", 0),
            "{flags:?} {settings:?}"
        );
        let written = std::fs::read_to_string(pi.project().join("new.txt")).unwrap();
        assert_eq!(written, "Hello\n");
    }
}

#[test]
fn what_files_name_and_cannot_be_used_is_the_error_and_the_demo_does_not_answer() {
    let unset = r#"{"providers": {"fake": {"baseUrl": "http://fake", "api": "openai-completions",
        "apiKey": "$NOTSET_KEY", "models": [{"id": "m"}]}}}"#;
    let wrong = r#"{"providers": {"fake": {"baseUrl": 5, "models": [{"id": "m"}]}}}"#;
    for (file, text, reason) in [
        ("models.json", unset, "NOTSET_KEY"),
        ("models.json", wrong, "providers.fake.baseUrl"),
        (
            "models.json",
            "{\"providers\": {\n  \"fake\": [1,}\n",
            "models.json:2:",
        ),
        (
            "models.json",
            r#"{"providers": {"ollama": {"baseUrl": "http://127.0.0.1:9/v1"}}}"#,
            "Ollama is asked only where it is named (--provider ollama)",
        ),
        (
            "models.json",
            r#"{"providers": {"acme": {"baseUrl": "http://127.0.0.1:9/v1"}}}"#,
            "models.json names no models of acme",
        ),
        (
            "models.json",
            r#"{"providers": {"ollama": {"apiKey": "$NOTSET_KEY"}}}"#,
            "Ollama is asked only where it is named (--provider ollama)",
        ),
        ("auth.json", "{\n  \"openai\": {,}\n}", "auth.json:2:"),
        (
            "auth.json",
            r#"{"openai": {"type": "api_key", "key": "$NOTSET_KEY"}}"#,
            "NOTSET_KEY",
        ),
    ] {
        let pi = project();
        pi.write_agent(file, text);
        for mode in [&["-p"] as &[&str], &["--mode", "json"], &["--mode", "rpc"]] {
            let said: &[&str] = match mode[1..] == ["rpc"] {
                true => &[],
                false => &["list the files here"],
            };
            let ran = pi.run(&[mode, said].concat());
            assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{file} {text}");
            let error = ran.stderr.lines().find(|line| line.starts_with("error: "));
            let error = error.unwrap_or_else(|| panic!("{}", ran.stderr));
            assert!(
                error.starts_with("error: no model can be used: "),
                "{error}"
            );
            assert!(error.contains(reason), "{reason}: {error}");
            assert_eq!(ran.stderr.matches(reason).count(), 1, "{}", ran.stderr);
        }
    }
}

#[test]
fn a_file_with_a_mere_oddity_in_it_leaves_the_demo_its_word() {
    let pi = project();
    pi.write_agent("models.json", r#"{"providers": {}, "oddity": 1}"#);
    let ran = pi.run(&["-p", "list the files here"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn models_that_are_named_answer_or_nobody_does() {
    let pi = TestPi::new([]);
    for (patterns, reason) in [
        ("nosuch", "nosuch: there is no model"),
        ("nosuch*", "no usable model matches \"nosuch*\""),
        (
            "openai/gpt-5,nosuch*",
            "openai/gpt-5: no API key for openai: set OPENAI_API_KEY",
        ),
    ] {
        for mode in [&["-p"] as &[&str], &["--mode", "json"], &["--mode", "rpc"]] {
            let said: &[&str] = if mode[1..] == ["rpc"] { &[] } else { &["hi"] };
            let ran = pi.run(&[mode, said, &["--models", patterns]].concat());
            assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{patterns}");
            let error = ran.stderr.lines().find(|it| it.starts_with("error: "));
            assert!(
                error.is_some_and(|it| it.starts_with("error: --models: ") && it.contains(reason)),
                "{patterns}: {}",
                ran.stderr
            );
        }
    }
    assert_eq!(pi.server.requests().len(), 0);

    // One that matches is enough, and so are the settings.
    pi.server.push(Turn::text("ok"));
    let ran = pi.run(&["-p", "--models", "nosuch,ant/*", "hi"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("ok\n", 0));
    assert!(
        ran.stderr.contains("warning: no usable model matches"),
        "{}",
        ran.stderr
    );
    pi.server.push(Turn::text("ok"));
    let settings = json!({"enabledModels": ["nosuch"]}).to_string();
    pi.write_agent("settings.json", &settings);
    let ran = pi.run(&["-p", "hi"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("ok\n", 0));
}

#[test]
fn an_end_that_is_no_thinking_level_is_told_where_the_rest_is_known() {
    let pi = TestPi::new([Turn::text("ok")]);
    let levels = "is no thinking level (off, minimal, low, medium, high, xhigh, max)";
    let ran = pi.run(&["-p", "--model", "oai/scripted:banana", "hi"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let warning = format!("warning: \"banana\" {levels}");
    assert!(ran.stderr.contains(&warning), "{}", ran.stderr);
    let ran = pi.run(&["-p", "--model", "gpt-5:ultra", "hi"]);
    assert_eq!(ran.code, 1);
    let error = format!("error: \"ultra\" {levels}");
    assert!(ran.stderr.contains(&error), "{}", ran.stderr);
    let ran = pi.run(&["-p", "--model", "nosuch:banana", "hi"]);
    assert!(!ran.stderr.contains("thinking level"), "{}", ran.stderr);
}

#[test]
fn over_rpc_the_failure_is_the_answer_too_also_after_models_were_asked_for() {
    let pi = project();
    let mut client = Client::start_with(&pi, &[]);
    client.data(json!({"type": "get_available_models"}));
    client.prompt("run rm -rf build");
    let mut heard = client.heard.iter();
    let answer = heard.rfind(|line| line["type"] == "message_end").unwrap();
    let answer = &answer["message"];
    assert_eq!(answer["stopReason"], "error", "{answer}");
    let why = answer["errorMessage"].as_str().unwrap();
    assert!(why.starts_with("no model is connected"), "{why}");
    assert_untouched(&pi);
}
