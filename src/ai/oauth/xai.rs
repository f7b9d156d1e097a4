//! xAI, with a SuperGrok or X Premium account. From pi-ai 1.5.2, `auth/oauth/xai.js`: a code to type.

use tokio_util::sync::CancellationToken;

use super::call::{Call, HOUR, Reply};
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

/// The vendor may not say how long a token lasts.
fn to_tokens(reply: &Reply, before: Option<&Tokens>, means: &Means) -> Result<Tokens, LoginError> {
    let lasts = reply.number("expires_in").unwrap_or(HOUR);
    reply.tokens_for(lasts, before, MARGIN, means)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ai::clock::Clock;
    use crate::ai::http::HttpClient;

    #[test]
    fn a_reply_that_is_no_object_is_an_error_and_one_without_an_end_lasts_an_hour() {
        let means = Means::new(HttpClient::default(), Clock::fixed(0));
        let before = Tokens::new("a0", "r0", 0);
        for json in [json!("token"), json!(["a"]), json!(7), json!(null)] {
            let error = to_tokens(&Reply::of(json), Some(&before), &means).unwrap_err();
            assert!(error.to_string().contains("access_token is missing"));
        }
        let reply = Reply::of(json!({"access_token": "a", "refresh_token": "r"}));
        let tokens = to_tokens(&reply, None, &means).unwrap();
        assert_eq!(tokens.expires, 3_600_000 - MARGIN);
    }
}
