//! `bash` and the person's own commands.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pi::agent::Outcome;
use pi::tools::{Exit, ShellCommand, ToolOptions, run_shell};
use serde_json::json;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Bench, LifeLine, text};

#[tokio::test]
async fn a_command_gives_both_streams_in_the_order_they_were_written() {
    let bench = Bench::new();
    let line = "for n in 1 2 3; do echo out $n; echo err $n >&2; done";
    assert_eq!(
        bench.ok("bash", json!({ "command": line })).await,
        "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n"
    );
}

#[tokio::test]
async fn a_command_runs_in_the_root_with_nothing_to_read_and_knows_that_pi_runs_it() {
    let options = ToolOptions {
        env: Arc::new(|| vec![("PI_SESSION_ID".into(), "s1".into())]),
        command_prefix: Some("shopt -s expand_aliases; alias hi='echo hello'".into()),
        ..ToolOptions::default()
    };
    let bench = Bench::with(options);
    let line = "hi; pwd -P; cat; echo $PI_CODING_AGENT $PI_SESSION_ID; tty";
    let said = bench.err("bash", json!({ "command": line })).await;
    let root = bench.path("").canonicalize().unwrap();
    let expected = format!(
        "hello\n{}\ntrue s1\nnot a tty\n\n\nCommand failed with exit code 1.",
        root.display()
    );
    assert_eq!(said, expected);
}

#[tokio::test]
async fn the_exit_code_is_told_and_other_than_zero_is_an_error() {
    let bench = Bench::new();
    let said = bench
        .err("bash", json!({ "command": "echo so; exit 3" }))
        .await;
    assert_eq!(said, "so\n\n\nCommand failed with exit code 3.");
    let said = bench.err("bash", json!({ "command": "exit 7" })).await;
    assert_eq!(said, "(no output)\n\nCommand failed with exit code 7.");
    let said = bench
        .err("bash", json!({ "command": "kill -TERM $$" }))
        .await;
    assert_eq!(said, "Command was ended by signal 15.");
    assert_eq!(
        bench.ok("bash", json!({ "command": "true" })).await,
        "(no output)"
    );
}

#[tokio::test]
async fn control_sequences_and_broken_text_do_not_reach_the_model() {
    let bench = Bench::new();
    let line = r"printf '\033[31mred\033[0m\r\n\033]0;title\007bell\007 \377\n'";
    let said = bench.ok("bash", json!({ "command": line })).await;
    assert_eq!(said, "red\nbell \u{fffd}\n");
}

#[tokio::test]
async fn of_much_output_the_end_is_shown_and_all_of_it_is_in_a_file() {
    let bench = Bench::new();
    let outcome = bench.call("bash", json!({ "command": "seq 5000" })).await;
    let details = outcome.details.clone().unwrap();
    let path = details["fullOutputPath"].as_str().unwrap();
    let said = text(&outcome);
    let (shown, notice) = said.split_once("\n\n\n").unwrap();
    assert!(shown.starts_with("3002\n") && shown.ends_with("\n5000"));
    assert_eq!(
        notice,
        format!("[Lines 3002-5001 of 5001 shown. All output: {path}]")
    );
    let facts = &details["truncation"];
    assert_eq!(facts["truncatedBy"], "lines");
    assert_eq!(facts["totalLines"], 5001);
    assert_eq!(facts["outputLines"], 2000);
    let all: String = (1..=5000).map(|n| format!("{n}\n")).collect();
    assert_eq!(std::fs::read_to_string(path).unwrap(), all);
    assert_eq!(bench.scratch_files(), [std::path::PathBuf::from(path)]);
}

#[tokio::test]
async fn output_that_cannot_be_saved_does_not_fail_the_command() {
    let bench = Bench::new();
    std::fs::remove_dir(bench.directory.path().join("scratch")).unwrap();
    let said = bench.ok("bash", json!({ "command": "seq 5000" })).await;
    assert!(
        said.ends_with("[Lines 3002-5001 of 5001 shown. The whole output could not be saved.]")
    );
}

#[tokio::test]
async fn little_output_makes_no_file() {
    let bench = Bench::new();
    let outcome = bench.call("bash", json!({ "command": "seq 1999" })).await;
    assert_eq!(outcome.details, None);
    assert!(bench.scratch_files().is_empty());
}

#[tokio::test]
async fn of_one_endless_line_the_end_is_shown() {
    let bench = Bench::new();
    let line = "head -c 200000 /dev/zero | tr '\\0' x; echo END";
    let said = bench.ok("bash", json!({ "command": line })).await;
    let (shown, notice) = said.split_once("\n\n\n").unwrap();
    assert!(shown.ends_with("xxEND") && shown.len() == 50 * 1024 - 1);
    assert!(notice.starts_with("[The last 50.0KB of a line of 195.3KB (line 1). All output: "));
}

#[tokio::test]
async fn output_is_reported_while_the_command_runs() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("")).unwrap();
    let seen: Arc<Mutex<Vec<Outcome>>> = Arc::default();
    let (sink, gate) = (seen.clone(), bench.path("gate"));
    // The command goes on only when its first line has been reported.
    let watch = move |partial: Outcome| {
        if text(&partial).contains("first") {
            std::fs::write(&gate, "").unwrap();
        }
        sink.lock().unwrap().push(partial);
    };
    let line = "echo first; until [ -e gate ]; do sleep 0.01; done; echo second";
    let outcome = bench
        .watched("bash", json!({ "command": line }), watch)
        .await;
    assert_eq!(text(&outcome), "first\nsecond\n");
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0], Outcome::default());
    assert_eq!(seen[1], Outcome::text("first\n"));
}

