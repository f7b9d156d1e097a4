//! A login with a page in the browser: the answer comes to the loopback listener or is pasted, whichever
//! is first.

use std::time::Duration;

use tokio::time::timeout;

use super::listen::Listener;
use super::pasted::Answer;
use super::{Face, LoginError, Means, News, Question};

/// How long to wait for somebody who went to the browser.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// So often somebody may paste what is no answer.
const ATTEMPTS: usize = 5;

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
}

/// A place with somebody listening there, if that could be.
pub(super) struct Reception {
    vendor: &'static str,
    state: Option<String>,
    listener: Option<Listener>,
    /// What the vendor is told.
    pub redirect: String,
}

impl Place<'_> {
    /// Begins to listen. Where that cannot be, the person is told, and has to paste.
    pub async fn open(&self, means: &Means, face: &dyn Face) -> Reception {
        let open =
            |port| Listener::open(self.vendor, means.listens_at(), port, self.path, self.state);
        let mut listener = open(self.port).await;
        if listener.is_err() && self.any_port && self.port != 0 {
            listener = open(0).await;
        }
        let listener = listener
            .inspect_err(|error| face.tell(News::Progress(self.deaf(means, error))))
            .ok();
        let port = listener.as_ref().map_or(self.port, Listener::port);
        Reception {
            vendor: self.vendor,
            state: self.state.map(str::to_owned),
            listener,
            redirect: format!("http://{}:{port}{}", self.host, self.path),
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
    /// Shows the page and waits for its answer.
    pub async fn answer(&self, url: String, face: &dyn Face) -> Result<Answer, LoginError> {
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
        let question = Question::Code {
            example: format!("{}?code=…", self.redirect),
            listening,
        };
        let heard = async {
            match &self.listener {
                Some(listener) => listener.answer().await,
                None => std::future::pending().await,
            }
        };
        let pasted = pasted(self.vendor, self.state.as_deref(), question, face);
        let first = async {
            tokio::select! {
                biased;
                answer = heard => answer,
                answer = pasted => answer,
            }
        };
        let late = |_| LoginError::Late {
            vendor: self.vendor,
            hurried: false,
        };
        timeout(PATIENCE, first).await.map_err(late)?
    }
}

/// Asks until what is pasted is an answer to this login, a yes or a no; says why it is asked again.
pub(super) async fn pasted(
    vendor: &'static str,
    state: Option<&str>,
    question: Question,
    face: &dyn Face,
) -> Result<Answer, LoginError> {
    let mut attempts = 1;
    loop {
        let asked = face.ask(question.clone()).await;
        let answer = Answer::from_person(&asked.ok_or(LoginError::Cancelled)?);
        let why = match answer.code(vendor, state) {
            Err(LoginError::State) => {
                "That belongs to another login (its state is not the one that was sent): paste what this \
                 page ends at."
            }
            Err(LoginError::NoCode(_)) => {
                "There is no code in that: paste the whole address that the browser ended at, or the code."
            }
            _ => return Ok(answer),
        };
        if attempts == ATTEMPTS {
            return Ok(answer);
        }
        attempts += 1;
        face.tell(News::Progress(why.to_owned()));
    }
}
