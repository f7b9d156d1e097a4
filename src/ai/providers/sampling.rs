//! The fields that a model wants in the body of every request: `samplingParams`, and over them those of
//! the level of thinking in force. They come last, so they win over what pi says itself.

use serde_json::{Map, Value};

use crate::ai::model::{Model, ThinkingLevel};

/// Puts the model's own fields into a finished body.
pub fn merge(model: &Model, level: ThinkingLevel, body: &mut Map<String, Value>) {
    let of_level = model
        .sampling_params_by_thinking_level
        .get(&model.clamp_thinking(level));
    for params in std::iter::once(&model.sampling_params).chain(of_level) {
        for (name, value) in params {
            body.insert(name.clone(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_level_says_wins_over_what_the_model_says_and_both_over_the_body() {
        let mut model = Model {
            reasoning: true,
            ..Model::default()
        };
        let map = |value: Value| value.as_object().unwrap().clone();
        model.sampling_params = map(json!({"top_p": 0.9, "temperature": 1}));
        model.sampling_params_by_thinking_level =
            [(ThinkingLevel::High, map(json!({"temperature": 0.2})))].into();
        let merged = |level| {
            let mut body = map(json!({"model": "m", "top_p": 0.1}));
            merge(&model, level, &mut body);
            Value::Object(body)
        };
        let off = json!({"model": "m", "top_p": 0.9, "temperature": 1});
        assert_eq!(merged(ThinkingLevel::Off), off);
        let high = json!({"model": "m", "top_p": 0.9, "temperature": 0.2});
        assert_eq!(merged(ThinkingLevel::High), high);
        // A level that the model does not have is the next one that it has.
        assert_eq!(merged(ThinkingLevel::Max), high);
    }
}
