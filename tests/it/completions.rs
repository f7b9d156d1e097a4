//! What shells and `man` are told of the command line.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::TestPi;

fn completions(shell: &str) -> String {
    let ran = TestPi::new([]).run(&["completions", shell]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout
}

/// Runs a script in bash with the completions before it; what it prints.
fn bash(script: &str) -> String {
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-s"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut running = bash.spawn().unwrap();
    let text = format!("{}\n{script}\n", completions("bash"));
    running
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let done = running.wait_with_output().unwrap();
    assert!(done.status.success());
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn bash_completes_flags_their_values_and_files() {
    let flags =
        bash(r#"COMP_WORDS=(pi --mod); COMP_CWORD=1; _pi pi --mod pi; echo "${COMPREPLY[@]}""#);
    for flag in ["--mode", "--model", "--models"] {
        assert!(flags.split_whitespace().any(|word| word == flag), "{flags}");
    }
    let modes = bash(
        r#"COMP_WORDS=(pi --mode ""); COMP_CWORD=2; _pi pi "" --mode; echo "${COMPREPLY[@]}""#,
    );
    assert_eq!(modes.trim(), "text json rpc");
    let files = bash(
        r#"cd "$(mktemp -d)"; touch harbour.json; COMP_WORDS=(pi --theme har); COMP_CWORD=2
        _pi pi har --theme 2>/dev/null; echo "${COMPREPLY[@]}""#,
    );
    assert_eq!(files.trim(), "harbour.json");
}

#[test]
fn other_shells_have_every_flag_too() {
    for (shell, first) in [("zsh", "#compdef pi"), ("fish", "# Print an optspec")] {
        let script = completions(shell);
        assert!(script.starts_with(first), "{shell}: {}", &script[..60]);
        for word in ["use-theme", "plain", "completions", "check"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn an_unknown_shell_is_told_which_are_known() {
    let ran = TestPi::new([]).run(&["completions", "tcsh"]);
    assert_ne!(ran.code, 0);
    assert!(ran.stderr.contains("bash, zsh, fish"), "{}", ran.stderr);
}

#[test]
fn the_manual_page_has_every_section() {
    let ran = TestPi::new([]).run(&["man"]);
    assert_eq!(ran.code, 0);
    for part in [
        ".TH pi 1",
        ".SH NAME",
        "\\-\\-use\\-theme",
        "PI_CODING_AGENT_DIR",
    ] {
        assert!(ran.stdout.contains(part), "{part}");
    }
}
