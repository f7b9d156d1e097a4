//! `pi --export`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::model_server::{Hold, Turn};
use crate::support::{Ran, TestPi, read_session};

const SAY: [&str; 4] = ["-p", "--model", "oai/scripted", "what is the key?"];

/// A session in which the key of `models.json` was said.
fn told() -> (TestPi, String) {
    let pi = TestPi::new([Turn::text("It is key-of-models-json.")]);
    assert_eq!(pi.run(&SAY).code, 0);
    let file = pi.sessions().remove(0).to_str().unwrap().to_owned();
    (pi, file)
}

fn read(pi: &TestPi, name: &str) -> String {
    fs::read_to_string(pi.project().join(name)).unwrap()
}

#[track_caller]
fn refused(ran: &Ran, because: &str) {
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(
        ran.stderr.starts_with("error: ") && ran.stderr.contains(because),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "{}", ran.stderr);
}

#[test]
fn a_session_is_exported_by_file_and_by_id() {
    let (pi, file) = told();
    let session = fs::read(&file).unwrap();
    let ran = pi.run(&["--export", &file]);
    let stem = std::path::Path::new(&file)
        .file_stem()
        .unwrap()
        .to_str()
        .unwrap();
    let name = format!("pi-session-{stem}.html");
    assert_eq!(
        (ran.stdout, ran.code),
        (format!("Exported to: {name}\n"), 0)
    );
    assert!(read(&pi, &name).starts_with("<!doctype html>"));
    let id = read_session(file.as_ref())[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for (wanted, out) in [
        (id.as_str(), "a.md"),
        (&id[..13], "b.MD"),
        (file.as_str(), "deep/c.markdown"),
    ] {
        let ran = pi.run(&["--export", wanted, out]);
        assert_eq!((ran.stdout, ran.code), (format!("Exported to: {out}\n"), 0));
        assert!(read(&pi, out).contains("what is the key?"));
    }
    assert_eq!(fs::read(&file).unwrap(), session);
}

#[test]
fn what_pi_knows_as_secret_is_masked_unless_the_person_wants_it() {
    let (pi, file) = told();
    let said = "It is …[redacted].";
    for out in ["a.html", "a.md"] {
        let ran = pi.run(&["--export", &file, out]);
        assert!(ran.stderr.contains("masked once"), "{}", ran.stderr);
        assert!(read(&pi, out).contains(said));
        let ran = pi.run(&["--export", &file, out, "--no-redact"]);
        assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
        assert!(read(&pi, out).contains("It is key-of-models-json."));
    }
    pi.write_agent("models.json", "{}");
    for (name, content) in [
        (
            "auth.json",
            r#"{"x": {"type": "api_key", "key": "key-of-models-json"}}"#,
        ),
        (
            "auth.json",
            r#"{"x": {"type": "oauth", "access": "key-of-models-json", "refresh": "r", "expires": 1}}"#,
        ),
    ] {
        pi.write_agent(name, content);
        pi.run(&["--export", &file, "b.md"]);
        assert!(read(&pi, "b.md").contains(said), "{content}");
    }
    pi.write_agent("auth.json", "{}");
    pi.run_with_env(
        &["--export", &file, "c.md"],
        &[("GROQ_API_KEY", "key-of-models-json")],
    );
    assert!(read(&pi, "c.md").contains(said));
    pi.run(&["--export", &file, "d.md", "--api-key", "key-of-models-json"]);
    assert!(read(&pi, "d.md").contains(said));
}

#[test]
fn a_session_that_another_pi_has_open_is_exported() {
    let gate = Hold::new();
    let pi = TestPi::new([Turn::text("one two").hold_at(0, &gate)]);
    let running = pi.spawn(&SAY);
    gate.wait_until_reached();
    let file = pi.sessions().remove(0);
    let ran = pi.run(&["--export", file.to_str().unwrap(), "now.md"]);
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
    assert!(read(&pi, "now.md").contains("what is the key?"));
    gate.open();
    assert_eq!(running.finish().code, 0);
}

#[test]
fn old_and_damaged_sessions_are_exported_as_far_as_they_can_be_read() {
    let pi = TestPi::new([]);
    let old = concat!(
        r#"{"type":"session","id":"old","timestamp":"2024-12-03T14:00:00.000Z","cwd":"/w","provider":"p","modelId":"m","thinkingLevel":"off"}"#,
        "\n",
        r#"{"type":"message","timestamp":"2024-12-03T14:00:01.000Z","message":{"role":"user","content":"from of old","timestamp":1}}"#,
        "\n",
        "{\"type\":\"mess\n",
    );
    let path = pi.write("project/old.jsonl", old);
    let ran = pi.run(&["--export", "old.jsonl", "old.html"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("damaged"), "{}", ran.stderr);
    assert!(read(&pi, "old.html").contains("from of old"));
    assert_eq!(fs::read_to_string(path).unwrap(), old);
}

#[test]
fn what_cannot_be_exported_is_refused_with_one_message() {
    let (pi, file) = told();
    refused(&pi.run(&["--export", "none.jsonl"]), "no session file at");
    refused(&pi.run(&["--export", "ffffffff"]), "ffffffff");
    pi.write("project/notes.txt", "no session\n");
    refused(&pi.run(&["--export", "notes.txt"]), "is not a session file");
    refused(&pi.run(&["--export", "."]), "");
    refused(
        &pi.run(&["--export", &file, "notes.txt/x.html"]),
        "cannot write",
    );
    fs::create_dir(pi.project().join("dir.html")).unwrap();
    refused(&pi.run(&["--export", &file, "dir.html"]), "cannot write");
    assert_eq!(fs::read_dir(pi.project()).unwrap().count(), 2);
}

#[test]
fn a_branch_is_exported_as_a_session_of_its_own() {
    let (pi, file) = told();
    let ran = pi.run(&["--export", &file, "copy.jsonl"]);
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
    let (own, copy) = (
        read_session(file.as_ref()),
        read_session(&pi.project().join("copy.jsonl")),
    );
    assert_eq!(copy[0]["id"], own[0]["id"]);
    assert_eq!(copy[1..], own[1..]);
}

#[test]
fn a_session_is_never_overwritten_by_its_own_export() {
    let (pi, file) = told();
    let session = fs::read(&file).unwrap();
    fs::hard_link(&file, pi.project().join("hard.jsonl")).unwrap();
    std::os::unix::fs::symlink(&file, pi.project().join("soft.html")).unwrap();
    for out in [file.as_str(), "hard.jsonl", "soft.html"] {
        refused(&pi.run(&["--export", &file, out]), "is the session itself");
    }
    assert_eq!(fs::read(&file).unwrap(), session);
}

#[test]
fn no_other_session_is_written_over() {
    let (pi, file) = told();
    let other = concat!(
        r#"{"type":"session","version":3,"id":"other","timestamp":"2026-01-01T00:00:00.000Z","cwd":"/w"}"#,
        "\n"
    );
    pi.write("project/other.jsonl", other);
    refused(
        &pi.run(&["--export", &file, "other.jsonl"]),
        "is another session",
    );
    assert_eq!(read(&pi, "other.jsonl"), other);
    for _ in 0..2 {
        assert_eq!(pi.run(&["--export", &file, "again.jsonl"]).code, 0);
    }
}

#[test]
fn a_failed_export_leaves_what_was_there() {
    let (pi, file) = told();
    let out = pi.write("project/kept.html", "kept");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o444)).unwrap();
    let ran = pi.run(&["--export", &file, "kept.html"]);
    // Root may write to anything.
    if ran.code == 1 {
        refused(&ran, "cannot write");
        assert_eq!(read(&pi, "kept.html"), "kept");
    }
    let names: Vec<_> = fs::read_dir(pi.project()).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn a_new_document_is_the_persons_alone_and_an_old_ones_permissions_stay() {
    let (pi, file) = told();
    let old = pi.write("project/old.html", "old");
    fs::set_permissions(&old, fs::Permissions::from_mode(0o644)).unwrap();
    for (name, wanted) in [
        ("new.html", 0o600),
        ("new.md", 0o600),
        ("new.jsonl", 0o600),
        ("old.html", 0o644),
    ] {
        assert_eq!(pi.run(&["--export", &file, name]).code, 0);
        let facts = fs::metadata(pi.project().join(name)).unwrap();
        assert_eq!(facts.permissions().mode() & 0o777, wanted, "{name}");
    }
}

#[test]
fn an_export_goes_through_a_pipe() {
    let (pi, file) = told();
    let ran = pi.run(&["--export", &file, "/dev/stdout"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("<!doctype html>") && ran.stdout.ends_with("</html>\n"));
}

/// Reads the peak of a process that waits for its reader.
#[cfg(target_os = "linux")]
#[test]
fn memory_follows_the_longest_entry_and_not_the_session() {
    const ENTRY: usize = 3 * 1024 * 1024;
    const ENTRIES: usize = 20;
    let pi = TestPi::new([]);
    let mut session =
        String::from("{\"type\":\"session\",\"version\":3,\"id\":\"big\",\"cwd\":\"/w\"}\n");
    let picture = "A".repeat(ENTRY);
    for index in 0..ENTRIES {
        let message = format!(
            r#"{{"role":"user","timestamp":1,"content":[{{"type":"image","mimeType":"image/png","data":"{picture}"}}]}}"#
        );
        session.push_str(&format!(
            "{{\"type\":\"message\",\"id\":\"{index:08x}\",\"parentId\":null,\"message\":{message}}}\n"
        ));
    }
    pi.write("project/big.jsonl", session);
    let mut child = pi
        .command(&["--export", "big.jsonl", "/dev/stdout"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let most = ENTRY * (ENTRIES - 1);
    let read = std::io::copy(
        &mut std::io::Read::take(&mut out, most as u64),
        &mut std::io::sink(),
    );
    assert_eq!(read.unwrap(), most as u64);
    // It cannot end: a pipe holds less than what is left.
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let peak: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    drop(out);
    child.wait().unwrap();
    assert!(
        peak * 1024 < most,
        "{peak} KiB for a session of {most} bytes"
    );
}
