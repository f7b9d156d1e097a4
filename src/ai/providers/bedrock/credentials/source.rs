//! Where keys come from: decided from variables and profiles alone, nothing is fetched.
//!
//! The first of these that there is: keys in the environment, the profile that `AWS_PROFILE` names,
//! the default profile, a web identity (EKS), a container (ECS, EKS).

use std::path::PathBuf;

use super::container::Container;
use super::profiles::{Fields, Profiles};
use super::{Keys, no_keys};
use crate::ai::failure::Fault;
use crate::ai::provider::Auth;

/// Where keys come from, with all that is needed to get them there.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// Here they are.
    Ready(Keys),
    /// A command prints them.
    Process {
        /// The profile, for people.
        profile: String,
        /// A line for the shell.
        command: String,
    },
    /// STS gives them for a role, to who may take it.
    Role {
        /// The role.
        role: Role,
        /// Who takes it.
        from: Box<Source>,
    },
    /// STS gives them for a role, to who holds this token.
    WebIdentity {
        /// The role.
        role: Role,
        /// The token.
        token_file: PathBuf,
    },
    /// The host of the container hands them out.
    Container(Container),
}

/// A role to be taken.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Role {
    /// Its name.
    pub arn: String,
    /// What the session is to be called.
    pub session: Option<String>,
    /// A word that the role's owner agreed upon.
    pub external_id: Option<String>,
    /// How long the keys are to be good for, in seconds.
    pub seconds: Option<String>,
    /// Whose STS is asked, where that is not the request's own region.
    pub region: Option<String>,
}

/// Where keys come from for a request with these variables.
pub fn find(auth: &Auth, profiles: &Profiles) -> Result<Source, Fault> {
    if let Some(keys) = of_environment(auth) {
        return Ok(Source::Ready(keys));
    }
    let finder = Finder { auth, profiles };
    if let Some(profile) = auth.variable("AWS_PROFILE") {
        return finder.profile(profile, &mut Vec::new());
    }
    if profiles.named("default").is_some_and(says_something) {
        return finder.profile("default", &mut Vec::new());
    }
    if let Some(token_file) = auth.variable("AWS_WEB_IDENTITY_TOKEN_FILE") {
        let Some(arn) = auth.variable("AWS_ROLE_ARN") else {
            return Err(no_keys(
                "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not",
            ));
        };
        return Ok(Source::WebIdentity {
            role: Role {
                arn: arn.to_owned(),
                session: auth.variable("AWS_ROLE_SESSION_NAME").map(str::to_owned),
                external_id: None,
                seconds: None,
                region: None,
            },
            token_file: token_file.into(),
        });
    }
    match Container::find(auth)? {
        Some(container) => Ok(Source::Container(container)),
        None => Err(no_keys(
            "no AWS credentials. Set AWS_BEARER_TOKEN_BEDROCK, or AWS_PROFILE, or AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY",
        )),
    }
}

fn of_environment(auth: &Auth) -> Option<Keys> {
    Some(Keys {
        id: auth.variable("AWS_ACCESS_KEY_ID")?.to_owned(),
        secret: auth.variable("AWS_SECRET_ACCESS_KEY")?.to_owned(),
        token: auth.variable("AWS_SESSION_TOKEN").map(str::to_owned),
        expires: None,
    })
}

/// Whether a profile is about credentials at all.
fn says_something(fields: &Fields) -> bool {
    let names = [
        "aws_access_key_id",
        "role_arn",
        "credential_process",
        "sso_session",
        "sso_start_url",
        "login_session",
    ];
    names.iter().any(|name| fields.contains_key(*name))
}

struct Finder<'a> {
    auth: &'a Auth,
    profiles: &'a Profiles,
}

impl Finder<'_> {
    fn profile(&self, name: &str, seen: &mut Vec<String>) -> Result<Source, Fault> {
        let Some(fields) = self.profiles.named(name) else {
            let files = self.profiles.files();
            return Err(no_keys(format!(
                "there is no AWS profile {name:?} in {files}"
            )));
        };
        let field = |name: &str| fields.get(name).cloned();
        let is_source = !seen.is_empty();
        if is_source && let Some(keys) = static_keys(fields) {
            return Ok(Source::Ready(keys));
        }
        if seen.iter().any(|known| known == name) {
            return Err(no_keys(format!(
                "the AWS profile {name:?} takes its credentials from itself"
            )));
        }
        seen.push(name.to_owned());
        let has_base =
            fields.contains_key("source_profile") || fields.contains_key("credential_source");
        if let Some(arn) = field("role_arn").filter(|_| has_base) {
            if fields.contains_key("mfa_serial") {
                return Err(no_keys(format!(
                    "the AWS profile {name:?} asks for a code (mfa_serial), which pi cannot ask for. {}",
                    exported(name)
                )));
            }
            let role = role(fields, arn);
            let from = match field("source_profile") {
                Some(source) => self.profile(&source, seen)?,
                None => self.credential_source(name, fields)?,
            };
            return Ok(Source::Role {
                role,
                from: Box::new(from),
            });
        }
        if let Some(keys) = static_keys(fields) {
            return Ok(Source::Ready(keys));
        }
        if let (Some(arn), Some(file)) = (field("role_arn"), field("web_identity_token_file")) {
            return Ok(Source::WebIdentity {
                role: role(fields, arn),
                token_file: file.into(),
            });
        }
        if let Some(command) = field("credential_process") {
            return Ok(Source::Process {
                profile: name.to_owned(),
                command,
            });
        }
        let is_login = |field: &String| field.starts_with("sso_") || field == "login_session";
        let why = match fields.keys().any(is_login) {
            true => format!("the AWS profile {name:?} is one of a login, which pi does not read"),
            false => format!("the AWS profile {name:?} says nothing that pi can sign with"),
        };
        Err(no_keys(format!("{why}. {}", exported(name))))
    }

    fn credential_source(&self, name: &str, fields: &Fields) -> Result<Source, Fault> {
        let found = match fields.get("credential_source").map(String::as_str) {
            Some("Environment") => of_environment(self.auth).map(Source::Ready),
            Some("EcsContainer") => Container::find(self.auth)?.map(Source::Container),
            _ => None,
        };
        found.ok_or_else(|| {
            no_keys(format!(
                "the credential_source of the AWS profile {name:?} gives no credentials here"
            ))
        })
    }
}

fn static_keys(fields: &Fields) -> Option<Keys> {
    Some(Keys {
        id: fields.get("aws_access_key_id")?.clone(),
        secret: fields.get("aws_secret_access_key")?.clone(),
        token: fields.get("aws_session_token").cloned(),
        expires: None,
    })
}

fn role(fields: &Fields, arn: String) -> Role {
    let field = |name: &str| fields.get(name).cloned();
    Role {
        arn,
        session: field("role_session_name"),
        external_id: field("external_id"),
        seconds: field("duration_seconds"),
        region: field("region"),
    }
}

/// What lets AWS's own tool hand over what only it can get.
fn exported(profile: &str) -> String {
    format!(
        "AWS's own tool can hand the credentials over: `eval \"$(aws configure export-credentials --profile {profile} --format env)\"` and start pi again, or give another profile the line `credential_process = aws configure export-credentials --profile {profile}` and set AWS_PROFILE to that one"
    )
}
