//! A summary: of what compaction cut away, or of a branch that was left.

use crate::store::totals::grouped;
use ratatui::text::{Line, Span};

use super::custom::labelled;
use super::paint::Paint;
use crate::ai::message::{BranchSummaryMessage, CompactionSummaryMessage};
use crate::tui::look::Token;
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::wrap_words;

/// A summary, folded to one line.
pub(super) struct Summary {
    label: &'static str,
    title: String,
    text: String,
}

impl Summary {
    pub fn of_branch(message: &BranchSummaryMessage) -> Self {
        Summary {
            label: "branch",
            title: "Summary of the branch that was left".into(),
            text: message.summary.clone(),
        }
    }

    pub fn of_compaction(message: &CompactionSummaryMessage) -> Self {
        Summary {
            label: "compaction",
            title: format!("Compacted from {} tokens", grouped(message.tokens_before)),
            text: message.summary.clone(),
        }
    }

    pub fn render(&self, paint: &Paint<'_>) -> Vec<Line<'static>> {
        if paint.expanded {
            let text = format!("**{}**\n\n{}", self.title, self.text);
            return labelled(self.label, &text, paint);
        }
        let look = paint.look;
        let key = sanitize_line(&paint.setup.keys.expand).into_owned();
        let line = [
            Span::styled(
                format!("[{}] ", self.label),
                look.bold(Token::CustomMessageLabel),
            ),
            Span::styled(self.title.clone(), look.fg(Token::CustomMessageText)),
            Span::styled(format!(" ({key} to expand)"), look.fg(Token::Dim)),
        ];
        wrap_words(&line, paint.inner_width())
            .into_iter()
            .map(|row| paint.on_ground(row, look.bg(Token::CustomMessageBg)))
            .collect()
    }
}
