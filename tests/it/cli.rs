//! Flags, exit codes, messages.

use crate::support::{Running, TestPi};

/// Runs pi, which has to refuse without saying anything to a model, and returns what it said of it.
#[track_caller]
fn refused(args: &[&str]) -> String {
    let pi = TestPi::new([]);
    let ran = pi.run(args);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("", 1),
        "{args:?}: {}",
        ran.stderr
    );
    assert_eq!(pi.server.requests().len(), 0);
    assert_eq!(pi.sessions().len(), 0);
    ran.stderr
}

#[test]
fn the_version_is_all_of_stdout() {
    for flag in ["--version", "-v"] {
        let ran = TestPi::unconfigured([]).run(&[flag]);
        let version = format!("{}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(
            (ran.stdout, ran.stderr.as_str(), ran.code),
            (version, "", 0)
        );
    }
}

#[test]
fn help_names_every_flag() {
    let ran = TestPi::unconfigured([]).run(&["--help"]);
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
    let mut flags: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| line.trim_start().starts_with('-'))
        .flat_map(|line| line.split_whitespace())
        .map_while(|word| Some(word.trim_matches([',', '[', ']'])))
        .filter(|word| word.starts_with('-') && word.len() > 1)
        .collect();
    flags.sort_unstable();
    flags.dedup();
    let expected = [
        "--api-key",
        "--append-system-prompt",
        "--approve",
        "--at",
        "--budget",
        "--budget-time",
        "--budget-tokens",
        "--continue",
        "--exclude-tools",
        "--export",
        "--extension",
        "--fork",
        "--help",
        "--list-models",
        "--max-turns",
        "--mode",
        "--model",
        "--models",
        "--name",
        "--no-approve",
        "--no-builtin-tools",
        "--no-context-files",
        "--no-extensions",
        "--no-mcp",
        "--no-prompt-templates",
        "--no-redact",
        "--no-session",
        "--no-skills",
        "--no-themes",
        "--no-tools",
        "--offline",
        "--plain",
        "--print",
        "--prompt-template",
        "--provider",
        "--resume",
        "--session",
        "--session-dir",
        "--session-id",
        "--skill",
        "--system-prompt",
        "--theme",
        "--thinking",
        "--tools",
        "--tui-mode",
        "--use-theme",
        "--verbose",
        "--version",
    ];
    let long: Vec<&str> = flags
        .iter()
        .filter(|f| f.starts_with("--"))
        .map(|f| f.split('[').next().unwrap())
        .collect();
    assert_eq!(long, expected);
    for short in [
        "-a", "-c", "-e", "-h", "-n", "-p", "-r", "-t", "-v", "-na", "-nbt", "-nc", "-ne", "-np",
        "-ns", "-nt", "-xt",
    ] {
        assert!(
            ran.stdout.contains(&format!("{short},")) || ran.stdout.contains(&format!("[{short}]")),
            "{short}"
        );
    }
    assert!(
        ran.stdout.lines().all(|line| line.chars().count() <= 100),
        "{}",
        ran.stdout
    );
}

#[test]
fn every_key_that_is_advised_belongs_to_a_provider_that_answers() {
    for (args, keys) in [
        (&["--help"] as &[&str], 3),
        (&["-p", "--no-session", "--model", "demo", "help"], 4),
        (&["--list-models"], 1),
    ] {
        let said = TestPi::unconfigured([]).run(args).stdout;
        let advised: Vec<&str> = said
            .split(|c: char| !(c.is_ascii_uppercase() || c == '_'))
            .filter(|word| word.ends_with("_API_KEY"))
            .collect();
        assert_eq!(advised.len(), keys, "{args:?}: {said}");
        for key in advised {
            let pi = TestPi::unconfigured([]);
            let mut command = pi.command(&["--list-models"]);
            let ran = Running::start(command.env(key, "k")).finish();
            assert!(ran.stdout.starts_with("provider"), "{key}: {}", ran.stdout);
        }
    }
}

#[test]
fn an_unknown_flag_is_refused_with_the_one_that_was_meant() {
    assert!(refused(&["--modle", "x"]).contains("--model"));
    assert!(refused(&["-p", "--no-sesion", "hi"]).contains("--no-session"));
    assert!(refused(&["--nothing-like-it"]).contains("--nothing-like-it"));
}

