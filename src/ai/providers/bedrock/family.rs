//! What differs from model to model on Bedrock, told by the model's id and by its name: an ARN of an
//! inference profile says nothing, and people may name it.

use crate::ai::model::Model;
use crate::ai::provider::Auth;

/// Models that decide for themselves how much to think, and take an effort in place of a budget.
const ADAPTIVE: &[&str] = &[
    "opus-4-6",
    "opus-4-7",
    "opus-4-8",
    "opus-5",
    "sonnet-4-6",
    "sonnet-5",
    "haiku-5",
    "fable-5",
];
/// Those of them that know the effort `xhigh`, and bind their thinking to the prompt that it was for.
const NEWEST: &[&str] = &[
    "opus-4-7", "opus-4-8", "opus-5", "sonnet-5", "haiku-5", "fable-5",
];
/// Claude's models that take cache points.
const CACHING: &[&str] = &[
    "fable-5",
    "opus-5",
    "sonnet-5",
    "haiku-5",
    "-4-",
    "claude-3-7-sonnet",
    "claude-3-5-haiku",
];

/// What is known of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// Anthropic's: signed thinking, and no pictures in results of failed calls.
    pub claude: bool,
    /// Takes an effort, not a budget.
    pub adaptive: bool,
    /// See [`NEWEST`].
    pub newest: bool,
    /// OpenAI's open models: a flat effort of three grades.
    pub gpt_oss: bool,
    /// OpenAI's others.
    pub gpt: bool,
    /// Takes cache points.
    pub caches: bool,
}

impl Family {
    /// What is known of `model`.
    pub fn of(model: &Model, auth: &Auth) -> Self {
        let names = [&model.id, &model.name].map(|name| name.to_lowercase());
        let plain = names.each_ref().map(|name| joined(name));
        let any = |part: &&str| {
            let mut all = names.iter().chain(&plain);
            all.any(|name| name.contains(part))
        };
        let claude = any(&"anthropic.claude") || any(&"anthropic/claude");
        let caches = match any(&"claude") {
            true => CACHING.iter().any(any),
            false => auth.variable("AWS_BEDROCK_FORCE_CACHE") == Some("1"),
        };
        Family {
            claude: claude || names[1].contains("claude"),
            adaptive: ADAPTIVE.iter().any(any),
            newest: NEWEST.iter().any(any),
            gpt_oss: any(&"gpt-oss"),
            gpt: any(&"gpt-"),
            caches,
        }
    }
}

/// With one dash for whatever parts words.
fn joined(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        let parts = c.is_whitespace() || matches!(c, '_' | '.' | ':' | '-');
        match parts {
            true if out.ends_with('-') => {}
            true => out.push('-'),
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str, name: &str) -> Family {
        let model = Model {
            id: id.into(),
            name: name.into(),
            ..Model::default()
        };
        Family::of(&model, &Auth::default())
    }

    #[test]
    fn models_are_known_by_id_or_by_name() {
        let opus = of("us.anthropic.claude-opus-4-8", "x");
        assert!(opus.claude && opus.adaptive && opus.newest && opus.caches);
        let profile = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc";
        let named = of(profile, "Team Claude Opus 4.6");
        assert!(named.claude && named.adaptive && !named.newest && named.caches);
        let nameless = of(profile, "abc");
        assert!(!nameless.claude && !nameless.caches);
        let old = of("anthropic.claude-3-5-sonnet-20240620-v1:0", "x");
        assert!(old.claude && !old.adaptive && !old.caches);
        let sonnet = of("eu.anthropic.claude-sonnet-4-20250514-v1:0", "x");
        assert!(sonnet.caches && !sonnet.adaptive);
        let oss = of("openai.gpt-oss-120b-1:0", "x");
        assert!(oss.gpt_oss && !oss.claude);
        let gpt = of("global.openai.gpt-6-sol", "x");
        assert!(gpt.gpt && !gpt.gpt_oss);
    }

    #[test]
    fn cache_points_can_be_forced_on_a_model_that_nothing_is_known_of() {
        let mut auth = Auth::default();
        auth.variables
            .insert("AWS_BEDROCK_FORCE_CACHE".into(), "1".into());
        assert!(Family::of(&Model::default(), &auth).caches);
    }
}
