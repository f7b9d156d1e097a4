//! Every setting in words: the source of the documentation's table.

/// A setting as the documentation shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name in `settings.json`; a dot leads into an object.
    pub name: &'static str,
    /// What it may hold.
    pub kind: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// What it does.
    pub does: &'static str,
    /// Whether the project's file has no say in it.
    pub user_only: bool,
    /// Whether the reference does not know it.
    pub ours: bool,
}

const fn setting(
    name: &'static str,
    kind: &'static str,
    default: &'static str,
    does: &'static str,
) -> Setting {
    Setting {
        name,
        kind,
        default,
        does,
        user_only: false,
        ours: false,
    }
}

const fn user_only(setting: Setting) -> Setting {
    Setting {
        user_only: true,
        ..setting
    }
}

const fn ours(setting: Setting) -> Setting {
    Setting {
        ours: true,
        ..setting
    }
}

const BOOLEAN: &str = "boolean";
const NUMBER: &str = "number";
const STRING: &str = "string";
const COUNT: &str = "number | string";
const STRINGS: &str = "string[]";
const YES: &str = "true";
const NO: &str = "false";
const NONE: &str = "none";
const QUEUE: &str = "\"one-at-a-time\" | \"all\"";

/// Every setting, in the order of the documentation.
pub const SETTINGS: &[Setting] = &[
    setting(
        "defaultProvider",
        STRING,
        NONE,
        "The provider of the model to start with",
    ),
    setting(
        "defaultModel",
        STRING,
        NONE,
        "The id of the model to start with",
    ),
    setting(
        "defaultThinkingLevel",
        "\"off\" | \"minimal\" | \"low\" | \"medium\" | \"high\" | \"xhigh\" | \"max\"",
        "\"medium\"",
        "How hard the model thinks at the start",
    ),
    setting(
        "modelThinkingLevels",
        "object",
        NONE,
        "The same for single models, keyed by `provider/id`",
    ),
    setting(
        "thinkingBudgets",
        "object",
        "built in",
        "Tokens of thinking for each level, for vendors that count them",
    ),
    setting(
        "enabledModels",
        STRINGS,
        "all",
        "Patterns of the models to step through, as for `--models`",
    ),
    setting(
        "hideThinkingBlock",
        BOOLEAN,
        NO,
        "Do not show the model's thinking",
    ),
    setting(
        "showCacheMissNotices",
        BOOLEAN,
        NO,
        "Tell when a vendor's prompt cache was missed",
    ),
    user_only(setting(
        "cacheWarming",
        "\"off\" | \"streaming\" | \"idle\"",
        "\"off\"",
        "Keep vendors' prompt caches warm",
    )),
    setting(
        "steeringMode",
        QUEUE,
        "\"one-at-a-time\"",
        "How waiting steering messages go out",
    ),
    setting(
        "followUpMode",
        QUEUE,
        "\"one-at-a-time\"",
        "How waiting follow-up messages go out",
    ),
    setting(
        "externalEditor",
        STRING,
        "$VISUAL, $EDITOR",
        "The command that edits the prompt",
    ),
    setting(
        "doubleEscapeAction",
        "\"tree\" | \"fork\" | \"none\"",
        "\"tree\"",
        "What a double Escape does when the editor is empty",
    ),
    setting(
        "treeFilterMode",
        "\"default\" | \"no-tools\" | \"user-only\" | \"labeled-only\" | \"all\"",
        "\"default\"",
        "What `/tree` shows at first",
    ),
    user_only(setting(
        "defaultProjectTrust",
        "\"ask\" | \"always\" | \"never\"",
        "\"ask\"",
        "Whether a project that nobody decided about is trusted",
    )),
    setting(
        "defaultTools",
        STRINGS,
        "read, bash, edit, write",
        "The tools that are on; `+name` adds one to them, `-name` takes one away",
    ),
    ours(setting(
        "maxRepeatedToolCalls",
        NUMBER,
        "5",
        "Stop a model that makes the same call with the same result this many times in a row; 0 never stops it",
    )),
    ours(setting(
        "maxTurns",
        NUMBER,
        NONE,
        "Stop a run after this many turns; 0 never stops it",
    )),
    setting("sessionDir", STRING, NONE, "One directory for all sessions"),
    user_only(ours(setting(
        "sessionIndex",
        BOOLEAN,
        YES,
        "Keep an index of all sessions, for search and lists",
    ))),
    setting(
        "sessionShareDestination",
        STRING,
        "\"auto\"",
        "Where `/share` puts a session",
    ),
    setting(
        "compaction.enabled",
        BOOLEAN,
        YES,
        "Compact the context when it is nearly full",
    ),
    setting(
        "compaction.reserveTokens",
        NUMBER,
        "16384",
        "Tokens to keep free for the answer",
    ),
    setting(
        "compaction.keepRecentTokens",
        NUMBER,
        "20000",
        "Recent tokens that are never summarized",
    ),
    setting(
        "compaction.modelOverrides",
        "object",
        NONE,
        "The two numbers for single models, keyed by `provider/id`",
    ),
    setting(
        "branchSummary.reserveTokens",
        NUMBER,
        "16384",
        "Tokens to keep free when a branch is summarized",
    ),
    setting(
        "branchSummary.skipPrompt",
        BOOLEAN,
        NO,
        "Leave branches without asking for a summary",
    ),
    setting(
        "theme",
        STRING,
        "by the terminal",
        "A theme's name, or `light/dark` names for the terminal to choose from",
    ),
    setting(
        "quietStartup",
        "boolean | \"header\"",
        NO,
        "Show less at the start; `\"header\"` keeps the header",
    ),
    setting(
        "tuiMode",
        "\"fullscreen\" | \"regular\"",
        "\"fullscreen\"",
        "Which of the two terminal modes",
    ),
    setting(
        "fullscreenExitOutput",
        "\"transcript\" | \"resume-hint\"",
        "\"transcript\"",
        "What fullscreen leaves behind in the terminal",
    ),
    setting(
        "fullscreenScrollbar",
        "\"auto\" | \"always\" | \"hidden\"",
        "\"auto\"",
        "When fullscreen shows a scrollbar",
    ),
    setting(
        "fullscreenCopyOnSelect",
        BOOLEAN,
        YES,
        "Copy what is selected with the mouse",
    ),
    setting(
        "fullscreenWheelScrollLines",
        "number | \"auto\"",
        "\"auto\"",
        "Rows for one step of the mouse wheel, 1 to 100",
    ),
    setting(
        "editorPaddingX",
        NUMBER,
        "0",
        "Columns left free beside the editor's text, 0 to 3",
    ),
    setting(
        "outputPad",
        NUMBER,
        "1",
        "Columns left free beside the transcript, 0 or 1",
    ),
    setting(
        "autocompleteMaxVisible",
        NUMBER,
        "5",
        "Completions shown at once, 3 to 20",
    ),
    setting(
        "showHardwareCursor",
        BOOLEAN,
        NO,
        "Show the terminal's own cursor; pi always does, so that input methods follow it",
    ),
    setting(
        "terminal.showImages",
        BOOLEAN,
        YES,
        "Show pictures where the terminal can",
    ),
    setting(
        "terminal.imageWidthCells",
        NUMBER,
        "60",
        "How wide pictures are, in columns",
    ),
    setting(
        "terminal.clearOnShrink",
        BOOLEAN,
        NO,
        "Clear rows that are no longer needed; pi always does",
    ),
    setting(
        "terminal.showTerminalProgress",
        BOOLEAN,
        NO,
        "Show progress in the terminal's tab",
    ),
    setting(
        "terminal.hyperlinks",
        "boolean | \"auto\"",
        "\"auto\"",
        "Whether the terminal can show links",
    ),
    setting(
        "terminal.images",
        "\"kitty\" | \"iterm2\" | \"sixel\" | \"auto\" | false",
        "\"auto\"",
        "How the terminal shows pictures",
    ),
    setting(
        "terminal.trueColor",
        "boolean | \"auto\"",
        "\"auto\"",
        "Whether the terminal has 24-bit colours",
    ),
    ours(setting(
        "terminal.notify",
        "\"auto\" | \"bell\" | \"off\"",
        "\"auto\"",
        "How to tell that a long run has ended or a question waits while you look elsewhere",
    )),
    setting(
        "images.autoResize",
        BOOLEAN,
        YES,
        "Scale pictures down to 2000×2000 before they are sent",
    ),
    setting("images.blockImages", BOOLEAN, NO, "Send no pictures"),
    setting(
        "markdown.codeBlockIndent",
        STRING,
        "\"  \"",
        "What stands before each line of a code block",
    ),
    setting(
        "markdown.mermaid",
        "\"streaming\" | \"final\" | \"off\"",
        "\"streaming\"",
        "When diagrams are drawn",
    ),
    ours(setting(
        "timestamps",
        BOOLEAN,
        YES,
        "Show when prompts were sent and answers came",
    )),
    setting(
        "transport",
        "\"auto\" | \"sse\" | \"websocket\" | \"websocket-cached\"",
        "\"auto\"",
        "How to reach vendors that offer more than one way",
    ),
    user_only(setting(
        "httpProxy",
        STRING,
        NONE,
        "The proxy for all requests",
    )),
    user_only(ours(setting(
        "modelCatalogUrl",
        STRING,
        NONE,
        "Where `pi update --models` finds newer catalogues; `{provider}` in it stands for each provider",
    ))),
    setting(
        "httpIdleTimeoutMs",
        "number | \"disabled\"",
        "300000",
        "How long a response may be silent; 0 is for ever",
    ),
    setting(
        "websocketConnectTimeoutMs",
        "number | \"disabled\"",
        "15000",
        "How long a web socket may take to connect; 0 is for ever",
    ),
    setting(
        "retry.enabled",
        BOOLEAN,
        YES,
        "Try again when a request fails for a passing reason",
    ),
    setting("retry.maxRetries", NUMBER, "3", "How often"),
    setting(
        "retry.baseDelayMs",
        NUMBER,
        "2000",
        "The first pause; each next one is twice as long",
    ),
    setting(
        "retry.maxAgentDelayMs",
        NUMBER,
        "60000",
        "The longest such pause",
    ),
    setting(
        "retry.provider.timeoutMs",
        NUMBER,
        NONE,
        "How long the beginning of a response is waited for; otherwise as long as connecting and `httpIdleTimeoutMs` take",
    ),
    setting(
        "retry.provider.maxRetries",
        NUMBER,
        "0",
        "How often a refused request is sent again before that counts as an attempt",
    ),
    setting(
        "retry.provider.maxRetryDelayMs",
        NUMBER,
        "60000",
        "Give up when the vendor asks for a longer pause; 0 never does",
    ),
    ours(setting(
        "fallbackModels",
        STRINGS,
        NONE,
        "Who goes on, in this order, when the model is overloaded, out of reach or out of quota; patterns as for `--models`",
    )),
    user_only(ours(setting(
        "localServers.enabled",
        BOOLEAN,
        YES,
        "Look for Ollama, llama.cpp, LM Studio and vLLM when models are chosen",
    ))),
    user_only(ours(setting(
        "localServers.waitMs",
        NUMBER,
        "100",
        "How long each of them may take to answer; an address that you have given may take 1000 unless this is set",
    ))),
    ours(setting(
        "budget.run.usd",
        NUMBER,
        NONE,
        "US dollars that one run may cost; 0 is no limit",
    )),
    ours(setting(
        "budget.run.tokens",
        COUNT,
        NONE,
        "Tokens that one run may take, such as `\"200k\"`; 0 is no limit",
    )),
    ours(setting(
        "budget.run.time",
        STRING,
        NONE,
        "Time that one run may take, such as `\"10m\"`; 0 is no limit",
    )),
    ours(setting(
        "budget.session.usd",
        NUMBER,
        NONE,
        "US dollars that one session may cost from its beginning; 0 is no limit",
    )),
    ours(setting(
        "budget.session.tokens",
        COUNT,
        NONE,
        "Tokens that one session may take from its beginning, such as `\"200k\"`; 0 is no limit",
    )),
    ours(setting(
        "budget.session.time",
        STRING,
        NONE,
        "Time that one session may take from its beginning, such as `\"10m\"`; 0 is no limit",
    )),
    ours(setting(
        "budget.day.usd",
        NUMBER,
        NONE,
        "US dollars that a day may cost, all sessions together; 0 is no limit",
    )),
    ours(setting(
        "budget.day.tokens",
        COUNT,
        NONE,
        "Tokens that a day may take, all sessions together, such as `\"200k\"`; 0 is no limit",
    )),
    ours(setting(
        "budget.day.time",
        STRING,
        NONE,
        "Time that a day may take, all sessions together, such as `\"10m\"`; 0 is no limit",
    )),
    setting(
        "shellPath",
        STRING,
        "by the platform",
        "The shell for commands",
    ),
    setting(
        "shellCommandPrefix",
        STRING,
        NONE,
        "Put before every shell command",
    ),
    setting(
        "npmCommand",
        STRINGS,
        "npm",
        "The command that installs packages, word by word",
    ),
    user_only(setting(
        "selfUpdateCommand",
        STRINGS,
        NONE,
        "The command that updates pi, word by word",
    )),
    setting("packages", "array", "[]", "Packages to load resources from"),
    setting(
        "extensions",
        STRINGS,
        "[]",
        "Extension files and directories",
    ),
    setting("skills", STRINGS, "[]", "Skill files and directories"),
    setting(
        "prompts",
        STRINGS,
        "[]",
        "Prompt template files and directories",
    ),
    setting("themes", STRINGS, "[]", "Theme files and directories"),
    setting(
        "enableSkillCommands",
        BOOLEAN,
        YES,
        "Offer skills as `/skill:name`",
    ),
    setting(
        "collapseChangelog",
        BOOLEAN,
        NO,
        "Show what is new in short after an update",
    ),
    user_only(setting(
        "lastChangelogVersion",
        STRING,
        NONE,
        "The version whose news were shown last; pi writes it",
    )),
    setting(
        "enableInstallTelemetry",
        BOOLEAN,
        NO,
        "Report installations; pi sends nothing unless this is on",
    ),
    setting(
        "enableAnalytics",
        BOOLEAN,
        NO,
        "Share usage data; pi sends nothing unless this is on",
    ),
    setting(
        "warnings.anthropicExtraUsage",
        BOOLEAN,
        YES,
        "Warn when a Claude subscription may cost extra",
    ),
];
