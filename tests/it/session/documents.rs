//! `/export` and `/share` of a living conversation; `gh` is a script.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use pi::agent::NoHooks;

use super::*;

/// A shell that finds this `gh`, or none, and the usual small programs.
fn shell(root: &Path, gh: Option<&str>) -> PathBuf {
    let bin = root.join("bin");
    fs::create_dir_all(&bin).unwrap();
    let program = |path: &Path, script: String| {
        fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    if let Some(script) = gh {
        let root = root.display();
        program(&bin.join("gh"), format!("ROOT='{root}'\n{script}"));
    }
    for name in ["cat", "stat", "sleep"] {
        let places = ["/bin", "/usr/bin"].map(|place| Path::new(place).join(name));
        let place = places.iter().find(|place| place.exists()).unwrap();
        std::os::unix::fs::symlink(place, bin.join(name)).unwrap();
    }
    let shell = root.join("shell");
    program(
        &shell,
        format!("PATH='{}' exec /bin/sh \"$@\"", bin.display()),
    );
    shell
}

async fn told(root: &Path, gh: Option<&str>) -> Talk {
    let turns = [Turn::text(
        "The key is sk-ant-api03-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7.",
    )];
    let mut talk = Talk::with_shell(turns, Arc::new(NoHooks), Some(shell(root, gh)));
    talk.say("what is the key?");
    talk.settled().await;
    talk
}

async fn shared(root: &Path, gh: Option<&str>) -> Reply {
    let talk = told(root, gh).await;
    let reply = talk.session.send(Command::Share { redact: true }).await;
    let left: Vec<_> = fs::read_dir(talk.home.path()).unwrap().flatten().collect();
    let left = left
        .iter()
        .filter(|entry| entry.file_name().to_string_lossy().contains("share"));
    assert_eq!(left.count(), 0, "the page is deleted");
    reply
}

#[track_caller]
fn refusal(reply: Reply) -> String {
    match reply {
        Reply::Refused(why) => why,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_conversation_is_exported_while_it_lives() {
    let root = tempfile::tempdir().unwrap();
    let talk = told(root.path(), None).await;
    let home = talk.home.path().to_path_buf();
    for (path, redact, said) in [
        (Some("deep/talk.md"), true, "The key is sk-ant-…[redacted]"),
        (Some("talk.html"), false, "The key is sk-ant-api03-aB3"),
        (None, true, "The key is sk-ant-…[redacted]"),
    ] {
        let path = path.map(str::to_owned);
        let reply = talk
            .session
            .send(Command::Export {
                path: path.clone(),
                redact,
            })
            .await;
        let Reply::Exported(report) = reply else {
            panic!("not exported: {reply:?}");
        };
        let file = report.path.unwrap();
        assert!(fs::read_to_string(&file).unwrap().contains(said));
        match path {
            Some(path) => assert_eq!(file, home.join(path)),
            None => {
                let name = file.file_name().unwrap().to_str().unwrap().to_owned();
                assert!(
                    name.starts_with("pi-session-") && name.ends_with(".html"),
                    "{name}"
                );
            }
        }
    }
}

#[tokio::test]
async fn nothing_said_is_nothing_to_export_and_a_bad_place_is_named() {
    let root = tempfile::tempdir().unwrap();
    let talk = Talk::new([]);
    let export = |path: Option<&str>| Command::Export {
        path: path.map(str::to_owned),
        redact: true,
    };
    let reply = talk.session.send(export(None)).await;
    assert_eq!(refusal(reply), "there is nothing to export yet");
    let talk = told(root.path(), None).await;
    let file = talk.session.view().file.clone().unwrap();
    let reply = talk.session.send(export(file.to_str())).await;
    assert!(refusal(reply).contains("is the session itself"));
    let reply = talk.session.send(export(Some("/dev/null/x.html"))).await;
    assert!(refusal(reply).contains("cannot write /dev/null/x.html"));
}

#[tokio::test]
async fn a_conversation_is_shared_as_a_secret_gist() {
    let root = tempfile::tempdir().unwrap();
    let gh = r#"case "$*" in
        "auth status") exit 0 ;;
        "gist create --public=false "*/session.html)
            cat "$4" > "$ROOT/uploaded"; stat -c %a "$4" > "$ROOT/mode"
            echo "- Creating gist session.html" >&2
            echo https://gist.github.com/ada/0123abcd ;;
        *) echo "gh was asked: $*"; exit 1 ;;
    esac"#;
    match shared(root.path(), Some(gh)).await {
        Reply::Shared { gist, viewer } => {
            assert_eq!(gist, "https://gist.github.com/ada/0123abcd");
            assert_eq!(viewer, "https://viewer.example/#0123abcd");
        }
        other => panic!("not shared: {other:?}"),
    }
    let page = fs::read_to_string(root.path().join("uploaded")).unwrap();
    assert!(page.contains("The key is sk-ant-…[redacted]"));
    assert_eq!(
        fs::read_to_string(root.path().join("mode")).unwrap(),
        "600\n"
    );
}

#[tokio::test]
async fn why_nothing_was_shared_is_said() {
    for (gh, why) in [
        (None, "not installed"),
        (Some("exit 1"), "gh auth login"),
        (
            Some("[ \"$1\" = auth ] || { echo 'HTTP 422: too large' >&2; exit 1; }"),
            "gh could not create the gist: HTTP 422: too large",
        ),
        (Some("exit 0"), "has not said where"),
    ] {
        let root = tempfile::tempdir().unwrap();
        let said = refusal(shared(root.path(), gh).await);
        assert!(said.contains(why), "{said}");
    }
}

#[tokio::test]
async fn sharing_can_be_stopped() {
    let root = tempfile::tempdir().unwrap();
    let talk = told(
        root.path(),
        Some("[ \"$1\" = auth ] || { : > \"$ROOT/begun\"; sleep 60; }"),
    )
    .await;
    let reply = tokio::spawn(talk.session.send(Command::Share { redact: true }));
    let begun = root.path().join("begun");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !begun.exists() {
        assert!(std::time::Instant::now() < deadline, "gh was not asked");
        tokio::task::yield_now().await;
    }
    talk.session.send(Command::Abort).await;
    assert_eq!(refusal(reply.await.unwrap()), "sharing was stopped");
}
