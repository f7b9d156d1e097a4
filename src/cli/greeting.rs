//! What the terminal begins with besides the conversation: the question how to begin, the news of an
//! update; and where debug reports go.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::Args;
use super::world::World;
use crate::config::{Scope, Settings};
use crate::session::Models;
use crate::store::export::Redactor;
use crate::tui::app::Update;
use crate::tui::changelog;
use crate::tui::run::WriteReport;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The setting that remembers which version was started last.
const LAST: &str = "lastChangelogVersion";

/// Whether to ask how to begin, where nothing is connected: not where a model was named.
pub(super) fn is_open(args: &Args) -> bool {
    args.provider.is_none() && args.model.is_none() && args.models.is_empty()
}

/// What an update has brought since the last start, which this start is remembered as.
pub(super) fn update(world: &World) -> Option<Update> {
    let last = world.settings.last_changelog_version.as_deref();
    // The settings may be shared with the other pi, which counts its versions on: it keeps its own.
    if last.is_some_and(|last| last == VERSION || changelog::is_after(last, VERSION)) {
        return None;
    }
    let news = last.and_then(|last| changelog::since(last, VERSION));
    if last.is_none() || news.is_some() {
        // Once a version. What could not be remembered is told again.
        let _ = Settings::write(&world.paths, Scope::User, LAST, Some(Value::from(VERSION)));
    }
    news.map(|news| Update {
        version: VERSION.into(),
        news: (!world.settings.collapse_changelog).then_some(news),
    })
}

/// Writes debug reports, readable by their owner only and without secrets.
pub(super) fn reports(world: &World, models: Arc<Models>) -> WriteReport {
    let path = world.paths.debug_report();
    Arc::new(move |text| {
        let redactor = Redactor::new(models.registry().secrets());
        let (masked, _) = redactor.redact(text);
        let written = write(&path, &masked);
        written.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path.clone())
    })
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    // Anew, so that the mode of an old one does not stay.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
