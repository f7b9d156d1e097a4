//! Reads typed fields of one object in a document; what is wrong is remembered with its line. Problems
//! cost the object, warnings do not.

use std::collections::BTreeMap;

use reqwest::Url;
use serde_json::{Map, Value};

use super::nearest::nearest;
use crate::config::jsonc::{Document, kind_of};
use crate::config::problem::Problem;
use crate::config::value::ConfigValue;

/// More tokens than any model takes in: what is above is a slip of the keys.
pub(super) const MOST_TOKENS: u64 = 1_000_000_000;

/// One object of a document, and where it stands.
pub(super) struct Fields<'a> {
    document: &'a Document,
    path: Vec<String>,
    object: &'a Map<String, Value>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

impl<'a> Fields<'a> {
    /// The object at `path`; an `Err` says that it is none.
    pub(super) fn of(
        document: &'a Document,
        path: Vec<String>,
        value: &'a Value,
    ) -> Result<Self, Problem> {
        match value.as_object() {
            Some(object) => Ok(Fields {
                document,
                path,
                object,
                problems: Vec::new(),
                warnings: Vec::new(),
            }),
            None => {
                let steps: Vec<&str> = path.iter().map(String::as_str).collect();
                Err(document.problem(
                    &steps,
                    format!("should be an object, is {}", kind_of(value)),
                ))
            }
        }
    }

