//! How a server departs from OpenAI's own: known from its provider id and URL, overridden by the
//! model's `compat` (the models page lists the switches).

use serde_json::{Map, Value};

use super::super::billing::is_openrouter;
use super::super::switches::Switches;
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
    /// Says at the end why it ended.
    pub finish_reason: bool,
    /// The name of the output limit.
    pub max_tokens_field: String,
    /// Wants the tool's name in results.
    pub tool_result_name: bool,
    /// Wants an assistant message between tool results and the user's.
    pub assistant_after_tool_result: bool,
    /// Takes no `null` for an answer without words.
    pub non_null_content: bool,
    /// Wants `tools` when the history has calls, though there are none.
    pub tools_with_history: bool,
    /// Wants thinking back as text.
    pub thinking_as_text: bool,
    /// Wants `reasoning_content` on every assistant message.
    pub reasoning_content_always: bool,
    /// How thinking is switched.
    pub thinking_format: String,
    /// What the format `chat-template` sends.
    pub chat_template_kwargs: Map<String, Value>,
    /// What the format `baseten` sends.
    pub chat_template_args: Map<String, Value>,
    /// The name of a limit on thinking.
    pub thinking_budget_field: Option<String>,
    /// Takes `strict` in tools.
    pub strict_mode: bool,
    /// Takes Anthropic's cache breakpoints.
    pub anthropic_cache: bool,
    /// The headers that it routes by.
    pub session_headers: &'static [&'static str],
    /// When it is told `prompt_cache_key`.
    pub cache_key: CacheKey,
    /// Keeps prompts for long.
    pub long_cache: bool,
    /// z.ai streams tool calls when asked.
    pub zai_tool_stream: bool,
    /// vLLM's place in the queue.
    pub vllm_priority: Option<Value>,
    /// OpenRouter's choice of servers.
    pub openrouter_routing: Option<Value>,
    /// Vercel's choice of servers.
    pub vercel_routing: Option<Map<String, Value>>,
}

/// When a server is told `prompt_cache_key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheKey {
    /// OpenAI's own, and others when they are to keep prompts for long.
    Auto,
    /// Whenever there is caching.
    Enabled,
    /// Never.
    Disabled,
}

impl Compat {
    /// What holds for `model`.
    pub fn of(model: &Model) -> Self {
        let mut compat = Compat::detected(model);
        compat.apply(Switches::of(model));
        compat
    }

    fn detected(model: &Model) -> Self {
        let at = |providers: &[&str]| providers.contains(&model.provider.as_str());
        let url = |part: &str| model.base_url.contains(part);
        let zai = at(&["zai", "zai-coding-cn"]) || url("api.z.ai") || url("open.bigmodel.cn");
        let together = at(&["together"]) || url("api.together.ai") || url("api.together.xyz");
        let moonshot = at(&["moonshotai", "moonshotai-cn"]) || url("api.moonshot.");
        let openrouter = is_openrouter(model);
        let workers_ai = at(&["cloudflare-workers-ai"]) || url("api.cloudflare.com");
        let ai_gateway = at(&["cloudflare-ai-gateway"]) || url("gateway.ai.cloudflare.com");
        let nvidia = at(&["nvidia"]) || url("integrate.api.nvidia.com");
        let ant_ling = at(&["ant-ling"]) || url("api.ant-ling.com");
        let cerebras = at(&["cerebras"]) || url("cerebras.ai");
        let deepseek = at(&["deepseek"]) || model.base_url.to_lowercase().contains("deepseek.com");
        let grok = at(&["xai"]) || url("api.x.ai");
        let chutes = url("chutes.ai");
        let opencode = at(&["opencode"]) || url("opencode.ai");
        let old_limit =
            chutes || deepseek || moonshot || ai_gateway || together || nvidia || ant_ling || zai;
        let plain = old_limit || cerebras || grok || opencode || workers_ai;
        let passes_developer =
            openrouter && (model.id.starts_with("anthropic/") || model.id.starts_with("openai/"));
        let field = ["max_completion_tokens", "max_tokens"][usize::from(old_limit)];
        Compat {
            store: !plain,
            developer_role: passes_developer || !(plain || openrouter),
            reasoning_effort: !(grok
                || zai
                || moonshot
                || together
                || ai_gateway
                || nvidia
                || ant_ling),
            usage_in_streaming: true,
            finish_reason: true,
            max_tokens_field: field.to_owned(),
            tool_result_name: false,
            assistant_after_tool_result: false,
            non_null_content: false,
            tools_with_history: false,
            thinking_as_text: false,
            reasoning_content_always: deepseek,
            thinking_format: match () {
                () if deepseek => "deepseek",
                () if zai => "zai",
                () if together => "together",
                () if ant_ling => "ant-ling",
                () if openrouter => "openrouter",
                () => "openai",
            }
            .to_owned(),
            chat_template_kwargs: Map::new(),
            chat_template_args: Map::new(),
            thinking_budget_field: None,
            strict_mode: false,
            anthropic_cache: at(&["openrouter"]) && model.id.starts_with("anthropic/"),
            session_headers: if openrouter { OPENROUTER } else { &[] },
            cache_key: CacheKey::Auto,
            long_cache: !(together || workers_ai || ai_gateway || nvidia || ant_ling),
            zai_tool_stream: false,
            vllm_priority: None,
            openrouter_routing: None,
            vercel_routing: None,
        }
    }

