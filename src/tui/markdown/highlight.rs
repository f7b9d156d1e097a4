//! Code in colours: syntect's parser over two-face's grammars, coloured by theme tokens.
//!
//! The grammars are big. They are loaded on a thread of their own when the first code block is drawn,
//! never on the way to a paint: [`Highlighter::painter`] has nothing to give until they are there, and
//! the owner is told when they are, to paint again. A [`Painter`] keeps its state from line to line, so
//! that code which is still growing is coloured once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use ratatui::style::Style;
use ratatui::text::Span;
use syntect::parsing::{ParseState, Scope, ScopeStack, ScopeStackOp, SyntaxReference, SyntaxSet};

use super::Ink;
use super::wrap::Row;
use crate::tui::look::Token;

/// Longer lines stay plain: colours would cost more than they tell.
const LONGEST_LINE: usize = 2_000;

/// Colours code, once its grammars are loaded. Cheap to clone; all clones share the grammars.
#[derive(Clone)]
pub struct Highlighter(Arc<Shared>);

struct Shared {
    grammars: OnceLock<Grammars>,
    asked: AtomicBool,
    on_ready: Box<dyn Fn() + Send + Sync>,
}

struct Grammars {
    syntaxes: SyntaxSet,
    colors: Vec<(Scope, Token)>,
}

impl Highlighter {
    /// A highlighter that calls `on_ready`, from another thread, when code can be drawn in colours.
    pub fn new(on_ready: impl Fn() + Send + Sync + 'static) -> Self {
        Highlighter(Arc::new(Shared {
            grammars: OnceLock::new(),
            asked: AtomicBool::new(false),
            on_ready: Box::new(on_ready),
        }))
    }

    /// One that never loads anything: all code stays plain.
    pub fn off() -> Self {
        let highlighter = Highlighter::new(|| {});
        highlighter.0.asked.store(true, Ordering::Relaxed);
        highlighter
    }

    /// Whether the grammars are there.
    pub fn is_ready(&self) -> bool {
        self.0.grammars.get().is_some()
    }

    /// Loads the grammars here and now; for benches and for faces that can wait.
    pub fn load(&self) {
        self.0.asked.store(true, Ordering::Relaxed);
        self.0.grammars.get_or_init(Grammars::load);
    }

    /// Has the grammars loaded beside everything else, before the first code is there.
    pub fn prepare(&self) {
        self.ask();
    }

    /// A painter for code in that language (a name, an alias or a file's extension). `None` while the
    /// grammars are not there, which has them loaded, and for a language that nobody knows.
    pub fn painter(&self, language: &str) -> Option<Painter> {
        if language.is_empty() {
            return None;
        }
        let Some(grammars) = self.0.grammars.get() else {
            self.ask();
            return None;
        };
        let syntax = grammars.find(language)?;
        Some(Painter {
            shared: self.0.clone(),
            state: ParseState::new(syntax),
            stack: ScopeStack::new(),
            gave_up: false,
        })
    }

    fn ask(&self) {
        if self.0.asked.swap(true, Ordering::Relaxed) {
            return;
        }
        let shared = self.0.clone();
        // Runs for some milliseconds and touches nothing but `shared`: it needs no owner to stop it.
        // Where no thread can be had, code stays plain.
        let _ = std::thread::Builder::new()
            .name("grammars".into())
            .spawn(move || {
                shared.grammars.get_or_init(Grammars::load);
                (shared.on_ready)();
            });
    }
}

impl Grammars {
    fn load() -> Self {
        let colors = COLORS
            .iter()
            .filter_map(|(scope, token)| Some((Scope::new(scope).ok()?, *token)))
            .collect();
        Grammars {
            syntaxes: two_face::syntax::extra_newlines(),
            colors,
        }
    }

    fn find(&self, language: &str) -> Option<&SyntaxReference> {
        let name = match language {
            "shell" | "console" | "shell-session" | "terminal" => "bash",
            "jsonc" | "json5" => "json",
            "jsx" | "mjs" | "cjs" => "js",
            "csharp" | "c#" => "cs",
            other => other,
        };
        self.syntaxes.find_syntax_by_token(name)
    }

    /// The token of the innermost scope that has one.
    fn token(&self, stack: &ScopeStack) -> Option<Token> {
        stack.as_slice().iter().rev().find_map(|scope| {
            let hit =
                |(prefix, token): &(Scope, Token)| prefix.is_prefix_of(*scope).then_some(*token);
            self.colors.iter().find_map(hit)
        })
    }
}

