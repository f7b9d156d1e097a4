//! Keys that a command prints (`credential_process` of a profile).
//!
//! Source: "Process credential provider" in the AWS SDKs and Tools Reference Guide. The command gets a
//! minute, sees no input, and dies with whoever waits for it.

use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use futures::future::join;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use super::{Keys, no_keys};
use crate::ai::failure::Fault;

const LIMIT: Duration = Duration::from_secs(60);
/// What is in the pipes of a command that has ended is read so long; what it left running may hold them
/// open for ever.
const GRACE: Duration = Duration::from_millis(100);
const MOST_OUTPUT: u64 = 64 * 1024;
/// As much of what it complained about as is shown.
const MOST_SHOWN: usize = 500;

/// Runs the command of a profile.
pub async fn fetch(profile: &str, command: &str) -> Result<Keys, Fault> {
    let failed = |why: String| {
        no_keys(format!(
            "the credential_process of the AWS profile {profile:?} {why}"
        ))
    };
    let (printed, complaint, success) = tokio::time::timeout(LIMIT, run(command))
        .await
        .map_err(|_| failed(format!("did not end within {} s", LIMIT.as_secs())))?
        .map_err(|error| failed(format!("cannot be run: {error}")))?;
    if !success {
        let complaint: String = complaint.trim().chars().take(MOST_SHOWN).collect();
        return Err(failed(format!("failed: {complaint}")));
    }
    let json: Value = serde_json::from_str(&printed).unwrap_or_default();
    if json["Version"] != 1 {
        return Err(failed("did not print version 1 of AWS's JSON".into()));
    }
    Keys::of_json(&json, "SessionToken").ok_or_else(|| failed("printed no credentials".into()))
}

/// What it printed, what it complained about, and whether it went well.
async fn run(line: &str) -> std::io::Result<(String, String, bool)> {
    let mut command = Command::new(if cfg!(windows) { "cmd" } else { "/bin/sh" });
    command
        .arg(if cfg!(windows) { "/C" } else { "-c" })
        .arg(line);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    let mut group = Group(child.id());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (mut printed, mut complaint) = (Vec::new(), Vec::new());
    let status = {
        let mut reading = pin!(join(all(out, &mut printed), all(err, &mut complaint)));
        tokio::select! {
            biased;
            _ = &mut reading => child.wait().await?,
            status = child.wait() => {
                group.0 = None;
                // Late: what has come must do.
                let _ = tokio::time::timeout(GRACE, reading).await;
                status?
            }
        }
    };
    // It ended by itself: what it left running (an agent, a browser) is its own affair.
    group.0 = None;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok((text(printed), text(complaint), status.success()))
}

/// What came before a failure counts, and before this is dropped.
async fn all(pipe: Option<impl AsyncRead + Unpin>, bytes: &mut Vec<u8>) {
    if let Some(pipe) = pipe {
        let mut pipe = pipe.take(MOST_OUTPUT);
        while matches!(pipe.read_buf(bytes).await, Ok(count) if count > 0) {}
    }
}

/// The process group of a command that has not ended, killed when this goes.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(id) = self.0.and_then(|id| i32::try_from(id).ok()) {
            // SAFETY: kill has no memory effects. The command has not been waited for, so its id is
            // still its own.
            unsafe { libc::kill(-id, libc::SIGKILL) };
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[tokio::test]
    async fn what_a_command_left_running_is_not_killed_by_an_abort_either() {
        let home = tempfile::tempdir().unwrap();
        let place = |name: &str| home.path().join(name);
        let (goes, comes, leader) = (place("goes"), place("comes"), place("leader"));
        let line = format!(
            "mkfifo '{0}' '{1}'; (exec 3<'{0}' 4>'{1}'; read x <&3; echo $x >&4) & echo $$ >'{2}'",
            goes.display(),
            comes.display(),
            leader.display()
        );
        let mut running = Box::pin(run(&line));
        let is_over = || {
            let id = std::fs::read_to_string(&leader).unwrap_or_default();
            // SAFETY: nothing is sent.
            let is_gone = |id: i32| unsafe { libc::kill(id, 0) } != 0;
            id.trim().parse().is_ok_and(is_gone)
        };
        while !is_over() {
            assert!(futures::poll!(&mut running).is_pending());
            tokio::task::yield_now().await;
        }
        let mut goes = std::fs::OpenOptions::new().write(true).open(goes).unwrap();
        let mut comes = std::fs::File::open(comes).unwrap();
        drop(running);
        let _ = goes.write_all(b"alive\n");
        let mut said = String::new();
        comes.read_to_string(&mut said).unwrap();
        assert_eq!(said, "alive\n");
    }
}