#[tokio::test]
async fn a_command_that_takes_too_long_dies_with_all_that_it_started() {
    let bench = Bench::new();
    let mut life = LifeLine::new(&bench.path(""));
    let line = "exec 9>lifeline; echo begun; timeout 600 sleep 600 & sleep 600";
    let said = bench
        .err("bash", json!({ "command": line, "timeout": 0.5 }))
        .await;
    assert_eq!(
        said,
        "begun\n\n\nCommand was killed: it timed out after 0.5 seconds."
    );
    life.wait_for_the_end();
}

#[tokio::test]
async fn stopping_kills_the_command_and_all_that_it_started() {
    let bench = Bench::new();
    let mut life = LifeLine::new(&bench.path(""));
    let stop = bench.stop.clone();
    let line = "exec 9>lifeline; trap '' TERM INT HUP; (set -m; sleep 600 & sleep 600 &); \
                timeout 600 sleep 600 & echo up; wait; sleep 600";
    let watch = move |partial: Outcome| {
        if text(&partial).contains("up") {
            stop.cancel();
        }
    };
    let outcome = bench
        .watched("bash", json!({ "command": line }), watch)
        .await;
    assert!(outcome.is_error);
    assert_eq!(text(&outcome), "up\n\n\nCommand was stopped by the user.");
    life.wait_for_the_end();
}

#[tokio::test]
async fn a_stopped_tool_does_not_begin() {
    let bench = Bench::new();
    bench.stop.cancel();
    for (tool, args) in [
        ("read", json!({ "path": "a" })),
        ("write", json!({ "path": "a", "content": "" })),
        (
            "edit",
            json!({ "path": "a", "edits": [{ "oldText": "a", "newText": "b" }] }),
        ),
        ("grep", json!({ "pattern": "a" })),
        ("find", json!({ "pattern": "*" })),
        ("ls", json!({})),
    ] {
        assert_eq!(
            bench.err(tool, args).await,
            "Stopped by the user.",
            "{tool}"
        );
    }
    let said = bench.err("bash", json!({ "command": "touch a" })).await;
    assert_eq!(said, "Command was stopped by the user.");
    assert!(!bench.path("a").exists());
}

#[tokio::test]
async fn a_server_in_the_background_outlives_its_call_but_not_the_workspace() {
    let bench = Bench::new();
    let mut life = LifeLine::new(&bench.path(""));
    // It keeps the output open and goes on printing, which must neither hang the call nor kill it.
    let line =
        "(exec 9>lifeline; while :; do echo noise; echo tick >&9; sleep 0.01; done) & echo up";
    let said = bench.ok("bash", json!({ "command": line })).await;
    assert!(said.contains("up\n"), "{said}");
    life.wait_for_lines(1);
    life.wait_for_lines(20);
    drop(bench);
    life.wait_for_the_end();
}

#[tokio::test]
async fn output_written_just_before_the_end_is_not_lost_to_a_background_child() {
    let bench = Bench::new();
    let line = "sleep 600 & seq 100000";
    let outcome = bench.call("bash", json!({ "command": line })).await;
    assert!(text(&outcome).contains("\n100000\n"));
    assert_eq!(
        outcome.details.unwrap()["truncation"]["totalLines"],
        100_001
    );
}

#[tokio::test]
async fn dropping_the_call_kills_the_command() {
    let bench = Bench::new();
    let mut life = LifeLine::new(&bench.path(""));
    let up = Arc::new(Notify::new());
    let seen = up.clone();
    let watch = move |partial: Outcome| {
        if text(&partial).contains("up") {
            seen.notify_one();
        }
    };
    let line = "exec 9>lifeline; echo up; sleep 600";
    tokio::select! {
        _ = bench.watched("bash", json!({ "command": line }), watch) => unreachable!(),
        () = up.notified() => {}
    }
    life.wait_for_the_end();
}

#[tokio::test]
async fn a_shell_of_ones_own_is_used_and_a_missing_one_is_told() {
    let bench = Bench::new();
    let place = |shell: &str| pi::tools::LocalPlace {
        root: bench.path(""),
        home: None,
        shell: Some(shell.into()),
        temporary: bench.path(""),
    };
    let command = || ShellCommand {
        line: "echo ${BASH_VERSION:-plain}".into(),
        timeout: None,
        env: Vec::new(),
    };
    let run = async |shell: &str| {
        let workspace = pi::tools::LocalWorkspace::new(place(shell));
        run_shell(&workspace, command(), CancellationToken::new(), |_| {}).await
    };
    let report = run("/bin/sh").await.unwrap();
    assert_eq!(
        (report.output.as_str(), report.exit),
        ("plain\n", Exit::Code(0))
    );
    let error = run("/nowhere/sh").await.unwrap_err();
    assert_eq!(error.to_string(), "no shell found (tried /nowhere/sh)");
}

#[tokio::test]
async fn a_persons_command_is_reported_with_its_facts() {
    let bench = Bench::new();
    let run = async |line: &str, timeout: Option<Duration>, stop: CancellationToken| {
        let command = ShellCommand {
            line: line.into(),
            timeout,
            env: Vec::new(),
        };
        run_shell(bench.workspace.as_ref(), command, stop, |_| {})
            .await
            .unwrap()
    };
    let report = run("echo hi; exit 2", None, CancellationToken::new()).await;
    assert_eq!(
        (report.output.as_str(), report.exit_code()),
        ("hi\n", Some(2))
    );
    assert!(!report.is_cancelled() && !report.is_truncated());
    let stopped = CancellationToken::new();
    stopped.cancel();
    let report = run("sleep 600", None, stopped).await;
    assert_eq!((report.exit_code(), report.is_cancelled()), (None, true));
    let report = run("seq 3000", None, CancellationToken::new()).await;
    assert!(report.is_truncated() && report.full_output_path.unwrap().is_file());
}
