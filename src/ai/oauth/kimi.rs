//! Kimi Code, with a subscription. From pi-ai 1.5.2, `auth/oauth/kimi-coding.js`: a code to type. The server may
//! be another one (`KIMI_CODE_OAUTH_HOST`).

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::call::Call;
use super::device::{self, GRANT, Pace};
use super::{Face, LoginError, Means, News, Tokens};

const VENDOR: &str = "Kimi";
const CLIENT_ID: &str = "17e5f671-d194-4dfb-9706-5516cb48c098";
const HOST: &str = "https://auth.kimi.com";
/// Where the vendor does not say how long a code is good.
const LASTS: Duration = Duration::from_secs(15 * 60);
/// Pauses before a renewal is asked for again, when the server stumbles.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// Logs in with a code to type.
pub(super) async fn login(
    means: &Means,
    face: &dyn Face,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let url = at(means, "/api/oauth/device_authorization");
    let call = Call::form(VENDOR, "a code to type", &url, &[("client_id", CLIENT_ID)]);
    let reply = call.done(means, stop).await?;
    let page = device::page(&reply.json, "verification_uri_complete")
        .or_else(|| device::page(&reply.json, "verification_uri"))
        .ok_or_else(|| reply.lacks("verification_uri"))?;
    let lasts = device::seconds(&reply.json, "expires_in").unwrap_or(LASTS);
    face.tell(News::Device {
        code: reply.text("user_code")?.to_owned(),
        url: page,
        lasts: Some(lasts),
    });
    let pace = Pace {
        vendor: VENDOR,
        interval: device::seconds(&reply.json, "interval"),
        lasts: Some(lasts),
        at_once: false,
    };
    let code = reply.text("device_code")?;
    let url = at(means, "/api/oauth/token");
    let ask = || async {
        let fields = [
            ("client_id", CLIENT_ID),
            ("device_code", code),
            ("grant_type", GRANT),
        ];
        let call = Call::form(VENDOR, "whether the code was typed", &url, &fields);
        device::standard(call.send(means, stop).await?, |reply| {
            reply.tokens(None, 0, means)
        })
    };
    pace.wait(ask).await
}

/// Renews; a server that stumbles is asked again.
pub(super) async fn refresh(
    tokens: &Tokens,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let url = at(means, "/api/oauth/token");
    let fields = [
        ("client_id", CLIENT_ID),
        ("grant_type", "refresh_token"),
        ("refresh_token", &tokens.refresh),
    ];
    let mut pauses = PAUSES.iter();
    loop {
        let call = Call::form(VENDOR, "to renew the login", &url, &fields);
        let reply = call.send(means, stop).await?;
        if reply.is_ok() {
            return reply.tokens(Some(tokens), 0, means);
        }
        match pauses.next() {
            Some(pause) if reply.status == 429 || reply.status >= 500 => {
                tokio::time::sleep(*pause).await;
            }
            _ => return Err(reply.refused()),
        }
    }
}

fn at(means: &Means, path: &str) -> String {
    let host = means.kimi_host.as_deref().unwrap_or(HOST);
    format!("{}{path}", host.trim_end_matches('/'))
}
