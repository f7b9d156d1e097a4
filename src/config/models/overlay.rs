//! `models-store.json`: catalogues of single providers that were fetched. The file has the reference's
//! shape, provider → `{checkedAt, lastModified, models}`, so that either program reads the other's.
//!
//! As pi writes it, every model is one line that begins with its id; then a question costs no more than
//! finding that line. Laid out otherwise it is read as any JSON. What cannot be read is as if it were not
//! there: it can be fetched again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::ai::{Model, catalog};
use crate::config::problem::Problem;

/// A file that is longer is none of ours.
pub(super) const MOST: u64 = 64 * 1024 * 1024;

/// How pi's own layout opens the list of a provider's models, and closes it.
pub(super) const OPENING: &str = "\"models\": [\n";
pub(super) const CLOSING: &str = "\n]}";

/// What is newer than the embedded catalogue.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    shelves: Vec<Shelf>,
}

/// The models of one provider.
#[derive(Debug)]
pub(super) struct Shelf {
    provider: String,
    body: Body,
    merged: OnceLock<Vec<Arc<Model>>>,
}

#[derive(Debug)]
enum Body {
    /// Lines of the shared text, from and to.
    Lines(Arc<str>, usize, usize),
    Models(Vec<Arc<Model>>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    last_modified: Option<f64>,
    #[serde(borrow)]
    models: Option<Vec<&'a RawValue>>,
}

impl Overlay {
    /// Reads the file.
    pub(super) fn read(file: &Path) -> Self {
        let mut text = String::new();
        let read = opened(file).and_then(|file| file.take(MOST).read_to_string(&mut text));
        match read {
            Ok(_) => Overlay::of(text.into()),
            Err(_) => Overlay::default(),
        }
    }

    fn of(text: Arc<str>) -> Self {
        Overlay {
            shelves: by_lines(&text).unwrap_or_else(|| of_any_layout(&text)),
        }
    }

    /// What there is of a provider.
    pub(super) fn shelf(&self, provider: &str) -> Option<&Shelf> {
        let provider = catalog::present_id(provider);
        self.shelves.iter().find(|shelf| shelf.provider == provider)
    }
}

impl Shelf {
    fn new(provider: &str, body: Body) -> Self {
        Shelf {
            provider: provider.to_owned(),
            body,
            merged: OnceLock::new(),
        }
    }

    /// One model.
    pub(super) fn find(&self, id: &str) -> Option<Arc<Model>> {
        match &self.body {
            Body::Models(models) => models.iter().find(|model| model.id == id).cloned(),
            Body::Lines(text, from, to) => {
                let lines = text.get(*from..*to)?;
                let opening = format!("{{\"id\":{},", serde_json::to_string(id).ok()?);
                let start = memmem::find(lines.as_bytes(), opening.as_bytes())?;
                parse(&self.provider, lines.get(start..)?.lines().next()?)
            }
        }
    }

    /// `embedded` with these models in the place of those of the same id, and the others behind.
    pub(super) fn over(&self, embedded: &[Arc<Model>]) -> &[Arc<Model>] {
        self.merged.get_or_init(|| {
            let mut newer: BTreeMap<String, Arc<Model>> = BTreeMap::new();
            let mut order = Vec::new();
            for model in self.models() {
                order.push(model.id.clone());
                newer.insert(model.id.clone(), model);
            }
            let known = embedded
                .iter()
                .map(|model| newer.remove(&model.id).unwrap_or_else(|| model.clone()));
            let mut models: Vec<Arc<Model>> = known.collect();
            models.extend(order.iter().filter_map(|id| newer.remove(id)));
            models
        })
    }

    fn models(&self) -> Vec<Arc<Model>> {
        match &self.body {
            Body::Models(models) => models.clone(),
            Body::Lines(text, from, to) => {
                let lines = text.get(*from..*to).unwrap_or_default().lines();
                lines
                    .filter_map(|line| parse(&self.provider, line))
                    .collect()
            }
        }
    }
}

/// What is no file may have no end, and is not opened.
fn opened(file: &Path) -> io::Result<File> {
    match fs::metadata(file)?.is_file() {
        true => File::open(file),
        false => Err(io::Error::other("it is not a file")),
    }
}

/// Why such a file cannot be read, if it is there and cannot. Reads all of it: for when it matters.
pub(super) fn problem(file: &Path) -> Option<Problem> {
    let mut text = String::new();
    let read = opened(file).and_then(|file| file.take(MOST).read_to_string(&mut text));
    let said = |why: &dyn std::fmt::Display| {
        let text = format!(
            "cannot be read ({why}), so the models that were fetched are not known; pi update --models makes it anew"
        );
        Problem::new(file, text)
    };
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => Some(said(&error)),
        Ok(_) => {
            let entries = serde_json::from_str::<BTreeMap<String, &RawValue>>(&text);
            let error = match entries {
                Ok(entries) => {
                    let known = entries.iter().filter(|(id, _)| catalog::has_provider(id));
                    let mut wrong = known.filter_map(|(id, raw)| {
                        let error = serde_json::from_str::<Entry>(raw.get()).err()?;
                        Some(format!("{id}: {error}"))
                    });
                    wrong.next()?
                }
                Err(error) => error.to_string(),
            };
            Some(said(&error))
        }
    }
}

