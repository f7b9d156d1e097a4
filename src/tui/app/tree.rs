//! Going to another place in the session's tree: the tree, the question about a summary, the way there.
//!
//! Every step back leads to the one before: out of the instructions to the question, out of the question
//! to the tree as it was, out of the tree to the editor.

use super::{App, OpenPanel};
use crate::session::{Command, LeaveWith, Level, OutlineRow};
use crate::store::Filter;
use crate::tui::msg::{Asked, Effect};
use crate::tui::panels::{
    Choice, InputPanel, Item, Leave, ListPanel, News, Panel, Step, TreePanel,
};

/// Asked before another place is gone to.
pub(super) struct Leaving {
    /// The place.
    entry: String,
    /// The tree that it was chosen in.
    tree: Box<dyn Panel>,
    /// Whether the person's instructions are asked for rather than what to do.
    is_told: bool,
}

/// Opens the tree at this entry, else where the conversation is.
fn tree(at: Option<String>) -> Vec<Effect> {
    let command = Command::Shape;
    vec![Effect::Send(command, Asked::Tree(at))]
}

/// Shows the open tree as it is now.
pub(super) fn tree_again() -> Vec<Effect> {
    let command = Command::Shape;
    vec![Effect::Send(command, Asked::TreeAgain)]
}

impl App {
    /// Asks for the tree.
    pub(super) fn show_tree(&mut self) -> Vec<Effect> {
        tree(None)
    }

    pub(super) fn open_tree(&mut self, rows: Vec<OutlineRow>, at: Option<&str>) {
        let is_said = |row: &OutlineRow| Filter::Default.shows_type(&row.kind, row.label.is_some());
        if !rows.iter().any(is_said) {
            self.flash(Level::Info, "nothing has been said in this session yet");
            return;
        }
        let (filter, keymap) = (self.settings.tree_filter, &self.settings.keymap);
        let panel = TreePanel::new(rows, filter, keymap);
        let panel = panel.with_time(self.now, self.settings.zone.clone());
        self.open(match at {
            Some(entry) => panel.at(entry),
            None => panel,
        });
    }

    /// The words that the open tree lacks.
    pub(super) fn ask_words(&mut self) -> Option<Effect> {
        let entries = self.panel.as_mut()?.panel.lacks();
        (!entries.is_empty()).then(|| Effect::Send(Command::Words(entries), Asked::Words))
    }

    pub(super) fn tell_panel(&mut self, news: News) {
        if let Some(open) = &mut self.panel {
            open.panel.told(news);
        }
    }

    /// Does what was asked for in a panel that is still open.
    pub(super) fn do_in_panel(&mut self, choice: Choice) -> Vec<Effect> {
        match choice {
            Choice::Entry(entry) => self.go_to(entry),
            Choice::Label(entry, label) => {
                let command = Command::SetLabel { entry, label };
                vec![Effect::Send(command, Asked::Label)]
            }
            Choice::Copy(entry) => {
                let command = Command::EntryText(entry);
                vec![Effect::Send(command, Asked::EntryText)]
            }
            Choice::Look(theme) => {
                self.try_on(theme.as_deref());
                Vec::new()
            }
            Choice::Scope(scope) => {
                vec![Effect::Send(Command::SetScope(scope), Asked::Nothing)]
            }
            Choice::Text(text) => self.copy_entry(Some(text)),
            Choice::AnswerLogin(typed) => vec![Effect::AnswerLogin(typed)],
            _ => Vec::new(),
        }
    }

    pub(super) fn copy_entry(&mut self, words: Option<String>) -> Vec<Effect> {
        let Some(words) = words else {
            self.tell_panel(News::Word("there is nothing to copy here".into()));
            return Vec::new();
        };
        vec![Effect::Copy(words)]
    }

    /// An entry was chosen in the tree.
    fn go_to(&mut self, entry: String) -> Vec<Effect> {
        if self.is_at_work() {
            let word = "the model is at work: stop it first";
            self.tell_panel(News::Word(word.into()));
            return Vec::new();
        }
        let Some(open) = self.panel.take() else {
            return Vec::new();
        };
        if self.settings.skip_summary {
            self.next_question();
            return self.navigate(entry, LeaveWith::Nothing);
        }
        self.ask_leave(Leaving {
            entry,
            tree: open.panel,
            is_told: false,
        });
        Vec::new()
    }

    fn ask_leave(&mut self, leaving: Leaving) {
        let item = |label: &str, leave: Leave| Item {
            label: label.into(),
            detail: String::new(),
            current: false,
            choice: Choice::Leave(leave),
        };
        let items = vec![
            item("No summary", Leave::Silently),
            item("Summarise", Leave::Summarised),
            item("Summarise with own instructions", Leave::AsTold),
        ];
        self.put(OpenPanel {
            panel: Box::new(ListPanel::new("The branch that you leave", "", items, "")),
            question: None,
            leaving: Some(leaving),
        });
    }

    /// The question, or the instructions, came to this.
    pub(super) fn leave(&mut self, leaving: Leaving, step: Step) -> Vec<Effect> {
        let summary = |instructions| LeaveWith::Summary {
            instructions,
            replace: false,
        };
        let with = match step {
            Step::Choose(Choice::Leave(Leave::Silently)) => LeaveWith::Nothing,
            Step::Choose(Choice::Leave(Leave::Summarised)) => summary(None),
            Step::Choose(Choice::Leave(Leave::AsTold)) => {
                let title = "What should the summary look at?";
                self.put(OpenPanel {
                    panel: Box::new(InputPanel::new(title, "", "", true)),
                    question: None,
                    leaving: Some(Leaving {
                        is_told: true,
                        ..leaving
                    }),
                });
                return Vec::new();
            }
            Step::Choose(Choice::Answer(words)) => {
                summary(Some(words).filter(|words| !words.trim().is_empty()))
            }
            _ if leaving.is_told => {
                self.ask_leave(Leaving {
                    is_told: false,
                    ..leaving
                });
                return Vec::new();
            }
            _ => {
                self.put(OpenPanel {
                    panel: leaving.tree,
                    question: None,
                    leaving: None,
                });
                return Vec::new();
            }
        };
        self.navigate(leaving.entry, with)
    }

    fn navigate(&mut self, entry: String, summary: LeaveWith) -> Vec<Effect> {
        if summary != LeaveWith::Nothing {
            self.activity.summarising = Some(self.now);
            self.stopping = false;
        }
        let asked = Asked::Navigate(entry.clone());
        let command = Command::Navigate {
            entry,
            summary,
            label: None,
        };
        vec![Effect::Send(command, asked)]
    }

    /// The way to another place is over, however it ended.
    pub(super) fn left(&mut self) {
        self.activity.summarising = None;
        self.wait_no_more();
        if self.since.is_none() {
            self.stopping = false;
        }
    }

    /// The summary was stopped: the tree again, as it was left.
    pub(super) fn not_left(&mut self, entry: String) -> Vec<Effect> {
        self.flash(Level::Info, "no summary was written; nothing has changed");
        tree(Some(entry))
    }

    /// Another place was come to, with words to say again.
    pub(super) fn arrived(&mut self, words: Option<String>) {
        let is_to_say_again = words.is_some();
        if let Some(words) = words {
            self.editor.put_back(&[words]);
            self.completion.close(&self.editor);
        }
        self.flash(
            Level::Info,
            match is_to_say_again {
                true => "you are before these words; say them again, or others",
                false => "you are at the place you chose",
            },
        );
    }
}
