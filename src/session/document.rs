//! The conversation as a document: written beside the actor, on a thread of its own, from a second
//! handle on the file; so a run goes on while a long session is exported.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::actor::Actor;
use super::command::{Command, Reply};
use super::ledger::Ledger;
use super::models::Models;
use super::setup::Exports;
use super::share;
use crate::ai::Clock;
use crate::store::export::{
    self, Error, Format, Options, Redactor, Report, default_name, export_file, export_store,
};

/// What a document is made from.
#[derive(Clone)]
pub(super) struct Source {
    pub ledger: Arc<Ledger>,
    pub models: Arc<Models>,
    pub exports: Exports,
    pub clock: Clock,
}

impl Actor {
    /// Exports or shares; the reply comes when it is done.
    pub(super) fn document(&mut self, command: Command, reply: oneshot::Sender<Reply>) {
        let source = Source {
            ledger: self.ledger.clone(),
            models: self.setup.models.clone(),
            exports: self.setup.exports.clone(),
            clock: self.runner.request.clock.clone(),
        };
        let workspace = self.setup.workspace.clone();
        let stop = self.intake_stop.clone();
        self.errands.spawn(async move {
            let answer = match command {
                Command::Share { redact } => share::share(&source, &*workspace, redact, stop).await,
                Command::Export { path, redact } => {
                    let name = path.unwrap_or_else(|| source.default_name());
                    let out = workspace.resolve(&name);
                    let exported = source.write(out, redact).await;
                    exported.map_or_else(Reply::Refused, Reply::Exported)
                }
                _ => Reply::Refused("this is no document".into()),
            };
            // Whoever asked may have gone.
            let _ = reply.send(answer);
        });
    }
}

impl Source {
    /// Writes the document to `out`; in words why not.
    pub async fn write(&self, out: PathBuf, redact: bool) -> Result<Report, String> {
        let source = self.clone();
        let written = spawn_blocking(move || source.write_now(&out, redact)).await;
        match written {
            Ok(written) => written,
            Err(_) => Err("the export crashed; this is a defect in pi".into()),
        }
    }

    fn write_now(&self, out: &Path, redact: bool) -> Result<Report, String> {
        let format = Format::of(out);
        let mut options = Options {
            redactor: redact.then(|| Redactor::new(self.models.registry().secrets())),
            colors: self.exports.colors,
            ..Options::default()
        };
        let facts = self.ledger.with_store(|store| {
            let is_empty = store.totals().counts.messages == 0;
            let file = store.path().filter(|path| path.exists());
            let file = file.filter(|_| store.unsaved() == 0);
            Ok((is_empty, file, store.leaf()))
        });
        let written = match facts {
            None | Some((true, ..)) => return Err("there is nothing to export yet".into()),
            Some((_, Some(file), leaf)) => {
                options.leaf = leaf;
                export_file(&file, out, format, &options, self.clock.clone())
            }
            // In memory, or waiting for a full disk: from the living store, which waits meanwhile.
            Some((_, None, _)) => self
                .ledger
                .with_store(|store| Ok(export_store(store, out, format, &options)))
                .unwrap_or(Err(Error::NoSession)),
        };
        written.map_err(|error: export::Error| error.to_string())
    }

    fn default_name(&self) -> String {
        let view = self.ledger.view();
        let session = view.file.clone();
        let session = session.unwrap_or_else(|| PathBuf::from(format!("{}.jsonl", view.id)));
        default_name(&session).to_string_lossy().into_owned()
    }
}
