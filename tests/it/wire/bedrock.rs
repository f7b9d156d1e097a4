//! Amazon Bedrock's Converse API: what goes out, what comes back, and who asks.

mod bodies;
mod credentials;
mod events;

use std::path::{Path, PathBuf};

use futures::StreamExt;
use pi::ai::http::HttpClient;
use pi::ai::providers::provider_for;
use pi::ai::{AssistantMessage, Delta, Model, Request};
use tokio_util::sync::CancellationToken;

use super::{done, hello, model};
use crate::support::model_server::{ModelServer, Recorded, Turn};

const API: &str = "bedrock-converse-stream";

/// Somebody who asks Bedrock: a model at a scripted server, a home directory, and variables.
struct Asker {
    server: ModelServer,
    model: Model,
    http: HttpClient,
    home: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Asker {
    /// One whose server plays these turns.
    fn of(turns: impl IntoIterator<Item = Turn>) -> Self {
        let server = ModelServer::start(turns);
        Asker {
            model: model(API, &server.url()),
            server,
            http: HttpClient::default(),
            home: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Writes a file below the home directory.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.home.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        file
    }

    /// Asks without a key of pi's.
    async fn ask(&self) -> AssistantMessage {
        let mut request = hello();
        request.auth.api_key = None;
        self.send(request).await.1
    }

    async fn send(&self, mut request: Request) -> (Vec<Delta>, AssistantMessage) {
        let home = |path: &Path| path.to_str().unwrap().to_owned();
        let own = [("HOME".to_owned(), home(self.home.path()))];
        let variables = own.into_iter().chain(self.variables.iter().cloned());
        request.auth.variables.extend(variables);
        let provider = provider_for(API, &self.http).unwrap();
        let stream = provider.stream(&self.model, request, CancellationToken::new());
        let deltas: Vec<Delta> = stream.collect().await;
        let message = done(&deltas);
        (deltas, message)
    }

    /// The last request.
    fn seen(&self) -> Recorded {
        self.server.requests().pop().unwrap()
    }
}

/// Whose keys a request is signed with: the id in its signature, the region, and the session's token.
fn signer(request: &Recorded) -> (String, String, Option<String>) {
    let header = request.header("authorization").unwrap();
    let scope = header
        .strip_prefix("AWS4-HMAC-SHA256 Credential=")
        .unwrap_or_else(|| panic!("{header}"));
    let mut parts = scope.split('/');
    let id = parts.next().unwrap().to_owned();
    let region = parts.nth(1).unwrap().to_owned();
    let token = request.header("x-amz-security-token").map(str::to_owned);
    (id, region, token)
}
