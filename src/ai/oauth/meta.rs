//! Meta, with a Muse subscription. From pi-ai 1.5.2, `auth/oauth/meta.js`: a code to type yields a token of who
//! one is, which cannot be renewed; for it the vendor makes API keys that last a day. The token is kept as
//! `refresh` and the key as `access`, so that renewing is making the next key.

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::call::{Call, Reply, text};
use super::device::{self, GRANT, Pace};
use super::{Face, LoginError, Means, News, Tokens};

const VENDOR: &str = "Meta";
const CLIENT_ID: &str = "1031625952748946";
const DEVICE_CODE: &str = "https://auth.meta.com/oidc/device/authorization/";
const DEVICE_TOKEN: &str = "https://auth.meta.com/oidc/device/token/";
const KEY: &str = "https://api.meta.ai/muse-code/key";
const API_VERSION: &str = "1.0.0";
/// How long a key lasts, in seconds; the vendor does not say.
const LASTS: f64 = 24.0 * 60.0 * 60.0;

/// Logs in with a code to type.
pub(super) async fn login(
    means: &Means,
    face: &dyn Face,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let fields = [("client_id", CLIENT_ID)];
    let call = Call::form(VENDOR, "a code to type", DEVICE_CODE, &fields);
    let reply = call.done(means, stop).await?;
    let url = device::page(&reply.json, "verification_uri_complete")
        .or_else(|| device::page(&reply.json, "verification_uri"))
        .ok_or_else(|| reply.lacks("verification_uri"))?;
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
            ("device_code", code),
            ("client_id", CLIENT_ID),
        ];
        let call = Call::form(VENDOR, "whether the code was typed", DEVICE_TOKEN, &fields);
        device::standard(call.send(means, stop).await?, |reply| {
            Ok(reply.text("access_token")?.to_owned())
        })
    };
    let identity = pace.wait(ask).await?;
    face.tell(News::Progress("Logged in; fetching a key…".to_owned()));
    make_key(&identity, means, stop).await
}

/// Makes the next key.
pub(super) async fn refresh(
    tokens: &Tokens,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    make_key(&tokens.refresh, means, stop).await
}

async fn make_key(
    identity: &str,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let call = Call::json(VENDOR, "a key for the API", KEY, &json!({}))
        .bearer(identity)
        .header("x-api-version", API_VERSION);
    let reply: Reply = call.done(means, stop).await?;
    match text(&reply.json, "api_key") {
        Some(key) => Ok(Tokens::new(key, identity, means.end_of(LASTS, 0))),
        None => Err(reply.wrong(match device::page(&reply.json, "action_url") {
            Some(url) => format!("there is no key in it yet; something is left to do at {url}"),
            None => "there is no key in it".to_owned(),
        })),
    }
}
