//! The keys that open models, as the terminal asks for them: never on the thread that hears keys.
//!
//! The terminal does not know where keys are kept; whoever begins it hands a [`Keyring`] in. A key that
//! is typed travels as a [`Secret`], which nothing prints: no log, no test, no crash.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::ai::oauth::{self, Account, Face, Method};

/// A longer text is no key.
const LONGEST: usize = 16 * 1024;

/// A key that was typed. What it says is seen by [`Secret::expose`] alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// What was typed, without the blanks around it; in words why it is no key.
    pub fn new(typed: &str) -> Result<Self, &'static str> {
        let key = typed.trim();
        match () {
            () if key.is_empty() => Err("a key is needed; nothing was typed"),
            () if key.len() > LONGEST => Err("that is too long for a key"),
            () if key.chars().any(char::is_control) => Err("a key is one line"),
            () => Ok(Secret(key.to_owned())),
        }
    }

    /// The key itself, for the one who keeps it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a provider's key comes from now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// There is none.
    Nothing,
    /// A key of the file of keys.
    Stored,
    /// A login of that file.
    Login,
    /// This variable of the environment.
    Environment(String),
    /// What the vendor's own tools have left on this machine, in words.
    Ambient(String),
    /// The file of own models and servers; it may need no key.
    Models,
    /// The command line, for this run.
    Flag,
}

/// How a provider is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// With a key, and nothing else.
    Key,
    /// With an account, and nothing else.
    Account,
    /// With more than a key: what to set, line by line.
    Told(Vec<String>),
}

/// Someone who serves models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// As files and flags name it.
    pub id: String,
    /// For people.
    pub name: String,
    /// Where its key comes from now.
    pub held: Held,
    /// How it is connected.
    pub way: Way,
    /// How one logs in with an account, where that is possible.
    pub account: Option<&'static Account>,
}

/// What was typed in a login. Its `Debug` shows nothing of it: it may be a code.
#[derive(Clone, PartialEq, Eq)]
pub struct Typed(String);

impl Typed {
    /// The words.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Typed {
    fn from(words: String) -> Self {
        Typed(words)
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(…)")
    }
}

/// How a login with an account goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginNews {
    /// This is to be shown.
    Shown(oauth::News),
    /// This is asked.
    Asked(oauth::Question),
    /// What was asked needs no answer any more.
    TakenBack,
    /// The login to this provider is over, and stored; `Err` says in words why there is none.
    Ended(String, Result<(), String>),
}

/// All providers and their keys. Its methods read and write files and may take their time; failures come
/// in words.
pub trait Keyring: Send + Sync {
    /// Everyone who serves models, and everyone whose key is stored.
    fn providers(&self) -> Vec<Provider>;

    /// Keeps a key where the next request finds it.
    fn store(&self, provider: &str, key: &Secret) -> Result<(), String>;

    /// Forgets what is stored of a provider; returns where its key comes from now.
    fn forget(&self, provider: &str) -> Result<Held, String>;

    /// Logs in with an account and keeps the tokens where the next request finds them.
    fn log_in(
        &self,
        provider: &str,
        method: Method,
        face: Arc<dyn Face>,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<(), String>>;

    /// Opens a page in a browser, where there is one. Never waits for it.
    fn open_page(&self, url: &str);
}

/// What is asked of a keyring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Everyone, for this.
    Providers(Purpose),
    /// Keep this key for this provider.
    Store(String, Secret),
    /// Forget what is stored of this provider.
    Forget(String),
}

/// What the providers are listed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To connect one; this was typed already.
    Connect(String),
    /// To forget one's key; this was typed already.
    Forget(String),
}

/// What a keyring answers; beside it what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Everyone.
    Providers(Purpose, Vec<Provider>),
    /// That provider's key is kept.
    Stored(String, Result<(), String>),
    /// What was stored of that provider is gone; its key comes from here now.
    Forgotten(String, Result<Held, String>),
}

impl Request {
    /// Asks and waits: for a thread that may wait.
    pub fn ask(self, keyring: &dyn Keyring) -> Answer {
        match self {
            Request::Providers(purpose) => Answer::Providers(purpose, keyring.providers()),
            Request::Store(provider, key) => {
                let stored = keyring.store(&provider, &key);
                Answer::Stored(provider, stored)
            }
            Request::Forget(provider) => {
                let left = keyring.forget(&provider);
                Answer::Forgotten(provider, left)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_line_without_blanks_around_it_and_is_never_printed() {
        let key = Secret::new(" sk-ant-123 \n").unwrap();
        assert_eq!(key.expose(), "sk-ant-123");
        let request = Request::Store("anthropic".into(), key);
        assert_eq!(format!("{request:?}"), r#"Store("anthropic", Secret(…))"#);
        for typed in ["", " \n ", "one\ntwo", &"x".repeat(20_000)] {
            assert!(Secret::new(typed).is_err());
        }
    }
}
