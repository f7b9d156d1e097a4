//! OpenAI's Responses API (`openai-responses`), and those who speak it: xAI, Meta, GitHub Copilot,
//! OpenCode, Cloudflare's gateway, local servers. Where they differ: [`compat`].
//!
//! A conversation is a list of items; nothing is kept on the server, so what the model thought is sent
//! back, encrypted, with every request. The other APIs that are made of such items (`azure`, Codex)
//! take items, tools and [`stream::Events`] from here.

mod cache;
mod compat;
mod event;
mod ids;
mod input;
mod request;
pub(super) mod socket;
mod stream;
mod think;
mod tools;
mod usage;

use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use super::exchange;
use crate::ai::delta::Delta;
use crate::ai::http::HttpClient;
use crate::ai::model::Model;
use crate::ai::provider::{Provider, Request};

use socket::Wire;

pub(super) use cache::key as cache_key;
pub(super) use compat::Compat;
pub(super) use input::{conversation, system};
pub(super) use request::LEAST_OUTPUT;
pub(super) use stream::Events;
pub(super) use think::{effort, think};
pub(super) use tools::{Strict, item as tools_item, list as tools_list};
pub(super) use usage::tier_factor;

/// Speaks `openai-responses`.
pub struct OpenAiResponses {
    http: HttpClient,
}

impl OpenAiResponses {
    /// A provider that sends through `http`.
    pub fn new(http: HttpClient) -> Self {
        OpenAiResponses { http }
    }
}

impl Provider for OpenAiResponses {
    fn stream(
        &self,
        model: &Model,
        request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        let wire = request::wire(model, &request);
        if request::wants_socket(model, &request) && !wire.is_given_up(&self.http) {
            return socket::run(&self.http, model, request, wire, stop);
        }
        let Wire {
            events, decoder, ..
        } = wire;
        exchange::run(&self.http, model, &request, events, decoder, stop)
    }
}

/// What reads this API's events.
pub(super) fn decoder(model: &Model) -> Events {
    Events::new(model).priced(tier_factor)
}
