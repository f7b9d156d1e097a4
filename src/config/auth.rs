//! `auth.json`: one credential for each provider, readable by its owner only. Entries of kinds that pi
//! does not know, and all fields of entries, survive every write.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::edit::{self, Privacy};
use super::jsonc::{Document, kind_of};
use super::lock::Mark;
use super::models::nearest;
use super::problem::Problem;
use super::resolve;
use super::value::ConfigValue;
use crate::ai::catalog;
use crate::ai::local::Kind;
use crate::ai::oauth::Tokens;

/// What is known of a provider.
#[derive(Debug, Clone, PartialEq)]
pub enum Credential {
    /// A key, or where to get it.
    ApiKey(ConfigValue),
    /// A login with an account.
    Login(Tokens),
}

/// The credentials as they were when the file was read.
#[derive(Clone, Default)]
pub struct AuthFile {
    file: PathBuf,
    entries: Map<String, Value>,
    /// Providers whose entries are wrong.
    broken: Vec<String>,
    /// Names that are no provider's, for all that this version brings, and what is to be said of each.
    strangers: Vec<(String, Problem)>,
    /// Why the file could not be read.
    unreadable: Option<Problem>,
}

impl AuthFile {
    /// Reads the file. A missing file is empty; so is a broken one, which is reported.
    pub fn load(file: &Path) -> (Self, Vec<Problem>) {
        let (document, mut problems) = match Document::read(file) {
            Ok(document) => (document, Vec::new()),
            Err(problem) => (Document::default(), vec![problem]),
        };
        let unreadable = problems.first().cloned();
        let (mut broken, mut strangers) = (Vec::new(), Vec::new());
        for (provider, entry) in document.root() {
            // A login may be another program's.
            let is_key = entry.get("type").is_none_or(|kind| kind == "api_key");
            if is_key && !is_known(catalog::present_id(provider)) {
                let problem = document.problem(&[provider], stranger(provider));
                strangers.push((provider.clone(), problem));
            }
            let expected = match entry {
                Value::Object(entry) if entry.get("type") != Some(&json!("api_key")) => {
                    problems.extend(odd_kind(&document, provider, entry));
                    continue;
                }
                Value::Object(entry) => match entry.get("key") {
                    Some(Value::String(_)) => continue,
                    Some(other) => document.problem(
                        &[provider, "key"],
                        format!("should be a string, is {}", kind_of(other)),
                    ),
                    // It says where a vendor is, or whose credentials are meant.
                    None if entry.get("env").is_some_and(Value::is_object) => continue,
                    None => document.problem(&[provider, "key"], "is missing"),
                },
                other => document.problem(
                    &[provider],
                    format!("should be an object, is {}", kind_of(other)),
                ),
            };
            problems.push(expected);
            broken.push(catalog::present_id(provider).to_owned());
        }
        let auth = AuthFile {
            file: file.to_path_buf(),
            entries: document.root().clone(),
            broken,
            strangers,
            unreadable,
        };
        (auth, problems)
    }

    /// The credential of a provider; `None` also for kinds that pi does not know.
    pub fn credential(&self, provider: &str) -> Option<Credential> {
        let entry = self.entry(provider)?.as_object()?;
        let text = |name: &str| {
            entry
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        match text("type")? {
            "api_key" => Some(Credential::ApiKey(ConfigValue::new(text("key")?))),
            "oauth" => Tokens::from_entry(entry).map(Credential::Login),
            _ => None,
        }
    }

    /// What a provider's entry says in place of the environment (`env`).
    pub fn variables(&self, provider: &str) -> impl Iterator<Item = (String, ConfigValue)> + '_ {
        let entry = self.entry(catalog::present_id(provider));
        let listed = entry.and_then(|entry| entry.get("env")?.as_object());
        listed
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), ConfigValue::new(value.as_str()?))))
    }

    /// Why nothing is known of what the file holds.
    pub fn unreadable(&self) -> Option<&Problem> {
        self.unreadable.as_ref()
    }

    /// What is to be said of entries whose provider nobody knows; `is_known` knows those of `models.json`.
    pub(super) fn strangers(&self, is_known: impl Fn(&str) -> bool) -> Vec<Problem> {
        let strangers = self.strangers.iter().filter(|(name, _)| !is_known(name));
        strangers.map(|(_, problem)| problem.clone()).collect()
    }

    /// Whether the entry of a provider is wrong.
    pub fn is_broken(&self, provider: &str) -> bool {
        self.broken.iter().any(|broken| broken == provider)
    }

    /// The providers that have an entry.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// What the file says of each provider, as it stands there.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Value> {
        self.entries.values()
    }

    /// Stores an API key that a person typed ([`ConfigValue::typed`]), here and in the file. What else a key's
    /// entry says stays, such as its `env`. Waits for as long as a login may be under renewal.
    pub fn set_api_key(&mut self, provider: &str, key: &str) -> Result<(), Problem> {
        let key = ConfigValue::typed(assigned(provider, key));
        let key = key.as_written();
        let fields = Map::from_iter([
            ("type".to_owned(), json!("api_key")),
            ("key".to_owned(), json!(key)),
        ]);
        self.put(None, provider, &fields, &Tokens::FIELDS)
    }

    /// The login of a provider, if its credential is one.
    pub fn tokens(&self, provider: &str) -> Option<Tokens> {
        match self.credential(provider)? {
            Credential::Login(tokens) => Some(tokens),
            Credential::ApiKey(_) => None,
        }
    }

    /// Stores a login, here and in the file.
    pub(super) fn set_login(
        &mut self,
        mark: &Mark,
        provider: &str,
        tokens: &Tokens,
    ) -> Result<(), Problem> {
        let outdated: Vec<&str> = Tokens::FIELDS.into_iter().chain(["key"]).collect();
        self.put(Some(mark), provider, &tokens.to_entry(), &outdated)
    }

    /// Stores a renewed login.
    pub(super) fn renew(
        &mut self,
        mark: &Mark,
        provider: &str,
        tokens: &Tokens,
    ) -> Result<(), Problem> {
        self.put(Some(mark), provider, &tokens.to_entry(), &[])
    }

    /// Sets fields of a provider's entry under the name that it has in the file; those that are `outdated`
    /// and not among them go, all others stay.
    fn put(
        &mut self,
        mark: Option<&Mark>,
        provider: &str,
        fields: &Map<String, Value>,
        outdated: &[&str],
    ) -> Result<(), Problem> {
        let decide = |root: &Map<String, Value>| {
            let name = name_in(root, provider).unwrap_or(provider).to_owned();
            let Some(before) = root.get(&name).and_then(Value::as_object) else {
                let entry = Value::Object(fields.clone());
                return (
                    vec![(vec![name.clone()], Some(entry.clone()))],
                    (name, entry),
                );
            };
            let gone = outdated
                .iter()
                .filter(|field| before.contains_key(**field) && !fields.contains_key(**field))
                .map(|field| ((*field).to_owned(), None));
            let new = fields
                .iter()
                .filter(|(field, value)| before.get(*field) != Some(*value))
                .map(|(field, value)| (field.clone(), Some(value.clone())));
            let changes: Vec<(String, Option<Value>)> = gone.chain(new).collect();
            let mut entry = before.clone();
            for (field, value) in &changes {
                match value {
                    Some(value) => entry.insert(field.clone(), value.clone()),
                    None => entry.shift_remove(field),
                };
            }
            let at = |(field, value)| (vec![name.clone(), field], value);
            let changes = changes.into_iter().map(at).collect();
            (changes, (name, Value::Object(entry)))
        };
        let (name, entry) = edit::decide(mark, &self.file, Privacy::Secret, decide)?;
        self.entries.insert(name, entry);
        Ok(())
    }

    /// Forgets a provider's credential, here and in the file. Waits likewise.
    pub fn remove(&mut self, provider: &str) -> Result<(), Problem> {
        edit::set(&self.file, &[provider], None, Privacy::Secret)?;
        self.entries.shift_remove(provider);
        Ok(())
    }

    /// The entry under the present name of a provider, or under one that it had.
    fn entry(&self, provider: &str) -> Option<&Value> {
        self.entries.get(name_in(&self.entries, provider)?)
    }
}

