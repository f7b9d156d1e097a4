//! The settings in force: defaults, the user's file over them, the project's over that.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::choice::{Images, Quiet, Switch, Transport, WheelLines};
use super::fields::{
    BranchSummarySettings, CompactionOverride, CompactionSettings, Layered, LayeredValues,
    LocalServerSettings, RetrySettings, Scope, Settings, TerminalSettings,
};
use super::reader::{Reader, count, strings, word};
use crate::ai::ThinkingLevel;
use crate::config::budget::{self, Allowance, BudgetSettings};
use crate::config::edit::{self, Privacy};
use crate::config::jsonc::Document;
use crate::config::paths::Paths;
use crate::config::problem::Problem;

impl Settings {
    /// Reads both files; the project's only when the project is trusted. What is wrong is returned
    /// beside what is right: a broken file counts as empty, a bad field as absent.
    pub fn load(paths: &Paths, trusted: bool) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut read = |file: &Path| {
            Document::read(file).unwrap_or_else(|problem| {
                problems.push(problem);
                Document::default()
            })
        };
        let user = read(&paths.settings());
        let project = if trusted {
            read(&paths.project_settings())
        } else {
            Document::default()
        };
        let mut both = Reader::new(vec![&project, &user]);
        let mut users_own = Reader::new(vec![&user]);
        let settings = Self::read(&mut both, &mut users_own, &user, &project);
        problems.append(&mut both.problems);
        problems.append(&mut users_own.problems);
        (settings, problems)
    }

    /// Changes one setting in one of the files (`a.b.c` is nested; `None` removes it). Everything else
    /// in the file stays as it is. Refused when the file is broken.
    pub fn write(
        paths: &Paths,
        scope: Scope,
        name: &str,
        value: Option<Value>,
    ) -> Result<(), Problem> {
        Self::write_all(paths, scope, &[(name, value)])
    }

    /// Like [`Settings::write`] for settings that belong together: all of them are changed, or none.
    pub fn write_all(
        paths: &Paths,
        scope: Scope,
        changes: &[(&str, Option<Value>)],
    ) -> Result<(), Problem> {
        let file = match scope {
            Scope::User => paths.settings(),
            Scope::Project => paths.project_settings(),
        };
        let places: Vec<Vec<&str>> = changes
            .iter()
            .map(|(name, _)| name.split('.').collect())
            .collect();
        let changes: Vec<(&[&str], Option<Value>)> = places
            .iter()
            .zip(changes)
            .map(|(place, (_, value))| (place.as_slice(), value.clone()))
            .collect();
        edit::set_all(&file, &changes, Privacy::Shared)
    }

    /// The thinking level to start a model with, when a setting names one.
    pub fn thinking_level_for(&self, provider: &str, id: &str) -> Option<ThinkingLevel> {
        let own = self.model_thinking_levels.get(&format!("{provider}/{id}"));
        own.copied().or(self.default_thinking_level)
    }

    fn read(
        both: &mut Reader,
        users_own: &mut Reader,
        user: &Document,
        project: &Document,
    ) -> Self {
        let millis = Duration::from_millis;
        let provider_retry_delay = both.count("retry.provider.maxRetryDelayMs");
        let idle = both.field("httpIdleTimeoutMs", timeout);
        Settings {
            default_provider: both.string("defaultProvider"),
            default_model: both.string("defaultModel"),
            default_thinking_level: both.word("defaultThinkingLevel"),
            model_thinking_levels: both.map("modelThinkingLevels", word),
            thinking_budgets: budgets(both),
            enabled_models: both.strings("enabledModels"),
            hide_thinking_block: both.boolean("hideThinkingBlock").unwrap_or(false),
            show_cache_miss_notices: both.boolean("showCacheMissNotices").unwrap_or(false),
            cache_warming: users_own.word("cacheWarming").unwrap_or_default(),
            steering_mode: both
                .word("steeringMode")
                .or_else(|| old(both, "queueMode", word))
                .unwrap_or_default(),
            follow_up_mode: both.word("followUpMode").unwrap_or_default(),
            external_editor: both.string("externalEditor"),
            double_escape_action: both.word("doubleEscapeAction").unwrap_or_default(),
            tree_filter_mode: both.word("treeFilterMode").unwrap_or_default(),
            default_project_trust: users_own.word("defaultProjectTrust").unwrap_or_default(),
            default_tools: both
                .strings("defaultTools")
                .map(|_| layered(user, project, "defaultTools")),
            max_repeated_tool_calls: both.count("maxRepeatedToolCalls").unwrap_or(5),
            max_turns: both.count("maxTurns").filter(|turns| *turns > 0),
            session_dir: both.string("sessionDir"),
            session_index: users_own.boolean("sessionIndex").unwrap_or(true),
            session_share_destination: both.string("sessionShareDestination"),
            compaction: CompactionSettings {
                enabled: both.boolean("compaction.enabled").unwrap_or(true),
                reserve_tokens: both.count("compaction.reserveTokens").unwrap_or(16_384),
                keep_recent_tokens: both.count("compaction.keepRecentTokens").unwrap_or(20_000),
                model_overrides: compaction_overrides(both),
            },
            branch_summary: BranchSummarySettings {
                reserve_tokens: both.count("branchSummary.reserveTokens").unwrap_or(16_384),
                skip_prompt: both.boolean("branchSummary.skipPrompt").unwrap_or(false),
            },
            theme: both.string("theme"),
            quiet_startup: both.field("quietStartup", quiet).unwrap_or_default(),
            tui_mode: both.word("tuiMode").unwrap_or_default(),
            fullscreen_exit_output: both.word("fullscreenExitOutput").unwrap_or_default(),
            fullscreen_scrollbar: both.word("fullscreenScrollbar").unwrap_or_default(),
            fullscreen_copy_on_select: both.boolean("fullscreenCopyOnSelect").unwrap_or(true),
            fullscreen_wheel_scroll_lines: both
                .field("fullscreenWheelScrollLines", wheel)
                .unwrap_or_default(),
            editor_padding_x: both.within("editorPaddingX", 0, 3).unwrap_or(0),
            output_pad: both.within("outputPad", 0, 1).unwrap_or(1),
            autocomplete_max_visible: both.within("autocompleteMaxVisible", 3, 20).unwrap_or(5),
            show_hardware_cursor: both.boolean("showHardwareCursor"),
            terminal: TerminalSettings {
                show_images: both.boolean("terminal.showImages").unwrap_or(true),
                image_width_cells: both
                    .within("terminal.imageWidthCells", 1, u16::MAX)
                    .unwrap_or(60),
                clear_on_shrink: both.boolean("terminal.clearOnShrink"),
                show_terminal_progress: both
                    .boolean("terminal.showTerminalProgress")
                    .unwrap_or(false),
                hyperlinks: both
                    .field("terminal.hyperlinks", switch)
                    .unwrap_or_default(),
                images: both.field("terminal.images", images).unwrap_or_default(),
                true_color: both.field("terminal.trueColor", switch).unwrap_or_default(),
                notify: both.word("terminal.notify").unwrap_or_default(),
            },
            images_auto_resize: both.boolean("images.autoResize").unwrap_or(true),
            block_images: both.boolean("images.blockImages").unwrap_or(false),
            code_block_indent: both
                .string("markdown.codeBlockIndent")
                .unwrap_or_else(|| "  ".to_owned()),
            timestamps: both.boolean("timestamps").unwrap_or(true),
            mermaid: both.word("markdown.mermaid").unwrap_or_default(),
            transport: both
                .word("transport")
                .or_else(|| old(both, "websockets", websockets))
                .unwrap_or_default(),
            http_proxy: users_own.string("httpProxy"),
            model_catalog_url: users_own.string("modelCatalogUrl"),
            http_idle_timeout: millis(idle.unwrap_or(300_000)),
            websocket_connect_timeout: millis(
                both.field("websocketConnectTimeoutMs", timeout)
                    .unwrap_or(15_000),
            ),
            retry: RetrySettings {
                enabled: both.boolean("retry.enabled").unwrap_or(true),
                max_retries: both.count("retry.maxRetries").unwrap_or(3),
                base_delay: millis(both.count("retry.baseDelayMs").unwrap_or(2_000)),
                max_agent_delay: millis(both.count("retry.maxAgentDelayMs").unwrap_or(60_000)),
                provider_timeout: both.count("retry.provider.timeoutMs").map(millis),
                provider_max_retries: both.count("retry.provider.maxRetries").unwrap_or(0),
                provider_max_retry_delay: millis(
                    provider_retry_delay
                        .or_else(|| old(both, "retry.maxDelayMs", count))
                        .unwrap_or(60_000),
                ),
            },
            fallback_models: both.strings("fallbackModels").unwrap_or_default(),
            local_servers: LocalServerSettings {
                enabled: users_own.boolean("localServers.enabled").unwrap_or(true),
                wait: users_own.count("localServers.waitMs").map(millis),
            },
            budget: BudgetSettings {
                run: allowance(
                    both,
                    ["budget.run.usd", "budget.run.tokens", "budget.run.time"],
                ),
                session: allowance(
                    both,
                    [
                        "budget.session.usd",
                        "budget.session.tokens",
                        "budget.session.time",
                    ],
                ),
                day: allowance(
                    both,
                    ["budget.day.usd", "budget.day.tokens", "budget.day.time"],
                ),
            },
            shell_path: both.string("shellPath"),
            shell_command_prefix: both.string("shellCommandPrefix"),
            npm_command: both.strings("npmCommand"),
            self_update_command: users_own.strings("selfUpdateCommand"),
            packages: packages(both, user, project),
            extensions: list(both, user, project, "extensions"),
            enable_skill_commands: both
                .boolean("enableSkillCommands")
                .or_else(|| old(both, "skills.enableSkillCommands", boolean))
                .unwrap_or(true),
            skills: skills(both, user, project),
            prompts: list(both, user, project, "prompts"),
            themes: list(both, user, project, "themes"),
            collapse_changelog: both.boolean("collapseChangelog").unwrap_or(false),
            last_changelog_version: users_own.string("lastChangelogVersion"),
            enable_install_telemetry: both.boolean("enableInstallTelemetry").unwrap_or(false),
            enable_analytics: both.boolean("enableAnalytics").unwrap_or(false),
            warn_anthropic_extra_usage: both
                .boolean("warnings.anthropicExtraUsage")
                .unwrap_or(true),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let empty = Document::default();
        let mut reader = Reader::new(Vec::new());
        let mut users_own = Reader::new(Vec::new());
        Self::read(&mut reader, &mut users_own, &empty, &empty)
    }
}

