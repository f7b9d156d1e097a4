//! What the conversation tells, put on the screen.

use std::sync::Arc;

use super::activity::Activity;
use super::{App, OpenPanel, transcript, welcome};
use crate::agent::AgentEvent;
use crate::config::settings::TuiMode;
use crate::session::{Event, Level, UiNote, View};
use crate::tui::msg::Effect;
use crate::tui::panels::{self, Panel};

impl App {
    pub(super) fn told(&mut self, event: &Event, view: Arc<View>) -> Vec<Effect> {
        let before = std::mem::replace(&mut self.view, view);
        self.transcript.apply(event);
        self.told_activity(event);
        match event {
            Event::Agent(AgentEvent::AgentStart) => {
                self.since.get_or_insert(self.now);
                self.stopping = false;
                self.wait_no_more();
            }
            Event::Agent(AgentEvent::MessageEnd { message }) => {
                if let Some(answer) = message.as_assistant() {
                    let text = answer.to_text();
                    if !text.is_empty() {
                        self.answer = Some(text);
                    }
                }
            }
            Event::Settled { .. } => {
                self.since = None;
                self.stopping = false;
                self.wait_no_more();
                self.transcript.settle(self.view.history.clone());
            }
            Event::QueueUpdate { .. } => self.moves += 1,
            Event::Switched => {
                self.moves += 1;
                let mut past =
                    std::mem::replace(&mut self.transcript, transcript(&self.view, &self.settings));
                self.transcript.follow(&mut past);
                self.transcript.tick(self.now);
                self.since = self.view.running.then_some(self.now);
                self.stopping = false;
                self.shell = false;
                self.answer = None;
                self.past = Some(self.view.history.clone());
                self.activity = Activity::default();
                let what = match (before.id == self.view.id, self.view.history.is_empty()) {
                    // What another process writes moves by itself.
                    (true, _) if self.view.watching.is_some() => return Vec::new(),
                    (true, _) => "another branch of this session",
                    (false, true) => "a new session",
                    (false, false) => "another session",
                };
                self.flash(Level::Info, what);
            }
            Event::ModelChanged(model) => {
                // What has scrolled away says who answered then.
                if self.mode == TuiMode::Fullscreen {
                    self.transcript
                        .set_header(welcome::header(&self.view, &self.settings));
                }
                self.flash(Level::Info, format!("{} answers now", model.full_id()))
            }
            Event::ThinkingChanged(level) => {
                self.flash(Level::Info, format!("thinking: {}", level.as_str()))
            }
            Event::InfoChanged { name } => {
                let text = match name {
                    Some(name) => format!("this session is called {name:?}"),
                    None => "this session has no name any more".into(),
                };
                self.flash(Level::Info, text);
            }
            Event::ShellStart { .. } => self.shell = true,
            Event::ShellEnd(_) => {
                self.shell = false;
                self.stopping = self.stopping && self.since.is_some();
            }
            Event::Ask { id, question, .. } => {
                self.questions.push((*id, panels::question(question)));
                self.next_question();
            }
            Event::AskOver { id } => self.question_over(*id),
            Event::Ui { note, .. } => {
                if let UiNote::Notify { level, text } = note {
                    self.flash(*level, text.clone());
                }
            }
            Event::Agent(_)
            | Event::CompactionStart { .. }
            | Event::CompactionEnd { .. }
            | Event::RetryStart { .. }
            | Event::RetryEnd { .. }
            | Event::SummaryRetry(_)
            | Event::EntryAppended(_)
            | Event::Budget { .. }
            | Event::ShellUpdate(_)
            | Event::Notice { .. } => {}
        }
        Vec::new()
    }

    /// Puts a panel in the editor's place; a question that stood there is asked again after it.
    pub(super) fn open(&mut self, panel: impl Panel + 'static) {
        let opened = OpenPanel {
            panel: Box::new(panel),
            question: None,
            leaving: None,
        };
        self.put(opened);
    }

    /// The same, for a panel that is there already.
    pub(super) fn put(&mut self, opened: OpenPanel) {
        if let Some(before) = self.panel.replace(opened)
            && let Some(id) = before.question
        {
            self.questions.insert(0, (id, before.panel));
        }
    }

    /// Takes a question away that nobody waits for any more.
    fn question_over(&mut self, id: u64) {
        self.questions.retain(|(waiting, _)| *waiting != id);
        if self
            .panel
            .as_ref()
            .is_some_and(|open| open.question == Some(id))
        {
            self.panel = None;
            self.next_question();
        }
    }

    /// Opens the next question when the place is free.
    pub(super) fn next_question(&mut self) {
        if self.panel.is_none() && !self.questions.is_empty() {
            let (id, panel) = self.questions.remove(0);
            self.panel = Some(OpenPanel {
                panel,
                question: Some(id),
                leaving: None,
            });
        }
    }
}
