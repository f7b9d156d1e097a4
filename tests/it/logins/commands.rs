//! `pi auth`: what it prints, where, and with which code it ends.

use serde_json::json;

use super::{Desk, now};
use crate::support::secure::Reply;

fn desk() -> Desk {
    Desk::new(|_| Reply::status(404))
}

/// A login that is good for an hour.
fn good() -> serde_json::Value {
    json!({"anthropic": {"type": "oauth", "access": "sk-ant-oat-good", "refresh": "r", "expires": now() + 3_600_000},
        "groq": {"type": "api_key", "key": "gsk-stored"}})
}

#[test]
fn check_says_what_there_is_in_words_in_json_and_by_its_code() {
    let desk = desk();
    desk.store(&good());
    for (args, stdout, code) in [
        ("--provider groq", "ready\n", 0),
        ("--provider openai", "not_ready\n", 1),
        ("--provider groq --credentials", "gsk-stored\n", 0),
        ("--provider nobody", "not_ready\n", 1),
        (
            "--provider anthropic --json",
            "{\"status\":\"ready\",\"provider\":\"anthropic\",\"authType\":\"oauth\"}\n",
            0,
        ),
        (
            "--provider groq --json --credentials",
            "{\"status\":\"ready\",\"provider\":\"groq\",\"authType\":\"api_key\",\"credentials\":\"gsk-stored\"}\n",
            0,
        ),
        (
            "--provider openai --json",
            "{\"status\":\"not_ready\",\"provider\":\"openai\",\"reason\":\"credentials_not_configured\"}\n",
            1,
        ),
        (
            "--provider nobody --json",
            "{\"status\":\"not_ready\",\"provider\":\"nobody\",\"reason\":\"provider_not_found\"}\n",
            1,
        ),
        ("--model anthropic/claude-opus-5-5", "ready\n", 0),
    ] {
        let all: Vec<&str> = ["auth", "check"]
            .into_iter()
            .chain(args.split(' '))
            .collect();
        let ran = desk.run(&all);
        assert_eq!(
            (ran.stdout.as_str(), ran.code),
            (stdout, code),
            "{args}: {}",
            ran.stderr
        );
    }
    assert_eq!(desk.run(&["auth", "check"]).code, 2);
    let slip = desk.run(&["auth", "check", "--provider", "groq", "--jsno"]);
    assert_eq!((slip.stdout.as_str(), slip.code), ("", 2));
    assert_eq!(desk.run(&["auth", "check", "--help"]).code, 0);
    for args in [
        &["--json"][..],
        &["--json", "--model", "groq/"],
        &["--json", "--model", "nonexistent-model-name"],
    ] {
        let all: Vec<&str> = ["auth", "check"].iter().chain(args).copied().collect();
        let ran = desk.run(&all);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.stdout);
        let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(told["status"], "invalid");
        let why = told["error"].as_str().unwrap();
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
    }
    desk.pi.write_agent("auth.json", "{ not json");
    let ran = desk.run(&["auth", "check", "--provider", "groq", "--json"]);
    let said = "{\"status\":\"invalid\",\"provider\":\"groq\",\"reason\":\"invalid_state\"}\n";
    assert_eq!((ran.stdout.as_str(), ran.code), (said, 2));
}

#[test]
fn check_is_invalid_for_the_provider_that_is_wrong_and_for_no_other() {
    let desk = desk();
    desk.store(
        &json!({"groq": {"type": "api_key", "key": "k"}, "openai": {"type": "api_key", "key": 5}}),
    );
    desk.pi.write_agent(
        "models.json",
        r#"{"providers": {"groq": {"baseUrl": "http://groq", "baseURl": "x"}, "mistral": {"baseUrl": 5},
            "acme": {"api": "x", "baseUrl": 5, "models": [{"id": "m"}]}}}"#,
    );
    for (provider, said, code) in [
        ("groq", "ready\n", 0),
        ("anthropic", "not_ready\n", 1),
        ("openai", "invalid\n", 2),
        ("mistral", "invalid\n", 2),
        ("acme", "invalid\n", 2),
    ] {
        let ran = desk.run(&["auth", "check", "--provider", provider]);
        assert_eq!((ran.stdout.as_str(), ran.code), (said, code), "{provider}");
        assert!(ran.stderr.contains("did you mean baseUrl?"));
    }
}

#[test]
fn a_broken_file_of_credentials_is_reported_by_whoever_would_write_it() {
    let desk = desk();
    desk.pi.write_agent("auth.json", "{ not json");
    for word in ["login", "logout"] {
        let ran = desk.run(&["auth", word, "groq"]);
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{word}");
        assert!(ran.stderr.contains("error: "), "{}", ran.stderr);
        assert!(ran.stderr.contains("auth.json:1:"), "{}", ran.stderr);
    }
    let left = std::fs::read_to_string(desk.pi.agent().join("auth.json")).unwrap();
    assert_eq!(left, "{ not json");
}

