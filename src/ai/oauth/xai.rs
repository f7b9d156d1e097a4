//! xAI, with a SuperGrok or X Premium account. From pi-ai 1.5.2, `auth/oauth/xai.js`: a code to type.

use tokio_util::sync::CancellationToken;

use super::call::{Call, Reply};
use super::device::{self, GRANT, Pace};
use super::{Face, LoginError, Means, News, Tokens};
use crate::ai::message::Millis;

const VENDOR: &str = "xAI";
const CLIENT_ID: &str = "b1a00492-073a-47ea-816f-4c329264a828";
const SCOPE: &str = "openid profile email offline_access grok-cli:access api:access";
const DEVICE_CODE: &str = "https://auth.x.ai/oauth2/device/code";
const TOKEN: &str = "https://auth.x.ai/oauth2/token";
const REFERRER: &str = "pi";
/// Taken off what the vendor says, as the reference's files have it.
const MARGIN: Millis = 5 * 60 * 1000;
/// Where the vendor does not say how long a token lasts.
const LASTS: f64 = 3600.0;

/// Logs in with a code to type.
pub(super) async fn login(
    means: &Means,
    face: &dyn Face,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let fields = [
        ("client_id", CLIENT_ID),
        ("scope", SCOPE),
        ("referrer", REFERRER),
    ];
    let call = Call::form(VENDOR, "a code to type", DEVICE_CODE, &fields);
    let reply = call.done(means, stop).await?;
    let url = device::page(&reply.json, "verification_uri_complete")
        .or_else(|| device::page(&reply.json, "verification_uri"))
        .filter(|url| url.starts_with("https:"))
        .ok_or_else(|| reply.lacks("verification_uri"))?;
    reply.number("expires_in")?;
    let lasts = device::seconds(&reply.json, "expires_in");
    face.tell(News::Device {
        code: reply.text("user_code")?.to_owned(),
        url,
        lasts,
    });
    let pace = Pace {
        vendor: VENDOR,
        interval: device::seconds(&reply.json, "interval"),
        lasts,
        at_once: false,
    };
    let code = reply.text("device_code")?;
    let ask = || async {
        let fields = [
            ("grant_type", GRANT),
            ("client_id", CLIENT_ID),
            ("device_code", code),
        ];
        let call = Call::form(VENDOR, "whether the code was typed", TOKEN, &fields);
        device::standard(call.send(means, stop).await?, |reply| {
            to_tokens(&reply, None, means)
        })
    };
    pace.wait(ask).await
}

/// Renews.
pub(super) async fn refresh(
    tokens: &Tokens,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT_ID),
        ("refresh_token", &tokens.refresh),
    ];
    let call = Call::form(VENDOR, "to renew the login", TOKEN, &fields);
    to_tokens(&call.done(means, stop).await?, Some(tokens), means)
}

fn to_tokens(reply: &Reply, before: Option<&Tokens>, means: &Means) -> Result<Tokens, LoginError> {
    let mut reply = reply.clone();
    if reply.json["expires_in"].is_null() {
        reply.json["expires_in"] = LASTS.into();
    }
    reply.tokens(before, MARGIN, means)
}
