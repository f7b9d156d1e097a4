//! The settings in force, as types.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::choice::{
    CacheWarming, DefaultTrust, DoubleEscape, ExitOutput, Images, Mermaid, NotifyBy, QueueMode,
    Quiet, Scrollbar, Switch, Transport, TreeFilter, TuiMode, WheelLines,
};
use crate::ai::ThinkingLevel;
use crate::config::budget::BudgetSettings;

/// Every setting; `docs/settings.md` and [`super::SETTINGS`] say what each means.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the table of settings documents every name once"
)]
pub struct Settings {
    pub default_provider: Option<String>,
    pub default_model: Option<String>,
    pub default_thinking_level: Option<ThinkingLevel>,
    pub model_thinking_levels: BTreeMap<String, ThinkingLevel>,
    pub thinking_budgets: BTreeMap<ThinkingLevel, u64>,
    pub enabled_models: Option<Vec<String>>,
    pub hide_thinking_block: bool,
    pub show_cache_miss_notices: bool,
    pub cache_warming: CacheWarming,
    pub steering_mode: QueueMode,
    pub follow_up_mode: QueueMode,
    pub external_editor: Option<String>,
    pub double_escape_action: DoubleEscape,
    pub tree_filter_mode: TreeFilter,
    pub default_project_trust: DefaultTrust,
    pub default_tools: Option<Layered>,
    pub max_repeated_tool_calls: u64,
    pub max_turns: Option<u64>,
    pub session_dir: Option<String>,
    pub session_index: bool,
    pub session_share_destination: Option<String>,
    pub compaction: CompactionSettings,
    pub branch_summary: BranchSummarySettings,
    pub theme: Option<String>,
    pub quiet_startup: Quiet,
    pub tui_mode: TuiMode,
    pub fullscreen_exit_output: ExitOutput,
    pub fullscreen_scrollbar: Scrollbar,
    pub fullscreen_copy_on_select: bool,
    pub fullscreen_wheel_scroll_lines: WheelLines,
    pub editor_padding_x: u16,
    pub output_pad: u16,
    pub autocomplete_max_visible: u16,
    pub show_hardware_cursor: Option<bool>,
    pub terminal: TerminalSettings,
    pub images_auto_resize: bool,
    pub block_images: bool,
    pub code_block_indent: String,
    pub timestamps: bool,
    pub mermaid: Mermaid,
    pub transport: Transport,
    pub http_proxy: Option<String>,
    /// Where newer catalogues of models are.
    pub model_catalog_url: Option<String>,
    /// Zero means for ever.
    pub http_idle_timeout: Duration,
    /// Zero means for ever.
    pub websocket_connect_timeout: Duration,
    pub retry: RetrySettings,
    pub fallback_models: Vec<String>,
    pub local_servers: LocalServerSettings,
    pub budget: BudgetSettings,
    pub shell_path: Option<String>,
    pub shell_command_prefix: Option<String>,
    pub npm_command: Option<Vec<String>>,
    pub self_update_command: Option<Vec<String>>,
    pub packages: LayeredValues,
    pub extensions: Layered,
    pub skills: Layered,
    pub prompts: Layered,
    pub themes: Layered,
    pub enable_skill_commands: bool,
    pub collapse_changelog: bool,
    pub last_changelog_version: Option<String>,
    pub enable_install_telemetry: bool,
    pub enable_analytics: bool,
    pub warn_anthropic_extra_usage: bool,
}

/// `compaction`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the table of settings documents every name once"
)]
pub struct CompactionSettings {
    pub enabled: bool,
    pub reserve_tokens: u64,
    pub keep_recent_tokens: u64,
    /// By `provider/id`.
    pub model_overrides: BTreeMap<String, CompactionOverride>,
}

/// One of `compaction.modelOverrides`; what it leaves out is as for other models.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the table of settings documents every name once"
)]
pub struct CompactionOverride {
    pub reserve_tokens: Option<u64>,
    pub keep_recent_tokens: Option<u64>,
}

/// `branchSummary`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the table of settings documents every name once"
)]
pub struct BranchSummarySettings {
    pub reserve_tokens: u64,
    pub skip_prompt: bool,
}

/// `terminal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the table of settings documents every name once"
)]
pub struct TerminalSettings {
    pub show_images: bool,
    pub image_width_cells: u16,
    pub clear_on_shrink: Option<bool>,
    pub show_terminal_progress: bool,
    pub hyperlinks: Switch,
    pub images: Images,
    pub true_color: Switch,
    pub notify: NotifyBy,
}

/// `retry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the table of settings documents every name once"
)]
pub struct RetrySettings {
    pub enabled: bool,
    pub max_retries: u64,
    pub base_delay: Duration,
    pub max_agent_delay: Duration,
    pub provider_timeout: Option<Duration>,
    pub provider_max_retries: u64,
    /// Zero means no limit.
    pub provider_max_retry_delay: Duration,
}

/// `localServers`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the table of settings documents every name once"
)]
pub struct LocalServerSettings {
    pub enabled: bool,
    pub wait: Option<Duration>,
}

/// A list that both files may hold: their entries count together, and paths among them start at the
/// directory of their file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layered {
    /// From the user's file.
    pub user: Vec<String>,
    /// From the project's file.
    pub project: Option<Vec<String>>,
}

/// The same for entries that may be objects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LayeredValues {
    /// From the user's file.
    pub user: Vec<Value>,
    /// From the project's file.
    pub project: Vec<Value>,
}

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// `settings.json` in the agent directory.
    User,
    /// `.pi/settings.json`.
    Project,
}

impl Default for CompactionSettings {
    fn default() -> Self {
        CompactionSettings {
            enabled: true,
            reserve_tokens: 16_384,
            keep_recent_tokens: 20_000,
            model_overrides: BTreeMap::new(),
        }
    }
}

impl Default for BranchSummarySettings {
    fn default() -> Self {
        BranchSummarySettings {
            reserve_tokens: 16_384,
            skip_prompt: false,
        }
    }
}

impl Default for LocalServerSettings {
    fn default() -> Self {
        LocalServerSettings {
            enabled: true,
            wait: None,
        }
    }
}

impl Default for RetrySettings {
    fn default() -> Self {
        RetrySettings {
            enabled: true,
            max_retries: 3,
            base_delay: Duration::from_secs(2),
            max_agent_delay: Duration::from_secs(60),
            provider_timeout: None,
            provider_max_retries: 0,
            provider_max_retry_delay: Duration::from_secs(60),
        }
    }
}
