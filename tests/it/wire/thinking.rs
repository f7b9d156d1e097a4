//! What is sent for each level of thinking, model by model of the embedded table.

use pi::ai::{Model, ThinkingLevel, catalog};
use serde_json::Value;

use super::bodies::body;
use super::hello;

/// At least one model of each API, and of each way to ask that the table has.
const MODELS: [(&str, &str); 29] = [
    ("anthropic", "claude-haiku-4-5"),
    ("anthropic", "claude-opus-4-6"),
    ("anthropic", "claude-opus-4-8"),
    ("anthropic", "claude-opus-5-5"),
    ("fireworks", "accounts/fireworks/models/kimi-k3"),
    ("minimax", "MiniMax-M3"),
    ("openai", "gpt-6.1-sol"),
    ("azure", "gpt-6.1-sol"),
    ("openai-codex", "gpt-6.1-sol"),
    ("google", "gemini-2.5-flash"),
    ("google", "gemini-4-argon"),
    ("google-vertex", "gemini-4-argon"),
    ("amazon-bedrock", "us.anthropic.claude-opus-5-5"),
    ("amazon-bedrock", "amazon.nova-pro-v1:0"),
    ("mistral", "mistral-medium-latest"),
    ("ant-ling", "Ring-2.6-1T"),
    ("baseten", "zai-org/GLM-5.3"),
    ("cerebras", "gpt-oss-120b"),
    ("deepseek", "deepseek-v4-pro"),
    ("github-copilot", "claude-opus-5"),
    ("groq", "openai/gpt-oss-120b"),
    ("moonshotai", "kimi-k2.7-code"),
    ("openrouter", "moonshotai/kimi-k2.7-code"),
    ("qwen-token-plan", "qwen3.8-max"),
    ("together", "moonshotai/Kimi-K3"),
    ("vercel-ai-gateway", "zai/glm-5.3"),
    ("xai", "grok-4.7"),
    ("zai", "glm-5.3"),
    ("mistral", "devstral-medium-latest"),
];

/// What is the same at every level, and none of thinking's business.
const OTHER: [&str; 18] = [
    "model",
    "messages",
    "contents",
    "input",
    "system",
    "systemInstruction",
    "instructions",
    "stream",
    "stream_options",
    "store",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "prompt_cache_key",
    "text",
    "inferenceConfig",
    "max_completion_tokens",
    "max_output_tokens",
];

/// The body without what is not about thinking.
fn about_thinking(body: Value) -> Value {
    let Value::Object(mut body) = body else {
        panic!("no object");
    };
    // Where the conversation says it.
    let list = body.get("messages").or(body.get("input"));
    let last = list.and_then(|list| list.as_array()?.last());
    let said = last.and_then(|last| last.get("output_config").or(last.get("reasoning")));
    if let Some(said) = said.cloned() {
        body.insert("last message".into(), said);
    }
    body.retain(|name, _| !OTHER.contains(&name.as_str()));
    if let Some(Value::Object(config)) = body.get_mut("generationConfig") {
        config.remove("maxOutputTokens");
    }
    Value::Object(body)
}

#[tokio::test]
async fn every_level_of_every_kind_of_model_is_asked_for_as_its_vendor_wants_it() {
    let mut table = String::new();
    for (provider, id) in MODELS {
        let found = catalog::find(provider, id).unwrap_or_else(|| panic!("{provider}/{id}"));
        let model = Model::clone(&found);
        table.push_str(&format!("{provider}/{id} ({})\n", model.api));
        for level in ThinkingLevel::ALL {
            let asked = model.clamp_thinking(level);
            let mut request = hello();
            request.thinking = asked;
            let sent = match asked == level {
                true => about_thinking(body(&model, request).await).to_string(),
                false => format!("as {}", asked.as_str()),
            };
            table.push_str(&format!("  {:<8} {sent}\n", level.as_str()));
        }
    }
    let known = include_str!("thinking.txt");
    assert!(table == known, "thinking.txt should be\n{table}");
}

#[tokio::test]
async fn budgets_of_the_settings_count_where_a_vendor_counts_tokens() {
    let haiku = catalog::find("anthropic", "claude-haiku-4-5").unwrap();
    let mut request = hello();
    request.thinking = ThinkingLevel::Low;
    request.thinking_budgets = [(ThinkingLevel::Low, 5_000)].into();
    let sent = body(&haiku, request).await;
    assert_eq!(sent["thinking"]["budget_tokens"], 5_000);

    // What is left for the answer is never less than 1,024 tokens, and a budget never less than that.
    let mut small = Model::clone(&haiku);
    small.max_tokens = 3_000;
    let mut request = hello();
    request.thinking = ThinkingLevel::High;
    let sent = body(&small, request.clone()).await;
    assert_eq!(sent["max_tokens"], 3_000);
    assert_eq!(sent["thinking"]["budget_tokens"], 1_976);
    small.max_tokens = 1_024;
    let sent = body(&small, request).await;
    assert_eq!(sent["thinking"]["type"], "disabled");
}
