//! Gemini on Google Cloud: where requests go, and application-default credentials against a token server
//! and a metadata server that are not Google's.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use futures::StreamExt;
use pi::ai::failure::Kind;
use pi::ai::http::HttpClient;
use pi::ai::providers::provider_for;
use pi::ai::tokens::Seen;
use pi::ai::{AssistantMessage, Clock, Delta, Request, StopReason};
use ring::signature::{self, KeyPair, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};

use super::{done, hello, model};
use crate::support::model_server::{End, ModelServer, Turn};

const VERTEX: &str = "google-vertex";

/// A key made for these tests, PKCS#8; it opens nothing.
const KEY: &str = include_str!("vertex_key.b64");

/// Files of credentials, a token server that they name, and a model server.
struct Cloud {
    folder: tempfile::TempDir,
    tokens: ModelServer,
    models: ModelServer,
    http: HttpClient,
    now: Arc<AtomicI64>,
}

impl Cloud {
    fn new(tokens: impl IntoIterator<Item = Turn>) -> Self {
        Cloud {
            folder: tempfile::tempdir().unwrap(),
            tokens: ModelServer::start(tokens),
            models: ModelServer::start([]),
            http: HttpClient::default(),
            now: Arc::new(AtomicI64::new(1_000_000)),
        }
    }

    fn write(&self, path: &str, mut credentials: Value) -> PathBuf {
        if credentials.get("token_uri").is_none() {
            credentials["token_uri"] = json!(format!("{}/token", self.tokens.url()));
        }
        let file = self.folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, credentials.to_string()).unwrap();
        file
    }

    /// A request without a key; the home is this folder.
    fn request(&self) -> Request {
        let mut request = hello();
        request.auth.api_key = None;
        let variables = &mut request.auth.variables;
        variables.insert("HOME".into(), self.folder.path().display().to_string());
        let now = self.now.clone();
        request.clock = Clock::new(move || now.load(Ordering::SeqCst));
        request
    }

    async fn ask(&self, request: Request) -> AssistantMessage {
        self.models.push(Turn::text("ok"));
        let provider = provider_for(VERTEX, &self.http).unwrap();
        let model = model(VERTEX, &self.models.url());
        let deltas: Vec<Delta> = provider
            .stream(&model, request, Default::default())
            .collect()
            .await;
        done(&deltas)
    }
}

/// Where gcloud writes, from the home directory.
pub(super) const USUAL: &str = ".config/gcloud/application_default_credentials.json";

pub(super) fn user() -> Value {
    json!({"type": "authorized_user", "client_id": "id.apps", "client_secret": "s3cret",
        "refresh_token": "1//re+fresh", "quota_project_id": "billed"})
}

fn token(text: &str, seconds: u64) -> Turn {
    Turn::json(
        200,
        json!({"access_token": text, "expires_in": seconds, "token_type": "Bearer"}),
    )
}

#[tokio::test]
async fn a_key_is_all_that_is_needed() {
    let cloud = Cloud::new([]);
    let mut request = cloud.request();
    request.auth.api_key = Some("sk-secret".into());
    let message = cloud.ask(request).await;
    assert_eq!(message.to_text(), "ok");
    let seen = &cloud.models.requests()[0];
    let path = "/v1/publishers/google/models/m1:streamGenerateContent?alt=sse";
    assert_eq!(seen.path, path);
    assert_eq!(seen.header("x-goog-api-key"), Some("sk-secret"));
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(
        seen.body,
        json!({
            "systemInstruction": {"role": "user", "parts": [{"text": "Be good."}]},
            "contents": [{"role": "user", "parts": [{"text": "hello"}]}],
            "generationConfig": {"maxOutputTokens": 64000,
                "thinkingConfig": {"thinkingBudget": 0}},
        })
    );
}

#[tokio::test]
async fn a_token_server_that_sends_the_login_back_is_not_quoted_with_it() {
    for (status, said) in [(400, "1//re+fresh is no token"), (503, "late: 1//re+fresh")] {
        let body = json!({"error": "invalid_grant", "error_description": said, "message": said});
        let cloud = Cloud::new([Turn::json(status, body)]);
        cloud.write(USUAL, user());
        let error = cloud.ask(cloud.request()).await.error_message.unwrap();
        assert!(!error.contains("1//re"), "{error}");
    }
}