/// The newer shelves of a file in pi's own layout; `None` for any other.
fn by_lines(text: &Arc<str>) -> Option<Vec<Shelf>> {
    let mut at = text.strip_prefix("{\n\"").map(|_| "{\n".len())?;
    let mut shelves = Vec::new();
    while let Some(rest) = text.get(at..).filter(|rest| rest.trim() != "}") {
        let opening = memmem::find(rest.as_bytes(), OPENING.as_bytes())?;
        let head = rest.get(..opening)?.trim_start_matches(",\n");
        let head = head.trim_end().trim_end_matches(',');
        let head: Map<String, Value> = serde_json::from_str(&format!("{{{head}}}}}")).ok()?;
        // Whatever came before without a list of models is not for us.
        let (provider, head) = head.into_iter().next_back()?;
        let from = at + opening + OPENING.len();
        let body = text.get(from..)?;
        let length = match body.starts_with("]}") {
            true => 0,
            false => memmem::find(body.as_bytes(), CLOSING.as_bytes())?,
        };
        if catalog::has_provider(&provider)
            && is_newer(head.get("lastModified").and_then(Value::as_f64))
        {
            let body = Body::Lines(text.clone(), from, from + length);
            shelves.push(Shelf::new(&provider, body));
        }
        let closed = if length == 0 {
            "]}".len()
        } else {
            CLOSING.len()
        };
        at = from + length + closed;
    }
    Some(shelves)
}

/// The newer shelves of a file in any layout.
fn of_any_layout(text: &str) -> Vec<Shelf> {
    let Ok(entries) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) else {
        return Vec::new();
    };
    let mut shelves = Vec::new();
    for (provider, raw) in entries {
        if !catalog::has_provider(&provider) {
            continue;
        }
        let Ok(entry) = serde_json::from_str::<Entry>(raw.get()) else {
            continue;
        };
        if is_newer(entry.last_modified) {
            let listed = entry.models.into_iter().flatten();
            let models = listed.filter_map(|raw| parse(&provider, raw.get()));
            shelves.push(Shelf::new(&provider, Body::Models(models.collect())));
        }
    }
    shelves
}

/// Whether a catalogue has come after the embedded one.
pub(super) fn is_newer(last_modified: Option<f64>) -> bool {
    last_modified.is_some_and(|at| at > catalog::MADE_AT as f64)
}

/// A model that can be talked to; others (that paint or classify) are not for conversations.
fn parse(provider: &str, json: &str) -> Option<Arc<Model>> {
    #[derive(Deserialize)]
    struct Listed {
        #[serde(rename = "type")]
        kind: Option<String>,
        #[serde(flatten)]
        model: Map<String, Value>,
    }
    let json = json.trim().trim_end_matches(',');
    let mut model: Model = match json.contains("\"type\"") {
        false => serde_json::from_str(json).ok()?,
        true => {
            let listed: Listed = serde_json::from_str(json).ok()?;
            if listed.kind.is_some_and(|kind| kind != "chat") {
                return None;
            }
            serde_json::from_value(Value::Object(listed.model)).ok()?
        }
    };
    model.provider = catalog::present_id(provider).to_owned();
    Some(Arc::new(model))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(overlay: &Overlay, provider: &str) -> Vec<String> {
        let shelf = overlay.shelf(provider);
        let models = shelf.map_or(&[][..], |shelf| shelf.over(&[]));
        models.iter().map(|model| model.id.clone()).collect()
    }

    #[test]
    fn a_file_of_the_reference_and_of_any_layout_is_read() {
        let model = |id: &str, kind: &str| {
            serde_json::json!({"id": id, "name": id, "api": "openai-responses", "provider": "openai", "type": kind,
                "baseUrl": "https://api.openai.com/v1", "contextWindow": 9, "maxTokens": 9})
        };
        let newer = catalog::MADE_AT + 1;
        let text = serde_json::json!({
            "openai": {"models": [model("gpt-9", "chat"), model("paints", "image"), {"id": "half"}], "lastModified": newer, "checkedAt": 1},
            "groq": {"models": [model("old", "chat")], "lastModified": 1},
            "llama.cpp": {"models": [model("local", "chat")], "lastModified": newer},
            "anthropic": "nonsense",
        });
        for text in [
            text.to_string(),
            serde_json::to_string_pretty(&text).unwrap(),
        ] {
            let overlay = Overlay::of(text.into());
            assert_eq!(ids(&overlay, "openai"), ["gpt-9"]);
            assert!(overlay.shelf("openai").unwrap().find("paints").is_none());
            for nothing in ["groq", "llama.cpp", "anthropic", "none"] {
                assert!(overlay.shelf(nothing).is_none(), "{nothing}");
            }
        }
    }

    #[test]
    fn a_damaged_file_is_as_if_it_were_not_there() {
        for text in [
            "",
            "{",
            "{\n\"",
            "{\n\"a\": {\"models\": [\n",
            "[]",
            "{\n\"a\": {\"models\": [\n]}",
        ] {
            assert!(Overlay::of(text.into()).shelves.is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_is_found_when_it_is_asked_for() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let said = |text: &str| {
            std::fs::write(file.path(), text).unwrap();
            problem(file.path()).map(|problem| problem.to_string())
        };
        for good in [
            "{}",
            "{\"llama.cpp\": 7}",
            "{\n\"groq\": {\"models\": [\n]}}",
        ] {
            assert_eq!(said(good), None, "{good}");
        }
        for bad in ["", "{", "[]", "{\"groq\": \"nonsense\"}", "\0"] {
            let said = said(bad).unwrap();
            assert!(said.contains("cannot be read"), "{said}");
        }
        assert_eq!(problem(Path::new("/nowhere/at/all")), None);
    }
}
