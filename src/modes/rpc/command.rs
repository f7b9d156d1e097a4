//! The commands that a program may give, with the types of their fields.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::ai::Content;

/// The commands by name, with their fields; one that may be absent ends in `?`.
pub const COMMANDS: &[(&str, &[&str])] = &[
    ("prompt", &["message", "images?", "streamingBehavior?"]),
    ("steer", &["message", "images?"]),
    ("follow_up", &["message", "images?"]),
    ("abort", &[]),
    ("clear_queue", &[]),
    ("new_session", &["parentSession?"]),
    ("get_state", &[]),
    ("get_messages", &[]),
    ("set_model", &["provider", "modelId"]),
    ("cycle_model", &[]),
    ("get_available_models", &[]),
    ("set_thinking_level", &["level"]),
    ("cycle_thinking_level", &[]),
    ("get_available_thinking_levels", &[]),
    ("set_steering_mode", &["mode"]),
    ("set_follow_up_mode", &["mode"]),
    ("compact", &["customInstructions?"]),
    ("set_auto_compaction", &["enabled"]),
    ("set_auto_retry", &["enabled"]),
    ("abort_retry", &[]),
    ("bash", &["command", "excludeFromContext?"]),
    ("abort_bash", &[]),
    ("get_session_stats", &[]),
    ("export_html", &["outputPath?"]),
    ("switch_session", &["sessionPath"]),
    ("fork", &["entryId"]),
    ("clone", &[]),
    ("get_fork_messages", &[]),
    ("get_entries", &["since?"]),
    ("get_tree", &[]),
    ("get_last_assistant_text", &[]),
    ("set_session_name", &["name"]),
    ("get_commands", &[]),
    ("import_session", &["sessionPath"]),
    (
        "navigate_tree",
        &[
            "entryId",
            "summarize?",
            "customInstructions?",
            "replaceInstructions?",
            "label?",
        ],
    ),
    ("set_label", &["entryId", "label?"]),
    ("list_tree", &["filter?"]),
];

/// A command and its fields.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum Command {
    /// Say something.
    Prompt {
        /// The words.
        message: String,
        /// Pictures.
        images: Option<Vec<Picture>>,
        /// Where it waits in a run.
        streaming_behavior: Option<Behavior>,
    },
    /// Say something at the end of this turn.
    Steer {
        /// The words.
        message: String,
        /// Pictures.
        images: Option<Vec<Picture>>,
    },
    /// Say something at the end of the run.
    FollowUp {
        /// The words.
        message: String,
        /// Pictures.
        images: Option<Vec<Picture>>,
    },
    /// Stop the run.
    Abort,
    /// Take back what waits.
    ClearQueue,
    /// Begin anew.
    NewSession {
        /// The session that it comes from.
        parent_session: Option<PathBuf>,
    },
    /// How things are.
    GetState,
    /// What was said.
    GetMessages,
    /// Choose who answers.
    SetModel {
        /// The provider.
        provider: String,
        /// The model.
        model_id: String,
    },
    /// The next model.
    CycleModel,
    /// Who can answer.
    GetAvailableModels,
    /// Choose how hard to think.
    SetThinkingLevel {
        /// The level's name.
        level: String,
    },
    /// The next level.
    CycleThinkingLevel,
    /// The levels of this model.
    GetAvailableThinkingLevels,
    /// How steering messages go out.
    SetSteeringMode {
        /// How.
        mode: Mode,
    },
    /// How follow-ups go out.
    SetFollowUpMode {
        /// How.
        mode: Mode,
    },
    /// Summarise what is old.
    Compact {
        /// What to look at.
        custom_instructions: Option<String>,
    },
    /// Whether to do so unasked.
    SetAutoCompaction {
        /// Whether.
        enabled: bool,
    },
    /// Whether to try failed requests again.
    SetAutoRetry {
        /// Whether.
        enabled: bool,
    },
    /// Do not try again.
    AbortRetry,
    /// Run a shell command.
    Bash {
        /// The command line.
        command: String,
        /// Whether the model is not told.
        exclude_from_context: Option<bool>,
    },
    /// Stop shell commands.
    AbortBash,
    /// The session's figures.
    GetSessionStats,
    /// Write a page.
    ExportHtml {
        /// Where.
        output_path: Option<String>,
    },
    /// Go on with another session.
    SwitchSession {
        /// Its file.
        session_path: String,
    },
    /// Go on from before a message of the person, in a new session.
    Fork {
        /// The message's entry.
        entry_id: String,
    },
    /// Go on from here, in a new session.
    Clone,
    /// Where `fork` can go.
    GetForkMessages,
    /// The entries.
    GetEntries {
        /// Behind this one.
        since: Option<String>,
    },
    /// The entries as a tree.
    GetTree,
    /// The last answer.
    GetLastAssistantText,
    /// Name the session.
    SetSessionName {
        /// The name.
        name: String,
    },
    /// What `/` offers.
    GetCommands,
    /// Copy a session here and go on with it.
    ImportSession {
        /// The file.
        session_path: String,
    },
    /// Move to another entry of this session.
    NavigateTree {
        /// The entry.
        entry_id: String,
        /// Whether to summarise the branch that is left.
        summarize: Option<bool>,
        /// What the summary should look at.
        custom_instructions: Option<String>,
        /// Whether that takes the place of pi's own instructions.
        replace_instructions: Option<bool>,
        /// Labels the entry.
        label: Option<String>,
    },
    /// Label an entry, or take its label away.
    SetLabel {
        /// The entry.
        entry_id: String,
        /// The label.
        label: Option<String>,
    },
    /// The tree as rows.
    ListTree {
        /// Which entries.
        filter: Option<String>,
    },
}

impl Command {
    /// Whether what is to be said says something, in pictures that are some. Other commands say nothing.
    pub(super) fn check(&self) -> Result<(), String> {
        let (message, images) = match self {
            Command::Prompt {
                message, images, ..
            }
            | Command::Steer { message, images }
            | Command::FollowUp { message, images } => {
                (message, images.as_deref().unwrap_or_default())
            }
            _ => return Ok(()),
        };
        if message.trim().is_empty() && images.is_empty() {
            return Err("message is empty, and there are no images".into());
        }
        for (at, picture) in images.iter().enumerate() {
            let kind = picture.mime_type.strip_prefix("image/");
            if kind.is_none_or(str::is_empty) {
                return Err(format!("images[{at}].mimeType is not that of an image"));
            }
            if picture.data.is_empty() {
                return Err(format!("images[{at}].data is empty"));
            }
            if STANDARD.decode(&picture.data).is_err() {
                return Err(format!("images[{at}].data is not base64"));
            }
        }
        Ok(())
    }
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Picture {
    data: String,
    mime_type: String,
}

/// Where a prompt waits while a run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Behavior {
    /// For the end of this turn.
    Steer,
    /// For the end of the run.
    FollowUp,
}

/// How many queued messages go out at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// All that wait.
    All,
    /// One.
    OneAtATime,
}

/// The pictures as the model is told them.
pub(super) fn pictures(images: Option<Vec<Picture>>) -> Vec<Content> {
    let images = images.unwrap_or_default().into_iter();
    let content = |picture: Picture| Content::Image {
        data: picture.data,
        mime_type: picture.mime_type,
    };
    images.map(content).collect()
}