    /// The document.
    pub(super) fn document(&self) -> &'a Document {
        self.document
    }

    /// The path of a field.
    pub(super) fn path_of(&self, name: &str) -> Vec<String> {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        path
    }

    /// Remembers that something is wrong with a field.
    pub(super) fn complain(&mut self, name: &str, message: impl Into<String>) {
        self.complain_at(&[name], message);
    }

    /// The same for something inside a field.
    pub(super) fn complain_at(&mut self, path: &[&str], message: impl Into<String>) {
        let problem = self.problem(path, message);
        self.problems.push(problem);
    }

    /// Remembers something that the person should know and that costs nothing.
    pub(super) fn warn_at(&mut self, path: &[&str], message: impl Into<String>) {
        let warning = self.problem(path, message);
        self.warnings.push(warning);
    }

    fn problem(&self, path: &[&str], message: impl Into<String>) -> Problem {
        let own = self.path.iter().map(String::as_str);
        let steps: Vec<&str> = own.chain(path.iter().copied()).collect();
        self.document.problem(&steps, message)
    }

    /// Warns of fields that look like misspelled ones. Others that nobody knows may come from a newer
    /// version, and are nobody's business.
    pub(super) fn warn_of_slips(&mut self, known: &[&str]) {
        let object = self.object;
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            if let Some(meant) = nearest(name, known.iter().copied()) {
                self.warn_at(&[name], format!("is not known; did you mean {meant}?"));
            }
        }
    }

    /// What is read from an object in a field, if there is one.
    pub(super) fn nested<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields<'a>) -> T,
    ) -> Option<T> {
        let value = self.value(name)?;
        match Fields::of(self.document, self.path_of(name), value) {
            Ok(mut inner) => {
                let found = read(&mut inner);
                self.problems.append(&mut inner.problems);
                self.warnings.append(&mut inner.warnings);
                Some(found)
            }
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    /// The names of all fields.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.object.keys().map(String::as_str)
    }

    /// The field, when it is there and not null.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// A string that is not empty.
    pub(super) fn string(&mut self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) if text.is_empty() => {
                self.complain(name, "should not be empty");
                None
            }
            Value::String(text) => Some(text.clone()),
            other => self.wrong(name, "a string", other),
        }
    }

    /// A string that should be the address of a server.
    pub(super) fn url(&mut self, name: &str) -> Option<String> {
        let url = self.string(name)?;
        if let Err(wrong) = address(&url) {
            self.complain(name, wrong);
            return None;
        }
        if has_more_than_a_path(&url) {
            let message = "should end before the ? or #: the API's path is added at its end";
            self.warn_at(&[name], message);
        }
        Some(url)
    }

    /// A boolean.
    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.value(name)? {
            Value::Bool(value) => Some(*value),
            other => self.wrong(name, "a boolean", other),
        }
    }

    /// A number of tokens: whole and more than nothing.
    pub(super) fn tokens(&mut self, name: &str) -> Option<u64> {
        match self.value(name)? {
            Value::Number(number) => {
                let whole = number
                    .as_f64()
                    .filter(|number| *number >= 1.0)
                    .map(|n| n as u64);
                match whole {
                    None => self.complain(name, format!("should be more than 0, is {number}")),
                    Some(whole) if whole > MOST_TOKENS => {
                        let message = format!("should be at most {MOST_TOKENS}, is {number}");
                        self.complain(name, message);
                        return None;
                    }
                    Some(_) => {}
                }
                whole
            }
            other => self.wrong(name, "a number", other),
        }
    }

    /// A whole number from 1 to `most`.
    pub(super) fn whole(&mut self, name: &str, most: u64) -> Option<u64> {
        let value = self.value(name)?;
        let whole = value.as_u64().filter(|whole| (1..=most).contains(whole));
        if whole.is_none() {
            let range = match most {
                u64::MAX => "of 1 or more".to_owned(),
                most => format!("from 1 to {most}"),
            };
            let found = match value {
                Value::Number(number) => number.to_string(),
                other => kind_of(other).to_owned(),
            };
            self.complain(
                name,
                format!("should be a whole number {range}, is {found}"),
            );
        }
        whole
    }

    /// A number that has to be there.
    pub(super) fn needed_number(&mut self, name: &str) -> f64 {
        if self.value(name).is_none() {
            self.complain(name, "is needed");
        }
        self.number(name).unwrap_or_default()
    }

    /// A number.
    pub(super) fn number(&mut self, name: &str) -> Option<f64> {
        match self.value(name)? {
            Value::Number(number) => number.as_f64(),
            other => self.wrong(name, "a number", other),
        }
    }

    /// A price, which is a number.
    pub(super) fn price(&mut self, name: &str) -> Option<f64> {
        let price = self.number(name)?;
        if price < 0.0 {
            self.warn_at(&[name], format!("should be 0 or more, is {price}"));
        }
        Some(price)
    }

    /// A price that has to be there.
    pub(super) fn needed_price(&mut self, name: &str) -> f64 {
        if self.value(name).is_none() {
            self.complain(name, "is needed");
        }
        self.price(name).unwrap_or_default()
    }

    /// An object as it is.
    pub(super) fn object(&mut self, name: &str) -> Option<&'a Map<String, Value>> {
        match self.value(name)? {
            Value::Object(object) => Some(object),
            other => self.wrong(name, "an object", other),
        }
    }

    /// A list.
    pub(super) fn list(&mut self, name: &str) -> Option<&'a Vec<Value>> {
        match self.value(name)? {
            Value::Array(list) => Some(list),
            other => self.wrong(name, "an array", other),
        }
    }

    /// Header names and their values, yet to be resolved.
    pub(super) fn headers(&mut self, name: &str) -> BTreeMap<String, ConfigValue> {
        let mut headers = BTreeMap::new();
        for (header, value) in self.object(name).into_iter().flatten() {
            match value {
                Value::String(text) => match wrong_header(header, text) {
                    None => {
                        headers.insert(header.clone(), ConfigValue::new(text));
                    }
                    Some(wrong) => self.complain_at(&[name, header], wrong),
                },
                other => {
                    let message = format!("should be a string, is {}", kind_of(other));
                    self.complain_at(&[name, header], message);
                }
            }
        }
        headers
    }

    fn wrong<T>(&mut self, name: &str, expected: &str, found: &Value) -> Option<T> {
        self.complain(name, format!("should be {expected}, is {}", kind_of(found)));
        None
    }
}

/// Whether a request could go there, once `{NAME}`s are filled in; why not.
pub(super) fn address(url: &str) -> Result<(), String> {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| lower.starts_with(scheme).then(|| url.get(scheme.len()..))?);
    let named = |host: &str| {
        host.starts_with(|first: char| first.is_alphanumeric() || "[{_".contains(first))
    };
    if !url.starts_with('{') && !host.is_some_and(named) {
        return Err("should begin with http:// or https:// and name a host".to_owned());
    }
    if url.contains('{') {
        return Ok(());
    }
    match Url::parse(url) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("is no address of a server: {error}")),
    }
}

/// Whether there is a query or a fragment, which would swallow the API's path.
pub(super) fn has_more_than_a_path(url: &str) -> bool {
    url.contains(['?', '#'])
}

/// Why HTTP does not allow a header, if it does not. A value that is found elsewhere is not looked up.
pub(super) fn wrong_header(name: &str, value: &str) -> Option<&'static str> {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(in_name) {
        return Some("is no name of a header: letters, digits and - may be in it");
    }
    // The line of a command may have breaks.
    let is_control = |byte: u8| byte != b'\t' && byte.is_ascii_control();
    let is_wrong = !value.starts_with('!') && value.bytes().any(is_control);
    is_wrong.then_some("should have no line breaks or control characters")
}
