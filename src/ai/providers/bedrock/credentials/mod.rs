//! Who asks: a bearer token, or keys that sign; found where AWS's own tools find them.
//!
//! Everything comes from the variables that a request carries and from the files that they name.
//! `profiles` reads the files, `source` decides where keys come from, `vault` fetches them (from a
//! command, a container's host, or STS) and keeps them until shortly before they end.

mod ask;
mod container;
mod process;
mod profiles;
mod source;
mod sts;
mod vault;

use serde_json::Value;

use crate::ai::failure::{Failure, Fault, Kind};
use crate::ai::message::Millis;
use crate::ai::provider::Auth;

pub use ask::Asker;
pub use profiles::{Fields, Profiles};
pub use source::find;
pub use vault::Vault;

/// What a signature is made with.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Keys {
    /// The id, which may be seen.
    pub id: String,
    /// The secret.
    pub secret: String,
    /// The session's token, where the keys are temporary.
    pub token: Option<String>,
    /// When they end.
    pub expires: Option<Millis>,
}

/// The key that goes over the wire as it is, if there is one.
pub fn bearer(auth: &Auth) -> Option<&str> {
    let given = auth.api_key.as_deref().map(str::trim);
    let given = given.filter(|key| !key.is_empty());
    given.or_else(|| auth.variable("AWS_BEARER_TOKEN_BEDROCK"))
}

impl Keys {
    /// What requests to a server that asks for no credentials are signed with.
    pub fn dummy() -> Self {
        Keys {
            id: "dummy-access-key".into(),
            secret: "dummy-secret-key".into(),
            token: None,
            expires: None,
        }
    }

    /// The keys in what a command or a container's host printed; `token` is the name of that field.
    fn of_json(json: &Value, token: &str) -> Option<Self> {
        let text = |name: &str| {
            let text = json[name].as_str().map(str::trim)?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        Some(Keys {
            id: text("AccessKeyId")?,
            secret: text("SecretAccessKey")?,
            token: text(token),
            expires: text("Expiration").and_then(|time| moment(&time)),
        })
    }
}

/// No derive: secrets are in it.
impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("id", &self.id).finish()
    }
}

fn moment(text: &str) -> Option<Millis> {
    let stamp: jiff::Timestamp = text.parse().ok()?;
    Some(stamp.as_millisecond())
}

/// There are no keys, and asking again will not change that.
fn no_keys(words: impl Into<String>) -> Fault {
    Fault {
        words: words.into(),
        failure: Failure::new(Kind::Credentials),
    }
}
