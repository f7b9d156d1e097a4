//! What a login needs of whoever sits before it: to be shown things, and to answer.

use std::time::Duration;

use async_trait::async_trait;

/// Shows a login and asks for it. Texts may hold words of a server, already free of control sequences.
#[async_trait]
pub trait Face: Send + Sync {
    /// Shows what is new. Of a page, it tries to open it in a browser, where that is wanted.
    fn tell(&self, news: News);

    /// Asks. `None` when the person gives up, which ends the login. The question is taken back by
    /// dropping the future: a browser may have answered first.
    async fn ask(&self, question: Question) -> Option<String>;
}

/// What to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A page to log in at.
    Page {
        /// Its address, `http:` or `https:`.
        url: String,
        /// How to go on from there.
        advice: String,
    },
    /// A code to type into a page; nothing is asked meanwhile.
    Device {
        /// The code.
        code: String,
        /// The page's address, `http:` or `https:`.
        url: String,
        /// How long the code is good, where the vendor tells.
        lasts: Option<Duration>,
    },
    /// What is being done.
    Progress(String),
}

/// What to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// The address that the browser ended at, or the code that the page shows.
    Code {
        /// What an answer looks like.
        example: String,
        /// Whether the browser may answer by itself: then this is the way out, not the way.
        listening: bool,
        /// Whether only the whole address will do.
        whole: bool,
    },
    /// The domain of a company's own GitHub; an empty answer is github.com.
    Domain,
}

impl News {
    /// How long a code is good, for people: never longer than it is.
    pub fn lasting(lasts: Duration) -> String {
        match lasts.as_secs() {
            1 => "a second".to_owned(),
            seconds @ 0..60 => format!("{seconds} seconds"),
            60..120 => "a minute".to_owned(),
            seconds => format!("{} minutes", seconds / 60),
        }
    }

    /// Before it is known whether what came is good.
    pub(super) fn checking() -> Self {
        News::Progress("Checking the answer…".to_owned())
    }

    /// Where the vendor has said yes.
    pub(super) fn redeeming() -> Self {
        News::Progress("Logged in; fetching the tokens…".to_owned())
    }
}

impl Question {
    /// The question in words.
    pub fn words(&self) -> &'static str {
        match self {
            Question::Code {
                listening: true, ..
            } => "Log in in the browser, or paste the address that it ended at",
            Question::Code { whole: true, .. } => {
                "Paste the whole address that the browser ended at"
            }
            Question::Code { .. } => "Paste the code, or the address that the browser ended at",
            Question::Domain => "Domain of your company's GitHub Enterprise (empty: github.com)",
        }
    }

    /// What an answer looks like.
    pub fn example(&self) -> &str {
        match self {
            Question::Code { example, .. } => example,
            Question::Domain => "company.ghe.com",
        }
    }
}
