//! Reads typed fields from the two settings files, the project's first. A field of the wrong type is
//! reported with its file and line, and the other file or the default takes its place.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::choice::Word;
use crate::config::jsonc::{Document, kind_of};
use crate::config::problem::Problem;

/// Reads fields, and remembers what was wrong.
pub(super) struct Reader<'a> {
    documents: Vec<&'a Document>,
    pub(super) problems: Vec<Problem>,
    // Which names were asked for: a test compares them with the documented table.
    #[cfg(test)]
    pub(super) asked: Vec<String>,
}

impl<'a> Reader<'a> {
    /// Reads from `documents`, the first of which wins.
    pub(super) fn new(documents: Vec<&'a Document>) -> Self {
        Reader {
            documents,
            problems: Vec::new(),
            #[cfg(test)]
            asked: Vec::new(),
        }
    }

    /// The field of that name (`a.b.c` is nested), as `read` takes it. `read` says what was expected.
    pub(super) fn field<T>(
        &mut self,
        name: &str,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Option<T> {
        #[cfg(test)]
        self.asked.push(name.to_owned());
        let path: Vec<&str> = name.split('.').collect();
        for document in self.documents.clone() {
            let Some(value) = at(document.root(), &path) else {
                continue;
            };
            match read(value) {
                Ok(value) => return Some(value),
                Err(expected) => {
                    let message = format!("should be {expected}, is {}", describe(value));
                    self.problems.push(document.problem(&path, message));
                }
            }
        }
        None
    }

    /// A boolean.
    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        self.field(name, |value| value.as_bool().ok_or("a boolean".into()))
    }

    /// A string.
    pub(super) fn string(&mut self, name: &str) -> Option<String> {
        self.field(name, string)
    }

    /// A list of strings.
    pub(super) fn strings(&mut self, name: &str) -> Option<Vec<String>> {
        self.field(name, strings)
    }

    /// A whole number that is not negative.
    pub(super) fn count(&mut self, name: &str) -> Option<u64> {
        self.field(name, count)
    }

    /// A number in a range; one outside is taken as the nearest within.
    pub(super) fn within(&mut self, name: &str, least: u16, most: u16) -> Option<u16> {
        let count = self.count(name)?;
        Some(u16::try_from(count).unwrap_or(most).clamp(least, most))
    }

    /// One of a few words.
    pub(super) fn word<T: Word>(&mut self, name: &str) -> Option<T> {
        self.field(name, word)
    }

    /// An object whose values are all read alike, merged over both files.
    pub(super) fn map<T>(
        &mut self,
        name: &str,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> BTreeMap<String, T> {
        self.merged(name, read, |_, own| own)
    }

    /// The same; where both files have a key, `join` makes one of the user's value and the project's.
    pub(super) fn merged<T>(
        &mut self,
        name: &str,
        read: impl Fn(&Value) -> Result<T, String>,
        join: impl Fn(T, T) -> T,
    ) -> BTreeMap<String, T> {
        #[cfg(test)]
        self.asked.push(name.to_owned());
        let path: Vec<&str> = name.split('.').collect();
        let mut merged = BTreeMap::new();
        for document in self.documents.clone().into_iter().rev() {
            let entries = match at(document.root(), &path) {
                None => continue,
                Some(Value::Object(entries)) => entries,
                Some(other) => {
                    let message = format!("should be an object, is {}", describe(other));
                    self.problems.push(document.problem(&path, message));
                    continue;
                }
            };
            for (key, value) in entries {
                match read(value) {
                    Ok(value) => {
                        let value = match merged.remove(key) {
                            Some(before) => join(before, value),
                            None => value,
                        };
                        merged.insert(key.clone(), value);
                    }
                    Err(expected) => {
                        let message = format!("should be {expected}, is {}", describe(value));
                        let place = [&path[..], &[key]].concat();
                        self.problems.push(document.problem(&place, message));
                    }
                }
            }
        }
        merged
    }
}

/// A string.
pub(super) fn string(value: &Value) -> Result<String, String> {
    let text = value.as_str().ok_or("a string")?;
    Ok(text.to_owned())
}

/// A list of strings.
pub(super) fn strings(value: &Value) -> Result<Vec<String>, String> {
    let items = value.as_array().ok_or("a list of strings")?;
    let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
    texts
        .collect::<Option<_>>()
        .ok_or("a list of strings".into())
}

/// A whole number that is not negative; fractions are cut.
pub(super) fn count(value: &Value) -> Result<u64, String> {
    let whole = value.as_u64();
    let cut = || {
        value
            .as_f64()
            .filter(|number| *number >= 0.0)
            .map(|number| number as u64)
    };
    whole
        .or_else(cut)
        .ok_or("a number that is not negative".into())
}

/// One of a few words.
pub(super) fn word<T: Word>(value: &Value) -> Result<T, String> {
    let known = value.as_str().and_then(T::parse);
    known.ok_or_else(|| {
        let words: Vec<String> = T::words()
            .iter()
            .map(|word| format!("\"{word}\""))
            .collect();
        format!("one of {}", words.join(", "))
    })
}

fn at<'a>(root: &'a Map<String, Value>, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let start = root.get(*first)?;
    rest.iter()
        .try_fold(start, |value, step| value.as_object()?.get(*step))
}

/// A value for a message: short texts as they are, anything else by its kind.
fn describe(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() <= 40 => format!("{text:?}"),
        Value::Number(number) => number.to_string(),
        other => kind_of(other).to_owned(),
    }
}