/// The key in `export NAME=key`, as shells' settings have it, where the name is that of the provider's
/// variable; else what was typed.
fn assigned<'a>(provider: &str, typed: &'a str) -> &'a str {
    let text = typed.trim();
    let behind = text.strip_prefix("export ").map_or(text, str::trim_start);
    let facts = catalog::facts(catalog::present_id(provider));
    let Some((name, value)) = behind.split_once('=') else {
        return typed;
    };
    if !facts.is_some_and(|facts| facts.env.iter().any(|known| known == name)) {
        return typed;
    }
    let value = value.trim().trim_end_matches(';');
    let quoted = ['"', '\''].into_iter().find_map(|quote| {
        let inside = value.strip_prefix(quote)?.strip_suffix(quote);
        inside.filter(|inside| !inside.is_empty())
    });
    match quoted.unwrap_or(value) {
        "" => typed,
        key => key,
    }
}

fn is_known(provider: &str) -> bool {
    catalog::has_provider(provider) || Kind::of(provider).is_some()
}

fn stranger(name: &str) -> String {
    let there_is = catalog::providers().chain(Kind::ALL.into_iter().map(Kind::id));
    let meant = resolve::meant(name, there_is).map(|meant| format!("; did you mean {meant}?"));
    format!("there is no such provider{}", meant.unwrap_or_default())
}

/// What is to be said of an entry's kind where nothing comes of it: that it is missing, or that nobody knows it.
fn odd_kind(document: &Document, provider: &str, entry: &Map<String, Value>) -> Option<Problem> {
    const EXPECTED: &str = "should be \"api_key\" or \"oauth\"";
    let (place, message): (&[&str], String) = match entry.get("type") {
        Some(Value::String(kind)) if kind == "oauth" => return None,
        Some(Value::String(kind)) => {
            // A login of a later version is nobody's mistake.
            let meant = nearest(kind, ["api_key", "oauth"])?;
            (
                &[provider, "type"],
                format!("is not known; did you mean {meant}?"),
            )
        }
        Some(other) => (
            &[provider, "type"],
            format!("{EXPECTED}, is {}", kind_of(other)),
        ),
        None if entry.contains_key("key") => (
            &[provider],
            "needs \"type\": \"api_key\" beside its key".to_owned(),
        ),
        None if entry.get("env").is_some_and(Value::is_object) => return None,
        None => (&[provider], format!("needs a \"type\": it {EXPECTED}")),
    };
    Some(document.problem(place, message))
}

/// The name that a provider has there: its present one, or one that it had.
fn name_in<'a>(entries: &'a Map<String, Value>, provider: &str) -> Option<&'a str> {
    let renamed = || {
        let mut names = entries.keys();
        names.find(|name| catalog::present_id(name) == provider)
    };
    let present = entries.get_key_value(provider);
    present
        .map(|(name, _)| name)
        .or_else(renamed)
        .map(String::as_str)
}

impl fmt::Debug for AuthFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthFile")
            .field("file", &self.file)
            .field("providers", &self.entries.keys().collect::<Vec<_>>())
            .finish()
    }
}
