//! Every switch of `compat`: its name, what it may hold, and the wire APIs here that read it. The one table
//! of them; those that only 0.73.1 knows are in it.
//!
//! Some are about what no request of pi's holds, as tools with a grammar. They have no readers: catalogues and
//! files that are shared with the reference may set them, they are checked and kept, and nothing is said.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::nearest::nearest;
use super::shape::Shape::{self, *};

/// One switch.
struct Switch {
    name: &'static str,
    shape: Shape,
    /// [`NOBODY`] where it is known and has no effect on any.
    apis: u8,
}

/// Switches that catalogues set for APIs whose requests here have no place for them: they are kept, and
/// nothing is said.
const CARRIED: [(&str, &str); 4] = [
    ("supportsMidConvoSystemMessages", "anthropic-messages"),
    ("supportsMidConvoSystemMessages", "openai-completions"),
    ("supportsReasoningEffort", "openai-responses"),
    ("supportsStrictMode", "bedrock-converse-stream"),
];

impl Switch {
    /// Whether nobody misses an effect of it on an API: it has one, or none anywhere, or is carried.
    fn is_at_home(&self, api: Option<&str>) -> bool {
        let Some((api, bit)) = api.and_then(|api| Some((api, bit_of(api)?))) else {
            return true;
        };
        self.apis == NOBODY || self.apis & bit != 0 || CARRIED.contains(&(self.name, api))
    }

    fn is_plain(&self, value: &Value, api: Option<&str>) -> bool {
        self.shape.complaint(value).is_none() && self.is_at_home(api)
    }
}

const NOBODY: u8 = 0;
const COMPLETIONS: u8 = 1;
const RESPONSES: u8 = 1 << 1;
const ANTHROPIC: u8 = 1 << 2;

const fn flag(name: &'static str, apis: u8) -> Switch {
    switch(name, Flag, apis)
}

const fn switch(name: &'static str, shape: Shape, apis: u8) -> Switch {
    Switch { name, shape, apis }
}

