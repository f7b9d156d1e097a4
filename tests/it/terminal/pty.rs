//! The terminal that the tests look at.

use std::path::Path;

use crate::support::pty::Pty;

fn shell(script: &str) -> Pty {
    let env = vec![("GREETING".to_owned(), "hello".to_owned())];
    let shell = Path::new("/bin/sh");
    Pty::spawn(shell, &["-c", script], env, Path::new("/"), 40, 5)
}

#[test]
fn a_program_shows_what_it_prints_and_hears_what_is_typed() {
    let mut pty = shell("echo $GREETING; pwd; read name; echo got $name; exit 3");
    pty.wait_for_text("hello\n/");
    pty.type_text("you\n");
    pty.wait_for_text("got you");
    assert_eq!(pty.wait_exit(), 3);
    assert!(pty.raw().ends_with(b"got you\r\n"));
}

#[test]
fn a_program_learns_the_size_of_its_window() {
    let mut pty =
        shell("stty size; trap 'stty size; exit' WINCH; echo ready; while :; do read x; done");
    pty.wait_for_text("5 40\nready");
    pty.resize(30, 7);
    pty.wait_for_text("7 30");
    pty.wait_exit();
}
