//! One theme: a JSON file with a name, variables, and a colour for every role.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::color::Color;
use super::system::SYSTEM;
use super::token::Token;
use crate::config::jsonc::{Document, kind_of};
use crate::config::problem::Problem;

/// A colour for every role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Its name in settings.
    pub name: String,
    /// The file it came from; `None` for those that pi brings along.
    pub file: Option<PathBuf>,
    colors: Vec<Color>,
    /// The grounds of exported pages: page, card, information.
    pub(super) export: [Option<Color>; 3],
}

/// What the section `export` may name.
const EXPORT: [&str; 3] = ["pageBg", "cardBg", "infoBg"];

impl Theme {
    /// Reads a theme file.
    pub fn read(file: &Path) -> Result<Self, Problem> {
        if !file.exists() {
            return Err(Problem::new(file, "there is no such theme file"));
        }
        let theme = Self::from_document(&Document::read(file)?)?;
        let file = Some(file.to_path_buf());
        Ok(Theme { file, ..theme })
    }

    /// Parses a theme from text.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::from_document(&Document::parse(Path::new(""), text.to_owned())?)
    }

    /// The colour of a role.
    pub fn color(&self, token: Token) -> Color {
        self.colors.get(token as usize).copied().unwrap_or_default()
    }

    /// The terminal's own colour for every role: what is left when nothing else can be had.
    pub(super) fn plain(name: &str) -> Self {
        Self::of(name, vec![Color::Default; Token::ALL.len()])
    }

    /// A theme of these colours, in the order of [`Token::ALL`].
    pub(super) fn of(name: &str, colors: Vec<Color>) -> Self {
        Theme {
            name: name.to_owned(),
            file: None,
            colors,
            export: [None; 3],
        }
    }

    fn from_document(document: &Document) -> Result<Self, Problem> {
        let root = document.root();
        let name = match root.get("name") {
            Some(Value::String(name)) if name.is_empty() || name.contains('/') => {
                let message = "a theme's name cannot be empty or contain \"/\"";
                return Err(document.problem(&["name"], message));
            }
            Some(Value::String(name)) if name == SYSTEM => {
                let message = "\"system\" is the theme of the terminal's own colours";
                return Err(document.problem(&["name"], message));
            }
            Some(Value::String(name)) => name.clone(),
            Some(other) => return Err(expected(document, &["name"], "a string", other)),
            None => return Err(document.problem(&["name"], "a theme needs a name")),
        };
        let empty = Map::new();
        let vars = match root.get("vars") {
            Some(Value::Object(vars)) => vars,
            Some(other) => return Err(expected(document, &["vars"], "an object", other)),
            None => &empty,
        };
        let given = match root.get("colors") {
            Some(Value::Object(colors)) => colors,
            Some(other) => return Err(expected(document, &["colors"], "an object", other)),
            None => return Err(document.problem(&["colors"], "a theme needs its colours")),
        };
        let missing =
            |token: &&Token| token.fallback().is_none() && !given.contains_key(token.name());
        let missing: Vec<&str> = Token::ALL
            .iter()
            .filter(missing)
            .map(|t| t.name())
            .collect();
        if !missing.is_empty() {
            let message = format!("colours are missing: {}", missing.join(", "));
            return Err(document.problem(&["colors"], message));
        }
        let mut colors: Vec<Color> = Vec::with_capacity(Token::ALL.len());
        for token in Token::ALL {
            let color = match (given.get(token.name()), token.fallback()) {
                (Some(value), _) => resolve(value, vars)
                    .map_err(|message| document.problem(&["colors", token.name()], message))?,
                // Fallbacks are declared before the roles that use them.
                (None, fallback) => fallback
                    .and_then(|token| colors.get(token as usize).copied())
                    .unwrap_or_default(),
            };
            colors.push(color);
        }
        let mut export = [None; 3];
        for (name, place) in EXPORT.iter().zip(&mut export) {
            if let Some(value) = root.get("export").and_then(|section| section.get(name)) {
                let color = resolve(value, vars)
                    .map_err(|message| document.problem(&["export", name], message))?;
                *place = Some(color);
            }
        }
        Ok(Theme {
            name,
            file: None,
            colors,
            export,
        })
    }
}

/// A value, or what a chain of variables leads to.
fn resolve(value: &Value, vars: &Map<String, Value>) -> Result<Color, String> {
    let mut value = value;
    // A chain longer than there are variables runs in a circle.
    for _ in 0..=vars.len() {
        match value {
            Value::Number(number) => {
                let index = number.as_u64().and_then(|index| u8::try_from(index).ok());
                return index
                    .map(Color::Indexed)
                    .ok_or_else(|| format!("{number} is not between 0 and 255"));
            }
            Value::String(text) if text.is_empty() => return Ok(Color::Default),
            Value::String(text) if text.starts_with('#') => {
                return Color::from_hex(text)
                    .ok_or_else(|| format!("\"{text}\" is not a colour like \"#1a2b3c\""));
            }
            Value::String(name) => match vars.get(name) {
                Some(next) => value = next,
                None => return Err(format!("there is no variable \"{name}\"")),
            },
            other => {
                return Err(format!(
                    "should be a string or a number, is {}",
                    kind_of(other)
                ));
            }
        }
    }
    Err("its variables refer to each other in a circle".to_owned())
}

fn expected(document: &Document, path: &[&str], what: &str, found: &Value) -> Problem {
    document.problem(path, format!("should be {what}, is {}", kind_of(found)))
}