#[test]
fn what_is_not_in_this_version_says_so() {
    let cases: [(&[&str], &str); 4] = [
        (&["-e", "x.ts", "-p", "hi"], "--extension"),
        (&["--skill", "x", "-p", "hi"], "--skill"),
        (&["--prompt-template", "x", "-p", "hi"], "--prompt-template"),
        (&["install", "npm:something"], "pi install"),
    ];
    for (args, name) in cases {
        let said = refused(args);
        assert!(said.starts_with("error: "), "{said}");
        assert!(
            said.contains(name) && said.contains("not in this version"),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn nothing_to_say_is_told() {
    for args in [&["-p"] as &[&str], &[], &["-p", ""], &["--mode", "json"]] {
        let said = refused(args);
        assert!(
            said.contains("nothing to say") && said.contains("hint: "),
            "{said}"
        );
    }
}

#[test]
fn values_that_make_no_sense_are_refused_by_name() {
    for (args, name) in [
        (&["-p", "--max-turns", "0", "hi"] as &[&str], "--max-turns"),
        (&["-p", "--max-turns", "many", "hi"], "--max-turns"),
        (&["--mode", "xml", "hi"], "--mode"),
        (&["-p", "hi", "--model"], "--model"),
        (&["-p", "--session-id", "../../etc", "hi"], "../../etc"),
        (&["-p", "--session-id", "", "hi"], "session id"),
        (&["-p", "--session-id", "x-", "hi"], "x-"),
        (&["-p", "--api-key", "k", "hi"], "--api-key"),
        (
            &["-p", "--model", "groq/m", "--api-key", " ", "hi"],
            "--api-key is empty",
        ),
    ] {
        assert!(refused(args).contains(name), "{args:?}");
    }
}

#[test]
fn flags_that_contradict_one_another_are_refused_by_name() {
    for (args, names) in [
        (
            &["-p", "--no-session", "-c", "hi"] as &[&str],
            ["--no-session", "--continue"],
        ),
        (
            &["-p", "--session", "a", "--session-id", "b", "hi"],
            ["--session", "--session-id"],
        ),
        (
            &["-p", "-c", "--session", "a", "hi"],
            ["--continue", "--session"],
        ),
        (
            &["-p", "--approve", "--no-approve", "hi"],
            ["--approve", "--no-approve"],
        ),
    ] {
        let said = refused(args);
        assert!(names.iter().all(|name| said.contains(name)), "{said}");
    }
}

#[test]
fn two_dashes_end_the_flags() {
    let pi = TestPi::unconfigured([]);
    let ran = pi.run(&["-p", "--model", "demo", "--", "--version"]);
    assert_eq!(ran.code, 0);
    assert_eq!(pi.messages()[0]["content"][0]["text"], "--version");
}

#[test]
fn an_unknown_thinking_level_is_told_and_the_run_goes_on() {
    let pi = TestPi::unconfigured([]);
    let ran = pi.run(&["-p", "--model", "demo", "--thinking", "extreme", "hello"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stderr.starts_with("warning: ") && ran.stderr.contains("extreme"),
        "{}",
        ran.stderr
    );
}

#[test]
fn output_that_nobody_reads_is_no_crash() {
    use std::process::Stdio;
    for args in [&["--help"] as &[&str], &["--version"], &["--list-models"]] {
        let pi = TestPi::new([]);
        // Otherwise it is told that there are none where the tests look for them.
        pi.write_agent("settings.json", r#"{"localServers": {"enabled": false}}"#);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = pi.command(args);
        let output = command
            .stdout(Stdio::from(writer))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
    }
}

#[test]
fn a_working_directory_that_is_gone_is_told() {
    let pi = TestPi::unconfigured([]);
    let gone = pi.home().join("gone");
    std::fs::create_dir(&gone).unwrap();
    let mut command = std::process::Command::new("/bin/sh");
    command
        .args([
            "-c",
            "rmdir \"$PWD\"; exec \"$0\" -p hi",
            env!("CARGO_BIN_EXE_pi"),
        ])
        .current_dir(&gone)
        .env_clear()
        .env("HOME", pi.home());
    let ran = Running::start(&mut command).finish();
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(ran.stderr.contains("working directory"), "{}", ran.stderr);
}

#[test]
fn help_offers_the_modes_that_there_are() {
    let help = TestPi::unconfigured([]).run(&["--help"]).stdout;
    let rpc = help.lines().find(|line| line.trim().starts_with("- rpc"));
    assert!(!rpc.unwrap().contains("not in this version"), "{help}");
}
