//! The settings that the panel shows, in its order: what each is called, what it can be, when a change
//! counts. What each does is said by `config::settings`.

use serde_json::Value;

use crate::config::settings::SETTINGS;

/// A setting in the panel.
pub struct Entry {
    /// Its name in `settings.json`.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What it can be.
    pub kind: Kind,
    /// When a change counts.
    pub when: When,
}

/// What a setting can be.
pub enum Kind {
    /// One of these: as JSON, and as it is shown.
    Choice(&'static [(&'static str, &'static str)]),
    /// A whole number from the first to the second.
    Number(u64, u64),
    /// Words; none for the default.
    Text,
    /// A theme's name, or `light/dark` names.
    Theme,
    /// The provider and id of a model; the entry is `defaultProvider`.
    Model,
    /// Thinking levels of single models.
    ModelLevels,
}

/// When a change counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// From the next run of the model on.
    NextRun,
    /// From the next start of pi, or the next session, on.
    NextStart,
}

impl Entry {
    /// What it does.
    pub fn does(&self) -> &'static str {
        let known = SETTINGS.iter().find(|setting| setting.name == self.name);
        known.map_or("", |setting| setting.does)
    }

    /// Whether a value is one that it can be.
    pub fn takes(&self, value: &Value) -> bool {
        match self.kind {
            Kind::Choice(choices) => {
                let json = value.to_string();
                let is_offered = choices.iter().any(|(offered, _)| *offered == json);
                // Numbers that the file may hold beside those that are offered.
                let are_numbers = || choices.iter().any(|(json, _)| json.parse::<u64>().is_ok());
                is_offered || value.is_u64() && are_numbers()
            }
            Kind::Number(least, most) => value
                .as_u64()
                .is_some_and(|number| (least..=most).contains(&number)),
            Kind::Text | Kind::Theme | Kind::Model => value.is_string(),
            Kind::ModelLevels => value.is_object(),
        }
    }
}

const YES_NO: Kind = Kind::Choice(&[("true", "true"), ("false", "false")]);
const ZERO_ONE: Kind = Kind::Choice(&[("0", "0"), ("1", "1")]);
const QUEUE: Kind = Kind::Choice(&[("\"one-at-a-time\"", "one-at-a-time"), ("\"all\"", "all")]);
const LEVELS: Kind = Kind::Choice(&[
    ("\"off\"", "off"),
    ("\"minimal\"", "minimal"),
    ("\"low\"", "low"),
    ("\"medium\"", "medium"),
    ("\"high\"", "high"),
    ("\"xhigh\"", "xhigh"),
    ("\"max\"", "max"),
]);

const fn entry(name: &'static str, label: &'static str, kind: Kind, when: When) -> Entry {
    Entry {
        name,
        label,
        kind,
        when,
    }
}

