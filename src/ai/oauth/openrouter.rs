//! OpenRouter, with any account there. From pi-ai 1.5.2, `auth/oauth/openrouter.js`: PKCE, whose code is redeemed
//! for an API key that does not end. The vendor returns no state; a path that nobody can guess stands for it.

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::browser::Place;
use super::call::{Call, with_query};
use super::pasted::Answer;
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
        host: &means.heard_at(),
        port: 0,
        any_port: true,
        path: &path,
        state: None,
        also: &[],
    };
    let reception = place.open(means, face).await;
    let url = with_query(
        AUTHORIZE,
        &[
            ("callback_url", reception.redirect()),
            ("code_challenge", &pkce.challenge),
            ("code_challenge_method", "S256"),
        ],
    );
    let redeem = |answer| {
        face.tell(News::checking());
        redeem(answer, &pkce.verifier, means, stop)
    };
    reception.answered(url, face, redeem).await
}

async fn redeem(
    answer: Answer,
    verifier: &str,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let body = json!({
        "code": answer.field("code").ok_or(LoginError::NoCode)?,
        "code_verifier": verifier,
        "code_challenge_method": "S256",
    });
    let call = Call::json(VENDOR, "the code of the login", TOKEN, &body);
    let reply = call.done(means, stop).await?;
    Ok(Tokens::new(reply.text("key")?, "", NEVER))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::Question;
    use super::*;
    use crate::ai::clock::Clock;
    use crate::ai::http::HttpClient;

    /// Sees the page, and gives up.
    #[derive(Default)]
    struct Onlooker(Mutex<Option<String>>);

    #[async_trait::async_trait]
    impl Face for Onlooker {
        fn tell(&self, news: News) {
            if let News::Page { url, .. } = news {
                *self.0.lock().unwrap() = Some(url);
            }
        }

        async fn ask(&self, _question: Question) -> Option<String> {
            None
        }
    }

    #[tokio::test]
    async fn the_browser_is_sent_to_an_address_that_it_can_go_to() {
        for (listens, host) in [
            ("127.0.0.1", "127.0.0.1"),
            ("0.0.0.0", "127.0.0.1"),
            ("::1", "[::1]"),
            ("[::1]", "[::1]"),
            ("::", "[::1]"),
            ("localhost", "localhost"),
        ] {
            let mut means = Means::new(HttpClient::default(), Clock::fixed(0));
            means.callback_host = listens.to_owned();
            let face = Onlooker::default();
            let ended = login(&means, &face, &CancellationToken::new()).await;
            assert!(matches!(ended, Err(LoginError::Cancelled)));
            let shown = face.0.into_inner().unwrap().unwrap();
            let shown = reqwest::Url::parse(&shown).unwrap();
            let (_, callback) = shown.query_pairs().next().unwrap();
            let callback = reqwest::Url::parse(&callback).unwrap();
            assert_eq!(callback.host_str(), Some(host), "{listens}");
        }
    }
}
