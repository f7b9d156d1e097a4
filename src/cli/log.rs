//! The log: to a file in the agent directory when `PI_LOG` is set, never to the screen.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

/// Starts logging to `file` what `filter` (such as `debug` or `pi::ai=trace`) lets through.
pub fn start(filter: &str, file: &Path) -> Result<(), String> {
    let refused =
        |error: &dyn std::fmt::Display| format!("could not log to {}: {error}", file.display());
    let filter =
        EnvFilter::try_new(filter).map_err(|error| format!("PI_LOG is not a filter: {error}"))?;
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| refused(&error))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let log = options.open(file).map_err(|error| refused(&error))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Mutex::new(log))
        .try_init()
        .map_err(|error| refused(&error))
}