/// A field under a name that it had once; what is wrong with it is not worth a word.
fn old<T>(
    reader: &mut Reader,
    name: &str,
    read: impl Fn(&Value) -> Result<T, String>,
) -> Option<T> {
    let known = reader.problems.len();
    let value = reader.field(name, read);
    reader.problems.truncate(known);
    #[cfg(test)]
    reader.asked.pop();
    value
}

fn budgets(reader: &mut Reader) -> BTreeMap<ThinkingLevel, u64> {
    let budgets = reader.map("thinkingBudgets", count);
    let known = budgets
        .into_iter()
        .filter_map(|(level, tokens)| Some((ThinkingLevel::parse(&level)?, tokens)));
    known.collect()
}

/// Money, tokens and time, by these names.
fn allowance(reader: &mut Reader, [usd, tokens, time]: [&str; 3]) -> Allowance {
    let usd = reader.field(usd, |value| budget::limit(value, budget::usd));
    let tokens = reader.field(tokens, |value| budget::limit(value, budget::tokens));
    let time = reader.field(time, |value| budget::limit(value, budget::time));
    Allowance {
        usd: usd.flatten(),
        tokens: tokens.flatten(),
        time: time.flatten(),
    }
}

fn list(reader: &mut Reader, user: &Document, project: &Document, name: &str) -> Layered {
    // Reads both for what is wrong with them.
    reader.strings(name);
    layered(user, project, name)
}

