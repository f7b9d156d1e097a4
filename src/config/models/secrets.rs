//! What must not leave this machine: every key, token and password that pi has been given. For masking,
//! never for showing.

use serde_json::{Map, Value};

use super::Registry;
use crate::config::paths::Env;
use crate::config::value::ConfigValue;

/// Fields of `auth.json` that say who somebody is and what they may do, not what opens the door.
const NAMES: [&str; 11] = [
    "availableModelIds",
    "clientId",
    "scopes",
    "type",
    "email",
    "accountId",
    "projectId",
    "enterpriseUrl",
    "baseUrl",
    "provider",
    "region",
];
/// Headers that everybody sends.
const PLAIN_HEADERS: [&str; 8] = [
    "accept",
    "accept-encoding",
    "anthropic-beta",
    "anthropic-version",
    "content-type",
    "http-referer",
    "user-agent",
    "x-title",
];
/// What the name of a variable that holds a secret has in it.
const TELLING: [&str; 6] = ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"];

impl Registry {
    /// Every secret that is known here: of the command line, of `auth.json`, of `models.json`, of the
    /// environment, what their commands have printed, and what was fetched. No command is run.
    pub fn secrets(&self) -> Vec<String> {
        let env = &self.sources.env;
        let mut secrets: Vec<String> = Vec::new();
        secrets.extend(self.keys.values().map(|key| key.as_written().to_owned()));
        for entry in self.auth.entries() {
            strings(entry, env, &mut secrets);
        }
        secrets.extend(self.cache.values());
        secrets.extend(self.sources.renewals.seen());
        secrets.extend(self.given.secrets());
        for custom in &self.custom {
            secrets.extend(custom.api_key.iter().filter_map(|key| value(key, env)));
            let definitions = custom.models.iter().chain(custom.overrides.values());
            let headers = definitions.flat_map(|definition| &definition.headers);
            for (name, header) in headers.chain(&custom.headers) {
                if !PLAIN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
                    secrets.extend(value(header, env).map(|value| without_scheme(&value)));
                }
            }
        }
        let held = env.iter().filter(|(name, value)| is_telling(name, value));
        secrets.extend(held.map(|(_, value)| value.to_owned()));
        secrets.retain(|secret| !secret.is_empty());
        secrets.sort();
        secrets.dedup();
        secrets
    }
}

/// The strings of a credential, whatever its kind.
fn strings(entry: &Value, env: &Env, secrets: &mut Vec<String>) {
    match entry {
        Value::String(text) => {
            let written = ConfigValue::new(text.as_str());
            let value = value(&written, env);
            // With a dollar sign doubled it is as good as the secret.
            let is_as_written = |value: &String| ConfigValue::typed(value) == written;
            if value.as_ref().is_some_and(is_as_written) {
                secrets.push(text.clone());
            }
            secrets.extend(value);
        }
        Value::Array(values) => values.iter().for_each(|value| strings(value, env, secrets)),
        Value::Object(fields) => {
            let secret = fields
                .iter()
                .filter(|(name, _)| !NAMES.contains(&name.as_str()));
            for (name, field) in secret {
                match field {
                    Value::Object(variables) if name == "env" => {
                        secrets.extend(told(variables, env));
                    }
                    field => strings(field, env, secrets),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What stands in place of the environment, judged as that is.
fn told(variables: &Map<String, Value>, env: &Env) -> Vec<String> {
    let each = variables.iter().filter_map(|(name, written)| {
        let value = value(&ConfigValue::new(written.as_str()?), env)?;
        is_telling(name, &value).then_some(value)
    });
    each.collect()
}

/// What a value comes to without running anything; `None` for the name of a variable that is not set,
/// which is no secret.
fn value(value: &ConfigValue, env: &Env) -> Option<String> {
    let resolved = value.resolve_quietly(env)?;
    let is_name = resolved == value.as_written()
        && resolved.contains('_')
        && resolved
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    (!is_name).then_some(resolved)
}

/// `Bearer abc` without its first word.
pub(super) fn without_scheme(header: &str) -> String {
    match header.split_once(' ') {
        Some(("Bearer" | "bearer" | "Basic" | "basic" | "Token" | "token", rest)) => {
            rest.to_owned()
        }
        _ => header.to_owned(),
    }
}

/// Whether a variable holds a secret, by its name; a path leads to one and is none.
fn is_telling(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let is_path = value.starts_with(['/', '~', '.']) || value.starts_with("file:");
    let names_file = name.ends_with("_FILE") || name.ends_with("_PATH") || name.ends_with("_DIR");
    !is_path && !names_file && TELLING.iter().any(|word| name.contains(word))
}
