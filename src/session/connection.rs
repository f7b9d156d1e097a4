//! The way from a conversation to whoever answers it: looks up credentials at request time, keeps
//! images back where the person wants that, and hands over to the wire API of the model.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt;
use futures::future;
use futures::stream::{self, BoxStream};
use tokio_util::sync::CancellationToken;

use super::again::Again;
use super::models::Models;
use crate::ai::delta::failed_message;
use crate::ai::demo::{self, Demo};
use crate::ai::failure::{Failure, Kind};
use crate::ai::http::HttpClient;
use crate::ai::providers::provider_for;
use crate::ai::{
    ABORTED, Body, Content, Delta, Message, Model, Provider, Request, SharedMessage, StopReason,
    UserMessage,
};
use crate::config::AuthError;

/// Answers for any model of the registry.
pub struct Connection {
    /// Where credentials come from.
    pub models: Arc<Models>,
    /// Carries the requests.
    pub http: HttpClient,
    /// Keeps images from every model, for as long as it says so.
    pub block_images: Arc<AtomicBool>,
}

impl Provider for Connection {
    fn stream(
        &self,
        model: &Model,
        mut request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        if model.provider == demo::PROVIDER {
            return Demo.stream(model, request, stop);
        }
        let mut model = model.clone();
        let clock = request.clock.clone();
        let refuse = {
            let model = model.clone();
            move |reason: StopReason, why: String, kind: Kind| -> BoxStream<'static, Delta> {
                let mut message = failed_message(&model, clock.now(), reason, why);
                // Whatever its words are.
                message.failure = Some(Failure::new(kind));
                stream::once(future::ready(Delta::Done(Arc::new(message)))).boxed()
            }
        };
        let Some(provider) = provider_for(&model.api, &self.http) else {
            return refuse(
                StopReason::Error,
                format!(
                    "{} speaks {:?}, which this version of pi does not; choose another model with /model or --model.",
                    model.full_id(),
                    model.api
                ),
                Kind::Refused,
            );
        };
        if self.block_images.load(Ordering::Relaxed) {
            for message in &mut request.messages {
                without_images(message);
            }
        }
        let (models, http) = (self.models.clone(), self.http.clone());
        let registry = models.registry();
        let connected = async move {
            let auth = tokio::select! {
                biased;
                () = stop.cancelled() => {
                    return refuse(StopReason::Aborted, ABORTED.into(), Kind::Refused);
                }
                auth = registry.auth_for(&model, &http) => auth,
            };
            match auth {
                Ok(mut auth) => {
                    if let Some(base_url) = auth.base_url.take() {
                        model.base_url = base_url;
                    }
                    let again = Again::of(&registry, &model, &request, &auth);
                    request.auth = auth;
                    let stream = provider.stream(&model, request, stop.clone());
                    let stream = match again {
                        Some(again) => again.after(stream, provider, models.clone(), http, stop),
                        None => stream,
                    };
                    models.explaining(&model, stream)
                }
                // A vendor that does not answer now may renew a login a little later.
                Err(
                    why @ AuthError::Renewal {
                        is_final: false, ..
                    },
                ) => refuse(StopReason::Error, why.to_string(), Kind::Connection),
                // Nothing else passes by itself.
                Err(why) => refuse(StopReason::Error, why.to_string(), Kind::Refused),
            }
        };
        stream::once(connected).flatten().boxed()
    }
}

/// Puts a note in the place of each picture.
fn without_images(message: &mut SharedMessage) {
    let replace = |blocks: &[Content]| -> Option<Vec<Content>> {
        let is_image = |block: &Content| matches!(block, Content::Image { .. });
        blocks.iter().any(is_image).then(|| {
            let note =
                || Content::text("[An image was kept back: images are blocked in the settings.]");
            blocks
                .iter()
                .map(|block| {
                    if is_image(block) {
                        note()
                    } else {
                        block.clone()
                    }
                })
                .collect()
        })
    };
    let replaced = match &**message {
        Message::User(user) => match &user.content {
            Body::Blocks(blocks) => replace(blocks).map(|blocks| {
                Message::User(UserMessage {
                    content: Body::Blocks(blocks),
                    timestamp: user.timestamp,
                })
            }),
            Body::Text(_) => None,
        },
        Message::ToolResult(result) => replace(&result.content).map(|content| {
            Message::ToolResult(crate::ai::ToolResultMessage {
                content,
                ..result.clone()
            })
        }),
        _ => None,
    };
    if let Some(replaced) = replaced {
        *message = Arc::new(replaced);
    }
}