fn layered(user: &Document, project: &Document, name: &str) -> Layered {
    let from = |document: &Document| {
        document
            .root()
            .get(name)
            .and_then(|value| strings(value).ok())
    };
    Layered {
        user: from(user).unwrap_or_default(),
        project: from(project),
    }
}

/// `skills` was once an object with the list inside.
fn skills(reader: &mut Reader, user: &Document, project: &Document) -> Layered {
    let from = |document: &Document| -> Option<Vec<String>> {
        let value = document.root().get("skills")?;
        let value = value.get("customDirectories").unwrap_or(value);
        strings(value).ok()
    };
    reader.field("skills", |value| match value {
        Value::Object(_) => Ok(Vec::new()),
        other => strings(other),
    });
    Layered {
        user: from(user).unwrap_or_default(),
        project: from(project),
    }
}

fn packages(reader: &mut Reader, user: &Document, project: &Document) -> LayeredValues {
    reader.field("packages", |value| {
        value.as_array().map(|_| ()).ok_or("a list".into())
    });
    let from = |document: &Document| {
        let list = document.root().get("packages").and_then(Value::as_array);
        list.cloned().unwrap_or_default()
    };
    LayeredValues {
        user: from(user),
        project: from(project),
    }
}

/// `compaction.modelOverrides`: each number of the project's beats the user's.
fn compaction_overrides(reader: &mut Reader) -> BTreeMap<String, CompactionOverride> {
    let read = |value: &Value| {
        let fields = value.as_object().ok_or("an object")?;
        let number = |name: &str| {
            let read = |value| count(value).map_err(|expected| format!("{expected} in {name}"));
            fields.get(name).map(read).transpose()
        };
        Ok(CompactionOverride {
            reserve_tokens: number("reserveTokens")?,
            keep_recent_tokens: number("keepRecentTokens")?,
        })
    };
    let join = |user: CompactionOverride, project: CompactionOverride| CompactionOverride {
        reserve_tokens: project.reserve_tokens.or(user.reserve_tokens),
        keep_recent_tokens: project.keep_recent_tokens.or(user.keep_recent_tokens),
    };
    reader.merged("compaction.modelOverrides", read, join)
}

