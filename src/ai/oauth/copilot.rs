//! GitHub Copilot, on github.com or a company's own domain. From pi-ai 1.5.2, `auth/oauth/github-copilot.js`: a
//! code to type yields a token of GitHub's, kept as `refresh`; for it Copilot makes tokens that last half an
//! hour and name the server that they are for.

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::browser::ATTEMPTS;
use super::call::Call;
use super::copilot_models;
use super::device::{self, GRANT, Pace};
use super::{Face, LoginError, Means, News, Question, Tokens};
use crate::ai::message::Millis;

pub(super) const VENDOR: &str = "GitHub";
const CLIENT_ID: &str = "Iv1.b507a08c87ecfe98";
const SCOPE: &str = "read:user";
const DOMAIN: &str = "github.com";
/// Where requests go when the token does not say.
pub(super) const INDIVIDUAL: &str = "https://api.individual.githubcopilot.com";
/// GitHub's own domains, to which a token may send requests.
const HOSTS: [&str; 2] = ["githubcopilot.com", "github.com"];
const AGENT: &str = "GitHubCopilotChat/0.35.0";
/// The editor that Copilot knows; it answers no other.
const EDITOR: [(&str, &str); 4] = [
    ("user-agent", AGENT),
    ("editor-version", "vscode/1.107.0"),
    ("editor-plugin-version", "copilot-chat/0.35.0"),
    ("copilot-integration-id", "vscode-chat"),
];
/// Taken off what the vendor says, as the reference's files have it.
const MARGIN: Millis = 5 * 60 * 1000;

/// Logs in with a code to type.
pub(super) async fn login(
    means: &Means,
    face: &dyn Face,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let enterprise = asked_domain(face).await?;
    let domain = enterprise.as_deref().unwrap_or(DOMAIN);
    let github = device_login(domain, means, face, stop).await?;
    face.tell(News::redeeming());
    let mut tokens = exchange(&github, enterprise.as_deref(), means, stop).await?;
    let models = copilot_models::set_up(&tokens, means, face, stop).await?;
    tokens = tokens.with("availableModelIds", models);
    Ok(tokens)
}

/// Renews: the next token of Copilot's, and which models it is for.
pub(super) async fn refresh(
    tokens: &Tokens,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let enterprise = enterprise(tokens);
    let fresh = exchange(&tokens.refresh, enterprise.as_deref(), means, stop).await?;
    // The list of models is a courtesy: the one from before serves where it cannot be had.
    match copilot_models::listed(&fresh, means, stop).await {
        Ok(models) => Ok(fresh.with("availableModelIds", models.available)),
        Err(error) => {
            tracing::warn!(%error, "Copilot's list of models");
            Ok(fresh)
        }
    }
}

/// Where requests with these tokens go: the token says it, if it names a host of GitHub's or of the
/// enterprise that the login is for.
pub fn base_url(tokens: &Tokens) -> String {
    let enterprise = enterprise(tokens);
    let proxy = tokens
        .access
        .split(';')
        .find_map(|part| part.trim().strip_prefix("proxy-ep="));
    let host = proxy.and_then(|proxy| {
        domain(&proxy.replacen("proxy.", "api.", usize::from(proxy.starts_with("proxy."))))
    });
    let host = host.filter(|host| {
        let own = enterprise.as_deref();
        let mut known = HOSTS.into_iter().chain(own);
        known.any(|domain| is_within(host, domain))
    });
    match (host, enterprise) {
        (Some(host), _) => format!("https://{host}"),
        (None, Some(enterprise)) => format!("https://copilot-api.{enterprise}"),
        (None, None) => INDIVIDUAL.to_owned(),
    }
}

