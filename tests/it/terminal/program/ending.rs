//! However pi ends, the terminal is the shell's again and nothing is left running.

use serde_json::json;

use super::*;
use crate::support::LifeLine;
use crate::support::model_server::Turn;

#[test]
fn ctrl_c_twice_and_ctrl_d_leave() {
    for keys in [&b"\x03\x03"[..], b"\x04"] {
        let pi = TestPi::new([]);
        let mut pty = start(&pi, &[]);
        pty.wait_for_text("oai/scripted");
        pty.send(keys);
        assert_over(&pi, &mut pty, 0);
        assert_eq!(pi.sessions(), [""; 0].map(std::path::PathBuf::from));
    }
}

#[test]
fn signals_give_the_terminal_back_and_end_with_their_code() {
    for (signal, code) in [
        (libc::SIGTERM, 143),
        (libc::SIGHUP, 129),
        (libc::SIGINT, 130),
    ] {
        let pi = TestPi::new([Turn::silent()]);
        let mut pty = start(&pi, &["go"]);
        pi.server.wait_for_requests(1);
        pty.wait_for_text("Working…");
        kill(&pi, signal);
        assert_over(&pi, &mut pty, code);
    }
}

#[test]
fn words_that_were_not_sent_are_left_on_the_shells_screen() {
    let pi = TestPi::new([]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    pty.type_text("a long thought");
    pty.wait_for_text("a long thought");
    kill(&pi, libc::SIGTERM);
    assert_over(&pi, &mut pty, 143);
    let contents = pty.contents();
    assert!(
        contents.contains("Typed and not sent:\na long thought"),
        "{contents}"
    );
}

#[test]
fn signals_end_the_external_editor_too() {
    for (signal, code) in [(libc::SIGTERM, 143), (libc::SIGHUP, 129)] {
        let pi = TestPi::new([]);
        let mut life = LifeLine::new(&pi.home());
        let line = life.path.display();
        let script = format!("#!/bin/sh\nexec 9>{line}; echo $$ >&9; echo editing; read line\n");
        executable(pi.write("editor", script));
        let mut pty = start(&pi, &[]);
        pty.wait_for_text("oai/scripted");
        pty.type_text("a long thought\x07");
        pty.wait_for_text("editing");
        life.wait_for_lines(1);
        kill(&pi, signal);
        life.wait_for_the_end();
        assert_over(&pi, &mut pty, code);
        let told = pty
            .contents()
            .contains("Typed and not sent:\na long thought");
        assert_eq!(told, signal == libc::SIGTERM, "{}", pty.contents());
    }
}

#[test]
fn a_killed_pi_leaves_no_child() {
    let pi = TestPi::new([]);
    let mut life = LifeLine::new(&pi.home());
    let line = life.path.display();
    let command = format!("exec 9>{line}; echo $$ >&9; (echo x >&9; sleep 1000) & sleep 1000");
    pi.server
        .push(Turn::tool("bash", json!({ "command": command })));
    let mut pty = start(&pi, &["go"]);
    life.wait_for_lines(2);
    kill(&pi, libc::SIGKILL);
    life.wait_for_the_end();
    pty.wait_exit();
    let code = std::fs::read_to_string(pi.home().join("code")).unwrap();
    assert_eq!(code.trim(), "137");
}

/// As the others, but the shell goes on when pi stops.
const STOPPING: &str = r#"set -m; stty -g >~/before; "$@"; stty -g >~/after; echo now stopped
    read line; fg >/dev/null; echo $? >~/code"#;

#[test]
fn ctrl_z_is_the_shell_until_fg() {
    let pi = TestPi::new([Turn::text("an answer")]);
    let args = [&MODEL[..], &["a question"]].concat();
    let mut pty = start_in(&pi, STOPPING, &args, (80, 24));
    pty.wait_for_text("an answer");
    pty.type_text("a draft");
    pty.wait_for_text("a draft");
    pty.send(b"\x1a");
    pty.wait_for_text("now stopped");
    assert!(!pty.look(vt100::Screen::alternate_screen));
    pty.type_text("\n");
    pty.wait_for_text("a draft");
    assert!(pty.contents().contains("an answer"));
    assert!(pty.look(vt100::Screen::alternate_screen));
    pty.send(b"\x03");
    pty.wait_for_text("cleared");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

#[test]
fn ctrl_z_in_the_external_editor_is_the_shell_until_fg() {
    let pi = TestPi::new([]);
    // Being continued may end a `read` with nothing read.
    let script = "#!/bin/sh\necho editing\n\
                  until read line; do :; done; echo \"$line\" >\"$1\"\n";
    executable(pi.write("editor", script));
    let mut pty = start_in(&pi, STOPPING, &MODEL, (80, 24));
    pty.wait_for_text("oai/scripted");
    pty.send(b"\x07");
    pty.wait_for_text("editing");
    pty.send(b"\x1a");
    pty.wait_for_text("now stopped");
    // The shell takes the first line and goes on; the second is the editor's, as soon as it runs.
    pty.type_text("\nwritten later\n");
    pty.wait_for(|screen| screen.alternate_screen() && screen.contents().contains("written later"));
    pty.send(b"\x03");
    pty.wait_for_text("cleared");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

const THIEF: &str = "PI_TEST_THIEF";

/// Not a test by itself: an editor that takes the terminal and never gives it back.
#[test]
fn a_thief_takes_the_terminal() {
    if std::env::var_os(THIEF).is_some() {
        // SAFETY: plain system calls.
        unsafe {
            libc::signal(libc::SIGTTOU, libc::SIG_IGN);
            assert_eq!(libc::setpgid(0, 0), 0);
            assert_eq!(libc::tcsetpgrp(0, libc::getpid()), 0);
        }
    }
}

#[test]
fn a_terminal_that_cannot_be_taken_back_ends_the_session_in_order() {
    let pi = TestPi::new([Turn::silent()]);
    let binary = std::env::current_exe().unwrap();
    let test = "terminal::program::ending::a_thief_takes_the_terminal";
    let script = format!(
        "#!/bin/sh\n{THIEF}=1 exec '{}' --exact {test} -q\n",
        binary.display()
    );
    executable(pi.write("editor", &script));
    let mut pty = start(&pi, &["go"]);
    pi.server.wait_for_requests(1);
    pty.wait_for_text("Working…");
    pty.send(b"\x07");
    assert_over(&pi, &mut pty, 1);
    assert_eq!(pi.messages()[1]["stopReason"], "aborted");
}

#[test]
fn a_session_goes_on_where_it_was_left() {
    let pi = TestPi::new([Turn::text("It is 42."), Turn::text("Still 42.")]);
    let mut pty = start(&pi, &["what is it?"]);
    pty.wait_for_text("It is 42.");
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);

    let mut pty = start(&pi, &["-c"]);
    pty.wait_for_text("It is 42.");
    assert!(pty.contents().contains("what is it?"));
    say(&mut pty, "and now?");
    pty.wait_for_text("Still 42.");
    let request = pi.server.requests().pop().unwrap();
    assert!(request.raw_body.contains("what is it?"));
    assert_eq!(pi.messages().len(), 4);
}

#[test]
fn what_could_not_be_saved_is_told_last_and_is_a_failure() {
    let pi = TestPi::new([Turn::text("an answer")]);
    // No directory can be made where a file is.
    let file = pi.write("a file", "");
    let dir = file.join("sessions");
    let mut pty = start(&pi, &["--session-dir", dir.to_str().unwrap(), "a question"]);
    pty.wait_for_text("an answer");
    pty.wait_for_text("goes on in memory");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 1);
    pty.wait_for_text("entries could not be saved");
    assert!(pty.contents().contains("an answer"));
}
