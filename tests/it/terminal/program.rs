//! The program in a terminal, below a shell that writes down what it finds before and after.

mod conversation;
mod drafts;
mod editing;
mod ending;
mod flights;
mod held;
mod large;
mod modes;
mod regular;
mod resume;
mod tree;
mod unusable;
mod waiting;

use std::path::{Path, PathBuf};

use crate::support::TestPi;
use crate::support::pty::Pty;

const MODEL: [&str; 2] = ["--model", "oai/scripted"];

/// Keeps the terminal's settings of before and after, the process and how it ended.
pub(super) const SCRIPT: &str = r#"stty -g >~/before; "$0" -c 'echo $$ >~/pid; exec "$@"' sh "$@"
    echo $? >~/code; stty -g >~/after"#;

/// pi with the scripted model.
pub(super) fn start(pi: &TestPi, args: &[&str]) -> Pty {
    start_in(pi, SCRIPT, &[&MODEL, args].concat(), (80, 24))
}

pub(super) fn start_in(
    pi: &TestPi,
    script: &str,
    args: &[&str],
    (columns, rows): (u16, u16),
) -> Pty {
    let shell = "/bin/sh";
    let binary = env!("CARGO_BIN_EXE_pi");
    let home = pi.home().display().to_string();
    let editor = pi.home().join("editor").display().to_string();
    let env = [("HOME", home), ("EDITOR", editor)];
    let env = env.map(|(name, value)| (name.to_owned(), value));
    let args = [&["-c", script, shell, binary], args].concat();
    Pty::spawn(
        Path::new(shell),
        &args,
        env.into(),
        &pi.project(),
        columns,
        rows,
    )
}

/// Types a line and sends it.
pub(super) fn say(pty: &mut Pty, text: &str) {
    pty.type_text(text);
    pty.type_text("\r");
}

/// The process id of pi.
fn pid(pi: &TestPi) -> i32 {
    let text = std::fs::read_to_string(pi.home().join("pid")).unwrap();
    text.trim().parse().unwrap()
}

fn executable(file: PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn kill(pi: &TestPi, signal: i32) {
    // SAFETY: a plain system call on a process that this test started and that runs.
    assert_eq!(unsafe { libc::kill(pid(pi), signal) }, 0);
}

/// Waits for the end; pi ended with `code` and left the terminal as it was.
#[track_caller]
pub(super) fn assert_over(pi: &TestPi, pty: &mut Pty, code: i32) {
    pty.wait_exit();
    let read = |name: &str| std::fs::read_to_string(pi.home().join(name)).unwrap();
    assert_eq!(read("code").trim(), code.to_string());
    assert_eq!(read("before"), read("after"));
    pty.look(|screen| {
        assert!(!screen.alternate_screen());
        assert!(!screen.hide_cursor());
        assert!(!screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    });
}
