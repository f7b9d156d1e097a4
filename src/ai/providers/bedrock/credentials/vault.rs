//! Keys that have to be fetched: each source's way to its keys, and those that are kept of it, for all
//! requests of a process.

use futures::future::BoxFuture;

use super::ask::Asker;
use super::source::Source;
use super::{Keys, process, sts};
use crate::ai::failure::Fault;
use crate::ai::tokens::{Fetched, Tokens};

/// Fetched keys.
#[derive(Default)]
pub struct Vault(Tokens<Source, Keys>);

impl Vault {
    /// The keys of a source.
    pub fn keys<'a>(
        &'a self,
        source: &'a Source,
        asker: &'a Asker,
    ) -> BoxFuture<'a, Result<Keys, Fault>> {
        Box::pin(async move {
            let fetch = async {
                let what = match source {
                    Source::Ready(keys) => keys.clone(),
                    Source::Process { profile, command } => {
                        process::fetch(profile, command).await?
                    }
                    Source::Container(container) => container.fetch(asker).await?,
                    Source::WebIdentity { role, token_file } => {
                        sts::assume_with_token(role, token_file, asker).await?
                    }
                    Source::Role { role, from } => {
                        let keys = self.keys(from, asker).await?;
                        sts::assume(role, &keys, asker).await?
                    }
                };
                let until = what.expires;
                Ok(Fetched { what, until })
            };
            let keys = self.0.get(source, &asker.clock, fetch).await?;
            asker.note(&keys);
            Ok(keys)
        })
    }
}
