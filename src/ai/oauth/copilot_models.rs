//! Which models a Copilot account may use, and the policies that some have to be agreed to before.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::call::{Call, Reply, text};
use super::copilot::{INDIVIDUAL, VENDOR, as_editor, base_url};
use super::{Face, LoginError, Means, News, Tokens};
use crate::ai::catalog;

const API_VERSION: &str = "2026-06-01";
/// How long a server that is asked too often may be waited for, in all.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is asked again.
const RETRIES: u32 = 2;

/// The models of an account.
pub(super) struct Models {
    /// Those that can be used.
    pub available: Vec<String>,
    /// Those whose policy nobody has agreed to.
    pub undecided: Vec<String>,
}

/// Agrees to what has to be agreed to, as far as that goes, and returns the models that can be used then.
pub(super) async fn set_up(
    tokens: &Tokens,
    means: &Means,
    face: &dyn Face,
    stop: &CancellationToken,
) -> Result<Vec<String>, LoginError> {
    let url = format!("{}/models", base_url(tokens));
    let reply = patiently(|| ask(&url, tokens), means, stop).await?;
    let mut models = read(reply, tokens)?;
    if models.undecided.is_empty() {
        return Ok(models.available);
    }
    face.tell(News::Progress("Enabling models…".to_owned()));
    for model in models.undecided {
        // A model that cannot be enabled is not offered; the login stands.
        match enable(&model, tokens, means, stop).await {
            Ok(reply) if reply.is_ok() && !models.available.contains(&model) => {
                models.available.push(model);
            }
            Ok(reply) if reply.status == 429 => break,
            Err(LoginError::Cancelled) => return Err(LoginError::Cancelled),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(models.available)
}

/// The models of the account.
pub(super) async fn listed(
    tokens: &Tokens,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Models, LoginError> {
    let url = format!("{}/models", base_url(tokens));
    read(ask(&url, tokens).send(means, stop).await?, tokens)
}

fn ask<'a>(url: &'a str, tokens: &Tokens) -> Call<'a> {
    as_editor(Call::get(VENDOR, "the models of Copilot", url))
        .bearer(&tokens.access)
        .header("x-github-api-version", API_VERSION)
}

async fn enable(
    model: &str,
    tokens: &Tokens,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Reply, LoginError> {
    let url = format!("{}/models/{model}/policy", base_url(tokens));
    let body = json!({"state": "enabled"});
    let call = || {
        as_editor(Call::json(VENDOR, "to enable a model", &url, &body))
            .bearer(&tokens.access)
            .header("openai-intent", "chat-policy")
            .header("x-interaction-type", "chat-policy")
    };
    patiently(call, means, stop).await
}

/// Sends a request; again, when the server asks for a short pause.
async fn patiently<'a>(
    call: impl Fn() -> Call<'a>,
    means: &Means,
    stop: &CancellationToken,
) -> Result<Reply, LoginError> {
    let end = Instant::now() + PATIENCE;
    let mut retry = 0;
    loop {
        let reply = call().send(means, stop).await?;
        let pause = match reply.retry_after.as_deref().map(str::parse) {
            None => Duration::from_millis(500 << retry),
            Some(Ok(seconds)) => Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX),
            // A date, or nonsense.
            Some(Err(_)) => Duration::MAX,
        };
        let in_time = Instant::now()
            .checked_add(pause)
            .is_some_and(|next| next < end);
        if reply.status != 429 || retry == RETRIES || !in_time {
            return Ok(reply);
        }
        retry += 1;
        sleep(pause).await;
    }
}

fn read(reply: Reply, tokens: &Tokens) -> Result<Models, LoginError> {
    if !reply.is_ok() {
        return Err(reply.refused());
    }
    let Some(listed) = reply.json["data"].as_array() else {
        return Err(reply.lacks("data"));
    };
    let can_call = |model: &&Value| model["capabilities"]["supports"]["tool_calls"] != json!(false);
    let policy = |model: &Value| {
        model["policy"]["state"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let picked = |model: &Value| model["model_picker_enabled"] == json!(true);
    let models: Vec<&Value> = listed.iter().filter(can_call).collect();
    let ids = |wanted: &dyn Fn(&Value) -> bool| -> Vec<String> {
        let wanted = models.iter().filter(|model| wanted(model));
        wanted
            .filter_map(|model| text(model, "id").map(str::to_owned))
            .collect()
    };
    let mut available = ids(&|model| picked(model) && policy(model) != "disabled");
    // Some accounts of individuals have no model picked, and policies that say which may be used.
    let by_policy = available.is_empty() && base_url(tokens) == INDIVIDUAL;
    if by_policy {
        available = ids(&|model| policy(model) == "enabled");
    }
    let known = |id: &str| catalog::find("github-copilot", id).is_some();
    let mut undecided =
        ids(&|model| policy(model) == "unconfigured" && (by_policy || picked(model)));
    undecided.retain(|id| known(id));
    Ok(Models {
        available,
        undecided,
    })
}
