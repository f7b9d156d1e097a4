//! Waits until a person has typed a code into a vendor's page (RFC 8628): asks at the vendor's pace, more
//! slowly when told to, and no longer than the code is good.

use std::time::Duration;

use reqwest::Url;
use serde_json::Value;
use tokio::time::{Instant, sleep, sleep_until};

use super::LoginError;
use super::call::{Reply, number, text};

/// Never ask more often.
const LEAST: Duration = Duration::from_secs(1);
/// The pace where the vendor names none (RFC 8628, 3.2).
const USUAL: Duration = Duration::from_secs(5);
/// How much longer after `slow_down` (RFC 8628, 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// How long a code is good where the vendor does not say; RFC 8628, 3.2 wants it said.
const USUALLY: Duration = Duration::from_secs(15 * 60);
/// No code is good for longer, whatever a server says.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The grant of RFC 8628.
pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A code that somebody has to type.
pub(super) struct Pace {
    pub vendor: &'static str,
    pub interval: Option<Duration>,
    pub lasts: Option<Duration>,
    /// Whether the first question may come at once.
    pub at_once: bool,
}

/// What the vendor says meanwhile.
pub(super) enum Poll<T> {
    Done(T),
    Pending,
    /// Too fast; the interval that it wants, if it says.
    SlowDown(Option<Duration>),
}

impl Pace {
    /// Asks until there is an answer.
    pub async fn wait<T, F>(self, mut ask: impl FnMut() -> F) -> Result<T, LoginError>
    where
        F: Future<Output = Result<Poll<T>, LoginError>>,
    {
        let end = Instant::now() + self.lasts.unwrap_or(USUALLY).min(LONGEST);
        let mut pause = self.interval.unwrap_or(USUAL).clamp(LEAST, LONGEST);
        let mut hurried = false;
        let mut asking = self.at_once;
        loop {
            if asking {
                match ask().await? {
                    Poll::Done(done) => return Ok(done),
                    Poll::Pending => {}
                    Poll::SlowDown(wanted) => {
                        hurried = true;
                        pause = wanted.unwrap_or(pause + SLOWER).clamp(LEAST, LONGEST);
                    }
                }
            }
            asking = true;
            let next = Instant::now() + pause;
            if next >= end {
                sleep_until(end).await;
                let vendor = self.vendor;
                return Err(LoginError::Late { vendor, hurried });
            }
            sleep(pause).await;
        }
    }
}

/// What a token endpoint that follows RFC 8628 says: its words for wait, slower, no and too late.
pub(super) fn standard<T>(
    reply: Reply,
    done: impl FnOnce(Reply) -> Result<T, LoginError>,
) -> Result<Poll<T>, LoginError> {
    if reply.is_ok() && text(&reply.json, "access_token").is_some() {
        return done(reply).map(Poll::Done);
    }
    let vendor = reply.vendor;
    match text(&reply.json, "error") {
        Some("authorization_pending") => Ok(Poll::Pending),
        Some("slow_down") => Ok(Poll::SlowDown(seconds(&reply.json, "interval"))),
        Some("expired_token") => Err(LoginError::Late {
            vendor,
            hurried: false,
        }),
        Some("access_denied" | "authorization_denied") => Err(LoginError::Denied {
            vendor,
            why: text(&reply.json, "error_description")
                .map(|why| super::call::plain(why, &[]))
                .unwrap_or_default(),
        }),
        _ => Err(reply.refused()),
    }
}

/// A positive number of seconds.
pub(super) fn seconds(json: &Value, name: &str) -> Option<Duration> {
    let seconds = number(json, name).filter(|seconds| *seconds > 0.0)?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// An address that a browser may be sent to, in normal form: no file, no program, no control characters.
pub(super) fn page(json: &Value, name: &str) -> Option<String> {
    let url = Url::parse(text(json, name)?).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pace(lasts: u64) -> Pace {
        Pace {
            vendor: "V",
            interval: Some(Duration::from_secs(2)),
            lasts: Some(Duration::from_secs(lasts)),
            at_once: false,
        }
    }

    /// The seconds at which the vendor was asked, and the outcome.
    async fn run(pace: Pace, polls: Vec<Poll<u8>>) -> (Vec<u64>, Result<u8, LoginError>) {
        let begin = Instant::now();
        let mut asked = Vec::new();
        let mut polls = polls.into_iter();
        let outcome = pace
            .wait(|| {
                asked.push(begin.elapsed().as_secs());
                let poll = polls.next().unwrap_or(Poll::Pending);
                async move { Ok(poll) }
            })
            .await;
        (asked, outcome)
    }

    #[tokio::test(start_paused = true)]
    async fn the_vendor_sets_the_pace_and_may_slow_it_down() {
        let slower = Some(Duration::from_secs(3));
        let polls = vec![
            Poll::Pending,
            Poll::SlowDown(None),
            Poll::SlowDown(slower),
            Poll::Pending,
            Poll::Done(7),
        ];
        let (asked, outcome) = run(pace(60), polls).await;
        assert_eq!(asked, [2, 4, 11, 14, 17]);
        assert_eq!(outcome.unwrap(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_that_ends_is_not_asked_for_any_more() {
        let (asked, outcome) = run(pace(5), vec![Poll::Pending, Poll::Pending]).await;
        assert_eq!(asked, [2, 4]);
        assert!(matches!(
            outcome.unwrap_err(),
            LoginError::Late { hurried: false, .. }
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_whose_end_nobody_names_is_asked_for_a_quarter_of_an_hour() {
        let pace = Pace {
            lasts: None,
            ..pace(0)
        };
        let (begin, mut asked) = (Instant::now(), 0);
        let waiting = pace.wait(|| {
            asked += 1;
            let poll = match asked {
                // Far beyond any patience: the end is not the vendor's to leave out.
                10_000 => Poll::Done(1),
                _ => Poll::Pending,
            };
            async move { Ok(poll) }
        });
        assert!(matches!(waiting.await, Err(LoginError::Late { .. })));
        assert_eq!(begin.elapsed().as_secs(), 15 * 60);
    }

    #[test]
    fn only_pages_are_opened() {
        let page = |url: &str| page(&json!({"u": url}), "u");
        assert_eq!(
            page("https://a.b/c d").as_deref(),
            Some("https://a.b/c%20d")
        );
        assert_eq!(page("file:///etc/passwd"), None);
        assert_eq!(page("javascript:alert(1)"), None);
        assert_eq!(page("--help"), None);
    }
}
