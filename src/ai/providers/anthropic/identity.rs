//! Who asks. Anthropic grants its subscriptions' tokens (`sk-ant-oat…`) to its own program only, and
//! knows it by headers, by the first words of the system prompt and by how its tools are spelled; a
//! request with such a token is dressed like that, and the answer's tool names are turned back.

use crate::ai::provider::{Request, ToolSpec};

/// The system prompt's first block, word for word what the vendor looks for.
pub const FIRST_WORDS: &str = "You are Claude Code, Anthropic's official CLI for Claude.";

/// What the program sends beside its token.
pub const HEADERS: [(&str, &str); 3] = [
    ("anthropic-dangerous-direct-browser-access", "true"),
    ("user-agent", "claude-cli/2.1.322"),
    ("x-app", "cli"),
];

/// The features that it asks for.
pub const BETAS: [&str; 2] = ["claude-code-20250219", "oauth-2025-04-20"];

/// How the program spells its tools.
const TOOLS: [&str; 17] = [
    "Read",
    "Write",
    "Edit",
    "Bash",
    "Grep",
    "Glob",
    "AskUserQuestion",
    "EnterPlanMode",
    "ExitPlanMode",
    "KillShell",
    "NotebookEdit",
    "Skill",
    "Task",
    "TaskOutput",
    "TodoWrite",
    "WebFetch",
    "WebSearch",
];

/// Whether the request's token is a subscription's.
pub fn is_subscription(request: &Request) -> bool {
    let key = request.auth.api_key.as_deref().unwrap_or_default();
    key.contains("sk-ant-oat")
}

/// A tool's name as the vendor's program spells it; other names as they are.
pub fn spelled(name: &str) -> &str {
    let known = TOOLS.iter().find(|known| known.eq_ignore_ascii_case(name));
    known.copied().unwrap_or(name)
}

/// The name that `tools` has for what the vendor's model calls.
pub fn unspelled<'a>(name: &'a str, tools: &'a [ToolSpec]) -> &'a str {
    let same = |tool: &&ToolSpec| tool.name.eq_ignore_ascii_case(name);
    tools.iter().find(same).map_or(name, |tool| &tool.name)
}