#[test]
fn check_renews_nothing_when_told_so() {
    let desk = desk();
    desk.store(
        &json!({"anthropic": {"type": "oauth", "access": "ended", "refresh": "r", "expires": 1}}),
    );
    let args = [
        "auth",
        "check",
        "--provider",
        "anthropic",
        "--no-refresh",
        "--credentials",
    ];
    let ran = desk.run(&args);
    assert_eq!((ran.stdout.as_str(), ran.code), ("ended\n", 0));
    assert!(desk.vendors.asked().is_empty());
}

#[test]
fn other_programs_are_given_keys_and_tokens_and_not_one_for_the_other() {
    let desk = desk();
    desk.store(&good());
    for (args, stdout, code) in [
        ("print-api-key --provider groq", "gsk-stored\n", 0),
        ("print-api-key --provider anthropic", "", 1),
        ("print-api-key --provider openai", "", 1),
        ("print-api-key", "", 1),
        (
            "print-bearer-token --provider anthropic",
            "sk-ant-oat-good\n",
            0,
        ),
        (
            "print-bearer-token --model claude-opus-5-5",
            "sk-ant-oat-good\n",
            0,
        ),
        (
            "print-bearer-token --provider anthropic --min-expiry 59m",
            "sk-ant-oat-good\n",
            0,
        ),
        ("print-bearer-token --provider groq", "", 1),
        (
            "print-bearer-token --provider anthropic --min-expiry soon",
            "",
            1,
        ),
    ] {
        let all: Vec<&str> = ["auth"].into_iter().chain(args.split(' ')).collect();
        let ran = desk.run(&all);
        assert_eq!(
            (ran.stdout.as_str(), ran.code),
            (stdout, code),
            "{args}: {}",
            ran.stderr
        );
        assert!(!ran.stderr.contains("sk-ant-oat-good") && !ran.stderr.contains("gsk-stored"));
    }
    assert!(desk.vendors.asked().is_empty());
}

#[test]
fn a_token_that_has_to_last_longer_is_renewed_before_it_is_printed() {
    let desk = Desk::new(|_| {
        Reply::json(
            200,
            json!({"access_token": "sk-ant-oat-longer", "refresh_token": "r2", "expires_in": 28800}),
        )
    });
    desk.store(&good());
    let args = [
        "auth",
        "print-bearer-token",
        "--provider",
        "anthropic",
        "--min-expiry",
        "2h",
    ];
    let ran = desk.run(&args);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("sk-ant-oat-longer\n", 0),
        "{}",
        ran.stderr
    );
    let ran = desk.run(&[
        "auth",
        "print-bearer-token",
        "--provider",
        "anthropic",
        "--min-expiry",
        "48h",
    ]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(ran.stderr.contains("ends sooner"), "{}", ran.stderr);
    assert_eq!(desk.auth()["anthropic"]["refresh"], "r2");
}

