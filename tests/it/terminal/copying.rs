//! The clipboard: which of them takes a text, and what is said of it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use pi::config::Env;
use pi::tui::clipboard::{Clipboard, Copied, OSC52_LIMIT};
use pi::tui::msg::Msg;

use crate::support::screen::Screen;

/// Programs that write down what they were given, or fail.
struct Tools(tempfile::TempDir);

impl Tools {
    fn new(working: &[&str], failing: &[&str]) -> Self {
        let tools = Tools(tempfile::tempdir().unwrap());
        let kept = tools.0.path().display();
        for name in working {
            let args = format!("{kept}/{name}.args");
            tools.write(
                name,
                &format!("echo \"$@\" >{args}; /bin/cat >{kept}/{name}.text"),
            );
        }
        for name in failing {
            tools.write(name, "exit 1");
        }
        tools
    }

    fn write(&self, name: &str, script: &str) {
        let file = self.0.path().join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn read(&self, file: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.path().join(file)).ok()
    }

    async fn copy(&self, text: &str, env: &[(&str, &str)]) -> Copied {
        copy(self.0.path(), text, env).await
    }
}

async fn copy(path: &Path, text: &str, env: &[(&str, &str)]) -> Copied {
    let path = path.display().to_string();
    let pairs = env.iter().copied().chain([("PATH", path.as_str())]);
    let env: Env = pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Clipboard::of(&env).copy(text).await
}

#[tokio::test]
async fn the_desktops_own_tool_takes_it_and_the_terminal_is_left_alone() {
    let tools = Tools::new(&["wl-copy", "xclip"], &[]);
    let copied = tools
        .copy(
            "some\ntext",
            &[("WAYLAND_DISPLAY", "wayland-0"), ("DISPLAY", ":0")],
        )
        .await;
    assert_eq!(copied.words(), "copied (wl-copy)");
    assert_eq!(copied.for_terminal(), None);
    assert_eq!(tools.read("wl-copy.text").unwrap(), b"some\ntext");
    assert_eq!(tools.read("xclip.text"), None);
}

#[tokio::test]
async fn what_does_not_work_gives_way_to_the_next() {
    let tools = Tools::new(&["xsel"], &["wl-copy", "xclip"]);
    let env = [("WAYLAND_DISPLAY", "wayland-0"), ("DISPLAY", ":0")];
    assert_eq!(tools.copy("x", &env).await.words(), "copied (xsel)");
    assert_eq!(tools.read("xsel.args").unwrap(), b"--clipboard --input\n");
}

#[tokio::test]
async fn a_tool_that_hangs_takes_no_time_away_from_the_next() {
    let tools = Tools::new(&["xsel"], &[]);
    let hang = "exec /bin/sleep 600";
    tools.write("wl-copy", hang);
    tools.write("xclip", hang);
    let env = [("WAYLAND_DISPLAY", "wayland-0"), ("DISPLAY", ":0")];
    assert_eq!(tools.copy("x", &env).await.words(), "copied (xsel)");
}

#[tokio::test]
async fn over_ssh_and_where_nothing_else_is_there_the_terminal_takes_it() {
    let tools = Tools::new(&["xclip"], &[]);
    let copied = tools
        .copy("x", &[("DISPLAY", ":0"), ("SSH_CONNECTION", "a b")])
        .await;
    assert_eq!(copied.words(), "copied (xclip + OSC 52)");
    assert_eq!(copied.for_terminal(), Some(("x", false)));
    for env in [&[][..], &[("PI_CLIPBOARD_OSC52", "1")]] {
        assert_eq!(tools.copy("x", env).await.words(), "copied (OSC 52)");
    }
    // A desktop without its tool: what to do is said.
    let bare = Tools::new(&[], &[]);
    let copied = bare.copy("x", &[("WAYLAND_DISPLAY", "wayland-0")]).await;
    assert!(
        copied.words().contains("install wl-clipboard"),
        "{}",
        copied.words()
    );
}

#[tokio::test]
async fn in_tmux_its_buffer_takes_it_and_the_terminal_behind_it() {
    let tools = Tools::new(&["tmux"], &[]);
    let copied = tools.copy("some text", &[("TMUX", "/tmp/tmux,1,0")]).await;
    assert_eq!(copied.words(), "copied (tmux buffer + OSC 52)");
    assert_eq!(copied.for_terminal(), Some(("some text", true)));
    assert_eq!(tools.read("tmux.args").unwrap(), b"load-buffer -w -\n");
    assert_eq!(tools.read("tmux.text").unwrap(), b"some text");
}

#[tokio::test]
async fn an_old_tmux_that_knows_no_w_keeps_it_in_its_buffer() {
    let tools = Tools::new(&[], &[]);
    let kept = tools.0.path().join("kept");
    let script = format!("[ \"$2\" = -w ] && exit 1; /bin/cat >{}", kept.display());
    tools.write("tmux", &script);
    let copied = tools.copy("x", &[("TMUX", "/tmp/tmux,1,0")]).await;
    assert_eq!(copied.words(), "copied (tmux buffer + OSC 52)");
    assert_eq!(std::fs::read(kept).unwrap(), b"x");
}

#[tokio::test]
async fn windows_behind_wsl_gets_its_own_letters() {
    let tools = Tools::new(&["clip.exe"], &[]);
    let copied = tools.copy("é", &[("WSL_DISTRO_NAME", "Debian")]).await;
    assert_eq!(copied.words(), "copied (clip.exe)");
    assert_eq!(tools.read("clip.exe.text").unwrap(), [0xff, 0xfe, 0xe9, 0]);
}

#[tokio::test]
async fn what_is_too_much_for_the_terminal_is_said_with_the_limit() {
    let tools = Tools::new(&[], &[]);
    let much = "x".repeat(OSC52_LIMIT + 1);
    let copied = tools.copy(&much, &[]).await;
    assert!(!copied.is_done() && copied.for_terminal().is_none());
    assert_eq!(
        copied.words(),
        "not copied: 76 kB are more than the terminal takes (OSC 52: 75 kB)"
    );
    let just = tools.copy(&much[1..], &[]).await;
    assert!(just.is_done());
}

#[test]
fn what_became_of_it_is_said_above_the_editor() {
    let mut screen = Screen::new(60, 16);
    screen.tell(Msg::Copied(Copied::default()));
    assert!(
        screen
            .row_of("not copied")
            .contains("no clipboard was found")
    );
}
