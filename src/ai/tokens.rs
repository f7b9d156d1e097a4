//! Credentials that are had for the asking with longer-lived ones, kept in memory until shortly before
//! they end. Whoever needs one that is being fetched waits for it: one fetch is enough.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::clock::Clock;
use super::message::Millis;

/// How long before its end a credential is fetched anew: a request with it may take its time to arrive.
/// The machines' own servers at Google and Amazon have a new one five minutes before.
const MARGIN: Millis = 4 * 60 * 1000;

/// A credential that was fetched.
pub struct Fetched<T> {
    /// The credential.
    pub what: T,
    /// When it ends, if it does.
    pub until: Option<Millis>,
}

impl<T> Fetched<T> {
    fn holds_at(&self, moment: Millis) -> bool {
        self.until.is_none_or(|end| end > moment)
    }
}

/// What is kept, by what it was had with.
pub struct Tokens<K, T> {
    // Held for a look-up only; each slot's own lock is held by whoever fetches.
    slots: Mutex<HashMap<K, Slot<T>>>,
}

type Slot<T> = Arc<tokio::sync::Mutex<Option<Fetched<T>>>>;

impl<K, T> Default for Tokens<K, T> {
    fn default() -> Self {
        Tokens {
            slots: Mutex::default(),
        }
    }
}

impl<K: Clone + Eq + Hash, T: Clone> Tokens<K, T> {
    /// What is kept under `key` if it holds for a while yet, else what `fetch` brings. `fetch` runs only
    /// then, and while it does, others who ask for the key wait. Where it fails, what is kept serves to
    /// its end.
    pub async fn get<E>(
        &self,
        key: &K,
        clock: &Clock,
        fetch: impl Future<Output = Result<Fetched<T>, E>>,
    ) -> Result<T, E> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.entry(key.clone()).or_default().clone()
        };
        let mut kept = slot.lock().await;
        let now = clock.now();
        if let Some(token) = kept.as_ref().filter(|token| token.holds_at(now + MARGIN)) {
            return Ok(token.what.clone());
        }
        match fetch.await {
            Ok(token) => Ok(kept.insert(token).what.clone()),
            Err(why) => {
                let last = kept.as_ref().filter(|token| token.holds_at(clock.now()));
                last.map(|token| token.what.clone()).ok_or(why)
            }
        }
    }
}

/// Every secret that was fetched in this process, also after its end: for masking, never for use.
#[derive(Default)]
pub struct Seen(Mutex<BTreeSet<String>>);

impl Seen {
    /// Adds one.
    pub fn add(&self, secret: &str) {
        self.lock().insert(secret.to_owned());
    }

    /// All of them.
    pub fn all(&self) -> Vec<String> {
        self.lock().iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_token_is_fetched_shortly_before_its_end_and_serves_to_its_end_where_that_fails() {
        let now = Arc::new(AtomicI64::new(0));
        let told = now.clone();
        let clock = Clock::new(move || told.load(Ordering::SeqCst));
        let tokens = Tokens::<&str, u8>::default();
        let end = 3 * MARGIN;
        let get = async |at: Millis, brings: Result<u8, &'static str>| {
            now.store(at, Ordering::SeqCst);
            let fetch = async {
                let until = Some(end);
                brings.map(|what| Fetched { what, until })
            };
            tokens.get(&"key", &clock, fetch).await
        };
        assert_eq!(get(0, Err("nobody is there")).await, Err("nobody is there"));
        assert_eq!(get(0, Ok(1)).await, Ok(1));
        assert_eq!(get(end - MARGIN - 1, Ok(2)).await, Ok(1));
        assert_eq!(get(end - MARGIN, Err("busy")).await, Ok(1));
        assert_eq!(get(end - MARGIN, Ok(3)).await, Ok(3));
        assert_eq!(get(end, Err("busy")).await, Err("busy"));
    }
}
