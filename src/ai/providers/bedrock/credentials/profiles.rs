//! The two files of AWS's tools: `~/.aws/config` and `~/.aws/credentials`, read together.
//!
//! Source: "Shared config and credentials files" in the AWS SDKs and Tools Reference Guide. What the
//! credentials file says of a profile comes before what the other says. Nested settings (indented
//! under a name without a value) are passed over.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::no_keys;
use crate::ai::failure::Fault;
use crate::ai::provider::Auth;

/// What the files say of one profile, by lower-case name.
pub type Fields = BTreeMap<String, String>;

/// All profiles.
#[derive(Default)]
pub struct Profiles {
    named: BTreeMap<String, Fields>,
    files: Vec<PathBuf>,
}

impl Profiles {
    /// Reads the files that the variables name, or the usual ones below `HOME`. A missing file is empty.
    pub fn read(auth: &Auth) -> Result<Self, Fault> {
        let mut profiles = Profiles::default();
        let files = [
            ("AWS_CONFIG_FILE", "config"),
            ("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        ];
        for (variable, name) in files {
            let Some(file) = place(auth, variable, name) else {
                continue;
            };
            let text = match std::fs::read(&file) {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
                Err(error) => {
                    return Err(no_keys(format!("cannot read {}: {error}", file.display())));
                }
            };
            profiles.add(&text, name == "config");
            profiles.files.push(file);
        }
        Ok(profiles)
    }

    /// What is said of a profile.
    pub fn named(&self, name: &str) -> Option<&Fields> {
        self.named.get(name)
    }

    /// The files, for people.
    pub fn files(&self) -> String {
        let files: Vec<String> = self.files.iter().map(|f| f.display().to_string()).collect();
        match files.is_empty() {
            true => "any file: HOME is not set".into(),
            false => files.join(" or "),
        }
    }

    fn add(&mut self, text: &str, is_config: bool) {
        let mut profile: Option<&mut Fields> = None;
        let mut in_nested = false;
        for line in text.trim_start_matches('\u{feff}').lines() {
            let is_indented = line.starts_with([' ', '\t']);
            let line = without_comment(line).trim();
            if let Some(section) = line.strip_prefix('[') {
                let section = section.split(']').next().unwrap_or_default();
                let name = profile_name(section, is_config);
                profile = name.map(|name| self.named.entry(name).or_default());
                in_nested = false;
                continue;
            }
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            if is_indented && in_nested {
                continue;
            }
            let value = value.trim();
            in_nested = value.is_empty();
            if let Some(fields) = profile.as_mut().filter(|_| !value.is_empty()) {
                fields.insert(name.trim().to_ascii_lowercase(), value.to_owned());
            }
        }
    }
}

fn place(auth: &Auth, variable: &str, name: &str) -> Option<PathBuf> {
    let home = || auth.variable("HOME").map(Path::new);
    match auth.variable(variable) {
        Some(file) => match file.strip_prefix("~/") {
            Some(below) => Some(home()?.join(below)),
            None => Some(PathBuf::from(file)),
        },
        None => Some(home()?.join(".aws").join(name)),
    }
}

/// In `config`, profiles but the default one are marked as such, and there are sections of other kinds.
fn profile_name(section: &str, is_config: bool) -> Option<String> {
    let section = section.trim();
    let name = match is_config && section != "default" {
        true => section.strip_prefix("profile")?.strip_prefix([' ', '\t'])?,
        false => section,
    };
    let name = name.trim().trim_matches(['"', '\'']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// A comment begins with `#` or `;`, at the start of a line or behind a blank.
fn without_comment(line: &str) -> &str {
    let mut after_blank = true;
    for (at, c) in line.char_indices() {
        if after_blank && (c == '#' || c == ';') {
            return &line[..at];
        }
        after_blank = c.is_whitespace();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_are_read_together_and_the_credentials_come_first() {
        let mut profiles = Profiles::default();
        profiles.add(
            "[default]\nregion = eu-west-1 # home\n; nothing\n[profile \"two words\"]\nRegion=x\n\
             s3 =\n  endpoint_url = nested\n  region = nested\noutput = json\n\
             [sso-session s]\nregion = other\n[profile a]\naws_access_key_id = OLD\n",
            true,
        );
        profiles.add(
            "\u{feff}[a]\n aws_access_key_id = NEW\r\naws_secret_access_key = se#cr;et==\n[profile b]\nregion=1",
            false,
        );
        let field = |profile: &str, name: &str| profiles.named(profile)?.get(name).map(|v| &**v);
        assert_eq!(field("default", "region"), Some("eu-west-1"));
        assert_eq!(field("two words", "region"), Some("x"));
        assert_eq!(field("two words", "output"), Some("json"));
        assert_eq!(field("two words", "endpoint_url"), None);
        assert_eq!(field("a", "aws_access_key_id"), Some("NEW"));
        assert_eq!(field("a", "aws_secret_access_key"), Some("se#cr;et=="));
        assert!(profiles.named("s").is_none());
        assert!(profiles.named("b").is_none());
    }

    #[test]
    fn files_of_any_shape_are_read() {
        let mut profiles = Profiles::default();
        for text in [
            "[",
            "]",
            "[]",
            "=\n[a\n=b\n c",
            "[ é ]\n=\u{0}",
            "[profile]",
            "\u{feff}",
        ] {
            profiles.add(text, true);
            profiles.add(text, false);
        }
        assert!(profiles.named("a").is_some());
    }
}