    fn apply(&mut self, set: Switches<'_>) {
        let switches = [
            ("supportsStore", &mut self.store),
            ("supportsDeveloperRole", &mut self.developer_role),
            ("supportsReasoningEffort", &mut self.reasoning_effort),
            ("supportsUsageInStreaming", &mut self.usage_in_streaming),
            ("supportsFinishReason", &mut self.finish_reason),
            ("requiresToolResultName", &mut self.tool_result_name),
            (
                "requiresAssistantAfterToolResult",
                &mut self.assistant_after_tool_result,
            ),
            (
                "requiresNonNullAssistantContent",
                &mut self.non_null_content,
            ),
            ("requiresToolsWithToolHistory", &mut self.tools_with_history),
            ("requiresThinkingAsText", &mut self.thinking_as_text),
            (
                "requiresReasoningContentOnAssistantMessages",
                &mut self.reasoning_content_always,
            ),
            ("supportsStrictMode", &mut self.strict_mode),
            ("supportsLongCacheRetention", &mut self.long_cache),
            ("zaiToolStream", &mut self.zai_tool_stream),
        ];
        for (name, switch) in switches {
            if let Some(on) = set.on(name) {
                *switch = on;
            }
        }
        if let Some(field) = set.word("maxTokensField") {
            self.max_tokens_field = field.to_owned();
        }
        if let Some(format) = set.word("thinkingFormat") {
            self.thinking_format = format.to_owned();
        }
        if let Some(format) = set.word("cacheControlFormat") {
            self.anthropic_cache = format == "anthropic";
        }
        let template = |name: &str| set.object(name).cloned().unwrap_or_default();
        self.chat_template_kwargs = template("chatTemplateKwargs");
        self.chat_template_args = template("chatTemplateArgs");
        let vllm = set.on("supportsThinkingTokenBudget") == Some(true);
        let field = set.word("thinkingTokenBudgetField");
        let field = field.or(vllm.then_some("thinking_token_budget"));
        self.thinking_budget_field = field.map(str::to_owned);
        self.session_headers = session_headers(set, self.session_headers);
        self.cache_key = match set.word("promptCacheKeyMode") {
            Some("enabled") => CacheKey::Enabled,
            Some("disabled") => CacheKey::Disabled,
            _ => CacheKey::Auto,
        };
        self.vllm_priority = set.number("vllmPriority").cloned();
        self.openrouter_routing = set.object("openRouterRouting").cloned().map(Value::Object);
        self.vercel_routing = set.object("vercelGatewayRouting").cloned();
    }
}

const OPENROUTER: &[&str] = &["x-session-id"];
const OPENAI: &[&str] = &["session_id", "x-client-request-id", "x-session-affinity"];

/// The headers by what is set; `usual` is what holds where nothing is.
fn session_headers(set: Switches<'_>, usual: &'static [&'static str]) -> &'static [&'static str] {
    let send = set.on("sendSessionAffinityHeaders");
    if !send.unwrap_or(!usual.is_empty()) {
        return &[];
    }
    match set.word("sessionAffinityFormat") {
        Some("openrouter") => OPENROUTER,
        Some("openai") => OPENAI,
        Some("openai-nosession") => &OPENAI[1..],
        _ if usual.is_empty() => OPENAI,
        _ => usual,
    }
}
