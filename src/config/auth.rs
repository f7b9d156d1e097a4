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

    /// Stores an API key, here and in the file. What else a key's entry says stays, such as its `env`.
    pub fn set_api_key(&mut self, provider: &str, key: &str) -> Result<(), Problem> {
        let of_key = json!("api_key");
        let mut entry = match self.entries.get(provider) {
            Some(Value::Object(entry)) if entry.get("type") == Some(&of_key) => entry.clone(),
            _ => Map::from_iter([("type".to_owned(), of_key)]),
        };
        entry.insert("key".into(), key.into());
        let entry = Value::Object(entry);
        edit::set(
            &self.file,
            &[provider],
            Some(entry.clone()),
            Privacy::Secret,
        )?;
        self.entries.insert(provider.to_owned(), entry);
        Ok(())
    }

    /// The login of a provider, if its credential is one.
    pub fn tokens(&self, provider: &str) -> Option<Tokens> {
        match self.credential(provider)? {
            Credential::Login(tokens) => Some(tokens),
            Credential::ApiKey(_) => None,
        }
    }

    /// Stores a login, here and in the file.
    pub fn set_login(&mut self, provider: &str, tokens: &Tokens) -> Result<(), Problem> {
        let entry = Value::Object(tokens.to_entry());
        let value = Some(entry.clone());
        edit::set(&self.file, &[provider], value, Privacy::Secret)?;
        self.entries.insert(provider.to_owned(), entry);
        Ok(())
    }

    /// Stores a renewed login under the name that it has in the file.
    pub(super) fn renew(
        &mut self,
        mark: &Mark,
        provider: &str,
        tokens: &Tokens,
    ) -> Result<(), Problem> {
        let name = self.name_of(provider).unwrap_or(provider).to_owned();
        let entry = Value::Object(tokens.to_entry());
        let value = Some(entry.clone());
        edit::set_marked(mark, &self.file, &[&name], value, Privacy::Secret)?;
        self.entries.insert(name, entry);
        Ok(())
    }

    /// Forgets a provider's credential, here and in the file.
    pub fn remove(&mut self, provider: &str) -> Result<(), Problem> {
        edit::set(&self.file, &[provider], None, Privacy::Secret)?;
        self.entries.shift_remove(provider);
        Ok(())
    }

    /// The entry under the present name of a provider, or under one that it had.
    fn entry(&self, provider: &str) -> Option<&Value> {
        self.entries.get(self.name_of(provider)?)
    }

    fn name_of(&self, provider: &str) -> Option<&str> {
        let renamed = || {
            let mut names = self.entries.keys();
            names.find(|name| catalog::present_id(name) == provider)
        };
        let present = self.entries.get_key_value(provider);
        present
            .map(|(name, _)| name)
            .or_else(renamed)
            .map(String::as_str)
    }
}

impl fmt::Debug for AuthFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthFile")
            .field("file", &self.file)
            .field("providers", &self.entries.keys().collect::<Vec<_>>())
            .finish()
    }
}
