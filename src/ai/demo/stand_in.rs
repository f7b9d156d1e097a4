//! The demo in place of a model that is not there, where nobody sees who answers: a script that has lost its
//! key must not find its files written by fixed rules, nor help where it wanted an answer. So it lists and
//! reads, and fails for anything else.

use super::PROVIDER;
use super::rules::{Step, plan};
use crate::ai::delta::failed_message;
use crate::ai::failure::{Failure, Kind};
use crate::ai::message::{AssistantMessage, StopReason};
use crate::ai::model::Model;
use crate::ai::provider::Request;

/// What tells it from the demo that was asked for: its wire API.
pub const STAND_IN: &str = "demo-stand-in";

/// The tools that it uses.
pub const READS: [&str; 2] = ["read", "ls"];

/// The demo as what is left when nothing is connected and no person looks on.
pub fn stand_in() -> Model {
    Model {
        api: STAND_IN.into(),
        ..super::model()
    }
}

/// Whether this model is it.
pub fn is_stand_in(model: &Model) -> bool {
    model.provider == PROVIDER && model.api == STAND_IN
}

/// Keeps the tools from it that do more than it may.
pub(super) fn confine(request: &mut Request) {
    let reads = |name: &str| READS.contains(&name);
    let tools = request.tools.iter().filter(|tool| reads(&tool.name));
    request.tools = tools.cloned().collect();
}

/// The failure in place of an answer, where not all that was said is to be listed or read.
pub(super) fn refusal(model: &Model, request: &Request) -> Option<AssistantMessage> {
    let (said, _) = super::latest(&request.messages);
    let steps = plan(&said, &|name| {
        request.tools.iter().any(|tool| tool.name == name)
    });
    let reads = |step: &Step| matches!(step, Step::Call { .. });
    if !steps.is_empty() && steps.iter().all(reads) {
        return None;
    }
    let why = "no model is connected, and the demo in its place only lists and reads files: connect a model with \
               pi auth login or a key in the environment, or start a local server";
    let now = request.clock.now();
    let mut message = failed_message(model, now, StopReason::Error, why);
    // It does not pass by itself.
    message.failure = Some(Failure::new(Kind::Refused));
    Some(message)
}
