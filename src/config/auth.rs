//! `auth.json`: one credential for each provider, readable by its owner only. Entries of kinds that pi
//! does not know, and all fields of entries, survive every write.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::edit::{self, Privacy};
use super::jsonc::{Document, kind_of};
use super::lock::Mark;
use super::problem::Problem;
use super::value::ConfigValue;
use crate::ai::catalog;
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
        let mut broken = Vec::new();
        for (provider, entry) in document.root() {
            let expected = match entry {
                Value::Object(entry) if entry.get("type") != Some(&json!("api_key")) => continue,
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
        let key = ConfigValue::typed(key);
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
