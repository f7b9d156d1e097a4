//! The start-up header: what this is, what it knows, which keys to begin with.

use super::Settings;
use crate::session::View;
use crate::tui::footer::short_path;
use crate::tui::transcript::Header;

/// The header above the first message.
pub(super) fn header(view: &View, settings: &Settings) -> Header {
    let mut header = Header {
        title: format!("pi {}", settings.version),
        aside: if view.demo {
            "demo, no model connected".into()
        } else {
            String::new()
        },
        facts: Vec::new(),
        hints: Vec::new(),
    };
    if settings.quiet {
        return header;
    }
    let home = settings.home.as_deref();
    if !view.context_files.is_empty() {
        let files: Vec<String> = view
            .context_files
            .iter()
            .map(|file| short_path(file, home))
            .collect();
        header.facts.push(("Context".into(), files.join(", ")));
    }
    let key = |id: &str| settings.keymap.describe(id);
    let first = |id: &str| key(id).split('/').next().unwrap_or_default().to_owned();
    header.hints.push(format!(
        "{} stops · {} clears, twice quits · / commands · ! shell · {} models · {} tool output · /hotkeys",
        first("app.interrupt"),
        first("app.clear"),
        first("app.model.select"),
        first("app.tools.expand"),
    ));
    if view.demo {
        header.hints.push(
            "No model is connected: an embedded demo answers by fixed rules, with the real tools, in this directory.".into(),
        );
        header.hints.push(
            "Try: list the files here · read README.md · run git status. To connect a model: /login".into(),
        );
    }
    header
}

/// What `/login` shows: how a model is connected in this version.
pub(super) fn login() -> Vec<String> {
    [
        "This version connects models by key or by server address; logins in the browser come later.",
        "",
        "A key in the environment, then start pi again:",
        "  export ANTHROPIC_API_KEY=sk-ant-…",
        "  also OPENROUTER_API_KEY, GROQ_API_KEY, DEEPSEEK_API_KEY, CEREBRAS_API_KEY and others",
        "",
        "Or a key in auth.json in the agent directory (~/.pi/agent), which /model reads anew:",
        "  { \"anthropic\": { \"type\": \"api_key\", \"key\": \"sk-ant-…\" } }",
        "",
        "Or a server of your own in models.json there (Ollama, llama.cpp, LM Studio, vLLM):",
        "  { \"providers\": { \"ollama\": { \"baseUrl\": \"http://localhost:11434/v1\",",
        "      \"api\": \"openai-completions\", \"apiKey\": \"ollama\",",
        "      \"models\": [ { \"id\": \"qwen2.5-coder:7b\" } ] } } }",
        "",
        "Then choose with /model. More: docs/providers.md and docs/local-models.md.",
    ]
    .map(str::to_owned)
    .to_vec()
}
