//! Why a login or a renewal failed. Words of servers are short, plain, and hold nothing that was sent.

use thiserror::Error;

use crate::ai::http::HttpError;

/// Why a login or a renewal failed.
#[derive(Debug, Error)]
pub enum LoginError {
    /// The person gave up, or whoever asked for it ended.
    #[error("the login was cancelled")]
    Cancelled,
    /// The provider has no login, or not this way.
    #[error("{0} has no such login")]
    None(String),
    /// The vendor, or the person there, said no.
    #[error("{vendor} did not allow the login{}", behind(.why))]
    Denied {
        /// Who.
        vendor: &'static str,
        /// In the vendor's words; may be empty.
        why: String,
    },
    /// An answer that belongs to another login, or to none.
    #[error(
        "this answer belongs to another login (its state is not the one that was sent); log in again"
    )]
    State,
    /// An answer without what it has to bring.
    #[error("what was pasted is not the answer of this login")]
    NoCode,
    /// Nobody logged in for too long.
    #[error("nobody logged in at {vendor} in time; begin again")]
    Late {
        /// Who was waited for.
        vendor: &'static str,
        /// Whether the vendor complained about being asked too often.
        hurried: bool,
    },
    /// The vendor refused a request.
    #[error("{vendor} refused {doing} with status {status}{}", behind(.why))]
    Refused {
        /// Who.
        vendor: &'static str,
        /// What was asked.
        doing: &'static str,
        /// The HTTP status.
        status: u16,
        /// In the vendor's words; may be empty.
        why: String,
        /// Whether the login itself has ended, so that asking again is of no use.
        ended: bool,
    },
    /// The vendor's answer makes no sense.
    #[error("the answer of {vendor} to {doing} is not what it should be: {what}")]
    Answer {
        /// Who.
        vendor: &'static str,
        /// What was asked.
        doing: &'static str,
        /// What is wrong with it; nothing of the answer itself.
        what: String,
    },
    /// The network.
    #[error("{doing} at {vendor}: {source}")]
    Http {
        /// Who.
        vendor: &'static str,
        /// What was asked.
        doing: &'static str,
        /// Why.
        #[source]
        source: HttpError,
    },
    /// Something on this machine is not as it has to be.
    #[error("{0}")]
    Setup(String),
}

impl LoginError {
    /// Whether only a new login helps.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            LoginError::Refused { ended: true, .. }
                | LoginError::Denied { .. }
                | LoginError::None(_)
                | LoginError::Setup(_)
        )
    }
}

fn behind(why: &str) -> String {
    match why {
        "" => String::new(),
        why => format!(": {why}"),
    }
}
