//! Gemini on Google Cloud (`google-vertex`): the conversation and the stream are the Gemini API's
//! ([`super::google`]); where requests go and who may send them is Google Cloud's.
//!
//! With an API key nothing else is needed. Without one, the application-default credentials of Google's
//! own tools are exchanged for a token, which is kept until shortly before its end.

mod credentials;
mod grant;
mod jwt;
mod metadata;
mod place;

use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use super::exchange::{self, Outgoing};
use super::google::{self, Chunks, KEY};
use super::headers::Headers;
use crate::ai::delta::Delta;
use crate::ai::failure::Fault;
use crate::ai::http::HttpClient;
use crate::ai::model::Model;
use crate::ai::provider::{Auth, Provider, Request};

pub use credentials::usual_places as google_credential_files;

/// Speaks `google-vertex`.
pub struct Vertex {
    http: HttpClient,
}

impl Vertex {
    /// A provider that sends through `http`, and keeps its tokens there.
    pub fn new(http: HttpClient) -> Self {
        Vertex { http }
    }
}

impl Provider for Vertex {
    fn stream(
        &self,
        model: &Model,
        request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        let ready = outgoing(self.http.clone(), model.clone(), request.clone());
        let chunks = Chunks::new(model);
        let prepared = async move { Ok((ready.await?, chunks)) };
        exchange::prepared(&self.http, model, request, prepared, stop)
    }
}

/// The request as it goes over the wire.
async fn outgoing(http: HttpClient, model: Model, request: Request) -> Result<Outgoing, Fault> {
    let mut headers = Headers::default();
    headers.set("content-type", "application/json");
    let url = match key(&request.auth) {
        Some(key) => {
            headers.set(KEY, key);
            place::of_key(&model)
        }
        None => {
            let url = place::of_project(&model, &request.auth)?;
            let pass = credentials::pass(&http, &request).await?;
            headers.set("authorization", format!("Bearer {}", pass.token));
            if let Some(project) = pass.billed {
                headers.set("x-goog-user-project", project);
            }
            url
        }
    };
    let headers = headers.finish(&model, &request);
    Ok(Outgoing::new(url, headers, google::body(&model, &request)))
}

/// The API key, if there is a real one: some files hold a marker in its place.
fn key(auth: &Auth) -> Option<&str> {
    let key = auth.api_key.as_deref()?.trim();
    let is_marker = key == "gcp-vertex-credentials" || key.starts_with('<') && key.ends_with('>');
    (!key.is_empty() && !is_marker).then_some(key)
}
