//! Where in a text of JSON every value stands, found once for all the complaints about it.

use std::collections::HashSet;

use jsonc_parser::ast::Value as Ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, parse_to_ast};

use super::jsonc::OPTIONS;

/// A value's byte in the text, and what is in it.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    at: usize,
    inside: Inside,
}

#[derive(Debug, Clone)]
enum Inside {
    Nothing,
    List(Vec<Spot>),
    /// A field stands where its name does.
    Fields(Vec<(String, Spot)>),
}

/// All that stands in `text`; `None` when it is not valid.
pub(super) fn of(text: &str) -> Option<Spot> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &OPTIONS).ok()?;
    let root = parsed.value?;
    Some(spot(root.start(), &root))
}

// The parser bounds the depth, so this recursion is bounded too.
fn spot(at: usize, value: &Ast) -> Spot {
    let inside = match value {
        Ast::Object(object) => {
            let fields = object.properties.iter().map(|property| {
                let name = property.name.as_str().to_owned();
                (name, spot(property.start(), &property.value))
            });
            Inside::Fields(fields.collect())
        }
        Ast::Array(array) => {
            let elements = array.elements.iter();
            Inside::List(elements.map(|value| spot(value.start(), value)).collect())
        }
        _ => Inside::Nothing,
    };
    Spot { at, inside }
}

impl Spot {
    /// The paths of names that an object has more than once.
    pub(super) fn twins(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        self.gather(&mut Vec::new(), &mut found);
        found
    }

    // As deep as the parser let it be.
    fn gather(&self, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
        let mut below = |name: String, spot: &Spot, is_twin: bool| {
            path.push(name);
            if is_twin && !found.contains(path) {
                found.push(path.clone());
            }
            spot.gather(path, found);
            path.pop();
        };
        match &self.inside {
            Inside::Nothing => {}
            Inside::List(list) => {
                for (at, spot) in list.iter().enumerate() {
                    below(at.to_string(), spot, false);
                }
            }
            Inside::Fields(fields) => {
                let mut seen = HashSet::new();
                for (name, spot) in fields {
                    let is_twin = !seen.insert(name.as_str());
                    below(name.clone(), spot, is_twin);
                }
            }
        }
    }

    /// Where the value at `path` stands, or the longest part of it that there is.
    pub(super) fn at(&self, path: &[&str]) -> usize {
        let mut spot = self;
        for step in path {
            let next = match &spot.inside {
                Inside::Fields(fields) => fields
                    .iter()
                    .rev()
                    .find_map(|(name, spot)| (name == step).then_some(spot)),
                Inside::List(list) => step.parse().ok().and_then(|index: usize| list.get(index)),
                Inside::Nothing => None,
            };
            let Some(next) = next else { break };
            spot = next;
        }
        spot.at
    }
}
