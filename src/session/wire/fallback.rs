//! Models that answer in the place of one that cannot, as programs see it. The reference has no such event.

use serde_json::{Value, json};

use crate::ai::Model;
use crate::session::event::Fallback;

pub(super) fn to_json(fallback: &Fallback) -> Value {
    match fallback {
        Fallback::To { from, to, error } => json!({
            "type": "model_fallback", "from": named(from), "to": named(to), "errorMessage": error,
        }),
        Fallback::Exhausted { failed, .. } => {
            let each = failed.iter().map(|(model, error)| {
                let mut one = named(model);
                one["errorMessage"] = error.as_str().into();
                one
            });
            json!({"type": "model_fallback_exhausted", "failed": each.collect::<Value>()})
        }
    }
}

fn named(model: &Model) -> Value {
    json!({"provider": model.provider, "modelId": model.id})
}
