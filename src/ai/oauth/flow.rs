//! One login, one renewal: to the vendor whose it is.

use tokio_util::sync::CancellationToken;

use super::{
    Account, Face, LoginError, Means, Method, Tokens, account, anthropic, chatgpt, codex, copilot,
    kimi, meta, openrouter, xai,
};

/// Logs in. Ends at `stop`, and then listens to nobody any more.
pub async fn login(
    provider: &str,
    method: Method,
    means: &Means,
    face: &dyn Face,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let known = account(provider).filter(|it| it.methods.contains(&method));
    let Some(Account { provider, .. }) = known else {
        return Err(LoginError::None(provider.to_owned()));
    };
    let flow = async {
        match (*provider, method) {
            ("anthropic", Method::Paste) => anthropic::paste(means, face, stop).await,
            ("anthropic", _) => anthropic::browser(means, face, stop).await,
            ("openai-codex", Method::Device) => codex::device(means, face, stop).await,
            ("openai-codex", _) => codex::browser(means, face, stop).await,
            ("github-copilot", _) => copilot::login(means, face, stop).await,
            ("openai", _) => chatgpt::login(means, face, stop).await,
            ("xai", _) => xai::login(means, face, stop).await,
            ("kimi-coding", _) => kimi::login(means, face, stop).await,
            ("meta", _) => meta::login(means, face, stop).await,
            ("openrouter", _) => openrouter::login(means, face, stop).await,
            (other, _) => Err(LoginError::None(other.to_owned())),
        }
    };
    tokio::select! {
        biased;
        () = stop.cancelled() => Err(LoginError::Cancelled),
        done = flow => done,
    }
}

/// Renews tokens. What comes back has the extras of `tokens`, with the vendor's news over them. A vendor
/// may have taken the old token back as soon as the request is out: whoever calls this sees it through.
pub async fn refresh(
    provider: &str,
    tokens: &Tokens,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Tokens, LoginError> {
    let mut fresh = match provider {
        "anthropic" => anthropic::refresh(tokens, means, stop).await,
        "openai-codex" => codex::refresh(tokens, means, stop).await,
        "github-copilot" => copilot::refresh(tokens, means, stop).await,
        "openai" => chatgpt::refresh(tokens, means, stop).await,
        "xai" => xai::refresh(tokens, means, stop).await,
        "kimi-coding" => kimi::refresh(tokens, means, stop).await,
        "meta" => meta::refresh(tokens, means, stop).await,
        // A key that does not end.
        "openrouter" => Ok(tokens.clone()),
        other => Err(LoginError::None(other.to_owned())),
    }?;
    let mut extras = tokens.extras.clone();
    extras.extend(std::mem::take(&mut fresh.extras));
    fresh.extras = extras;
    Ok(fresh)
}
