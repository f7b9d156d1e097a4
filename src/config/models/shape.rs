//! What a value may look like, and what to say of one that does not.

use serde_json::Value;

use crate::config::jsonc::kind_of;

/// What a value may look like.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// `true` or `false`.
    Flag,
    /// Any number.
    Number,
    /// Any string.
    Text,
    /// `null`.
    Null,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list of strings.
    Strings,
    /// A list of objects.
    Objects,
    /// An object whose values are all like this.
    Each(&'static Shape),
    /// An object; fields that are named here are like that, others like anything.
    Fields(&'static [(&'static str, Shape)]),
    /// Any of these.
    Either(&'static [Shape]),
}

impl Shape {
    /// Where in `value` something is wrong, from its own place, and what is expected there.
    pub(super) fn complaint(&self, value: &Value) -> Option<(Vec<String>, String)> {
        let here = |expected: &str| Some((Vec::new(), expected.to_owned()));
        match (self, value) {
            (Shape::Flag, Value::Bool(_))
            | (Shape::Number, Value::Number(_))
            | (Shape::Text, Value::String(_))
            | (Shape::Null, Value::Null) => None,
            (Shape::OneOf(words), Value::String(word)) => match words.contains(&word.as_str()) {
                true => None,
                false => here(&format!("should be {}", self.wanted())),
            },
            (Shape::Strings, Value::Array(list)) => first_wrong(&Shape::Text, list),
            (Shape::Objects, Value::Array(list)) => first_wrong(&Shape::Fields(&[]), list),
            (Shape::Each(shape), Value::Object(object)) => object
                .iter()
                .find_map(|(name, value)| within(name.clone(), shape, value)),
            (Shape::Fields(known), Value::Object(object)) => known
                .iter()
                .find_map(|(name, shape)| within((*name).to_owned(), shape, object.get(*name)?)),
            (Shape::Either(shapes), value) => {
                // The complaint of the one that comes closest: the one that is wrong further inside.
                let mut complaints = Vec::new();
                for shape in *shapes {
                    complaints.push(shape.complaint(value)?);
                }
                let deepest = complaints.into_iter().find(|(path, _)| !path.is_empty());
                deepest.or_else(|| here(&self.mistaken(value)))
            }
            _ => here(&self.mistaken(value)),
        }
    }

    fn mistaken(&self, value: &Value) -> String {
        format!("should be {}, is {}", self.wanted(), kind_of(value))
    }

    fn wanted(&self) -> String {
        match self {
            Shape::Flag => "a boolean".to_owned(),
            Shape::Number => "a number".to_owned(),
            Shape::Text => "a string".to_owned(),
            Shape::Null => "null".to_owned(),
            Shape::OneOf(words) => match words {
                [word] => format!("\"{word}\""),
                words => {
                    let words: Vec<String> =
                        words.iter().map(|word| format!("\"{word}\"")).collect();
                    format!("one of {}", words.join(", "))
                }
            },
            Shape::Strings => "an array of strings".to_owned(),
            Shape::Objects => "an array of objects".to_owned(),
            Shape::Each(_) | Shape::Fields(_) => "an object".to_owned(),
            Shape::Either(shapes) => {
                let wanted: Vec<String> = shapes.iter().map(Shape::wanted).collect();
                wanted.join(" or ")
            }
        }
    }
}

fn within(step: String, shape: &Shape, value: &Value) -> Option<(Vec<String>, String)> {
    let (mut path, expected) = shape.complaint(value)?;
    path.insert(0, step);
    Some((path, expected))
}

fn first_wrong(shape: &Shape, list: &[Value]) -> Option<(Vec<String>, String)> {
    list.iter()
        .enumerate()
        .find_map(|(at, value)| within(at.to_string(), shape, value))
}
