//! The face of a login that is lines: shows on standard output, reads from the terminal.

use std::io::{self, BufRead, Write};

use async_trait::async_trait;

use crate::ai::oauth::{Face, Method, News, Question};
use crate::cli::browser;
use crate::config::Env;
use crate::tools::sanitize;

/// A terminal, line by line.
pub(super) struct Lines {
    env: Env,
    /// Whether pages are to be opened.
    opens: bool,
}

impl Lines {
    pub fn new(env: Env, opens: bool) -> Self {
        Lines { env, opens }
    }

    /// Shows a line or several.
    pub fn say(&self, text: &str) {
        let mut out = io::stdout().lock();
        // A terminal that is gone answers no question either, which ends the login.
        let _ = writeln!(out, "{}", sanitize(text));
    }

    /// Lets the person choose a way to log in.
    pub async fn choose(&self, methods: &[Method]) -> Option<Method> {
        for (at, method) in methods.iter().enumerate() {
            self.say(&format!("  {}. {}", at + 1, method.label()));
        }
        loop {
            let answer = line(format!("Which one? 1 to {}: ", methods.len())).await?;
            let at: Option<usize> = answer.trim().parse().ok();
            if let Some(method) = at.and_then(|at| methods.get(at.checked_sub(1)?)) {
                return Some(*method);
            }
        }
    }

    fn open(&self, url: &str) {
        if self.opens && browser::open(&self.env, url) {
            self.say("(It should open in your browser by itself.)");
        }
    }
}

#[async_trait]
impl Face for Lines {
    fn tell(&self, news: News) {
        match news {
            News::Page { url, advice } => {
                self.say(&format!("Open this page to log in:\n\n  {url}\n\n{advice}"));
                self.open(&url);
            }
            News::Device { code, url, lasts } => {
                let good =
                    lasts.map(|lasts| format!(" The code is good for {}.", News::lasting(lasts)));
                let good = good.unwrap_or_default();
                self.say(&format!(
                    "Open this page, in any browser:\n\n  {url}\n\nand type this code: {code}\n\n\
                     pi waits until you have.{good} Ctrl+C gives up."
                ));
                self.open(&url);
            }
            News::Progress(text) => self.say(&text),
        }
    }

    async fn ask(&self, question: Question) -> Option<String> {
        let (words, example) = (question.words(), question.example());
        line(format!("{words}\n({example})\n> ")).await
    }
}

/// A line that the person types; `None` at the end of input. Whoever stops waiting leaves the read
/// behind, and the process does not wait for it.
async fn line(prompt: String) -> Option<String> {
    let read = move || {
        let mut out = io::stdout().lock();
        out.write_all(sanitize(&prompt).as_bytes()).ok()?;
        out.flush().ok()?;
        drop(out);
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line).ok()?;
        (read > 0).then_some(line)
    };
    tokio::task::spawn_blocking(read).await.ok()?
}