#[tokio::test]
async fn a_login_of_gcloud_is_exchanged_once_and_again_before_its_token_ends() {
    let cloud = Cloud::new([token("ya29.one", 3600), token("ya29.two", 3600)]);
    cloud.write(USUAL, user());
    let (one, two) = tokio::join!(cloud.ask(cloud.request()), cloud.ask(cloud.request()));
    assert_eq!((one.to_text(), two.to_text()), ("ok".into(), "ok".into()));
    let asked = cloud.tokens.requests();
    assert_eq!(asked.len(), 1, "one exchange for both");
    assert_eq!(asked[0].path, "/token");
    assert_eq!(
        asked[0].raw_body,
        "grant_type=refresh_token&client_id=id.apps&client_secret=s3cret&refresh_token=1%2F%2Fre%2Bfresh"
    );
    let kind = asked[0].header("content-type");
    assert_eq!(kind, Some("application/x-www-form-urlencoded"));

    // An hour is nearly over.
    cloud.now.fetch_add(3_300_000, Ordering::SeqCst);
    cloud.ask(cloud.request()).await;
    assert_eq!(cloud.tokens.requests().len(), 1);
    cloud.now.fetch_add(100_000, Ordering::SeqCst);
    cloud.ask(cloud.request()).await;
    assert_eq!(cloud.tokens.requests().len(), 2);

    let sent: Vec<String> = cloud
        .models
        .requests()
        .iter()
        .map(|request| {
            assert_eq!(request.header("x-goog-user-project"), Some("billed"));
            assert_eq!(request.header("x-goog-api-key"), None);
            request.header("authorization").unwrap().to_owned()
        })
        .collect();
    assert_eq!(
        sent,
        [
            "Bearer ya29.one",
            "Bearer ya29.one",
            "Bearer ya29.one",
            "Bearer ya29.two"
        ]
    );
}

#[tokio::test]
async fn a_new_login_counts_at_once() {
    let cloud = Cloud::new([token("ya29.one", 3600), token("ya29.two", 3600)]);
    cloud.write(USUAL, user());
    cloud.ask(cloud.request()).await;
    let mut other = user();
    other["refresh_token"] = json!("another");
    cloud.write(USUAL, other);
    cloud.ask(cloud.request()).await;
    let sent = cloud.models.requests();
    assert_eq!(sent[1].header("authorization"), Some("Bearer ya29.two"));
    // Both are known to whoever masks.
    let seen = cloud.http.remembered::<Seen>().all();
    assert_eq!(seen, ["ya29.one", "ya29.two"]);
}

#[tokio::test]
async fn a_service_account_signs_for_its_token() {
    let cloud = Cloud::new([token("ya29.sa", 3600)]);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{KEY}-----END PRIVATE KEY-----\n");
    let file = cloud.write(
        "key.json",
        json!({"type": "service_account", "client_email": "bot@p.iam.gserviceaccount.com",
            "private_key_id": "k1", "private_key": pem}),
    );
    let mut request = cloud.request();
    let named = ("GOOGLE_APPLICATION_CREDENTIALS", file.display().to_string());
    request.auth.variables.insert(named.0.into(), named.1);
    assert_eq!(cloud.ask(request).await.to_text(), "ok");
    let sent = &cloud.models.requests()[0];
    assert_eq!(sent.header("authorization"), Some("Bearer ya29.sa"));
    assert_eq!(sent.header("x-goog-user-project"), None);

    let form = &cloud.tokens.requests()[0].raw_body;
    let prefix = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    let statement = form.strip_prefix(prefix).unwrap();
    let parts: Vec<&str> = statement.split('.').collect();
    let decoded = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
    let read = |part: &str| serde_json::from_slice::<Value>(&decoded(part)).unwrap();
    assert_eq!(
        read(parts[0]),
        json!({"alg": "RS256", "typ": "JWT", "kid": "k1"})
    );
    assert_eq!(
        read(parts[1]),
        json!({"iss": "bot@p.iam.gserviceaccount.com",
            "scope": "https://www.googleapis.com/auth/cloud-platform",
            "aud": format!("{}/token", cloud.tokens.url()), "iat": 1000, "exp": 4600})
    );
    let der = BASE64_STANDARD.decode(KEY.replace('\n', "")).unwrap();
    let pair = RsaKeyPair::from_pkcs8(&der).unwrap();
    let public = UnparsedPublicKey::new(
        &signature::RSA_PKCS1_2048_8192_SHA256,
        pair.public_key().as_ref().to_vec(),
    );
    let signed = format!("{}.{}", parts[0], parts[1]);
    public
        .verify(signed.as_bytes(), &decoded(parts[2]))
        .unwrap();
}

