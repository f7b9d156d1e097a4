//! Keeps secrets out of failures: a server that answers with the key it was asked with is not quoted
//! with it. What a request's credential says is known here by its text, whatever sends it back, and is
//! shown as `…`. What a vendor says is bounded, too: it ends up in the conversation's file.

use super::Fault;
use crate::ai::provider::Auth;

/// Shorter ones are no secrets but words (`none`, `ollama`), which messages may hold anyhow.
const SHORTEST: usize = 8;
/// So much of a secret's beginning is taken for it: a message may have been cut in the middle of one.
const TELLING: usize = 12;
/// As many characters of a failure as are kept.
const MAX_WORDS: usize = 3000;
/// Parts of the names of headers and variables whose values are secrets.
const NAMES: [&str; 6] = ["key", "token", "secret", "auth", "cookie", "password"];
/// How the names of those end that only say where one is, or whose.
const PLACES: [&str; 5] = ["file", "uri", "url", "id", "endpoint"];

/// The secrets of one request.
#[derive(Clone, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Those of a credential.
    pub fn of(auth: &Auth) -> Self {
        let mut secrets = Secrets::default();
        secrets.add(auth.api_key.as_deref().unwrap_or_default());
        secrets.add_named(&auth.headers);
        secrets.add_named(&auth.variables);
        secrets
    }

    /// Adds a secret.
    pub fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.len() >= SHORTEST && !self.0.iter().any(|known| known == secret) {
            self.0.push(secret.to_owned());
            // What holds another one goes first.
            self.0.sort_by_key(|known| std::cmp::Reverse(known.len()));
        }
    }

    /// Adds those among headers.
    pub fn add_headers(&mut self, headers: &[(String, String)]) {
        self.add_named(headers.iter().map(|(name, value)| (name, value)));
    }

    fn add_named<'a>(&mut self, pairs: impl IntoIterator<Item = (&'a String, &'a String)>) {
        for (name, value) in pairs {
            if is_secret(name) {
                // `Bearer` and its kin stand in front of the secret.
                let value = value.trim();
                let behind = value.split_once(' ').map(|(_, behind)| behind);
                self.add(behind.unwrap_or(value));
            }
        }
    }

    /// `text` without them.
    pub fn veiled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            text = without(&text, secret);
        }
        text
    }

    /// A failure without them, of bearable length. The name of the provider in front is ours.
    pub fn veiled_fault(&self, provider: &str, mut fault: Fault) -> Fault {
        let (ours, theirs) = match fault.words.strip_prefix(provider) {
            Some(theirs) => (provider, theirs),
            None => ("", fault.words.as_str()),
        };
        fault.words = format!("{ours}{}", bounded(self.veiled(theirs)));
        fault
    }
}

/// No derive: secrets are in it.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let names_one = NAMES.iter().any(|part| name.contains(part));
    names_one && !PLACES.iter().any(|end| name.ends_with(end))
}

fn without(text: &str, secret: &str) -> String {
    let telling = secret.char_indices().nth(TELLING);
    let beginning = telling.map_or(secret, |(end, _)| &secret[..end]);
    let mut veiled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(beginning) {
        veiled.push_str(&rest[..at]);
        veiled.push('…');
        let here = &rest[at..];
        let same = here.chars().zip(secret.chars()).take_while(|(a, b)| a == b);
        let length: usize = same.map(|(c, _)| c.len_utf8()).sum();
        rest = &here[length..];
    }
    veiled.push_str(rest);
    veiled
}

/// The beginning of what is too long.
fn bounded(text: String) -> String {
    match text.char_indices().nth(MAX_WORDS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auth() -> Auth {
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Auth {
            api_key: Some("sk-é-0123456789abcdef".into()),
            headers: [
                ("X-Gate-Token", "Bearer gate-secret"),
                ("x-team", "colours"),
            ]
            .map(own)
            .into(),
            variables: [
                ("AWS_SESSION_TOKEN", "session/token+1=="),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"),
                ("AWS_REGION", "eu-west-3"),
            ]
            .map(own)
            .into(),
            ..Auth::default()
        }
    }

    #[test]
    fn whatever_says_a_secret_again_is_not_quoted_with_it() {
        let veil = |text: &str| Secrets::of(&auth()).veiled(text);
        assert_eq!(
            veil("key sk-é-0123456789abcdef, sk-é-0123456789abcdef."),
            "key …, …."
        );
        assert_eq!(veil("x: gate-secret (session/token+1==)"), "x: … (…)");
        // Cut in the middle, by whomever.
        assert_eq!(veil("bad key sk-é-0123456789…"), "bad key ……");
        for open in ["sk-é-01", "/var/run/token in eu-west-3", "colours"] {
            assert_eq!(veil(open), open);
        }
        let mut local = Secrets::default();
        local.add("ollama");
        assert_eq!(
            local.veiled("ollama is not running"),
            "ollama is not running"
        );
    }

    #[test]
    fn the_providers_name_stays_and_nobody_talks_without_end() {
        let mut secrets = Secrets::default();
        secrets.add("lm-studio");
        let fault = Fault::refused("lm-studio: no lm-studio here");
        let words = secrets.veiled_fault("lm-studio", fault).words;
        assert_eq!(words, "lm-studio: no … here");
        let endless = Fault::refused("é".repeat(100_000));
        let words = secrets.veiled_fault("acme", endless).words;
        assert_eq!(words.chars().count(), MAX_WORDS + 1);
    }
}
