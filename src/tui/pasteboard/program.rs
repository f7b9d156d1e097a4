//! Asks a program, for a while.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::config::Env;

/// How long a program may take to list what there is, and to hand it over.
pub(super) const LIST: Duration = Duration::from_secs(1);
pub(super) const READ: Duration = Duration::from_secs(3);
/// How long Windows may take.
pub(super) const WINDOWS: Duration = Duration::from_secs(5);

/// At most so much is taken.
const MOST: u64 = 50 << 20;

/// What it printed; `Err` says why nothing.
pub(super) async fn ask(
    env: &Env,
    program: &str,
    args: &[&str],
    patience: Duration,
) -> Result<Vec<u8>, String> {
    let mut command = Command::new(program);
    command
        .args(args)
        .envs(env.iter())
        // Programs of Windows cannot begin in every folder of Linux.
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("{program}: not installed"),
        _ => format!("{program}: {error}"),
    })?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let work = async {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let output = async {
            match stdout {
                Some(stdout) => stdout.take(MOST + 1).read_to_end(&mut out).await,
                None => Ok(0),
            }
        };
        let complaint = async {
            match stderr {
                Some(stderr) => stderr.take(4096).read_to_end(&mut err).await,
                None => Ok(0),
            }
        };
        let (read, _) = tokio::join!(output, complaint);
        read.map_err(|error| error.to_string())?;
        if out.len() as u64 > MOST {
            return Err("more than 50 MB".to_owned());
        }
        let status = child.wait().await.map_err(|error| error.to_string())?;
        if status.success() {
            return Ok(out);
        }
        let complaint = String::from_utf8_lossy(&err);
        let complaint = complaint
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty());
        Err(complaint.map_or_else(|| status.to_string(), str::to_owned))
    };
    match tokio::time::timeout(patience, work).await {
        Ok(output) => output.map_err(|why| format!("{program}: {why}")),
        Err(_) => Err(format!("{program}: no answer")),
    }
}
