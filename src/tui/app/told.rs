//! What the conversation tells, put on the screen.

use std::sync::Arc;

use super::activity::Activity;
use super::select::Hand;
use super::{App, FLASH, transcript, welcome};
use crate::agent::AgentEvent;
use crate::config::settings::TuiMode;
use crate::session::{Event, Level, UiNote, View};
use crate::tui::msg::Effect;

impl App {
    pub(super) fn told(&mut self, event: &Event, view: Arc<View>) -> Vec<Effect> {
        let before = std::mem::replace(&mut self.view, view);
        let outside = self.told_outside(event);
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
                // Of the conversation that is left.
                self.finder = None;
                self.hand = Hand::default();
                self.transcript.end_search(true);
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
                let thinking = format!("thinking: {}", level.as_str());
                // Another model may bring another level along.
                let words = match &self.flash {
                    Some((before, _, until)) if *until == self.now + FLASH => {
                        format!("{before} · {thinking}")
                    }
                    _ => thinking,
                };
                self.flash(Level::Info, words);
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
            Event::Ask {
                id,
                question,
                timeout,
            } => self.asked(*id, question, *timeout),
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
            | Event::Fallback(_)
            | Event::SummaryRetry(_)
            | Event::EntryAppended(_)
            | Event::Budget { .. }
            | Event::ShellUpdate(_)
            | Event::Notice { .. } => {}
        }
        outside.into_iter().collect()
    }
}