/// Scopes and their colours; the first that fits wins.
const COLORS: &[(&str, Token)] = &[
    ("comment", Token::SyntaxComment),
    ("punctuation.definition.comment", Token::SyntaxComment),
    ("punctuation.definition.string", Token::SyntaxString),
    ("string", Token::SyntaxString),
    ("constant.character.escape", Token::SyntaxString),
    ("constant.numeric", Token::SyntaxNumber),
    ("constant.language", Token::SyntaxNumber),
    ("constant", Token::SyntaxNumber),
    ("keyword.operator", Token::SyntaxOperator),
    ("keyword", Token::SyntaxKeyword),
    ("storage.type.function", Token::SyntaxKeyword),
    ("storage.type", Token::SyntaxType),
    ("storage", Token::SyntaxKeyword),
    ("entity.name.function", Token::SyntaxFunction),
    ("entity.name.tag", Token::SyntaxKeyword),
    ("entity.name", Token::SyntaxType),
    ("entity.other.attribute-name", Token::SyntaxVariable),
    ("entity.other.inherited-class", Token::SyntaxType),
    ("support.function", Token::SyntaxFunction),
    ("support.macro", Token::SyntaxFunction),
    ("support", Token::SyntaxType),
    ("variable.function", Token::SyntaxFunction),
    ("variable.language", Token::SyntaxKeyword),
    ("variable", Token::SyntaxVariable),
    ("markup.heading", Token::SyntaxKeyword),
    ("markup.inserted", Token::ToolDiffAdded),
    ("markup.deleted", Token::ToolDiffRemoved),
    ("punctuation", Token::SyntaxPunctuation),
];

/// Colours the lines of one piece of code, in order.
#[derive(Clone)]
pub struct Painter {
    shared: Arc<Shared>,
    state: ParseState,
    stack: ScopeStack,
    gave_up: bool,
}

impl Painter {
    /// The next line, clean and without its line end.
    pub fn line(&mut self, line: &str, ink: &Ink<'_>) -> Row {
        let plain = ink.fg(Token::MdCodeBlock);
        let Some(grammars) = self.shared.grammars.get() else {
            return vec![Span::styled(line.to_owned(), plain)];
        };
        if self.gave_up || line.len() > LONGEST_LINE {
            return vec![Span::styled(line.to_owned(), plain)];
        }
        let whole = format!("{line}\n");
        // A grammar's own expressions can fail on hostile input: the rest of the block stays plain.
        let Ok(changes) = self.state.parse_line(&whole, &grammars.syntaxes) else {
            self.gave_up = true;
            return vec![Span::styled(line.to_owned(), plain)];
        };
        let mut row = Row::new();
        let mut from = 0;
        for (at, change) in changes.iter().chain([&(line.len(), ScopeStackOp::Noop)]) {
            if let Some(text) = line.get(from..(*at).min(line.len()))
                && !text.is_empty()
            {
                let style = match grammars.token(&self.stack) {
                    Some(token) => ink.fg(token),
                    None => ink.base,
                };
                push(&mut row, text, style);
                from = (*at).min(line.len());
            }
            if self.stack.apply(change).is_err() {
                self.gave_up = true;
            }
        }
        row
    }
}

fn push(row: &mut Row, text: &str, style: Style) {
    match row.last_mut() {
        Some(last) if last.style == style => last.content.to_mut().push_str(text),
        _ => row.push(Span::styled(text.to_owned(), style)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::config::Themes;
    use crate::tui::look::{Depth, Look};
    use crate::tui::markdown::render;

    fn styles(highlighter: &Highlighter, look: &Look, code: &str) -> Vec<(String, Style)> {
        let ink = Ink::new(look, Style::new(), highlighter);
        let rows = render(&format!("```rust\n{code}\n```"), 40, &ink);
        let spans = rows.into_iter().flat_map(|row| row.spans);
        spans
            .map(|span| (span.content.trim().to_owned(), span.style))
            .filter(|(text, _)| !text.is_empty())
            .collect()
    }

    #[test]
    fn code_is_plain_until_the_grammars_are_there_and_then_in_colours() {
        let look = Look::new(&Themes::embedded().find("dark").unwrap(), Depth::Truecolor);
        let (ready, is_ready) = mpsc::channel();
        let highlighter = Highlighter::new(move || ready.send(()).unwrap());
        let code = "fn x() {} // \"no\"";
        let plain = look.fg(Token::MdCodeBlock);
        assert_eq!(
            styles(&highlighter, &look, code),
            [(code.to_owned(), plain)]
        );

        is_ready.recv().unwrap();
        let colored = styles(&highlighter, &look, code);
        let style_of = |text: &str| colored.iter().find(|(piece, _)| piece == text).unwrap().1;
        assert_eq!(style_of("fn"), look.fg(Token::SyntaxKeyword));
        assert_eq!(style_of("x"), look.fg(Token::SyntaxFunction));
        assert_eq!(style_of("// \"no\""), look.fg(Token::SyntaxComment));
    }

    #[test]
    fn many_languages_are_known_by_their_usual_names() {
        let highlighter = Highlighter::new(|| {});
        highlighter.load();
        for name in [
            "rust",
            "rs",
            "python",
            "py",
            "js",
            "javascript",
            "ts",
            "typescript",
            "tsx",
            "jsx",
            "go",
            "c",
            "cpp",
            "c++",
            "java",
            "kotlin",
            "swift",
            "ruby",
            "php",
            "sh",
            "bash",
            "zsh",
            "shell",
            "json",
            "yaml",
            "yml",
            "toml",
            "html",
            "css",
            "scss",
            "sql",
            "diff",
            "dockerfile",
            "makefile",
            "lua",
            "haskell",
            "elixir",
            "zig",
            "nix",
            "xml",
            "markdown",
            "md",
            "csharp",
            "cs",
        ] {
            assert!(highlighter.painter(name).is_some(), "{name}");
        }
        assert!(highlighter.painter("no-such-language").is_none());
        assert!(Highlighter::off().painter("rust").is_none());
    }
}
