//! Amazon Bedrock's Converse API (`bedrock-converse-stream`).
//!
//! `credentials` finds out who asks, `place` where; `request`, `messages` and `thinking` say it in the
//! API's words, with `family` knowing what differs from model to model; `sign` signs, `frames` cuts the body into
//! messages, and `stream` reads those.

mod credentials;
mod family;
mod frames;
mod messages;
mod place;
mod request;
mod sign;
mod stream;
mod thinking;

use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use self::credentials::{Asker, Keys, Profiles, Vault};
use self::place::Place;
use self::sign::Scope;
use super::exchange::{self, Outgoing};
use crate::ai::delta::Delta;
use crate::ai::failure::Fault;
use crate::ai::http::HttpClient;
use crate::ai::model::Model;
use crate::ai::provider::{Provider, Request};

/// Speaks `bedrock-converse-stream`.
pub struct Bedrock {
    http: HttpClient,
}

impl Bedrock {
    /// A provider that sends through `http`.
    pub fn new(http: HttpClient) -> Self {
        Bedrock { http }
    }
}

impl Provider for Bedrock {
    fn stream(
        &self,
        model: &Model,
        request: Request,
        stop: CancellationToken,
    ) -> BoxStream<'static, Delta> {
        let http = match is_on(&request, "AWS_BEDROCK_FORCE_HTTP1") {
            true => self.http.http1(),
            false => self.http.clone(),
        };
        let prepared = prepare(http.clone(), model.clone(), request.clone());
        exchange::prepared(&http, model, request, prepared, stop)
    }
}

/// What reads this API's events.
pub(super) fn decoder(model: &Model) -> stream::Events {
    stream::Events::new(model)
}

fn is_on(request: &Request, variable: &str) -> bool {
    request.auth.variable(variable) == Some("1")
}

async fn prepare(
    http: HttpClient,
    model: Model,
    request: Request,
) -> Result<(Outgoing, stream::Events), Fault> {
    let auth = &request.auth;
    let skip_auth = is_on(&request, "AWS_BEDROCK_SKIP_AUTH");
    let bearer = credentials::bearer(auth).filter(|_| !skip_auth);
    let needs_keys = bearer.is_none() && !skip_auth;
    let of_files = auth.clone();
    let profiles = tokio::task::spawn_blocking(move || Profiles::read(&of_files))
        .await
        .map_err(|error| Fault::refused(error.to_string()))?;
    // Files that cannot be read matter only to who needs keys from them.
    let profiles = match needs_keys {
        true => profiles?,
        false => profiles.unwrap_or_default(),
    };
    let source = match needs_keys {
        true => Some(credentials::find(auth, &profiles)?),
        false => None,
    };
    let place = Place::find(&model, auth, &profiles).map_err(Fault::refused)?;
    let mut outgoing = request::outgoing(&model, &request, &place);
    if let Some(bearer) = bearer {
        let bearer = format!("Bearer {bearer}");
        outgoing.headers.push(("authorization".into(), bearer));
        return Ok((outgoing, stream::Events::new(&model)));
    }
    let keys = match source {
        Some(source) => {
            let asker = Asker::new(&http, &request.clock, &place.region, auth);
            http.remembered::<Vault>().keys(&source, &asker).await?
        }
        None => Keys::dummy(),
    };
    let scope = Scope {
        region: place.region,
        service: "bedrock",
    };
    let clock = request.clock.clone();
    outgoing.sign = Some(Box::new(move |url, headers, body| {
        sign::sign(url, headers, body, &keys, &scope, clock.now()).map_err(Fault::refused)
    }));
    Ok((outgoing, stream::Events::new(&model)))
}
