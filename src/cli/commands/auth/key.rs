//! The credential of a provider, as other programs can use it.

use super::Whose;
use crate::ai::http::HttpClient;
use crate::ai::message::Millis;
use crate::config::{AuthError, Registry, resolve};

/// The variable that holds the key of a provider whose other variables hold none.
const BEDROCK: (&str, &str) = ("amazon-bedrock", "AWS_BEARER_TOKEN_BEDROCK");

/// Whether only an account connects a provider.
pub(super) fn takes_no_key(provider: &str) -> bool {
    provider == "openai-codex"
}

impl Whose {
    /// Whether anybody is named.
    pub fn is_somebody(&self) -> bool {
        self.provider().is_some() || self.model().is_some()
    }

    pub fn provider(&self) -> Option<&str> {
        said(self.provider.as_deref())
    }

    pub fn model(&self) -> Option<&str> {
        said(self.model.as_deref())
    }
}

fn said(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// The key or token that requests to a provider would carry; `None` where they carry none. A login is
/// good for `margin` milliseconds.
pub(super) async fn credential(
    registry: &Registry,
    provider: &str,
    margin: Millis,
    http: &HttpClient,
) -> Result<Option<String>, AuthError> {
    if registry.login_of(provider).is_some() {
        let tokens = registry.fresh_tokens(provider, margin, http).await?;
        return Ok(Some(tokens.access));
    }
    let models = registry.models_of(provider);
    let Some(model) = models.first() else {
        return Ok(None);
    };
    let auth = registry.auth_for(model, http).await?;
    let bearer = || {
        let mut headers = auth.headers.iter();
        let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
        let (scheme, token) = value.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned())
    };
    let ambient = || {
        let variable = auth.variable(BEDROCK.1).filter(|_| provider == BEDROCK.0);
        variable.map(str::to_owned)
    };
    Ok(auth.api_key.clone().or_else(bearer).or_else(ambient))
}

/// The providers that serve a model, of those given.
pub(super) fn serving(registry: &Registry, model: &str, of: Vec<String>) -> Vec<String> {
    let serves = |provider: &String| {
        // A name that no model has would do with any provider: it is not meant.
        resolve::resolve(registry, Some(provider), model).is_ok_and(|found| {
            let models = registry.models_of(provider);
            models.iter().any(|known| known.id == found.model.id)
        })
    };
    of.into_iter().filter(serves).collect()
}
