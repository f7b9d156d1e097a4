//! Anthropic, with a Claude Pro or Max account. From pi-ai 1.5.2, `auth/oauth/anthropic.js`: a public client
//! with PKCE; redirects to any port of localhost, 53692 first, or to a page that shows the code.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::browser::{Place, pasted};
use super::call::{Call, with_query};
use super::expected::Expected;
use super::pasted::Answer;
use super::pkce::{Pkce, unguessable};
use super::{Face, LoginError, Means, News, Question, Tokens};
use crate::ai::message::Millis;

const VENDOR: &str = "Anthropic";
const CLIENT_ID: &str = "9d1c250a-e61b-44d9-88ed-5944d1962f5e";
const AUTHORIZE: &str = "https://claude.ai/oauth/authorize";
const TOKEN: &str = "https://platform.claude.com/v1/oauth/token";
const PORT: u16 = 53692;
const PATH: &str = "/callback";
const COPY_REDIRECT: &str = "https://platform.claude.com/oauth/code/callback";
const SCOPES: &str = "org:create_api_key user:profile user:inference user:sessions:claude_code user:mcp_servers user:file_upload";
/// Taken off what the vendor says, as the reference's files have it.
const MARGIN: Millis = 5 * 60 * 1000;

/// Logs in with the browser of this machine.
pub(super) async fn browser(
    means: &Means,
    face: &dyn Face,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let (pkce, state) = (Pkce::new()?, unguessable()?);
    let place = Place {
        vendor: VENDOR,
        host: "localhost",
        port: PORT,
        any_port: true,
        path: PATH,
        state: Some(&state),
        also: &[],
    };
    let reception = place.open(means, face).await;
    let url = authorize(&pkce, &state, reception.redirect());
    let redeem = |answer| {
        face.tell(News::checking());
        redeem(answer, &pkce, &state, reception.redirect(), means, stop)
    };
    reception.answered(url, face, redeem).await
}

/// Logs in with a code that the vendor's page shows.
pub(super) async fn paste(
    means: &Means,
    face: &dyn Face,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let (pkce, state) = (Pkce::new()?, unguessable()?);
    face.tell(News::Page {
        url: authorize(&pkce, &state, COPY_REDIRECT),
        advice: "Log in there, in any browser, then paste the code that the page shows.".to_owned(),
    });
    let question = Question::Code {
        example: "code#state".to_owned(),
        listening: false,
        whole: false,
    };
    let expected = Expected {
        vendor: VENDOR,
        state: Some(state.clone()),
        redirect: COPY_REDIRECT.to_owned(),
        also: &[],
    };
    let redeem = |answer| {
        face.tell(News::checking());
        redeem(answer, &pkce, &state, COPY_REDIRECT, means, stop)
    };
    pasted(&expected, question, face, std::future::pending(), redeem).await
}

/// Renews.
pub(super) async fn refresh(
    tokens: &Tokens,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let body = json!({
        "grant_type": "refresh_token",
        "client_id": CLIENT_ID,
        "refresh_token": tokens.refresh,
    });
    let call = Call::json(VENDOR, "to renew the login", TOKEN, &body);
    let reply = call.done(means, stop).await?;
    reply.tokens(Some(tokens), MARGIN, means)
}

fn authorize(pkce: &Pkce, state: &str, redirect: &str) -> String {
    with_query(
        AUTHORIZE,
        &[
            ("code", "true"),
            ("client_id", CLIENT_ID),
            ("response_type", "code"),
            ("redirect_uri", redirect),
            ("scope", SCOPES),
            ("code_challenge", &pkce.challenge),
            ("code_challenge_method", "S256"),
            ("state", state),
        ],
    )
}

async fn redeem(
    answer: Answer,
    pkce: &Pkce,
    state: &str,
    redirect: &str,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let body: Value = json!({
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "code": answer.field("code").ok_or(LoginError::NoCode)?,
        "state": state,
        "redirect_uri": redirect,
        "code_verifier": pkce.verifier,
    });
    let call = Call::json(VENDOR, "the code of the login", TOKEN, &body);
    let reply = call.done(means, stop).await?;
    reply.tokens(None, MARGIN, means)
}
