//! Fetched keys, kept until shortly before they end and shared by all requests of a process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;

use super::ask::Asker;
use super::source::Source;
use super::{Keys, process, sts};
use crate::ai::failure::Fault;
use crate::ai::message::Millis;

/// Keys are fetched anew this long before they end, so that no request outlives them.
const MARGIN: Millis = 5 * 60 * 1000;

/// Held while its keys are fetched: who else wants them waits for these.
type Shelf = Arc<tokio::sync::Mutex<Option<Keys>>>;

/// Fetched keys.
#[derive(Default)]
pub struct Vault {
    // Held for a look-up only.
    shelves: Mutex<HashMap<Source, Shelf>>,
}

impl Vault {
    /// The keys of a source. What is kept is used as long as it is good, and also where fetching fails.
    pub fn keys<'a>(
        &'a self,
        source: &'a Source,
        asker: &'a Asker,
    ) -> BoxFuture<'a, Result<Keys, Fault>> {
        Box::pin(async move {
            if let Source::Ready(keys) = source {
                return Ok(keys.clone());
            }
            let shelf = self.shelf(source);
            let mut kept = shelf.lock().await;
            let good_until = |moment: Millis| {
                let good = move |keys: &&Keys| keys.expires.is_none_or(|end| end > moment);
                move |kept: &Option<Keys>| kept.as_ref().filter(good).cloned()
            };
            let now = asker.clock.now();
            if let Some(keys) = good_until(now + MARGIN)(&kept) {
                return Ok(keys);
            }
            match self.fetch(source, asker).await {
                Ok(keys) => {
                    *kept = Some(keys.clone());
                    Ok(keys)
                }
                Err(fault) => good_until(now)(&kept).ok_or(fault),
            }
        })
    }

    async fn fetch(&self, source: &Source, asker: &Asker) -> Result<Keys, Fault> {
        match source {
            Source::Ready(keys) => Ok(keys.clone()),
            Source::Process { profile, command } => process::fetch(profile, command).await,
            Source::Container(container) => container.fetch(asker).await,
            Source::WebIdentity { role, token_file } => {
                sts::assume_with_token(role, token_file, asker).await
            }
            Source::Role { role, from } => {
                let keys = self.keys(from, asker).await?;
                sts::assume(role, &keys, asker).await
            }
        }
    }

    fn shelf(&self, source: &Source) -> Shelf {
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(shelves.entry(source.clone()).or_default())
    }
}
