//! Whose a model is: the order in which providers come to mind, and who makes what they offer.

use crate::ai::{Model, catalog};
use crate::config::models::nearest;

/// Providers in the order in which their default models are tried, and in which they are named.
pub(super) const PREFERENCE: [&str; 41] = [
    "amazon-bedrock",
    "ant-ling",
    "anthropic",
    "openai",
    "azure",
    "openai-codex",
    "nvidia",
    "deepseek",
    "google",
    "google-vertex",
    "github-copilot",
    "openrouter",
    "vercel-ai-gateway",
    "xai",
    "groq",
    "cerebras",
    "zai",
    "zai-coding-cn",
    "mistral",
    "minimax",
    "minimax-cn",
    "moonshotai",
    "moonshotai-cn",
    "huggingface",
    "fireworks",
    "together",
    "baseten",
    "opencode",
    "opencode-go",
    "kimi-coding",
    "meta",
    "cloudflare-workers-ai",
    "cloudflare-ai-gateway",
    "qwen-token-plan",
    "qwen-token-plan-cn",
    "qwen-token-plan-individual",
    "qwen-token-plan-individual-cn",
    "xiaomi",
    "xiaomi-token-plan-cn",
    "xiaomi-token-plan-ams",
    "xiaomi-token-plan-sgp",
];

/// Vendors who make models, and how the ids of those begin at their own address.
const MAKERS: [(&str, &[&str]); 15] = [
    ("amazon-bedrock", &["amazon."]),
    ("ant-ling", &["ling", "ring"]),
    ("anthropic", &["claude"]),
    ("deepseek", &["deepseek"]),
    ("google", &["gemini", "gemma", "deep-research"]),
    ("meta", &["muse"]),
    ("minimax", &["minimax"]),
    (
        "mistral",
        &[
            "mistral",
            "open-mi",
            "codestral",
            "devstral",
            "magistral",
            "ministral",
            "pixtral",
        ],
    ),
    ("moonshotai", &["kimi"]),
    ("nvidia", &["nvidia/nemotron"]),
    ("openai", &["gpt", "chat", "codex", "o1", "o3", "o4"]),
    ("qwen-token-plan", &["qwen"]),
    ("xai", &["grok"]),
    ("xiaomi", &["mimo"]),
    ("zai", &["glm"]),
];

/// Whether a model is offered by who makes it.
pub(super) fn is_own(model: &Model) -> bool {
    let maker = MAKERS.iter().find(|(maker, _)| *maker == model.provider);
    let id = model.id.to_lowercase();
    maker.is_some_and(|(_, ids)| ids.iter().any(|begin| id.starts_with(begin)))
}

/// The provider among these that somebody may have meant: who makes models of that name, else the one whose
/// id is most like it.
pub fn meant<'a>(said: &str, there_is: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (said, all) = (said.trim(), there_is.collect::<Vec<_>>());
    let of_maker = |maker: &str| all.iter().copied().find(|id| *id == maker);
    maker(said)
        .and_then(of_maker)
        .or_else(|| nearest(said, all.iter().copied()))
}

/// Who makes models of a name, such as `grok`.
fn maker(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let mut makers = MAKERS.iter();
    let found = makers.find(|(_, ids)| ids.contains(&name.as_str()));
    found.map(|(maker, _)| *maker)
}

/// How soon a model of this provider comes to mind, the lowest first: who makes it, then a provider that
/// the person has written down, then the others in their order.
pub(super) fn rank(model: &Model) -> (u8, usize) {
    let place = place(&model.provider);
    match (is_own(model), catalog::has_provider(&model.provider)) {
        (true, _) => (0, place),
        (false, false) => (1, place),
        (false, true) => (2, place),
    }
}

/// The place of a provider in the order; unknown ones come last.
pub(super) fn place(provider: &str) -> usize {
    let mut order = PREFERENCE.iter();
    let at = order.position(|known| *known == provider);
    at.unwrap_or(PREFERENCE.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_of_the_catalogue_has_its_place() {
        let mut known: Vec<&str> = catalog::providers().collect();
        let mut preferred = PREFERENCE.to_vec();
        known.sort_unstable();
        preferred.sort_unstable();
        assert_eq!(known, preferred);
    }

    #[test]
    fn a_slip_is_seen_through_and_a_makers_model_stands_for_the_maker() {
        let said = |said: &str| meant(said, ["groq", "xai", "openai"].into_iter());
        assert_eq!(said("grok"), Some("xai"));
        assert_eq!(said(" opanai"), Some("openai"));
        assert_eq!(said("claude"), None);
        assert_eq!(meant("grok", ["groq"].into_iter()), Some("groq"));
    }

    #[test]
    fn every_maker_offers_what_it_makes() {
        for (maker, _) in MAKERS {
            let models = catalog::models(maker);
            assert!(models.iter().any(|model| is_own(model)), "{maker}");
        }
    }
}
