//! Sessions in which something was said, for a list that is searched while it is typed.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::catalog::{Listed, Wanted, listed};
use super::database::Index;
use super::error::Error;
use super::query::Query;
use super::roots::Roots;
use super::scan;
use super::search::{Filter, Hit};
use super::snippet::Snippet;
use super::unit::Voice;

/// Fewer letters are in everything that was ever said.
const LEAST: usize = 3;

/// A session in which something was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// The session.
    pub listed: Listed,
    /// The entry with the newest find; old formats have none.
    pub entry: Option<String>,
    /// The words around the newest find.
    pub snippet: Snippet,
}

/// At most so many of the sessions that `wanted` is of in which its words were said by the person or the
/// model, the newest find first. The last word may go on. What was found when `is_over` says so is all.
pub fn spoken(
    index: Option<&Index>,
    roots: &Roots,
    wanted: &Wanted,
    most: usize,
    is_over: &dyn Fn() -> bool,
) -> Result<Vec<Spoken>, Error> {
    let words = wanted.words.trim();
    if words.chars().count() < LEAST {
        return Ok(Vec::new());
    }
    let is_plain = !words.contains('"') && !words.contains("re:");
    let typed = match is_plain && words.ends_with(char::is_alphanumeric) {
        true => format!("{words}*"),
        false => words.to_owned(),
    };
    // Half a pattern is none yet.
    let Ok(query) = Query::parse(&typed) else {
        return Ok(Vec::new());
    };
    let filter = Filter {
        project: wanted.project.clone(),
        voices: vec![Voice::User, Voice::Assistant, Voice::Summary],
        ..Filter::default()
    };
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let mut hits: Vec<Hit> = Vec::new();
    let mut each = |hit: Hit| {
        let is_wanted = !wanted.named || hit.name.is_some();
        if is_wanted && seen.insert(hit.path.clone()) {
            hits.push(hit);
        }
        match hits.len() < most {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    };
    match index {
        Some(index) => index.search(roots, &query, &filter, is_over, &mut each)?,
        None => scan::search(roots, &query, &filter, is_over, &mut each),
    }
    let each = hits.into_iter().filter_map(|hit| {
        let listed = listed(index, &hit.path)?;
        let (entry, snippet) = (hit.entry, hit.snippet);
        Some(Spoken {
            listed,
            entry,
            snippet,
        })
    });
    Ok(each.collect())
}