#[tokio::test]
async fn the_machines_own_account_is_asked_for_last() {
    let metadata = ModelServer::start([token("ya29.vm", 3600).header("metadata-flavor", "Google")]);
    let cloud = Cloud::new([]);
    let mut request = cloud.request();
    let host = metadata.url().replace("http://", "");
    request
        .auth
        .variables
        .insert("GCE_METADATA_HOST".into(), host);
    assert_eq!(cloud.ask(request).await.to_text(), "ok");
    let sent = &cloud.models.requests()[0];
    assert_eq!(sent.header("authorization"), Some("Bearer ya29.vm"));
    let asked = &metadata.requests()[0];
    assert_eq!(asked.method, "GET");
    assert_eq!(asked.header("metadata-flavor"), Some("Google"));
    assert_eq!(
        asked.path,
        "/computeMetadata/v1/instance/service-accounts/default/token"
    );
}

async fn refused(cloud: &Cloud, request: Request) -> (Kind, String) {
    let message = cloud.ask(request).await;
    assert_eq!(message.stop_reason, StopReason::Error);
    assert_eq!(cloud.models.requests().len(), 0, "nothing was sent");
    let words = message.error_message.unwrap();
    assert!(
        !words.contains("s3cret") && !words.contains("fresh"),
        "{words}"
    );
    (message.failure.unwrap().kind, words)
}

#[tokio::test]
async fn what_is_wrong_with_credentials_is_named() {
    // Nothing there, and nobody who speaks as a metadata server does.
    let cloud = Cloud::new([]);
    let nobody = ModelServer::start([Turn::json(200, json!({"access_token": "evil"}))]);
    let mut request = cloud.request();
    let host = nobody.url().replace("http://", "");
    request
        .auth
        .variables
        .insert("GCE_METADATA_HOST".into(), host);
    assert_eq!(
        refused(&cloud, request).await,
        (
            Kind::Credentials,
            "acme: no credentials found: log in with `gcloud auth application-default login`"
                .into()
        )
    );
    // A file that is named and not there is not passed over.
    cloud.write(USUAL, user());
    let mut request = cloud.request();
    let named = "GOOGLE_APPLICATION_CREDENTIALS";
    request
        .auth
        .variables
        .insert(named.into(), "/nowhere/key.json".into());
    let (kind, words) = refused(&cloud, request).await;
    assert_eq!(kind, Kind::Credentials);
    assert!(words.starts_with("acme: GOOGLE_APPLICATION_CREDENTIALS names /nowhere/key.json"));
    // Kinds that need more than a file.
    cloud.write(USUAL, json!({"type": "external_account", "audience": "x"}));
    let (_, words) = refused(&cloud, cloud.request()).await;
    assert!(
        words.contains("\"external_account\", which pi does not support"),
        "{words}"
    );
    // A key that is none.
    cloud.write(
        USUAL,
        json!({"type": "service_account", "client_email": "a", "private_key": "s3cret"}),
    );
    let (_, words) = refused(&cloud, cloud.request()).await;
    assert!(words.contains("the private key in"), "{words}");
}

#[tokio::test]
async fn what_the_token_server_says_is_told() {
    let cloud = Cloud::new([
        Turn::json(
            400,
            json!({"error": "invalid_grant",
            "error_description": "Token has been expired or revoked."}),
        ),
        Turn::status(503, "busy"),
        Turn::json(200, json!({"error": "odd"})),
        Turn::silent().ending(End::ResetAtOnce),
        token("ya29.late", 3600),
    ]);
    let file = cloud.write(USUAL, user());
    let (kind, words) = refused(&cloud, cloud.request()).await;
    assert_eq!(kind, Kind::Credentials);
    assert_eq!(
        words,
        format!(
            "acme: Google does not accept the credentials in {}: Token has been expired or revoked. \
             (invalid_grant). Log in again with `gcloud auth application-default login`",
            file.display()
        )
    );
    // What passes is tried again by those who ask.
    let kinds = async || refused(&cloud, cloud.request()).await.0;
    assert_eq!(kinds().await, Kind::Busy);
    assert_eq!(kinds().await, Kind::Garbled);
    assert_eq!(kinds().await, Kind::Connection);
    assert_eq!(cloud.ask(cloud.request()).await.to_text(), "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_abort_does_not_wait_for_a_token() {
    let cloud = Cloud::new([Turn::silent(), token("ya29.one", 3600)]);
    cloud.write(USUAL, user());
    let stop = tokio_util::sync::CancellationToken::new();
    let provider = provider_for(VERTEX, &cloud.http).unwrap();
    let asked = model(VERTEX, &cloud.models.url());
    let stream = provider.stream(&asked, cloud.request(), stop.clone());
    let reading = tokio::spawn(stream.collect::<Vec<Delta>>());
    tokio::task::block_in_place(|| cloud.tokens.wait_for_requests(1));
    stop.cancel();
    let message = done(&reading.await.unwrap());
    assert_eq!(message.stop_reason, StopReason::Aborted);
    // Whoever asks next is not kept waiting by it.
    assert_eq!(cloud.ask(cloud.request()).await.to_text(), "ok");
}
