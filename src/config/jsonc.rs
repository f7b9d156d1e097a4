//! JSON as people write it: comments, trailing commas and a byte-order mark are fine. Remembers where
//! every value stands, so that a complaint about a field can name its line.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{fs, io};

use jsonc_parser::ast::Value as Ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Map, Value};

use super::plain_json;
use super::problem::{Place, Problem};
use super::spots::{self, Spot};

/// What is allowed beyond JSON.
pub(super) const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// A parsed file whose root is an object.
#[derive(Debug, Clone, Default)]
pub struct Document {
    file: PathBuf,
    text: String,
    root: Map<String, Value>,
    /// Found with the first problem: there is rarely one.
    spots: OnceLock<Option<Spot>>,
}

impl Document {
    /// Reads a file. A missing (or blank) file is an empty object.
    pub fn read(file: &Path) -> Result<Self, Problem> {
        Self::parse(file, text_of(file)?.unwrap_or_default())
    }

    /// Parses a text; `file` is for messages.
    pub fn parse(file: &Path, text: String) -> Result<Self, Problem> {
        let body = without_mark(&text);
        let root = match plain_json::object(body) {
            Some(root) => root,
            None => slowly(file, body)?,
        };
        Ok(Document {
            file: file.to_path_buf(),
            text,
            root,
            spots: OnceLock::new(),
        })
    }

    #[cfg(test)]
    pub(super) fn parse_slowly(text: &str) -> Result<Map<String, Value>, Problem> {
        slowly(Path::new("f.json"), text)
    }

    /// The object.
    pub fn root(&self) -> &Map<String, Value> {
        &self.root
    }

    /// A problem with the value at `path`, with its line; a path that does not exist is placed at the
    /// longest part of it that does.
    pub fn problem(&self, path: &[&str], message: impl Into<String>) -> Problem {
        Problem {
            file: self.file.clone(),
            place: self.place(path),
            field: path.join("."),
            message: message.into(),
        }
    }

    fn place(&self, path: &[&str]) -> Option<Place> {
        let body = without_mark(&self.text);
        let spots = self.spots.get_or_init(|| spots::of(body));
        Some(Place::of(body, spots.as_ref()?.at(path)))
    }
}

/// The text of a file as it stands; `None` for a file that is not there.
pub(super) fn text_of(file: &Path) -> Result<Option<String>, Problem> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::new(file, format!("cannot be read: {error}"))),
    }
}

/// The object in a text, with all that is allowed; the error says where the text is wrong.
fn slowly(file: &Path, body: &str) -> Result<Map<String, Value>, Problem> {
    let parsed = parse_to_ast(body, &CollectOptions::default(), &OPTIONS).map_err(|error| {
        let mut reason = error.kind().to_string();
        reason.make_ascii_lowercase();
        Problem {
            place: Some(Place::of(body, error.range().start)),
            ..Problem::new(file, format!("not valid JSON: {reason}"))
        }
    })?;
    let Some(ast) = parsed.value else {
        return Ok(Map::new());
    };
    match to_value(&ast) {
        Value::Object(root) => Ok(root),
        other => {
            let message = format!("should be an object, is {}", kind_of(&other));
            Err(Problem {
                place: Some(Place::of(body, ast.start())),
                ..Problem::new(file, message)
            })
        }
    }
}

/// The kind of a value, with its article, for messages.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// `text` without a byte-order mark.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

// The parser bounds the depth, so this recursion is bounded too.
fn to_value(ast: &Ast) -> Value {
    match ast {
        Ast::StringLit(string) => Value::String(string.value.to_string()),
        Ast::NumberLit(number) => serde_json::from_str(number.value).unwrap_or(Value::Null),
        Ast::BooleanLit(boolean) => Value::Bool(boolean.value),
        Ast::NullKeyword(_) => Value::Null,
        Ast::Array(array) => Value::Array(array.elements.iter().map(to_value).collect()),
        Ast::Object(object) => Value::Object(
            object
                .properties
                .iter()
                .map(|property| (property.name.as_str().to_owned(), to_value(&property.value)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Document, Problem> {
        Document::parse(Path::new("f.json"), text.to_owned())
    }

    #[test]
    fn comments_trailing_commas_and_a_byte_order_mark_are_fine() {
        let text = "\u{feff}{ // why\n \"a\": [1, 2,], /* and */ \"b\": \"x//y\",\n}";
        let document = parse(text).unwrap();
        let expected = serde_json::json!({"a": [1, 2], "b": "x//y"});
        assert_eq!(Value::Object(document.root().clone()), expected);
    }

    #[test]
    fn broken_text_is_placed() {
        let problem = parse("{\n  \"a\": 1\n  \"b\": 2\n}").unwrap_err();
        assert_eq!(problem.place, Some(Place { line: 2, column: 9 }));
        assert_eq!(
            problem.to_string(),
            "f.json:2:9: not valid JSON: expected comma"
        );
    }

    #[test]
    fn a_field_is_placed_also_inside_arrays_and_when_it_is_missing() {
        let document = parse("{\n \"a\": [\n  {\"b\": 1},\n  {\"b\": 2}\n ]\n}").unwrap();
        let at = |path: &[&str]| document.problem(path, "x").place.unwrap();
        assert_eq!(at(&["a", "1", "b"]), Place { line: 4, column: 4 });
        assert_eq!(at(&["a", "1", "c"]), Place { line: 4, column: 3 });
        assert_eq!(at(&["z"]), Place { line: 1, column: 1 });
    }

    #[test]
    fn depth_without_end_is_refused_and_does_not_overflow() {
        let problem = parse(&format!("{{\"a\":{}", "[".repeat(200_000))).unwrap_err();
        assert!(problem.message.starts_with("not valid JSON"), "{problem}");
    }
}
