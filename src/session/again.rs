//! A login that the vendor refuses may have been renewed by another process meanwhile: then the request goes
//! out once more, with what `auth.json` has now. Only as long as nothing of an answer has come.

use std::sync::Arc;

use futures::future;
use futures::stream::{self, BoxStream, StreamExt};
use tokio_util::sync::CancellationToken;

use super::models::Models;
use crate::ai::failure::{Failure, Kind};
use crate::ai::http::HttpClient;
use crate::ai::{Auth, Delta, Model, Provider, Request};
use crate::config::Registry;

/// A request with a login, to be sent once more if need be.
pub(super) struct Again {
    model: Model,
    request: Request,
    /// The token that went out.
    token: String,
}

impl Again {
    /// The request before it goes out with `auth`; `None` when that is no login.
    pub fn of(registry: &Registry, model: &Model, request: &Request, auth: &Auth) -> Option<Self> {
        registry.login_of(&model.provider)?;
        Some(Again {
            model: model.clone(),
            request: request.clone(),
            token: auth.api_key.clone()?,
        })
    }

    /// The answer, or that to a second request where the first one was refused.
    pub fn after(
        self,
        mut first: BoxStream<'static, Delta>,
        provider: Arc<dyn Provider>,
        models: Arc<Models>,
        http: HttpClient,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        let judged = async move {
            let Some(begin) = first.next().await else {
                return first;
            };
            if is_refusal(&begin)
                && let Some(auth) = self.newer(&models, &http, &stop).await
            {
                let (mut model, mut request) = (self.model, self.request);
                if let Some(base_url) = &auth.base_url {
                    model.base_url.clone_from(base_url);
                }
                request.auth = auth;
                return provider.stream(&model, request, stop);
            }
            stream::once(future::ready(begin)).chain(first).boxed()
        };
        stream::once(judged).flatten().boxed()
    }

    /// What the file has now, if that is another token.
    async fn newer(
        &self,
        models: &Models,
        http: &HttpClient,
        stop: &CancellationToken,
    ) -> Option<Auth> {
        let (registry, _) = models.registry().reload();
        if registry.login_of(&self.model.provider)?.access == self.token {
            return None;
        }
        // For the next requests too; what is wrong in the files was told when they were read first.
        models.reload();
        let auth = tokio::select! {
            biased;
            () = stop.cancelled() => return None,
            auth = registry.auth_for(&self.model, http) => auth.ok()?,
        };
        (auth.api_key.as_ref() != Some(&self.token)).then_some(auth)
    }
}

fn is_refusal(begin: &Delta) -> bool {
    let Delta::Done(message) = begin else {
        return false;
    };
    Failure::of(message).is_some_and(|failure| failure.kind == Kind::Credentials)
}
