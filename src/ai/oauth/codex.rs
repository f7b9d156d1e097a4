//! OpenAI Codex, with a ChatGPT Plus or Pro account. From pi-ai 1.5.2, `auth/oauth/openai-codex.js`: a public
//! client with PKCE whose one registered redirect is port 1455, shared with the vendor's own tool; or a code
//! to type, by a protocol of the vendor's own. The account's id stands in the access token.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::browser::Place;
use super::call::{Call, Reply, number, with_query};
use super::device::{Pace, Poll};
use super::pasted::Answer;
use super::pkce::{Pkce, unguessable};
use super::{Face, LoginError, Means, News, Tokens};
use crate::ai::jwt::chatgpt_account;

const VENDOR: &str = "OpenAI";
const CLIENT_ID: &str = "app_EMoamEEZ73f0CkXaXp7hrann";
const AUTHORIZE: &str = "https://auth.openai.com/oauth/authorize";
const TOKEN: &str = "https://auth.openai.com/oauth/token";
const PORT: u16 = 1455;
const PATH: &str = "/auth/callback";
const SCOPE: &str = "openid profile email offline_access";
const ORIGINATOR: &str = "pi";
const DEVICE_CODE: &str = "https://auth.openai.com/api/accounts/deviceauth/usercode";
const DEVICE_TOKEN: &str = "https://auth.openai.com/api/accounts/deviceauth/token";
const DEVICE_PAGE: &str = "https://auth.openai.com/codex/device";
const DEVICE_REDIRECT: &str = "https://auth.openai.com/deviceauth/callback";
/// How long the vendor's codes are good.
const DEVICE_LASTS: Duration = Duration::from_secs(15 * 60);

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
        any_port: false,
        path: PATH,
        state: Some(&state),
        also: &[],
    };
    let reception = place.open(means, face).await;
    let url = with_query(
        AUTHORIZE,
        &[
            ("response_type", "code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", reception.redirect()),
            ("scope", SCOPE),
            ("code_challenge", &pkce.challenge),
            ("code_challenge_method", "S256"),
            ("state", &state),
            ("id_token_add_organizations", "true"),
            ("codex_cli_simplified_flow", "true"),
            ("originator", ORIGINATOR),
        ],
    );
    let answered = async |answer: Answer| {
        let code = answer.field("code").ok_or(LoginError::NoCode)?;
        face.tell(News::checking());
        redeem(code, &pkce.verifier, reception.redirect(), means, stop).await
    };
    reception.answered(url, face, answered).await
}

/// Logs in with a code to type.
pub(super) async fn device(
    means: &Means,
    face: &dyn Face,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let body = json!({"client_id": CLIENT_ID});
    let call = Call::json(VENDOR, "a code to type", DEVICE_CODE, &body);
    let reply = call.done(means, stop).await?;
    let code = reply.text("user_code")?;
    let interval = number(&reply.json, "interval")
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| reply.lacks("interval"))?;
    let asked = json!({"device_auth_id": reply.text("device_auth_id")?, "user_code": code});
    face.tell(News::Device {
        code: code.to_owned(),
        url: DEVICE_PAGE.to_owned(),
        lasts: Some(DEVICE_LASTS),
    });
    let pace = Pace {
        vendor: VENDOR,
        interval: Some(interval),
        lasts: Some(DEVICE_LASTS),
        at_once: true,
    };
    let (code, verifier) = pace.wait(|| poll(&asked, means, stop)).await?;
    face.tell(News::redeeming());
    redeem(&code, &verifier, DEVICE_REDIRECT, means, stop).await
}

async fn poll(
    asked: &Value,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Poll<(String, String)>, LoginError> {
    let call = Call::json(VENDOR, "whether the code was typed", DEVICE_TOKEN, asked);
    let reply = call.send(means, stop).await?;
    if reply.is_ok() {
        let code = reply.text("authorization_code")?.to_owned();
        return Ok(Poll::Done((code, reply.text("code_verifier")?.to_owned())));
    }
    let error = &reply.json["error"];
    match error["code"].as_str().or(error.as_str()) {
        Some("slow_down") => Ok(Poll::SlowDown(None)),
        Some("deviceauth_authorization_pending") => Ok(Poll::Pending),
        _ if matches!(reply.status, 403 | 404) => Ok(Poll::Pending),
        _ => Err(reply.refused()),
    }
}

async fn redeem(
    code: &str,
    verifier: &str,
    redirect: &str,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("code", code),
        ("code_verifier", verifier),
        ("redirect_uri", redirect),
    ];
    let call = Call::form(VENDOR, "the code of the login", TOKEN, &fields);
    to_tokens(&call.done(means, stop).await?, None, means)
}

/// Renews.
pub(super) async fn refresh(
    tokens: &Tokens,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &tokens.refresh),
        ("client_id", CLIENT_ID),
    ];
    let call = Call::form(VENDOR, "to renew the login", TOKEN, &fields);
    to_tokens(&call.done(means, stop).await?, Some(tokens), means)
}

fn to_tokens(reply: &Reply, before: Option<&Tokens>, means: &Means) -> Result<Tokens, LoginError> {
    let tokens = reply.tokens(before, 0, means)?;
    match (chatgpt_account(&tokens.access), before) {
        (Some(id), _) => Ok(tokens.with("accountId", id)),
        // A rotated token must not be lost for want of an id that is known.
        (None, Some(before)) if before.extra("accountId").is_some() => Ok(tokens),
        (None, _) => Err(reply.wrong("the token names no account")),
    }
}
