//! Adding entries: each becomes a child of the leaf, and the leaf.
//!
//! An `Err` of kind [`Error::Write`] or [`Error::Changed`] (and [`Error::Exists`], [`Error::InUse`]
//! when the file was to be made) says that the entry is not on disk; it is part of the conversation
//! all the same, and the next append or [`Store::flush`] tries again. Other errors add nothing.

use serde_json::Value;
use uuid::Uuid;

use crate::ai::message::CustomMessage;
use crate::ai::{Message, ThinkingLevel, Usage};

use super::entry::{EntryId, Kind, Role};
use super::error::{Error, Result};
use super::line::{Content, Stem};
use super::time;
use super::tree::Leaf;
use super::{Branch, Store, totals};

/// What a compaction or the summary of a branch says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// The summary itself.
    pub text: String,
    /// Facts for later, such as the files that were read and changed.
    pub details: Option<Value>,
    /// What writing it took; counted in the session's totals.
    pub usage: Option<Usage>,
    /// `Some(true)` when an extension wrote it.
    pub from_hook: Option<bool>,
}

impl Store {
    /// Adds a message. The first one creates the file. Custom messages become entries of their own
    /// kind; summaries have their own methods and are refused.
    pub fn append_message(&mut self, message: &Message) -> Result<EntryId> {
        match message {
            Message::Custom(custom) => self.append_custom_message(custom),
            Message::BranchSummary(_) | Message::CompactionSummary(_) => Err(Error::NotAMessage {
                role: message.role(),
            }),
            _ => self.append(Content::Message { message }),
        }
    }

    /// Records that another model answers from here on.
    pub fn append_model_change(&mut self, provider: &str, model_id: &str) -> Result<EntryId> {
        self.append(Content::ModelChange { provider, model_id })
    }

    /// Records another thinking level from here on.
    pub fn append_thinking_change(&mut self, level: ThinkingLevel) -> Result<EntryId> {
        let thinking_level = level.as_str();
        self.append(Content::ThinkingLevelChange { thinking_level })
    }

    /// Names the session; an empty name clears it.
    pub fn append_session_info(&mut self, name: &str) -> Result<EntryId> {
        self.log.check_writable()?;
        let name = name.trim();
        self.name = (!name.is_empty()).then(|| name.to_string());
        self.append(Content::SessionInfo { name })
    }

    /// Keeps an extension's own facts; the model never sees them.
    pub fn append_custom(&mut self, custom_type: &str, data: Option<&Value>) -> Result<EntryId> {
        self.append(Content::Custom { custom_type, data })
    }

    /// Adds a message of an extension, which the model sees.
    pub fn append_custom_message(&mut self, message: &CustomMessage) -> Result<EntryId> {
        self.append(Content::from(message))
    }

    /// Puts a summary in place of everything before `first_kept`.
    pub fn append_compaction(
        &mut self,
        summary: &Summary,
        first_kept: &str,
        tokens_before: u64,
    ) -> Result<EntryId> {
        self.append(Content::Compaction {
            summary: &summary.text,
            first_kept_entry_id: first_kept,
            tokens_before,
            details: summary.details.as_ref(),
            usage: summary.usage.as_ref(),
            from_hook: summary.from_hook,
        })
    }

    /// Moves the leaf to `target` (before the first entry for `None`) and adds there the summary of
    /// the branch that is left.
    pub fn append_branch_summary(
        &mut self,
        target: Option<&str>,
        summary: &Summary,
    ) -> Result<EntryId> {
        self.log.check_writable()?;
        self.set_leaf(target)?;
        self.append(Content::BranchSummary {
            from_id: target.unwrap_or("root"),
            summary: &summary.text,
            details: summary.details.as_ref(),
            usage: summary.usage.as_ref(),
            from_hook: summary.from_hook,
        })
    }

    /// Labels an entry, or takes its label away.
    pub fn append_label(&mut self, target: &str, label: Option<&str>) -> Result<EntryId> {
        self.log.check_writable()?;
        let index = self.index_of(target)?;
        let label = label.filter(|label| !label.is_empty());
        match label {
            Some(label) => {
                let at = self.clock.now();
                self.labels.insert(index, (label.to_string(), at));
            }
            None => {
                self.labels.remove(&index);
            }
        }
        self.append(Content::Label {
            target_id: target,
            label,
        })
    }

    fn append(&mut self, content: Content<'_>) -> Result<EntryId> {
        self.log.check_writable()?;
        let now = self.clock.now();
        let id = self.new_id();
        let parent = self.leaf();
        let line = content.to_line(Stem {
            id: &id,
            parent: parent.as_ref().map(EntryId::as_str),
            timestamp: &time::format(now),
        })?;
        let span = self.log.append(&line);
        let kind = content.kind();
        let leaf = Leaf {
            id: &id,
            time: now,
            kind,
            role: role(&content),
            silent: is_silent(&content),
            span,
        };
        self.leaf = Some(self.tree.push(self.leaf, leaf));
        match &content {
            Content::Message { message } => self.totals.add_message(message),
            Content::Compaction { usage, .. } | Content::BranchSummary { usage, .. } => {
                self.totals.add_summary(*usage);
            }
            _ => {}
        }
        match kind {
            Kind::Compaction => {
                let told = grown(&self.transcript(), span);
                self.rebuild_shown();
                self.told = Some(told);
            }
            kind if kind.is_shown() => {
                self.shown = grown(&self.shown, span);
                self.told = self.told.take().map(|told| grown(&told, span));
            }
            _ => {}
        }
        // Choices that were made before the first message wait for it: a session in which nothing
        // was said leaves no file.
        if self.log.is_open() || matches!(kind, Kind::Message | Kind::CustomMessage) {
            self.flush()?;
        }
        Ok(EntryId::from(id.as_str()))
    }

    /// Eight hex digits that no entry has.
    pub(super) fn new_id(&self) -> String {
        loop {
            let (first, ..) = Uuid::new_v4().as_fields();
            let id = format!("{first:08x}");
            if !self.tree.is_taken(&id) {
                return id;
            }
        }
    }
}

fn role(content: &Content<'_>) -> Role {
    match content {
        Content::Message { message } => Role::of(message.role()),
        _ => Role::None,
    }
}

fn is_silent(content: &Content<'_>) -> bool {
    match content {
        Content::Message { message } => totals::is_silent(message),
        _ => false,
    }
}

fn grown(shown: &Branch, span: super::tree::Span) -> Branch {
    let mut shown = shown.clone();
    shown.grow(span);
    shown
}
