//! A login with a page in the browser: the answer comes to the loopback listener or is pasted, whichever
//! is first. What is pasted and cannot be used is said to be so, and asked for again; the listener goes on.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::expected::Expected;
use super::listen::Listener;
use super::pasted::Answer;
use crate::ai::http::HttpError;

use super::{Face, LoginError, Means, News, Question};

/// How long to wait for somebody who went to the browser.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// So often somebody may paste what is no answer.
pub(super) const ATTEMPTS: usize = 5;

/// Where the vendor sends the browser back to.
pub(super) struct Place<'a> {
    pub vendor: &'static str,
    /// The host of the redirect as registered; the listener may be on another address.
    pub host: &'a str,
    pub port: u16,
    /// Whether the vendor takes any port, so that a busy one is no obstacle.
    pub any_port: bool,
    pub path: &'a str,
    pub state: Option<&'a str>,
    /// What the answer brings beside a code and a state.
    pub also: &'static [&'static str],
}

/// A place with somebody listening there, if that could be.
pub(super) struct Reception {
    listener: Option<Listener>,
    expected: Expected,
}

impl Place<'_> {
    /// Begins to listen. Where that cannot be, the person is told, and has to paste.
    pub async fn open(&self, means: &Means, face: &dyn Face) -> Reception {
        let open = |port| Listener::open(means.listens_at(), port, self.path, self.expected(port));
        let mut listener = open(self.port).await;
        if listener.is_err() && self.any_port && self.port != 0 {
            listener = open(0).await;
        }
        let listener = listener
            .inspect_err(|error| face.tell(News::Progress(self.deaf(means, error))))
            .ok();
        let port = listener.as_ref().map_or(self.port, Listener::port);
        Reception {
            listener,
            expected: self.expected(port),
        }
    }

    fn expected(&self, port: u16) -> Expected {
        Expected {
            vendor: self.vendor,
            state: self.state.map(str::to_owned),
            redirect: format!("http://{}:{port}{}", self.host, self.path),
            also: self.also,
        }
    }

    fn deaf(&self, means: &Means, error: &std::io::Error) -> String {
        let host = match means.listens_at() {
            host if host.contains(':') => format!("[{host}]"),
            host => host.to_owned(),
        };
        let place = format!("{host}:{}", self.port);
        match error.kind() {
            std::io::ErrorKind::AddrInUse => format!(
                "Something else listens on {place} (another login?), so the browser cannot report back by itself: \
                 paste the address that it ends at."
            ),
            _ => format!(
                "The browser cannot report back by itself ({place}: {error}): paste the address that it ends at."
            ),
        }
    }
}

impl Reception {
    /// What the vendor is told.
    pub fn redirect(&self) -> &str {
        &self.expected.redirect
    }

    /// Shows the page, waits for its answer, and has it redeemed.
    pub async fn answered<T, F>(
        &self,
        url: String,
        face: &dyn Face,
        redeem: impl Fn(Answer) -> F,
    ) -> Result<T, LoginError>
    where
        F: Future<Output = Result<T, LoginError>>,
    {
        let listening = self.listener.is_some();
        let advice = match listening {
            true => {
                "Log in there; pi goes on by itself. If the browser is on another machine, paste the address that it ends at."
            }
            false => "Log in there, then paste the address that the browser ends at.",
        };
        face.tell(News::Page {
            url,
            advice: advice.to_owned(),
        });
        let more = match self.expected.is_whole() {
            true => "&state=…",
            false => "",
        };
        let question = Question::Code {
            example: format!("{}?code=…{more}", self.redirect()),
            listening,
            whole: self.expected.is_whole(),
        };
        let heard = async {
            match &self.listener {
                Some(listener) => listener.answer().await,
                None => std::future::pending().await,
            }
        };
        pasted(&self.expected, question, face, heard, redeem).await
    }
}

/// Waits for the answer of the page, as it is `heard` or pasted, and has it redeemed. Asks until what is
/// pasted is an answer to this login that the vendor takes, or a no; says why it is asked again.
pub(super) async fn pasted<T, F>(
    expected: &Expected,
    question: Question,
    face: &dyn Face,
    heard: impl Future<Output = Result<Answer, LoginError>>,
    redeem: impl Fn(Answer) -> F,
) -> Result<T, LoginError>
where
    F: Future<Output = Result<T, LoginError>>,
{
    let mut heard = pin!(heard);
    let end = Instant::now() + PATIENCE;
    let mut attempts = 1;
    loop {
        let first = async {
            tokio::select! {
                biased;
                answer = &mut heard => (answer, false),
                said = face.ask(question.clone()) => {
                    let said = said.ok_or(LoginError::Cancelled);
                    (said.and_then(|said| expected.pasted(&said)), true)
                }
            }
        };
        let late = |_| LoginError::Late {
            vendor: expected.vendor,
            hurried: false,
        };
        let (answer, by_hand) = timeout_at(end, first).await.map_err(late)?;
        // Nobody else is heard meanwhile: tokens that come are kept.
        let done = match answer {
            Ok(answer) => redeem(answer).await,
            Err(error) => Err(error),
        };
        let why = match &done {
            // Where the network failed, what came may still be good.
            Err(error @ LoginError::Http { source, .. })
                if by_hand && attempts < ATTEMPTS && !matches!(source, HttpError::Aborted) =>
            {
                Some(format!(
                    "{error}. It may still be good: {}",
                    expected.please()
                ))
            }
            Err(error) if by_hand && attempts < ATTEMPTS => objection(error, expected),
            _ => None,
        };
        let Some(why) = why else {
            return done;
        };
        attempts += 1;
        face.tell(News::Progress(why));
    }
}

/// Why something else has to be pasted, where that may help.
fn objection(error: &LoginError, expected: &Expected) -> Option<String> {
    let please = expected.please();
    match error {
        LoginError::State => Some(format!(
            "That belongs to another login (its state is not the one that was sent): {please}"
        )),
        LoginError::NoCode => Some(format!("That cannot be used: {please}")),
        LoginError::Refused { status, .. } if is_about_the_code(*status) => {
            Some(format!("{error}. Try again: {please}"))
        }
        _ => None,
    }
}

/// Whether a vendor that says this may take another code.
fn is_about_the_code(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 408 | 429)
}
