//! What was typed and not sent survives the end of pi, however it comes.

use std::path::PathBuf;

use super::*;
use crate::support::model_server::{Hold, Turn};

fn drafts(pi: &TestPi) -> Vec<PathBuf> {
    let dir = pi.agent().join("drafts");
    let files = std::fs::read_dir(dir).into_iter().flatten();
    files.map(|file| file.unwrap().path()).collect()
}

/// Waits until what is kept is as wanted.
#[track_caller]
pub(super) fn wait_for_draft(pi: &TestPi, wanted: impl Fn(&str) -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let kept = drafts(pi).into_iter().filter_map(|path| {
            // What is being written has another name.
            path.extension().filter(|ending| *ending == "json")?;
            let draft: serde_json::Value =
                serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
            Some(draft["text"].as_str()?.to_owned())
        });
        let kept: Vec<String> = kept.collect();
        if wanted(&kept.join("|")) {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{kept:?}");
        std::thread::yield_now();
    }
}

fn killed(pi: &TestPi, pty: &mut Pty) {
    kill(pi, libc::SIGKILL);
    pty.wait_exit();
}

#[test]
fn what_was_typed_is_there_again_after_kill_9_in_the_same_directory_and_gone_once_it_is_sent() {
    let pi = TestPi::new([Turn::text("It is 42.")]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    pty.type_text("a long thought");
    let pasted: Vec<String> = (0..20).map(|line| format!("line {line}")).collect();
    pty.type_text(&format!("\x1b[200~{}\x1b[201~", pasted.join("\r")));
    pty.wait_for_text("[paste #1 +20 lines]");
    wait_for_draft(&pi, |kept| kept.ends_with("line 19"));
    killed(&pi, &mut pty);
    // Another one that lives has its own and leaves this one to whoever comes.
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("your draft was kept");
    assert!(pty.contents().contains("line 19"));
    let mut other = start(&pi, &[]);
    other.wait_for_text("oai/scripted");
    assert!(!other.contents().contains("line 19"));
    say(&mut other, "/quit");
    other.wait_exit();
    pty.send(b"\r");
    pty.wait_for_text("It is 42.");
    let request = pi.server.requests().pop().unwrap();
    assert!(
        request.raw_body.contains("a long thoughtline 0") && request.raw_body.contains("line 19"),
        "{}",
        request.raw_body
    );
    wait_for_draft(&pi, str::is_empty);
    assert_eq!(drafts(&pi), [""; 0].map(PathBuf::from));
    say(&mut pty, "/quit");
    pty.wait_exit();
}

#[test]
fn a_draft_of_a_saved_session_comes_back_with_it_and_with_no_other() {
    let pi = TestPi::new([Turn::text("It is 42.")]);
    let mut pty = start(&pi, &["what is it?"]);
    pty.wait_for_text("It is 42.");
    pty.type_text("and then");
    wait_for_draft(&pi, |kept| kept == "and then");
    killed(&pi, &mut pty);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    pty.type_text("x");
    pty.wait_for_text("x");
    assert!(!pty.contents().contains("and then"));
    pty.send(b"\x7f");
    pty.send(b"\x04");
    pty.wait_exit();
    let mut pty = start(&pi, &["-c"]);
    pty.wait_for_text("and then");
    // On the way out it is kept as well.
    kill(&pi, libc::SIGTERM);
    assert_over(&pi, &mut pty, 143);
    let mut pty = start(&pi, &["-c"]);
    pty.wait_for_text("and then");
    pty.send(b"\x03\x03");
    assert_over(&pi, &mut pty, 0);
    assert_eq!(drafts(&pi), [""; 0].map(PathBuf::from));
}

#[test]
fn what_waits_for_the_model_survives_too() {
    let gate = Hold::new();
    let pi = TestPi::new([Turn::text("never seen").hold_at(0, &gate)]);
    let mut pty = start(&pi, &["go"]);
    gate.wait_until_reached();
    pty.wait_for_text("Working…");
    say(&mut pty, "said meanwhile");
    pty.wait_for_text("steers: said meanwhile");
    pty.type_text("being typed");
    wait_for_draft(&pi, |kept| kept == "said meanwhile\n\nbeing typed");
    killed(&pi, &mut pty);
    let mut pty = start(&pi, &["-c"]);
    pty.wait_for_text("said meanwhile");
    assert!(pty.contents().contains("being typed"));
    gate.open();
    pty.hang_up();
    wait_for_draft(&pi, |kept| kept == "said meanwhile\n\nbeing typed");
}

#[test]
fn a_conversation_that_is_never_on_disk_leaves_no_draft() {
    let pi = TestPi::new([]);
    let mut pty = start(&pi, &["--no-session"]);
    pty.wait_for_text("oai/scripted");
    pty.type_text("a secret");
    pty.wait_for_text("a secret");
    kill(&pi, libc::SIGTERM);
    assert_over(&pi, &mut pty, 143);
    assert_eq!(drafts(&pi), [""; 0].map(PathBuf::from));
}