const SWITCHES: &[Switch] = &[
    flag("supportsStore", COMPLETIONS),
    flag("supportsDeveloperRole", COMPLETIONS | RESPONSES),
    flag("supportsReasoningEffort", COMPLETIONS),
    flag("supportsUsageInStreaming", COMPLETIONS),
    flag("supportsFinishReason", COMPLETIONS),
    switch(
        "maxTokensField",
        OneOf(&["max_completion_tokens", "max_tokens"]),
        COMPLETIONS,
    ),
    flag("requiresToolResultName", COMPLETIONS),
    flag("requiresAssistantAfterToolResult", COMPLETIONS),
    flag("requiresNonNullAssistantContent", COMPLETIONS),
    flag("requiresToolsWithToolHistory", COMPLETIONS),
    flag("requiresThinkingAsText", COMPLETIONS),
    flag("requiresReasoningContentOnAssistantMessages", COMPLETIONS),
    switch(
        "thinkingFormat",
        OneOf(&[
            "openai",
            "openrouter",
            "deepseek",
            "together",
            "baseten",
            "zai",
            "qwen",
            "chat-template",
            "qwen-chat-template",
            "string-thinking",
            "ant-ling",
        ]),
        COMPLETIONS,
    ),
    switch("chatTemplateKwargs", Each(&TEMPLATE), COMPLETIONS),
    switch("chatTemplateArgs", Each(&TEMPLATE), COMPLETIONS),
    switch("openRouterRouting", Fields(OPEN_ROUTER), COMPLETIONS),
    switch("vercelGatewayRouting", Fields(VERCEL), COMPLETIONS),
    flag("zaiToolStream", COMPLETIONS),
    switch(
        "thinkingTokenBudgetField",
        OneOf(&[
            "thinking_token_budget",
            "thinking_budget",
            "thinking_budget_tokens",
        ]),
        COMPLETIONS,
    ),
    flag("supportsThinkingTokenBudget", COMPLETIONS),
    flag("supportsOpenAIGrammarTools", NOBODY),
    flag("supportsMidConvoSystemMessages", RESPONSES),
    flag("supportsMidConvoToolAdditions", NOBODY),
    flag("supportsStrictMode", COMPLETIONS | RESPONSES),
    switch("cacheControlFormat", OneOf(&["anthropic"]), COMPLETIONS),
    flag("sendSessionAffinityHeaders", COMPLETIONS | ANTHROPIC),
    switch(
        "sessionAffinityFormat",
        OneOf(&["openai", "openai-nosession", "openrouter"]),
        COMPLETIONS | RESPONSES | ANTHROPIC,
    ),
    switch(
        "promptCacheKeyMode",
        OneOf(&["auto", "enabled", "disabled"]),
        COMPLETIONS | RESPONSES,
    ),
    flag(
        "supportsLongCacheRetention",
        COMPLETIONS | RESPONSES | ANTHROPIC,
    ),
    switch("vllmPriority", Number, COMPLETIONS),
    flag("supportsAdditionalTools", RESPONSES),
    flag("supportsToolSearch", NOBODY),
    flag("supportsExplicitPromptCacheMode", RESPONSES),
    flag("supportsMidConvoEffort", RESPONSES | ANTHROPIC),
    flag("supportsMaxOutputTokens", RESPONSES),
    // Of 0.73.1.
    flag("sendSessionIdHeader", RESPONSES),
    flag("supportsEagerToolInputStreaming", ANTHROPIC),
    flag("supportsCacheControlOnTools", ANTHROPIC),
    flag("supportsTemperature", NOBODY),
    flag("forceAdaptiveThinking", ANTHROPIC),
    flag("allowEmptySignature", ANTHROPIC),
    flag("supportsStrictTools", NOBODY),
    flag("supportsMidConvoToolChanges", NOBODY),
    flag("supportsMessageThreads", NOBODY),
    switch("allowedFallbackModels", Objects, NOBODY),
    switch(
        "imageInput",
        OneOf(&["assets", "images", "state-image-urls"]),
        NOBODY,
    ),
    flag("sendImageOptInHeader", NOBODY),
];

/// A value of a chat template's arguments.
const TEMPLATE: Shape = Either(&[
    Text,
    Number,
    Flag,
    Null,
    Fields(&[
        (
            "$var",
            OneOf(&["thinking.enabled", "thinking.effort", "thinking.budget"]),
        ),
        ("omitWhenOff", Flag),
    ]),
]);

/// <https://openrouter.ai/docs/guides/routing/provider-selection>; what else it holds is sent as it is.
const OPEN_ROUTER: &[(&str, Shape)] = &[
    ("allow_fallbacks", Flag),
    ("require_parameters", Flag),
    ("data_collection", OneOf(&["deny", "allow"])),
    ("zdr", Flag),
    ("enforce_distillable_text", Flag),
    ("order", Strings),
    ("only", Strings),
    ("ignore", Strings),
    ("quantizations", Strings),
    (
        "sort",
        Either(&[
            Text,
            Fields(&[("by", Text), ("partition", Either(&[Text, Null]))]),
        ]),
    ),
    (
        "max_price",
        Fields(&[
            ("prompt", PRICE),
            ("completion", PRICE),
            ("image", PRICE),
            ("audio", PRICE),
            ("request", PRICE),
        ]),
    ),
    ("preferred_min_throughput", CUTOFF),
    ("preferred_max_latency", CUTOFF),
];

const PRICE: Shape = Either(&[Number, Text]);
const CUTOFF: Shape = Either(&[
    Number,
    Fields(&[
        ("p50", Number),
        ("p75", Number),
        ("p90", Number),
        ("p99", Number),
    ]),
]);

const VERCEL: &[(&str, Shape)] = &[("only", Strings), ("order", Strings)];

