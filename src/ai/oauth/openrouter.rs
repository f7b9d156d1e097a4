//! OpenRouter, with any account there. From pi-ai 1.5.2, `auth/oauth/openrouter.js`: PKCE, whose code is redeemed
//! for an API key that does not end. The vendor returns no state; a path that nobody can guess stands for it.

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::browser::Place;
use super::call::{Call, with_query};
use super::pkce::{Pkce, unguessable};
use super::tokens::NEVER;
use super::{Face, LoginError, Means, News, Tokens};

const VENDOR: &str = "OpenRouter";
const AUTHORIZE: &str = "https://openrouter.ai/auth";
const TOKEN: &str = "https://openrouter.ai/api/v1/auth/keys";

/// Logs in with the browser of this machine.
pub(super) async fn login(
    means: &Means,
    face: &dyn Face,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let pkce = Pkce::new()?;
    let path = format!("/oauth/callback/{}", unguessable()?);
    let place = Place {
        vendor: VENDOR,
        host: &means.callback_host,
        port: 0,
        any_port: true,
        path: &path,
        state: None,
    };
    let reception = place.open(means, face).await;
    let url = with_query(
        AUTHORIZE,
        &[
            ("callback_url", &reception.redirect),
            ("code_challenge", &pkce.challenge),
            ("code_challenge_method", "S256"),
        ],
    );
    let answer = reception.answer(url, face).await?;
    let body = json!({
        "code": answer.code(VENDOR, None)?,
        "code_verifier": pkce.verifier,
        "code_challenge_method": "S256",
    });
    face.tell(News::redeeming());
    let call = Call::json(VENDOR, "the code of the login", TOKEN, &body);
    let reply = call.done(means, stop).await?;
    Ok(Tokens::new(reply.text("key")?, "", NEVER))
}
