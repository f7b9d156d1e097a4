//! Texts on their way to the clipboard: one at a time, so that the newest is there in the end. What became
//! old before it was begun is left out.

use tokio::sync::{mpsc, watch};

use crate::tui::clipboard::Clipboard;
use crate::tui::msg::Msg;

/// Copies beside the loop: other programs are waited for.
pub(super) struct Copies {
    newest: watch::Sender<String>,
}

impl Copies {
    /// What becomes of each goes to `replies`.
    pub fn new(clipboard: Clipboard, replies: mpsc::UnboundedSender<Msg>) -> Self {
        let (newest, mut wanted) = watch::channel(String::new());
        tokio::spawn(async move {
            while wanted.changed().await.is_ok() {
                let text = wanted.borrow_and_update().clone();
                let copied = clipboard.copy(&text).await;
                // The loop has ended: nobody wants to know.
                let _ = replies.send(Msg::Copied(copied));
            }
        });
        Copies { newest }
    }

    /// This is the newest.
    pub fn copy(&self, text: String) {
        self.newest.send_replace(text);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;
    use crate::config::Env;

    /// Holds the first text back until there is a file `go`.
    const XCLIP: &str = r#"#!/bin/sh
cd "${0%/*}"; read -r text; : >begun
while [ "$text" = old ] && [ ! -e go ]; do /bin/sleep 0.01; done
echo "$text" >>taken
"#;

    fn clipboard(dir: &Path) -> Clipboard {
        let tool = dir.join("xclip");
        std::fs::write(&tool, XCLIP).unwrap();
        std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = dir.display().to_string();
        let env = [("PATH", path), ("DISPLAY", ":0".into())];
        let env: Env = env
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Clipboard::of(&env)
    }

    #[tokio::test]
    async fn the_newest_text_is_there_in_the_end_however_long_an_older_one_takes() {
        let dir = tempfile::tempdir().unwrap();
        let (replies, mut heard) = mpsc::unbounded_channel();
        let copies = Copies::new(clipboard(dir.path()), replies);
        copies.copy("old\n".into());
        while !dir.path().join("begun").exists() {
            tokio::task::yield_now().await;
        }
        copies.copy("between\n".into());
        copies.copy("new\n".into());
        std::fs::write(dir.path().join("go"), "").unwrap();
        for _ in 0..2 {
            assert!(matches!(heard.recv().await, Some(Msg::Copied(_))));
        }
        let taken = std::fs::read_to_string(dir.path().join("taken")).unwrap();
        assert_eq!(taken, "old\nnew\n");
    }
}
