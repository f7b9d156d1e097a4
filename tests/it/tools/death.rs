//! No child outlives pi, however pi dies.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{Bench, LifeLine};

const ROLE: &str = "PI_TEST_DOOMED";

/// Runs this same test in a second process, which plays pi, runs a command that starts children of
/// every kind, and is killed.
#[test]
fn children_die_with_a_pi_that_was_killed() {
    if let Some(line) = std::env::var_os(ROLE) {
        return play_pi(Path::new(&line));
    }
    let directory = tempfile::tempdir().unwrap();
    let mut life = LifeLine::new(directory.path());
    let this_test = "tools::death::children_die_with_a_pi_that_was_killed";
    let mut doomed = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", this_test])
        .env(ROLE, &life.path)
        .spawn()
        .unwrap();
    // The shell, a background child, one in a process group of its own, and a command left behind.
    let pids = life.wait_for_lines(4);
    assert_eq!(pids.len(), 4);
    doomed.kill().unwrap();
    doomed.wait().unwrap();
    life.wait_for_the_end();
}

fn play_pi(line: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let bench = Bench::new();
        let line = line.display();
        let left = format!("(exec 9>{line}; echo $BASHPID >&9; sleep 600) & echo");
        bench.ok("bash", json!({ "command": left })).await;
        // Whoever kills the guardian gets another, which takes over what the first one guarded.
        kill_guardian();
        let held = format!(
            "exec 9>{line}; trap '' TERM HUP INT; echo $$ >&9; \
             (echo $BASHPID >&9; sleep 600) & \
             timeout 600 bash -c 'echo $$ >&9; sleep 600' & sleep 600"
        );
        bench.call("bash", json!({ "command": held })).await;
    });
}

/// Kills the guardian of this process, and waits until it is gone.
fn kill_guardian() {
    let mine = std::process::id().to_string();
    let mut killed = 0;
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let read = |name| std::fs::read_to_string(entry.path().join(name)).unwrap_or_default();
        let (stat, command) = (read("stat"), read("cmdline"));
        let parent = stat.rsplit(") ").next().unwrap().split(' ').nth(1);
        if parent == Some(mine.as_str()) && command.ends_with("pi-guardian\0") {
            let pid: i32 = entry.file_name().to_str().unwrap().parse().unwrap();
            // SAFETY: a child of this process, which has not been waited for.
            assert_eq!(unsafe { libc::kill(pid, libc::SIGKILL) }, 0);
            // SAFETY: waits for it to end and leaves it to its owner to reap.
            let waited = unsafe {
                let mut end: libc::siginfo_t = std::mem::zeroed();
                libc::waitid(
                    libc::P_PID,
                    pid as libc::id_t,
                    &mut end,
                    libc::WEXITED | libc::WNOWAIT,
                )
            };
            assert_eq!(waited, 0);
            killed += 1;
        }
    }
    assert_eq!(killed, 1);
}