/// Reads the `compat` of a provider or a model. A switch of the wrong kind is a problem; one that
/// nobody knows, or that others read and `api` does not, is passed on with a warning.
pub(super) fn read(fields: &mut Fields, api: Option<&str>) -> Map<String, Value> {
    let Some(object) = fields.object("compat") else {
        return Map::new();
    };
    let mut compat = Map::with_capacity(object.len());
    for (name, value) in object {
        if value.is_null() {
            continue;
        }
        let path = ["compat", name.as_str()];
        match SWITCHES.iter().find(|switch| switch.name == name) {
            None => fields.warn_at(&path, unknown(name)),
            Some(switch) => {
                if let Some((deeper, expected)) = switch.shape.complaint(value) {
                    let mut steps = path.to_vec();
                    steps.extend(deeper.iter().map(String::as_str));
                    fields.complain_at(&steps, expected);
                } else if !switch.is_at_home(api) {
                    let readers = names_of(switch.apis).join(", ");
                    let message = format!(
                        "has no effect on {}: it is for {readers}",
                        api.unwrap_or_default()
                    );
                    fields.warn_at(&path, message);
                }
            }
        }
        compat.insert(name.clone(), value.clone());
    }
    compat
}

/// Whether [`read`] would take all of it and say nothing.
pub(super) fn is_plain(compat: &Map<String, Value>, api: Option<&str>) -> bool {
    compat.iter().all(|(name, value)| {
        let switch = SWITCHES.iter().find(|switch| switch.name == name);
        !value.is_null() && switch.is_some_and(|switch| switch.is_plain(value, api))
    })
}

/// What is wrong with the first switch of the wrong kind.
pub(super) fn first_wrong(compat: &Map<String, Value>) -> Option<String> {
    compat.iter().find_map(|(name, value)| {
        let switch = SWITCHES.iter().find(|switch| switch.name == name)?;
        let (deeper, expected) = switch.shape.complaint(value)?;
        let path = [vec![name.clone()], deeper].concat().join(".");
        Some(format!("compat.{path} {expected}"))
    })
}

fn unknown(name: &str) -> String {
    if name == "reasoningEffortMap" {
        return "has given way to the model's thinkingLevelMap".to_owned();
    }
    match nearest(name, SWITCHES.iter().map(|switch| switch.name)) {
        Some(known) => format!("is not known and has no effect; did you mean {known}?"),
        None => "is not known and has no effect".to_owned(),
    }
}

const APIS: [(&str, u8); 11] = [
    ("openai-completions", COMPLETIONS),
    ("openai-responses", RESPONSES),
    ("azure-openai-responses", RESPONSES),
    ("openai-codex-responses", RESPONSES),
    ("anthropic-messages", ANTHROPIC),
    ("bedrock-converse-stream", NOBODY),
    ("mistral-conversations", NOBODY),
    ("typesafe-system-one", NOBODY),
    ("cloudflare-workers-ai-system-one", NOBODY),
    ("google-generative-ai", NOBODY),
    ("google-vertex", NOBODY),
];

fn bit_of(api: &str) -> Option<u8> {
    APIS.iter()
        .find(|(name, _)| *name == api)
        .map(|(_, bit)| *bit)
}

fn names_of(apis: u8) -> Vec<&'static str> {
    let reads = |(_, bit): &&(&str, u8)| apis & bit != 0;
    APIS.iter().filter(reads).map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::catalog;

    #[test]
    fn every_switch_of_the_catalogue_is_in_the_table() {
        let models = catalog::providers().flat_map(catalog::models);
        for model in models {
            for (name, value) in &model.compat {
                let switch = SWITCHES.iter().find(|switch| switch.name == name);
                let switch = switch.unwrap_or_else(|| panic!("{name} of {}", model.full_id()));
                assert_eq!(
                    switch.shape.complaint(value),
                    None,
                    "{name} of {}",
                    model.full_id()
                );
            }
        }
    }
}
