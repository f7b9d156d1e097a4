//! Models by what a person, or a session, calls them: who is meant, and why it cannot answer where it cannot.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::actor::Actor;
use super::command::Reply;
use super::models::Models;
use crate::ai::{Model, demo};
use crate::config::resolve::{self, Refusal, Servers};

impl Models {
    /// The model that is called so, if it can be used. Local servers are asked where nothing else that can be
    /// used is.
    pub async fn called(
        &self,
        name: &str,
        stop: &CancellationToken,
    ) -> Result<Arc<Model>, Refusal> {
        let found = resolve::resolve_usable(&self.registry(), name, Servers::Unasked);
        if let Ok(found) = found {
            return Ok(found.model);
        }
        let servers = match self.search() {
            Some(_) => Servers::Asked,
            None => Servers::LeftAlone,
        };
        self.look_for_local(stop).await;
        let found = resolve::resolve_usable(&self.registry(), name, servers);
        found.map(|found| found.model)
    }

    /// The model that a session was left with; in words why it cannot answer.
    pub(super) fn left_with(&self, provider: &str, id: &str) -> Result<Arc<Model>, String> {
        if provider == demo::PROVIDER {
            return Ok(Arc::new(demo::model()));
        }
        if self.search().is_some() {
            // Its server is believed to have it still, as at the start.
            self.presume_local(provider, id);
        }
        resolve::usable(&self.registry(), provider, id)
    }
}

impl Actor {
    /// Finds a model by what it is called, without keeping the conversation waiting.
    pub(super) fn find_model(&mut self, name: String, reply: oneshot::Sender<Reply>) {
        let (models, stop) = (self.setup.models.clone(), self.intake_stop.clone());
        self.errands.spawn(async move {
            let answer = match models.called(&name, &stop).await {
                Ok(model) => Reply::Models(vec![model]),
                Err(refusal) => Reply::Refused(refusal.to_string()),
            };
            // Whoever asked may have gone.
            let _ = reply.send(answer);
        });
    }
}
