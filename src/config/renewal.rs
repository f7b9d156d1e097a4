//! Renews logins that have ended, and loses none.
//!
//! A vendor may take the old token back as soon as it has made the new one, so from the request to the
//! write nothing may come between: a renewal runs in a task of its own, which nobody's Escape reaches, is
//! written before it is used, and is waited for at the end of the process ([`Renewals::settle`]). Among
//! processes, the reference included, the mark of `auth.json` lets one go at a time; who comes second
//! finds the tokens of the first in the file.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, join_all};
use thiserror::Error;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::auth::AuthFile;
use super::edit;
use super::lock::Mark;
use crate::ai::message::Millis;
use crate::ai::oauth::{self, Means, Tokens};

/// How long a vendor may take.
const LIMIT: Duration = Duration::from_secs(20);
/// How often the mark is renewed; the reference takes one of ten seconds for left behind.
const PULSE: Duration = Duration::from_secs(3);

/// Why a login could not be renewed. It is still in the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{why}")]
pub struct RenewalError {
    /// In words, without a secret.
    pub why: String,
    /// Whether only a new login helps.
    pub is_final: bool,
}

/// The renewals of a process, one for each login at a time. Clones are the same.
#[derive(Clone, Default)]
pub struct Renewals(Arc<State>);

#[derive(Default)]
struct State {
    // Held for a look-up only.
    flights: Mutex<HashMap<String, Flight>>,
    /// Renewed and not in the file, which could not be written; by provider.
    unwritten: Mutex<HashMap<String, Unwritten>>,
    /// All that were seen, for masking.
    seen: Mutex<Vec<String>>,
    /// The process is about to end: begin nothing.
    leaving: CancellationToken,
}

/// Tokens that are in no file: those there have been taken back by the vendor.
#[derive(Clone)]
struct Unwritten {
    file: PathBuf,
    /// The refresh token that the file has; with another one there, somebody knows better.
    in_file: String,
    tokens: Tokens,
}

/// The tokens after it; none where the login is gone.
type Outcome = Result<Option<Tokens>, RenewalError>;
type Flight = Shared<BoxFuture<'static, Outcome>>;

impl Renewals {
    /// The tokens of a provider's login in `file`, good for `margin` milliseconds from now: renewed if they
    /// were not, by whoever comes first. `None` when there is no login any more. Dropping the future ends the
    /// waiting, not the renewal.
    pub async fn fresh(
        &self,
        file: &Path,
        provider: &str,
        margin: Millis,
        means: Means,
    ) -> Outcome {
        let flight = {
            let mut flights = lock(&self.0.flights);
            match flights.get(provider) {
                Some(flight) => flight.clone(),
                None => {
                    let flight = self.depart(file, provider, margin, means);
                    flights.insert(provider.to_owned(), flight.clone());
                    flight
                }
            }
        };
        flight.await
    }

    fn depart(&self, file: &Path, provider: &str, margin: Millis, means: Means) -> Flight {
        let renewal = Renewal {
            all: self.clone(),
            file: file.to_path_buf(),
            provider: provider.to_owned(),
            margin,
            means,
        };
        let landing = Landing {
            all: self.clone(),
            provider: provider.to_owned(),
        };
        let task = tokio::spawn(async move {
            let _landing = landing;
            renewal.run().await
        });
        let broken = |_| Err(passing("the renewal broke off"));
        task.map(move |done| done.unwrap_or_else(broken))
            .boxed()
            .shared()
    }

    /// Waits until what has begun is written, at most so long. New ones do not begin. What could not be
    /// written before is tried once more.
    pub async fn settle(&self, limit: Duration) {
        self.0.leaving.cancel();
        let flights: Vec<Flight> = lock(&self.0.flights).values().cloned().collect();
        let all = async {
            join_all(flights).await;
            let unwritten = lock(&self.0.unwritten).clone();
            for (provider, kept) in unwritten {
                self.write_at_last(&provider, &kept).await;
            }
        };
        // Late: the system ends the process anyway.
        let _ = timeout(limit, all).await;
    }

    async fn write_at_last(&self, provider: &str, kept: &Unwritten) {
        let Ok(target) = edit::target_of(&kept.file) else {
            return;
        };
        let Ok(Some(mark)) = Mark::claim(&target, &CancellationToken::new()).await else {
            return;
        };
        let (mut auth, _) = AuthFile::load(&kept.file);
        let stored = auth.tokens(provider);
        if stored.is_some_and(|stored| stored.refresh == kept.in_file) {
            self.write(&mark, &mut auth, provider, kept.clone());
        }
    }

    /// Tokens that cannot be written are good in this process, and tried again.
    fn write(&self, mark: &Mark, auth: &mut AuthFile, provider: &str, fresh: Unwritten) {
        let written = auth.renew(mark, provider, &fresh.tokens);
        let mut unwritten = lock(&self.0.unwritten);
        match written {
            Ok(()) => {
                unwritten.remove(provider);
            }
            Err(problem) => {
                tracing::error!(%problem, "a renewed login could not be written");
                unwritten.insert(provider.to_owned(), fresh);
            }
        }
    }

