//! OpenAI's API, with a ChatGPT subscription. From pi-ai 1.5.2, `auth/oauth/openai-chatgpt.js`: every login
//! registers a client of its own, whose id comes back with the code and is kept beside the tokens.

use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::browser::Place;
use super::call::{Call, Reply, text, with_query};
use super::pasted::Answer;
use super::pkce::{Pkce, unguessable};
use super::{Face, LoginError, Means, News, Tokens};
use crate::ai::message::Millis;

const VENDOR: &str = "OpenAI";
/// Asks for a client to be registered.
const CLIENT_ID: &str = "dynamic_agent_client";
const AGENT: &str = "Pi";
const AUTHORIZE: &str = "https://auth.openai.com/api/accounts/authorize";
const TOKEN: &str = "https://auth.openai.com/api/accounts/oauth/token";
const RESOURCE: &str = "https://api.openai.com/v1";
const PORT: u16 = 1455;
const PATH: &str = "/auth/callback";
/// The right to use the API with the token itself.
const DIRECT: &str = "chatgpt.tokens.use.direct";
const SCOPE: &str = "openid profile email offline_access resource.invoke chatgpt.tokens.use.direct";
/// Taken off what the vendor says, as the reference's files have it.
const MARGIN: Millis = 3 * 60 * 1000;

/// Logs in with the browser of this machine.
pub(super) async fn login(
    means: &Means,
    face: &dyn Face,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let host = host_id(means)?;
    let (pkce, state, nonce) = (Pkce::new()?, unguessable()?, unguessable()?);
    let place = Place {
        vendor: VENDOR,
        host: "127.0.0.1",
        port: PORT,
        any_port: false,
        path: PATH,
        state: Some(&state),
        also: &["client_id"],
    };
    let reception = place.open(means, face).await;
    let url = with_query(
        AUTHORIZE,
        &[
            ("client_id", CLIENT_ID),
            ("agent_name_hint", AGENT),
            ("ext_agent_host_id", &host),
            ("response_type", "code"),
            ("redirect_uri", reception.redirect()),
            ("resource", RESOURCE),
            ("scope", SCOPE),
            ("state", &state),
            ("code_challenge", &pkce.challenge),
            ("code_challenge_method", "S256"),
            ("nonce", &nonce),
        ],
    );
    let redeem = |answer| {
        face.tell(News::checking());
        redeem(answer, &pkce.verifier, reception.redirect(), means, stop)
    };
    reception.answered(url, face, redeem).await
}

async fn redeem(
    answer: Answer,
    verifier: &str,
    redirect: &str,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let field = |name| answer.field(name).ok_or(LoginError::NoCode);
    let client = field("client_id")?.trim();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", client),
        ("code", field("code")?),
        ("code_verifier", verifier),
        ("redirect_uri", redirect),
        ("resource", RESOURCE),
    ];
    let call = Call::form(VENDOR, "the code of the login", TOKEN, &fields);
    let reply = call.done(means, stop).await?;
    reply.text("id_token")?;
    to_tokens(&reply, client, None, means)
}

/// Renews.
pub(super) async fn refresh(
    tokens: &Tokens,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let Some(client) = tokens.extra("clientId") else {
        return Err(LoginError::Setup(
            "auth.json does not say for which client this login is (clientId)".into(),
        ));
    };
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", client),
        ("refresh_token", &tokens.refresh),
        ("resource", RESOURCE),
    ];
    let call = Call::form(VENDOR, "to renew the login", TOKEN, &fields);
    to_tokens(&call.done(means, stop).await?, client, Some(tokens), means)
}

fn to_tokens(
    reply: &Reply,
    client: &str,
    before: Option<&Tokens>,
    means: &Means,
) -> Result<Tokens, LoginError> {
    let tokens = reply
        .tokens(before, MARGIN, means)?
        .with("clientId", client);
    let scopes = text(&reply.json, "scope").map(|scope| scope.split_whitespace().collect());
    let scopes: Vec<&str> = match (scopes, before) {
        (Some(scopes), _) => scopes,
        // As it was.
        (None, Some(_)) => return Ok(tokens),
        (None, None) => return Err(reply.lacks("scope")),
    };
    if before.is_none() && !scopes.contains(&DIRECT) {
        return Err(reply.wrong(format!("the right {DIRECT} was not given")));
    }
    Ok(tokens.with("scopes", json!(scopes)))
}

/// Names this installation towards the vendor.
fn host_id(means: &Means) -> Result<String, LoginError> {
    let id = means.device_id.as_deref().map(Uuid::parse_str);
    match id {
        Some(Ok(id)) => Ok(id.urn().to_string()),
        _ => Err(LoginError::Setup(
            "the login with ChatGPT needs a UUID as deviceId in settings.json".into(),
        )),
    }
}