#[test]
fn logout_forgets_one_and_may_be_said_twice() {
    let desk = desk();
    desk.store(&good());
    let ran = desk.run(&["auth", "logout", "anthropic"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("Logged out of Anthropic.\n", 0)
    );
    assert_eq!(
        desk.auth(),
        json!({"groq": {"type": "api_key", "key": "gsk-stored"}})
    );
    assert_eq!(desk.run(&["auth", "logout", "anthropic"]).code, 0);
    assert_eq!(desk.run(&["auth", "logout", "nobody"]).code, 1);
    for (word, said) in [
        ("antropic", "did you mean anthropic?"),
        ("nosuch", "there are amazon-bedrock"),
    ] {
        let ran = desk.run(&["auth", "login", word]);
        assert_eq!(ran.code, 1);
        assert!(
            ran.stderr
                .contains(&format!("there is no provider {word:?}"))
        );
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
    let ran = desk.run(&["auth", "logout", "grox"]);
    assert!(ran.stderr.contains("did you mean groq?"), "{}", ran.stderr);
}

#[test]
fn a_key_is_typed_unseen_and_the_terminal_shows_again_what_is_typed() {
    let desk = desk();
    let script = format!(
        "'{}' auth login anthropic --api-key; read -r word; echo done",
        env!("CARGO_BIN_EXE_pi")
    );
    let shell = std::path::Path::new("/bin/sh");
    let project = desk.pi.project();
    let mut pty = crate::support::pty::Pty::spawn(
        shell,
        &["-c", &script],
        desk.variables(),
        &project,
        120,
        20,
    );
    pty.wait_for_text("it is not shown");
    pty.type_text("sk-ant-typed\r");
    pty.wait_for_text("Stored the key for Anthropic");
    pty.type_text("visible\r");
    pty.wait_for_text("done");
    assert_eq!(pty.wait_exit(), 0);
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    assert!(!raw.contains("sk-ant-typed"), "{raw}");
    assert!(raw.contains("visible"), "{raw}");
    assert_eq!(
        desk.auth(),
        json!({"anthropic": {"type": "api_key", "key": "sk-ant-typed"}})
    );
}

#[test]
fn without_a_terminal_nobody_logs_in() {
    let desk = desk();
    let ran = desk.run(&["auth", "login", "anthropic"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("needs a terminal"), "{}", ran.stderr);
    assert_eq!(desk.run(&["auth", "sing", "anthropic"]).code, 1);
    assert_eq!(desk.run(&["auth"]).code, 0);
}

#[test]
fn no_signal_leaves_a_terminal_that_does_not_show_what_is_typed() {
    for signal in [libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT, libc::SIGINT] {
        let desk = Desk::new(|_| Reply::status(404));
        let mut pty = desk.terminal(&["auth", "login", "groq"]);
        pty.wait_for_text("it is not shown");
        assert!(!pty.echoes());
        pty.signal(signal);
        assert_ne!(pty.wait_exit(), 0);
        assert!(pty.echoes(), "after signal {signal}");
    }
}

#[test]
fn offline_nobody_logs_in_and_a_key_can_be_stored() {
    let desk = desk();
    let mut env = desk.variables();
    env.push(("PI_OFFLINE".into(), "1".into()));
    let start = |args: &[&str]| {
        let binary = std::path::Path::new(env!("CARGO_BIN_EXE_pi"));
        let project = desk.pi.project();
        crate::support::pty::Pty::spawn(binary, args, env.clone(), &project, 200, 20)
    };
    for args in [
        &["anthropic"][..],
        &["anthropic", "--no-browser"],
        &["openai"],
        &["github-copilot"],
    ] {
        let all: Vec<&str> = ["auth", "login"].iter().chain(args).copied().collect();
        let mut pty = start(&all);
        assert_eq!(pty.wait_exit(), 1, "{}", pty.contents());
        pty.wait_for_text(
            "pi is offline (PI_OFFLINE or --offline), and a login needs the provider",
        );
    }
    let mut pty = start(&["auth", "login", "anthropic", "--api-key"]);
    pty.wait_for_text("it is not shown");
    pty.type_text("sk-ant-typed\r");
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    assert_eq!(desk.auth()["anthropic"]["key"], "sk-ant-typed");
    assert!(desk.vendors.asked().is_empty());
}

#[test]
fn offline_a_login_is_not_renewed_to_be_looked_at() {
    let desk = desk();
    desk.store(
        &json!({"anthropic": {"type": "oauth", "access": "ended", "refresh": "r", "expires": 1}}),
    );
    let run = |args: &str| {
        let all: Vec<&str> = ["auth"].into_iter().chain(args.split(' ')).collect();
        let mut command = desk.command(&all);
        let mut running = crate::support::Running::start(command.env("PI_OFFLINE", "1"));
        running.end_input();
        running.finish()
    };
    let ran = run("check --provider anthropic");
    assert_eq!((ran.stdout.as_str(), ran.code), ("ready\n", 0));
    let ran = run("print-bearer-token --provider anthropic");
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(ran.stderr.contains("and pi is offline"), "{}", ran.stderr);
    assert!(desk.vendors.asked().is_empty());
    desk.store(&good());
    let ran = run("print-bearer-token --provider anthropic");
    assert_eq!(ran.stdout, "sk-ant-oat-good\n", "{}", ran.stderr);
}

#[test]
fn the_key_of_bedrock_is_printed_where_the_environment_has_one() {
    let desk = desk();
    let run = |args: &str, variables: &[(&str, &str)]| {
        let all: Vec<&str> = ["auth"].into_iter().chain(args.split(' ')).collect();
        let mut command = desk.command(&all);
        command.envs(variables.iter().copied());
        let mut running = crate::support::Running::start(&mut command);
        running.end_input();
        running.finish()
    };
    let key = [("AWS_BEARER_TOKEN_BEDROCK", "bedrock-key")];
    for args in [
        "print-api-key --provider amazon-bedrock",
        "check --credentials --provider amazon-bedrock",
    ] {
        let ran = run(args, &key);
        assert_eq!(
            (ran.stdout.as_str(), ran.code),
            ("bedrock-key\n", 0),
            "{args}: {}",
            ran.stderr
        );
        let ran = run(args, &[("AWS_PROFILE", "work")]);
        assert_eq!(ran.code, 1, "{args}: {}", ran.stdout);
        assert!(!ran.stdout.contains("work"));
    }
}

#[test]
fn a_key_is_stored_where_one_connects_and_only_there() {
    let desk = desk();
    for provider in ["amazon-bedrock", "google-vertex"] {
        let mut pty = desk.terminal(&["auth", "login", provider, "--api-key"]);
        pty.wait_for_text("it is not shown");
        pty.type_text("cloud-key\r");
        assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
        assert_eq!(desk.auth()[provider]["key"], "cloud-key");
        let ran = desk.run(&["auth", "print-api-key", "--provider", provider]);
        assert_eq!(ran.stdout, "cloud-key\n", "{}", ran.stderr);
    }
    let mut pty = desk.terminal(&["auth", "login", "openai-codex", "--api-key"]);
    pty.wait_for_text("takes no API key");
    assert_eq!(pty.wait_exit(), 1);
}