/// The settings, in their order.
pub const ENTRIES: &[Entry] = &[
    entry("theme", "Theme", Kind::Theme, When::Now),
    entry(
        "defaultProvider",
        "Default model",
        Kind::Model,
        When::NextStart,
    ),
    entry(
        "defaultThinkingLevel",
        "Default thinking level",
        LEVELS,
        When::NextStart,
    ),
    entry(
        "modelThinkingLevels",
        "Thinking level per model",
        Kind::ModelLevels,
        When::Now,
    ),
    entry("hideThinkingBlock", "Hide thinking", YES_NO, When::Now),
    entry("compaction.enabled", "Auto-compact", YES_NO, When::Now),
    entry(
        "compaction.reserveTokens",
        "Compaction: free for the answer",
        Kind::Number(0, 10_000_000),
        When::NextRun,
    ),
    entry(
        "compaction.keepRecentTokens",
        "Compaction: kept as it is",
        Kind::Number(0, 10_000_000),
        When::NextRun,
    ),
    entry(
        "branchSummary.skipPrompt",
        "Leave branches unasked",
        YES_NO,
        When::Now,
    ),
    entry("retry.enabled", "Retry failed requests", YES_NO, When::Now),
    entry(
        "retry.maxRetries",
        "Retries",
        Kind::Number(0, 100),
        When::NextRun,
    ),
    entry(
        "httpIdleTimeoutMs",
        "HTTP idle timeout",
        Kind::Choice(&[
            ("30000", "30 s"),
            ("60000", "1 min"),
            ("120000", "2 min"),
            ("300000", "5 min"),
            ("0", "none"),
        ]),
        When::NextRun,
    ),
    entry(
        "transport",
        "Transport",
        Kind::Choice(&[
            ("\"auto\"", "auto"),
            ("\"sse\"", "sse"),
            ("\"websocket\"", "websocket"),
            ("\"websocket-cached\"", "websocket-cached"),
        ]),
        When::NextRun,
    ),
    entry("steeringMode", "Steering messages", QUEUE, When::Now),
    entry("followUpMode", "Follow-up messages", QUEUE, When::Now),
    entry(
        "maxTurns",
        "Turns of a run",
        Kind::Number(0, 1_000_000),
        When::NextRun,
    ),
    entry(
        "maxRepeatedToolCalls",
        "Repeated tool calls",
        Kind::Number(0, 1_000),
        When::NextRun,
    ),
    entry(
        "images.autoResize",
        "Auto-resize images",
        YES_NO,
        When::NextRun,
    ),
    entry("images.blockImages", "Block images", YES_NO, When::Now),
    entry("externalEditor", "External editor", Kind::Text, When::Now),
    entry("shellPath", "Shell", Kind::Text, When::NextRun),
    entry(
        "shellCommandPrefix",
        "Shell command prefix",
        Kind::Text,
        When::NextRun,
    ),
    entry(
        "doubleEscapeAction",
        "Double Escape",
        Kind::Choice(&[
            ("\"tree\"", "tree"),
            ("\"fork\"", "fork"),
            ("\"none\"", "none"),
        ]),
        When::Now,
    ),
    entry(
        "treeFilterMode",
        "Tree filter",
        Kind::Choice(&[
            ("\"default\"", "default"),
            ("\"no-tools\"", "no-tools"),
            ("\"user-only\"", "user-only"),
            ("\"labeled-only\"", "labeled-only"),
            ("\"all\"", "all"),
        ]),
        When::Now,
    ),
    entry(
        "quietStartup",
        "Quiet start",
        Kind::Choice(&[
            ("false", "false"),
            ("\"header\"", "header"),
            ("true", "true"),
        ]),
        When::Now,
    ),
    entry(
        "defaultProjectTrust",
        "Trust of new projects",
        Kind::Choice(&[
            ("\"ask\"", "ask"),
            ("\"always\"", "always"),
            ("\"never\"", "never"),
        ]),
        When::NextStart,
    ),
    entry("sessionIndex", "Index of sessions", YES_NO, When::NextStart),
    entry(
        "editorPaddingX",
        "Editor padding",
        Kind::Choice(&[("0", "0"), ("1", "1"), ("2", "2"), ("3", "3")]),
        When::Now,
    ),
    entry(
        "autocompleteMaxVisible",
        "Completions shown",
        Kind::Number(3, 20),
        When::Now,
    ),
    entry("outputPad", "Transcript padding", ZERO_ONE, When::Now),
    entry("timestamps", "Times of messages", YES_NO, When::Now),
    entry(
        "tuiMode",
        "Terminal mode",
        Kind::Choice(&[("\"fullscreen\"", "fullscreen"), ("\"regular\"", "regular")]),
        When::Now,
    ),
    entry(
        "fullscreenExitOutput",
        "Left behind at exit",
        Kind::Choice(&[
            ("\"transcript\"", "transcript"),
            ("\"resume-hint\"", "resume-hint"),
        ]),
        When::Now,
    ),
    entry(
        "fullscreenWheelScrollLines",
        "Wheel scrolling",
        Kind::Choice(&[
            ("\"auto\"", "auto"),
            ("1", "1"),
            ("2", "2"),
            ("3", "3"),
            ("5", "5"),
            ("10", "10"),
        ]),
        When::Now,
    ),
    entry(
        "fullscreenScrollbar",
        "Scrollbar",
        Kind::Choice(&[
            ("\"auto\"", "auto"),
            ("\"always\"", "always"),
            ("\"hidden\"", "hidden"),
        ]),
        When::Now,
    ),
    entry(
        "fullscreenCopyOnSelect",
        "Copy what is selected",
        YES_NO,
        When::Now,
    ),
    entry(
        "markdown.mermaid",
        "Mermaid diagrams",
        Kind::Choice(&[
            ("\"streaming\"", "streaming"),
            ("\"final\"", "final"),
            ("\"off\"", "off"),
        ]),
        When::Now,
    ),
    entry(
        "terminal.hyperlinks",
        "Links",
        Kind::Choice(&[("\"auto\"", "auto"), ("true", "true"), ("false", "false")]),
        When::Now,
    ),
    entry(
        "terminal.trueColor",
        "24-bit colours",
        Kind::Choice(&[("\"auto\"", "auto"), ("true", "true"), ("false", "false")]),
        When::Now,
    ),
    entry("terminal.showImages", "Show pictures", YES_NO, When::Now),
    entry(
        "terminal.images",
        "Pictures by",
        Kind::Choice(&[
            ("\"auto\"", "auto"),
            ("\"kitty\"", "kitty"),
            ("\"iterm2\"", "iterm2"),
            ("\"sixel\"", "sixel"),
            ("false", "none"),
        ]),
        When::Now,
    ),
    entry(
        "terminal.imageWidthCells",
        "Width of pictures",
        Kind::Number(1, 1000),
        When::Now,
    ),
    entry(
        "terminal.showTerminalProgress",
        "Progress in the tab",
        YES_NO,
        When::Now,
    ),
    entry(
        "terminal.notify",
        "Notifications",
        Kind::Choice(&[
            ("\"auto\"", "auto"),
            ("\"bell\"", "bell"),
            ("\"off\"", "off"),
        ]),
        When::Now,
    ),
    entry(
        "collapseChangelog",
        "News in short",
        YES_NO,
        When::NextStart,
    ),
];
