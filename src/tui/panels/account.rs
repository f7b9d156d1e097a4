//! A login with an account while it goes on: the page to open, the code to type there, what is asked, and
//! what is being done. The page and the code can be copied; Escape gives up. What does not fit scrolls, above the
//! question and the line to type on, which stay.

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
    copy_key: String,
    /// Rows that are scrolled past.
    first: usize,
    /// Rows that could be scrolled past, and rows that are seen at once, when it was painted last.
    hidden: usize,
    page: usize,
}

/// What is said before there is anything to say.
const BEGINNING: &str = "Beginning…";

impl AccountPanel {
    /// A login that has just begun; people call the provider `name`.
    pub fn new(name: &str, keymap: &Keymap) -> Self {
        AccountPanel {
            title: format!("Log in to {name}"),
            lines: Vec::new(),
            to_copy: None,
            word: BEGINNING.into(),
            question: None,
            editor: Editor::default(),
            copy_key: keymap.describe("app.message.copy"),
            first: 0,
            hidden: 0,
            page: 1,
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
                    let lasting = oauth::News::lasting(lasts);
                    advice.push_str(&format!(" It is good for {lasting}."));
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

    /// What is shown, but for the question.
    fn rows(&self, width: u16, look: Option<&Look>) -> Vec<Row> {
        // Last words come first: they say why it is asked again, and must be seen.
        let word = (self.word.clone(), Token::Text);
        let (before, after) = match self.question {
            Some(_) => (Some(&word), None),
            None => (None, Some(&word)),
        };
        let lines = before.into_iter().chain(&self.lines).chain(after);
        lines
            .flat_map(|(text, token)| wrapped(text, *token, width, look))
            .collect()
    }

    fn asked(&self, width: u16, look: Option<&Look>) -> Vec<Row> {
        let words = self.question.as_ref().map(oauth::Question::words);
        wrapped(words.unwrap_or_default(), Token::Text, width, look)
    }

    fn hint(&self) -> String {
        // The end is cut off where it is narrow.
        let copies = self.to_copy.is_some() && !self.copy_key.is_empty();
        let copies = copies.then(|| format!("{} copies", self.copy_key));
        let answers = self.question.is_some().then(|| "enter answers".to_owned());
        let gives_up = Some("escape gives up".to_owned());
        let all: Vec<String> = [copies, answers, gives_up].into_iter().flatten().collect();
        all.join(" · ")
    }

    fn go(&mut self, by: isize) {
        self.first = self.first.saturating_add_signed(by).min(self.hidden);
    }

    /// Takes a key that scrolls, while there is something to scroll.
    fn scrolls(&mut self, chord: KeyChord, keymap: &Keymap) -> bool {
        let is = |id: &str| keymap.matches(id, chord);
        let page = isize::try_from(self.page).unwrap_or(1);
        let by = match () {
            () if self.hidden == 0 => return false,
            () if is("tui.select.up") => -1,
            () if is("tui.select.down") => 1,
            () if is("tui.select.pageUp") => -page,
            () if is("tui.select.pageDown") => page,
            () => return false,
        };
        self.go(by);
        true
    }
}

fn wrapped(text: &str, token: Token, width: u16, look: Option<&Look>) -> Vec<Row> {
    if text.is_empty() {
        return Vec::new();
    }
    let style = look.map(|look| look.fg(token)).unwrap_or_default();
    let line = [Span::styled(sanitize_line(text).into_owned(), style)];
    wrap_words(&line, usize::from(width).max(1))
}

impl Panel for AccountPanel {
    fn height(&self, width: u16) -> u16 {
        let width = width.saturating_sub(2);
        let said = self.rows(width, None).len() + self.asked(width, None).len();
        let typed = usize::from(self.question.is_some());
        u16::try_from((said + typed + 2).max(4)).unwrap_or(u16::MAX)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        let inside = frame(area, buffer, look, &self.title, &self.hint());
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
        // Nor does the question, but for one row of what it is about.
        let asked = self.asked(inside.width, Some(look));
        let room = last - inside.y;
        let kept = u16::try_from(asked.len()).unwrap_or(u16::MAX);
        let end = last - kept.min(room.saturating_sub(1));
        for (y, words) in (end..last).zip(asked) {
            Line::from(words).render(row(y), buffer);
        }
        let rows = self.rows(inside.width, Some(look));
        self.page = usize::from(end - inside.y).max(1);
        self.hidden = rows.len().saturating_sub(self.page);
        self.go(0);
        for (y, words) in (inside.y..end).zip(rows.into_iter().skip(self.first)) {
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
        if self.scrolls(chord, keymap) || self.question.is_none() {
            return Step::Stay;
        }
        if keymap.matches("tui.input.submit", chord) {
            let answer = self.editor.text();
            self.editor.clear();
            self.question = None;
            self.word.clear();
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

    fn scroll(&mut self, rows: i32) {
        self.go(isize::try_from(rows).unwrap_or(0));
    }

    fn told(&mut self, news: News) {
        match news {
            News::Login(LoginNews::Shown(news)) => self.show(news),
            News::Login(LoginNews::Asked(question)) => {
                if self.word == BEGINNING {
                    self.word.clear();
                }
                self.question = Some(question);
                self.first = 0;
            }
            News::Login(LoginNews::TakenBack) => {
                self.question = None;
                self.editor.clear();
            }
            News::Word(word) => {
                self.word = word;
                self.first = 0;
            }
            _ => {}
        }
    }
}
