//! How a server departs from OpenAI's own: known from its provider id and URL, overridden by the
//! model's `compat` (the models page lists the switches).

use serde_json::{Map, Value};

use crate::ai::model::Model;

/// The departures of one model's server.
#[derive(Debug, Clone, PartialEq)]
pub struct Compat {
    /// Takes `store`.
    pub store: bool,
    /// Takes the role `developer` for the system prompt of thinking models.
    pub developer_role: bool,
    /// Takes `reasoning_effort`.
    pub reasoning_effort: bool,
    /// Takes `stream_options.include_usage`.
    pub usage_in_streaming: bool,
    /// The name of the output limit.
    pub max_tokens_field: String,
    /// Wants the tool's name in results.
    pub tool_result_name: bool,
    /// Wants an assistant message between tool results and the user's.
    pub assistant_after_tool_result: bool,
    /// Wants thinking back as text.
    pub thinking_as_text: bool,
    /// Wants `reasoning_content` on every assistant message.
    pub reasoning_content_always: bool,
    /// How thinking is switched.
    pub thinking_format: String,
    /// Takes `strict` in tools.
    pub strict_mode: bool,
    /// Takes Anthropic's cache breakpoints.
    pub anthropic_cache: bool,
    /// Routes by session headers.
    pub session_headers: bool,
    /// Keeps prompts for long.
    pub long_cache: bool,
    /// z.ai streams tool calls when asked.
    pub zai_tool_stream: bool,
    /// OpenRouter's choice of servers.
    pub openrouter_routing: Option<Value>,
    /// Vercel's choice of servers.
    pub vercel_routing: Option<Map<String, Value>>,
}

impl Compat {
    /// What holds for `model`.
    pub fn of(model: &Model) -> Self {
        let mut compat = Compat::detected(model);
        compat.apply(&model.compat);
        compat
    }

    fn detected(model: &Model) -> Self {
        let at = |provider: &str| model.provider == provider;
        let url = |part: &str| model.base_url.contains(part);
        let zai = at("zai") || url("api.z.ai");
        let moonshot = at("moonshotai") || at("moonshotai-cn") || url("api.moonshot.");
        let workers_ai = at("cloudflare-workers-ai") || url("api.cloudflare.com");
        let ai_gateway = at("cloudflare-ai-gateway") || url("gateway.ai.cloudflare.com");
        let grok = at("xai") || url("api.x.ai");
        let chutes = url("chutes.ai");
        let deepseek = at("deepseek") || url("deepseek.com");
        let openrouter = at("openrouter") || url("openrouter.ai");
        let plain = at("cerebras")
            || url("cerebras.ai")
            || grok
            || chutes
            || url("deepseek.com")
            || zai
            || moonshot
            || at("opencode")
            || url("opencode.ai")
            || workers_ai
            || ai_gateway;
        let old_limit = chutes || moonshot || ai_gateway;
        Compat {
            store: !plain,
            developer_role: !plain,
            reasoning_effort: !(grok || zai || moonshot || ai_gateway),
            usage_in_streaming: true,
            max_tokens_field: if old_limit {
                "max_tokens"
            } else {
                "max_completion_tokens"
            }
            .to_owned(),
            tool_result_name: false,
            assistant_after_tool_result: false,
            thinking_as_text: false,
            reasoning_content_always: deepseek,
            thinking_format: match () {
                () if deepseek => "deepseek",
                () if zai => "zai",
                () if openrouter => "openrouter",
                () => "openai",
            }
            .to_owned(),
            strict_mode: !(moonshot || ai_gateway),
            anthropic_cache: at("openrouter") && model.id.starts_with("anthropic/"),
            session_headers: false,
            long_cache: !(workers_ai || ai_gateway),
            zai_tool_stream: false,
            openrouter_routing: None,
            vercel_routing: None,
        }
    }

    fn apply(&mut self, set: &Map<String, Value>) {
        let switches = [
            ("supportsStore", &mut self.store),
            ("supportsDeveloperRole", &mut self.developer_role),
            ("supportsReasoningEffort", &mut self.reasoning_effort),
            ("supportsUsageInStreaming", &mut self.usage_in_streaming),
            ("requiresToolResultName", &mut self.tool_result_name),
            (
                "requiresAssistantAfterToolResult",
                &mut self.assistant_after_tool_result,
            ),
            ("requiresThinkingAsText", &mut self.thinking_as_text),
            (
                "requiresReasoningContentOnAssistantMessages",
                &mut self.reasoning_content_always,
            ),
            ("supportsStrictMode", &mut self.strict_mode),
            ("sendSessionAffinityHeaders", &mut self.session_headers),
            ("supportsLongCacheRetention", &mut self.long_cache),
            ("zaiToolStream", &mut self.zai_tool_stream),
        ];
        for (name, switch) in switches {
            if let Some(value) = set.get(name).and_then(Value::as_bool) {
                *switch = value;
            }
        }
        if let Some(field) = set.get("maxTokensField").and_then(Value::as_str) {
            self.max_tokens_field = field.to_owned();
        }
        if let Some(format) = set.get("thinkingFormat").and_then(Value::as_str) {
            self.thinking_format = format.to_owned();
        }
        if let Some(format) = set.get("cacheControlFormat").and_then(Value::as_str) {
            self.anthropic_cache = format == "anthropic";
        }
        self.openrouter_routing = set.get("openRouterRouting").cloned();
        let vercel = set.get("vercelGatewayRouting").and_then(Value::as_object);
        self.vercel_routing = vercel.cloned();
    }
}
