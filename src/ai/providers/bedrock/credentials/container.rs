//! Keys from the host of a container (ECS, and EKS's pod identities).
//!
//! Source: "Container credential provider" in the AWS SDKs and Tools Reference Guide. Over plain HTTP
//! only the hosts that it names are asked, and never through a proxy.

use std::path::PathBuf;

use reqwest::Url;
use serde_json::Value;

use super::ask::Asker;
use super::{Keys, no_keys};
use crate::ai::failure::Fault;
use crate::ai::provider::Auth;

/// Where ECS's agent is.
const HOST: &str = "http://169.254.170.2";
/// Whom plain HTTP may reach.
const TRUSTED: &[&str] = &[
    "localhost",
    "127.0.0.1",
    "[::1]",
    "169.254.170.2",
    "169.254.170.23",
    "[fd00:ec2::23]",
];

/// What the container was told.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Container {
    url: String,
    token: Option<Token>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Token {
    File(PathBuf),
    Value(String),
}

impl Container {
    /// What the variables say; `None` outside a container.
    pub fn find(auth: &Auth) -> Result<Option<Self>, Fault> {
        let url = match auth.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            Some(path) => format!("{HOST}/{}", path.trim_start_matches('/')),
            None => match auth.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
                Some(url) => url.to_owned(),
                None => return Ok(None),
            },
        };
        let parsed = Url::parse(&url).ok();
        let (scheme, host) = match &parsed {
            Some(url) => (url.scheme(), url.host_str().unwrap_or_default()),
            None => ("", ""),
        };
        let is_loopback = host.starts_with("127.") && parsed.as_ref().is_some_and(is_address);
        if scheme != "https" && !(scheme == "http" && (TRUSTED.contains(&host) || is_loopback)) {
            return Err(no_keys(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI has to be an https URL, or one of the container's own host",
            ));
        }
        let file = auth.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
        let value = auth.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
        let token = file
            .map(|file| Token::File(file.into()))
            .or_else(|| value.map(|value| Token::Value(value.to_owned())));
        Ok(Some(Container { url, token }))
    }

    /// Asks the host.
    pub async fn fetch(&self, asker: &Asker) -> Result<Keys, Fault> {
        let token = match &self.token {
            None => None,
            Some(Token::Value(value)) => Some(value.clone()),
            Some(Token::File(file)) => {
                let text = tokio::fs::read_to_string(file).await.map_err(|error| {
                    no_keys(format!(
                        "cannot read AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE ({}): {error}",
                        file.display()
                    ))
                })?;
                Some(text.trim().to_owned())
            }
        };
        let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
        headers.extend(token.map(|token| ("authorization".to_owned(), token)));
        let what = "the container's host";
        let direct = self.url.starts_with("http:");
        let body = asker.get(what, &self.url, &headers, direct).await?;
        let json: Value = serde_json::from_str(&body).unwrap_or_default();
        Keys::of_json(&json, "Token")
            .ok_or_else(|| no_keys("the container's host answered without AWS credentials"))
    }
}

fn is_address(url: &Url) -> bool {
    url.host_str()
        .is_some_and(|host| host.parse::<std::net::IpAddr>().is_ok())
}