    /// Tokens that are used from now on, whoever renewed them: they are masked like all others.
    pub(super) fn note(&self, tokens: &Tokens) {
        let mut seen = lock(&self.0.seen);
        for token in [&tokens.access, &tokens.refresh] {
            if !seen.contains(token) {
                seen.push(token.clone());
            }
        }
    }

    /// Every token that a renewal brought.
    pub(super) fn seen(&self) -> Vec<String> {
        lock(&self.0.seen).clone()
    }
}

/// Makes room for the next renewal of a login, however this one ends.
struct Landing {
    all: Renewals,
    provider: String,
}

impl Drop for Landing {
    fn drop(&mut self) {
        lock(&self.all.0.flights).remove(&self.provider);
    }
}

/// One renewal.
struct Renewal {
    all: Renewals,
    file: PathBuf,
    provider: String,
    margin: Millis,
    means: Means,
}

impl Renewal {
    async fn run(&self) -> Outcome {
        let failed = |error: std::io::Error| passing(format!("auth.json: {error}"));
        let target = edit::target_of(&self.file).map_err(failed)?;
        let claimed = Mark::claim(&target, &self.all.0.leaving).await;
        let Some(mark) = claimed.map_err(failed)? else {
            return Err(passing("pi is ending"));
        };
        let (mut auth, problems) = AuthFile::load(&self.file);
        let Some(stored) = auth.tokens(&self.provider) else {
            // Torn by somebody who writes in place: not the same as logged out.
            return match problems.iter().find(|problem| problem.field.is_empty()) {
                Some(problem) => Err(passing(problem.to_string())),
                None => {
                    lock(&self.all.0.unwritten).remove(&self.provider);
                    Ok(None)
                }
            };
        };
        let in_file = stored.refresh.clone();
        let stored = self.unwritten(&in_file).unwrap_or(stored);
        let fresh = match stored.end_within(self.margin, self.means.clock.now()) {
            true => self.renew(&mark, &stored).await?,
            false => stored,
        };
        self.all.note(&fresh);
        if auth.tokens(&self.provider).as_ref() != Some(&fresh) {
            let unwritten = Unwritten {
                file: self.file.clone(),
                in_file,
                tokens: fresh.clone(),
            };
            self.all.write(&mark, &mut auth, &self.provider, unwritten);
        }
        Ok(Some(fresh))
    }

    /// What could not be written before, if nobody has written since. It stays known until it is written:
    /// the next renewal may fail.
    fn unwritten(&self, in_file: &str) -> Option<Tokens> {
        let mut unwritten = lock(&self.all.0.unwritten);
        let kept = unwritten.get(&self.provider)?;
        if kept.in_file == in_file {
            return Some(kept.tokens.clone());
        }
        unwritten.remove(&self.provider);
        None
    }

    async fn renew(&self, mark: &Mark, stored: &Tokens) -> Result<Tokens, RenewalError> {
        let never = CancellationToken::new();
        let renewing = oauth::refresh(&self.provider, stored, &self.means, &never);
        let renewing = timeout(LIMIT, renewing);
        tokio::pin!(renewing);
        let mut pulse = interval(PULSE);
        pulse.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let renewed = loop {
            tokio::select! {
                renewed = &mut renewing => break renewed,
                _ = pulse.tick() => mark.renew(),
            }
        };
        match renewed {
            Ok(Ok(fresh)) => {
                tracing::info!(provider = self.provider, "login renewed");
                Ok(fresh)
            }
            Ok(Err(error)) => {
                tracing::warn!(provider = self.provider, %error, "login not renewed");
                Err(RenewalError {
                    why: error.to_string(),
                    is_final: error.is_final(),
                })
            }
            Err(_) => Err(passing(format!("{} does not answer", self.provider))),
        }
    }
}

fn passing(why: impl Into<String>) -> RenewalError {
    RenewalError {
        why: why.into(),
        is_final: false,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Renewals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Renewals(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::clock::Clock;
    use crate::ai::http::HttpClient;

    #[tokio::test]
    async fn after_a_renewal_that_broke_off_the_next_one_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("auth.json");
        let entry =
            r#"{"anthropic": {"type": "oauth", "access": "a", "refresh": "r", "expires": 1000}}"#;
        std::fs::write(&file, entry).unwrap();
        let renewals = Renewals::default();
        let fresh = async |clock| {
            let means = Means::new(HttpClient::default(), clock);
            renewals.fresh(&file, "anthropic", 0, means).await
        };
        let broken = fresh(Clock::new(|| panic!("no time"))).await;
        assert_eq!(broken, Err(passing("the renewal broke off")));
        let tokens = fresh(Clock::fixed(0)).await.unwrap();
        assert_eq!(tokens.unwrap().access, "a");
    }
}
