//! A login with an account, beside the loop: what it shows and asks goes to the panel, what the person
//! answers comes back. One at a time; it ends with the loop.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Terminal;
use crate::ai::oauth::{Face, Method, News, Question};
use crate::tui::keyring::{Keyring, LoginNews, Typed};
use crate::tui::msg::Msg;

/// The login that goes on.
pub(super) struct Login {
    stage: Arc<Stage>,
    // Dropped, it stops the login.
    _stop: DropGuard,
}

/// What a login sees of the terminal.
struct Stage {
    replies: mpsc::UnboundedSender<Msg>,
    keyring: Arc<dyn Keyring>,
    // Where the answer to the open question goes; held for a move only.
    answer: Mutex<Option<oneshot::Sender<String>>>,
}

impl Stage {
    fn tell(&self, news: LoginNews) {
        // The loop has ended: nobody wants to know.
        let _ = self.replies.send(Msg::Login(news));
    }

    fn put(&self, sender: Option<oneshot::Sender<String>>) -> Option<oneshot::Sender<String>> {
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut answer, sender)
    }
}

#[async_trait]
impl Face for Stage {
    fn tell(&self, news: News) {
        if let News::Page { url, .. } = &news {
            self.keyring.open_page(url);
        }
        Stage::tell(self, LoginNews::Shown(news));
    }

    async fn ask(&self, question: Question) -> Option<String> {
        let (sender, answer) = oneshot::channel();
        self.put(Some(sender));
        Stage::tell(self, LoginNews::Asked(question));
        let _asked = Asked(self);
        answer.await.ok()
    }
}

/// A question on the screen: taken back when nobody waits for its answer any more.
struct Asked<'a>(&'a Stage);

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.0.put(None);
        Stage::tell(self.0, LoginNews::TakenBack);
    }
}

impl Terminal {
    /// Begins a login, in place of one that goes on.
    pub(super) fn log_in(&mut self, provider: String, method: Method) {
        let stop = CancellationToken::new();
        let stage = Arc::new(Stage {
            replies: self.replies.clone(),
            keyring: self.keyring.clone(),
            answer: Mutex::default(),
        });
        self.login = Some(Login {
            stage: stage.clone(),
            _stop: stop.clone().drop_guard(),
        });
        let keyring = self.keyring.clone();
        tokio::spawn(async move {
            let ended = keyring.log_in(&provider, method, stage.clone(), stop.clone());
            let ended = ended.await;
            if !stop.is_cancelled() {
                Stage::tell(&stage, LoginNews::Ended(provider, ended));
            }
        });
    }

    /// The person has answered what the login asked.
    pub(super) fn answer_login(&mut self, typed: &Typed) {
        let waiting = self.login.as_ref().and_then(|login| login.stage.put(None));
        if let Some(answer) = waiting {
            // The browser may have answered meanwhile.
            let _ = answer.send(typed.expose().to_owned());
        }
    }
}
