//! A login with an account while it goes on: the page to open, the code to type there, what is asked, and
//! what is being done. The page and the code can be copied; Escape gives up.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{Choice, News, Panel, Step, dismisses, frame};
use crate::ai::oauth;
use crate::config::{KeyChord, Keymap};
use crate::tui::editor::Editor;
use crate::tui::keyring::LoginNews;
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::{Row, wrap_words};

/// Shows a login to a provider.
pub struct AccountPanel {
    title: String,
    lines: Vec<(String, Token)>,
    /// What is copied: the code where there is one, else the page's address.
    to_copy: Option<String>,
    /// What is being done, or what has become of a copy.
    word: String,
    question: Option<oauth::Question>,
    editor: Editor,
}

impl AccountPanel {
    /// A login that has just begun; people call the provider `name`.
    pub fn new(name: &str) -> Self {
        AccountPanel {
            title: format!("Log in to {name}"),
            lines: Vec::new(),
            to_copy: None,
            word: "Beginning…".into(),
            question: None,
            editor: Editor::default(),
        }
    }

    fn show(&mut self, news: oauth::News) {
        match news {
            oauth::News::Page { url, advice } => {
                self.lines = vec![(url.clone(), Token::Accent), (advice, Token::Muted)];
                self.to_copy = Some(url);
                self.word.clear();
            }
            oauth::News::Device { code, url, lasts } => {
                let mut advice =
                    "Open this page in any browser and type the code there.".to_owned();
                if let Some(lasts) = lasts {
                    let minutes = lasts.as_secs().div_ceil(60);
                    advice.push_str(&format!(" It is good for {minutes} min."));
                }
                self.lines = vec![
                    (code.clone(), Token::Success),
                    (url, Token::Accent),
                    (advice, Token::Muted),
                ];
                self.to_copy = Some(code);
                self.word = "Waiting for the login…".into();
            }
            oauth::News::Progress(word) => self.word = word,
        }
    }

    fn rows(&self, width: u16, look: Option<&Look>) -> Vec<Row> {
        let width = usize::from(width).max(1);
        let mut rows = Vec::new();
        let question = self.question.as_ref().map(oauth::Question::words);
        let word = question.unwrap_or(&self.word).to_owned();
        for (text, token) in self.lines.iter().chain([&(word, Token::Text)]) {
            if text.is_empty() {
                continue;
            }
            let style = look.map(|look| look.fg(*token)).unwrap_or_default();
            let line = [Span::styled(sanitize_line(text).into_owned(), style)];
            rows.extend(wrap_words(&line, width));
        }
        rows
    }
}

impl Panel for AccountPanel {
    fn height(&self, width: u16) -> u16 {
        let said = self.rows(width.saturating_sub(2), None).len();
        let typed = usize::from(self.question.is_some());
        u16::try_from((said + typed + 2).max(4)).unwrap_or(u16::MAX)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        let hint = match (&self.question, &self.to_copy) {
            (Some(_), _) => "enter answers · escape gives up",
            (None, Some(_)) => "ctrl+x copies · escape gives up",
            (None, None) => "escape gives up",
        };
        let inside = frame(area, buffer, look, &self.title, hint);
        if inside.is_empty() {
            return None;
        }
        let row = |y: u16| Rect {
            y,
            height: 1,
            ..inside
        };
        // The line that is typed on is the last; it gives way to nothing.
        let last = match self.question {
            Some(_) => inside.bottom() - 1,
            None => inside.bottom(),
        };
        let rows = self.rows(inside.width, Some(look));
        for (y, words) in (inside.y..last).zip(rows) {
            Line::from(words).render(row(y), buffer);
        }
        let question = self.question.as_ref()?;
        self.editor.resize(inside.width, 1);
        if self.editor.is_empty() {
            let example = sanitize_line(question.example()).into_owned();
            Line::styled(example, look.fg(Token::Dim)).render(row(last), buffer);
        }
        self.editor
            .draw(
                row(last),
                buffer,
                look.fg(Token::Text),
                look.fg(Token::Accent),
            )
            .caret
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        if dismisses(chord, keymap) {
            return Step::Choose(Choice::StopLogin);
        }
        if keymap.matches("app.message.copy", chord)
            && let Some(text) = &self.to_copy
        {
            return Step::Do(Choice::Text(text.clone()));
        }
        if self.question.is_none() {
            return Step::Stay;
        }
        if keymap.matches("tui.input.submit", chord) {
            let answer = self.editor.text();
            self.editor.clear();
            self.question = None;
            return Step::Do(Choice::AnswerLogin(answer.into()));
        }
        self.editor.key(chord, keymap);
        Step::Stay
    }

    fn paste(&mut self, text: &str) {
        if self.question.is_some() {
            self.editor.paste(text.trim());
        }
    }

    fn told(&mut self, news: News) {
        match news {
            News::Login(LoginNews::Shown(news)) => self.show(news),
            News::Login(LoginNews::Asked(question)) => self.question = Some(question),
            News::Login(LoginNews::TakenBack) => {
                self.question = None;
                self.editor.clear();
            }
            News::Word(word) => self.word = word,
            _ => {}
        }
    }
}