fn boolean(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or("a boolean".into())
}

fn websockets(value: &Value) -> Result<Transport, String> {
    boolean(value).map(|on| {
        if on {
            Transport::Websocket
        } else {
            Transport::Sse
        }
    })
}

fn timeout(value: &Value) -> Result<u64, String> {
    match value.as_str() {
        Some("disabled") => Ok(0),
        _ => count(value).map_err(|_| "a number of milliseconds or \"disabled\"".into()),
    }
}

fn quiet(value: &Value) -> Result<Quiet, String> {
    match value {
        Value::Bool(true) => Ok(Quiet::On),
        Value::Bool(false) => Ok(Quiet::Off),
        Value::String(word) if word == "header" => Ok(Quiet::Header),
        _ => Err("a boolean or \"header\"".into()),
    }
}

fn switch(value: &Value) -> Result<Switch, String> {
    match value {
        Value::Bool(true) => Ok(Switch::On),
        Value::Bool(false) => Ok(Switch::Off),
        Value::String(word) if word == "auto" => Ok(Switch::Auto),
        _ => Err("a boolean or \"auto\"".into()),
    }
}

fn images(value: &Value) -> Result<Images, String> {
    match (value, value.as_str()) {
        (Value::Bool(false), _) => Ok(Images::Off),
        (_, Some("auto")) => Ok(Images::Auto),
        (_, Some("kitty")) => Ok(Images::Kitty),
        (_, Some("iterm2")) => Ok(Images::Iterm2),
        (_, Some("sixel")) => Ok(Images::Sixel),
        _ => Err("\"kitty\", \"iterm2\", \"sixel\", \"auto\" or false".into()),
    }
}

fn wheel(value: &Value) -> Result<WheelLines, String> {
    if value.as_str() == Some("auto") {
        return Ok(WheelLines::Auto);
    }
    let rows = count(value).map_err(|_| "a number from 1 to 100 or \"auto\"")?;
    Ok(WheelLines::Rows(rows.clamp(1, 100) as u16))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::table::SETTINGS;
    use super::*;

    #[test]
    fn the_documented_table_and_what_is_read_are_the_same_names() {
        let empty = Document::default();
        let mut both = Reader::new(Vec::new());
        let mut users_own = Reader::new(Vec::new());
        Settings::read(&mut both, &mut users_own, &empty, &empty);
        let asked: BTreeSet<&str> = both
            .asked
            .iter()
            .chain(&users_own.asked)
            .map(String::as_str)
            .collect();
        let documented: BTreeSet<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert_eq!(asked, documented);
        let users_only: BTreeSet<&str> = users_own.asked.iter().map(String::as_str).collect();
        let marked = SETTINGS.iter().filter(|setting| setting.user_only);
        assert_eq!(users_only, marked.map(|setting| setting.name).collect());
    }
}
