//! What to tell a person who has named a model that cannot be used: what is missing, where else it is to be
//! had, what was tried, and what they can do.

use std::fmt;

use super::here;
use super::pattern::{Resolved, having, is_same, resolve};
use super::saved::can_answer;
use super::vendor;
use crate::ai::local::{Kind, Trouble};
use crate::ai::{Model, ThinkingLevel};
use crate::config::models::Registry;

/// So many names are told, and the number of the others.
const TOLD: usize = 3;

/// Why not, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is missing.
    pub why: String,
    /// What else there is and what to do; may be empty.
    pub hint: String,
}

/// What is known of local servers at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Servers {
    /// They were not asked.
    Unasked,
    /// They were, and what they have is among the models.
    Asked,
    /// They are left alone, as the person wishes.
    LeftAlone,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)?;
        match self.hint.is_empty() {
            true => Ok(()),
            false => write!(f, "; {}", self.hint),
        }
    }
}

/// The model that a pattern means, if it can be used.
pub fn resolve_usable(
    registry: &Registry,
    pattern: &str,
    servers: Servers,
) -> Result<Resolved, Refusal> {
    let found = resolve(registry, None, pattern);
    let found = found.map_err(|why| unknown(registry, pattern, why, servers))?;
    match refusal(registry, &found.model, Some(pattern), servers) {
        Some(refusal) => Err(refusal),
        None => Ok(found),
    }
}

/// Why this model cannot be used; `None` when it can. `pattern` is what it was called, without a provider.
pub fn refusal(
    registry: &Registry,
    model: &Model,
    pattern: Option<&str>,
    servers: Servers,
) -> Option<Refusal> {
    let why = can_answer(registry, model).err()?;
    let mut hint = Vec::new();
    if let Some(pattern) = pattern {
        let level = pattern.rsplit_once(':');
        let level = level.filter(|(_, level)| ThinkingLevel::parse(level).is_some());
        let pattern = level.map_or(pattern, |(front, _)| front);
        let lower = pattern.to_lowercase();
        let within = lower.strip_prefix(&format!("{}/", model.provider.to_lowercase()));
        let others = others(registry, model, within.unwrap_or(&lower));
        let is = match within == Some(&model.id.to_lowercase()) {
            true => "it is".to_owned(),
            false => format!("{pattern} is {},", model.full_id()),
        };
        if !others.is_empty() {
            hint.push(format!("{is} also at {}", some(&others)));
        } else if lower != model.id.to_lowercase() && within.is_none() {
            hint.push(format!("{pattern} is {}", model.full_id()));
        }
        hint.extend(tried(registry, pattern, servers));
    }
    let hint = hint.join("; ");
    Some(Refusal { why, hint })
}

/// What to say of a name that nothing has.
pub fn unknown(registry: &Registry, pattern: &str, why: String, servers: Servers) -> Refusal {
    let mut hint: Vec<String> = tried(registry, pattern, servers).into_iter().collect();
    if servers != Servers::Unasked {
        let connect = "/login or pi auth login connects a provider, models.json takes your own";
        hint.push(connect.into());
    }
    let hint = hint.join("; ");
    Refusal { why, hint }
}

/// What local servers have said when they were asked for this.
pub fn tried(registry: &Registry, pattern: &str, servers: Servers) -> Option<String> {
    match servers {
        Servers::Unasked => return None,
        Servers::LeftAlone => {
            return Some("localServers.enabled leaves local servers alone".into());
        }
        Servers::Asked => {}
    }
    let present = &registry.local().present;
    let before = here::remembered(registry);
    let before = here::exact(pattern, &before).or_else(|| here::only(pattern, &before));
    let gone = before.filter(|model| !present.iter().any(|it| it.provider == model.provider));
    if let Some((model, kind)) = gone.and_then(|model| Some((model, Kind::of(&model.provider)?))) {
        let (id, name, start) = (&model.id, kind.name(), kind.start());
        return Some(format!(
            "{name} had {id} and does not answer now ({start} starts it)"
        ));
    }
    let troubles = registry.local().troubles.iter();
    // That a server is not running is said by saying that none answers.
    let news = troubles.filter(|(server, why)| why.is_news(server) && *why != Trouble::Nobody);
    let mut told: Vec<String> = news.map(|(server, why)| why.tell(server)).collect();
    if !present.is_empty() {
        let names: Vec<String> = present.iter().map(|model| model.full_id()).collect();
        told.insert(0, format!("local servers have {}", some(&names)));
    } else if told.is_empty() {
        let kinds = registry.local_kinds().into_iter();
        let asked = kinds.filter(|kind| !registry.local_servers(*kind).is_empty());
        let names: Vec<&str> = asked.map(Kind::name).collect();
        told.push(format!(
            "no local server answers ({} were asked)",
            names.join(", ")
        ));
    }
    Some(told.join("; "))
}

/// The other providers that have it, in the order in which they come to mind.
fn others(registry: &Registry, model: &Model, pattern: &str) -> Vec<String> {
    let id = model.id.to_lowercase();
    let all = registry.all();
    let mut having: Vec<_> = match pattern == id {
        true => all.iter().filter(|other| is_same(&other.id, &id)).collect(),
        false => having(pattern, &all),
    };
    having.sort_by_key(|other| vendor::place(&other.provider));
    let mut names: Vec<String> = having.iter().map(|other| other.provider.clone()).collect();
    names.dedup();
    names.retain(|name| *name != model.provider);
    names
}

fn some(names: &[String]) -> String {
    let told = names.iter().take(TOLD).cloned().collect::<Vec<_>>();
    match names.len().saturating_sub(TOLD) {
        0 => told.join(", "),
        more => format!("{} ({more} more)", told.join(", ")),
    }
}