/// Whether a host is this domain, or below it.
fn is_within(host: &str, domain: &str) -> bool {
    let above = host.strip_suffix(domain);
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// The models that the account may use; `None` where the entry does not say.
pub fn allowed_models(tokens: &Tokens) -> Option<Vec<&str>> {
    let listed = tokens.extras.get("availableModelIds")?.as_array()?;
    listed.iter().map(Value::as_str).collect()
}

/// The company's domain, asked for until it is one; `None` for GitHub's own.
async fn asked_domain(face: &dyn Face) -> Result<Option<String>, LoginError> {
    const NONE: &str =
        "That is no domain; one looks like company.ghe.com. Enter alone is github.com.";
    for _ in 0..ATTEMPTS {
        let said = face.ask(Question::Domain).await;
        let said = said.ok_or(LoginError::Cancelled)?;
        match said.trim() {
            "" => return Ok(None),
            said => match domain(said) {
                // github.com by its name is github.com.
                Some(domain) => return Ok(Some(domain).filter(|domain| domain != DOMAIN)),
                None => face.tell(News::Progress(NONE.to_owned())),
            },
        }
    }
    Err(LoginError::Setup("what was typed is no domain".into()))
}

/// As the editor that Copilot knows.
pub(super) fn as_editor(mut call: Call<'_>) -> Call<'_> {
    for (name, value) in EDITOR {
        call = call.header(name, value);
    }
    call
}

async fn device_login(
    domain: &str,
    means: &Means,
    face: &dyn Face,
    stop: &CancellationToken,
) -> Result<String, LoginError> {
    let url = format!("https://{domain}/login/device/code");
    let fields = [("client_id", CLIENT_ID), ("scope", SCOPE)];
    let call = Call::form(VENDOR, "a code to type", &url, &fields).header("user-agent", AGENT);
    let reply = call.done(means, stop).await?;
    let page = device::page(&reply.json, "verification_uri")
        .ok_or_else(|| reply.lacks("verification_uri"))?;
    reply.number("expires_in")?;
    let lasts = device::seconds(&reply.json, "expires_in");
    face.tell(News::Device {
        code: reply.text("user_code")?.to_owned(),
        url: page,
        lasts,
    });
    let pace = Pace {
        vendor: VENDOR,
        interval: device::seconds(&reply.json, "interval"),
        lasts,
        at_once: false,
    };
    let code = reply.text("device_code")?;
    let url = format!("https://{domain}/login/oauth/access_token");
    let ask = || async {
        let fields = [
            ("client_id", CLIENT_ID),
            ("device_code", code),
            ("grant_type", GRANT),
        ];
        let call = Call::form(VENDOR, "whether the code was typed", &url, &fields);
        let reply = call.header("user-agent", AGENT).send(means, stop).await?;
        device::standard(reply, |reply| Ok(reply.text("access_token")?.to_owned()))
    };
    pace.wait(ask).await
}

/// A token of Copilot's for a token of GitHub's.
async fn exchange(
    github: &str,
    enterprise: Option<&str>,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let domain = enterprise.unwrap_or(DOMAIN);
    let url = format!("https://api.{domain}/copilot_internal/v2/token");
    let call = as_editor(Call::get(VENDOR, "a token for Copilot", &url)).bearer(github);
    let reply = call.done(means, stop).await?;
    #[expect(clippy::cast_possible_truncation, reason = "saturates, as it should")]
    let ends = (reply.number("expires_at")? * 1000.0) as Millis;
    let tokens = Tokens::new(reply.text("token")?, github, ends.saturating_sub(MARGIN));
    Ok(match enterprise {
        Some(enterprise) => tokens.with("enterpriseUrl", enterprise),
        None => tokens,
    })
}

fn enterprise(tokens: &Tokens) -> Option<String> {
    tokens.extra("enterpriseUrl").and_then(domain)
}

/// The host of an address or a domain.
fn domain(said: &str) -> Option<String> {
    let said = said.trim();
    let url = match said.contains("://") {
        true => reqwest::Url::parse(said),
        false => reqwest::Url::parse(&format!("https://{said}")),
    };
    url.ok()?.host_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_says_where_requests_go() {
        let at = |access: &str, enterprise: Option<&str>| {
            let tokens = Tokens::new(access, "", 0);
            base_url(&match enterprise {
                Some(enterprise) => tokens.with("enterpriseUrl", enterprise),
                None => tokens,
            })
        };
        let token = "tid=1;exp=2;proxy-ep=proxy.business.githubcopilot.com;sku=x";
        assert_eq!(at(token, None), "https://api.business.githubcopilot.com");
        assert_eq!(at("tid=1", None), INDIVIDUAL);
        assert_eq!(
            at("tid=1", Some("https://company.ghe.com/login")),
            "https://copilot-api.company.ghe.com"
        );
        assert_eq!(at("proxy-ep=a b", None), INDIVIDUAL);
        for odd in [
            "proxy.evil.example",
            "proxy.githubcopilot.com.evil.example",
            "proxy.evilgithubcopilot.com",
            "http://evil.example",
            "githubcopilot.com@evil.example",
            "127.0.0.1:80",
        ] {
            assert_eq!(at(&format!("proxy-ep={odd}"), None), INDIVIDUAL, "{odd}");
        }
        let own = at("proxy-ep=proxy.company.ghe.com", Some("company.ghe.com"));
        assert_eq!(own, "https://api.company.ghe.com");
    }
}
