//! Access tokens that are had for the asking with a longer-lived credential, kept in memory until
//! shortly before they end. Whoever needs one that is being fetched waits for it: one fetch is enough.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::clock::Clock;
use super::message::Millis;

/// How long before its end a token is no longer used: a request with it may take its time to arrive.
/// Google's metadata server has a new one five minutes before.
const MARGIN: Millis = 4 * 60 * 1000;

/// An access token. It is shown to nobody.
pub struct Token {
    /// The token.
    pub text: String,
    /// When it ends.
    pub until: Millis,
}

/// The tokens that are kept, by the name of what they were had with.
#[derive(Default)]
pub struct Tokens {
    // Held for a look-up only; each slot's own lock is held by whoever fetches.
    slots: Mutex<HashMap<String, Slot>>,
}

type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

impl Tokens {
    /// The token of that name if it holds for a while yet, else the one that `fetch` brings. `fetch` runs
    /// only then, and while it does, others who ask for the name wait. `name` is no secret.
    pub async fn get<E>(
        &self,
        name: &str,
        clock: &Clock,
        fetch: impl Future<Output = Result<Token, E>>,
    ) -> Result<String, E> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.entry(name.to_owned()).or_default().clone()
        };
        let mut kept = slot.lock().await;
        let holds = |token: &&Token| token.until - MARGIN > clock.now();
        if let Some(token) = kept.as_ref().filter(holds) {
            return Ok(token.text.clone());
        }
        let token = fetch.await?;
        let text = token.text.clone();
        *kept = Some(token);
        Ok(text)
    }
}
