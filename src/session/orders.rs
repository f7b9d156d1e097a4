//! Commands obeyed: which one is done where, at once or with an answer that comes later.

use std::sync::atomic::Ordering;

use tokio::sync::oneshot;

use super::actor::Actor;
use super::command::{Command, Reply};
use super::event::{Event, Level};
use super::intake::Manner;
use super::ledger::saying;
use super::relocate::Move;
use crate::agent::Lane;
use crate::ai::Message;

impl Actor {
    /// Does it and answers, now or when it is done.
    pub(super) async fn obey(&mut self, command: Command, reply: oneshot::Sender<Reply>) {
        if let Some(why) = self.only_watching(&command) {
            // Whoever asked may have gone.
            let _ = reply.send(Reply::Refused(why));
            return;
        }
        let answer = match command {
            Command::Prompt {
                text,
                images,
                while_running,
            } => return self.prompt(text, images, Manner::BeginOr(while_running), reply),
            Command::PromptIfIdle { text, images } => {
                return self.prompt(text, images, Manner::Begin, reply);
            }
            Command::Queue { text, images, lane } => {
                return self.prompt(text, images, Manner::Wait(lane), reply);
            }
            Command::Shell {
                line,
                excluded,
                output,
            } => return self.start_shell(line, excluded, output, Some(reply)),
            Command::Entries { since } => return self.entries(since, reply),
            Command::Tree => return self.tree(reply),
            Command::Outline(filter) => return self.outline(filter, reply),
            Command::Shape => return self.shape(reply),
            Command::Words(entries) => return self.words(entries, reply),
            Command::EntryText(entry) => return self.entry_text(entry, reply),
            Command::Spending => return self.spending(reply),
            Command::LocalModels => return self.look_for_local(reply),
            Command::FindModel(name) => return self.find_model(name, reply),
            Command::AbortRun => {
                self.abort_run();
                self.resting.push(reply);
                return;
            }
            Command::NewSession { parent } => {
                return self.ask_to(Move::New { parent }, reply).await;
            }
            Command::SwitchSession { path } => {
                return self.ask_to(Move::Switch { path, entry: None }, reply).await;
            }
            Command::SwitchToEntry { path, entry } => {
                let entry = Some(entry);
                return self.ask_to(Move::Switch { path, entry }, reply).await;
            }
            Command::ForkFile { path } => {
                return self.ask_to(Move::ForkFile { path }, reply).await;
            }
            Command::Import { path } => return self.ask_to(Move::Import { path }, reply).await,
            Command::Fork { entry } => return self.ask_to(Move::Fork { entry }, reply).await,
            Command::Clone => return self.ask_to(Move::Clone, reply).await,
            Command::Navigate {
                entry,
                summary,
                label,
            } => {
                let to = Move::Navigate {
                    entry,
                    summary,
                    label,
                };
                return self.ask_to(to, reply).await;
            }
            Command::Compact { instructions } => return self.compact(instructions, reply).await,
            Command::Resources { reason } => return self.discover(reason, reply),
            command => self.answer(command).await,
        };
        // Whoever asked may have gone.
        let _ = reply.send(answer);
    }

    /// What is done at once.
    async fn answer(&mut self, command: Command) -> Reply {
        match command {
            Command::Abort => {
                self.stop_shells();
                self.abort_run()
            }
            Command::TakeQueue => {
                let waiting = [Lane::Steering, Lane::FollowUp].map(|lane| self.queues.clear(lane));
                self.ledger.tell_queues(false);
                let [steering, mut follow_up] = waiting;
                follow_up.append(&mut self.next);
                let said = |messages: Vec<Message>| messages.into_iter().map(saying).collect();
                Reply::Queue {
                    steering: said(steering),
                    follow_up: said(follow_up),
                }
            }
            Command::SetLabel { entry, label } => self.set_label(&entry, label),
            Command::AppendCustom { custom_type, data } => self.append_custom(&custom_type, data),
            Command::ForkPoints => self.fork_points().await,
            Command::SetAutoCompaction(on) => {
                self.runner.compactor.auto.store(on, Ordering::Relaxed);
                self.ledger.update_view(|view| view.auto_compaction = on);
                Reply::Done
            }
            Command::SetAutoRetry(on) => {
                self.runner.retry.auto.store(on, Ordering::Relaxed);
                self.ledger.update_view(|view| view.auto_retry = on);
                Reply::Done
            }
            Command::AbortRetry => {
                self.runner.retry.abort();
                Reply::Done
            }
            Command::AbortBash => {
                self.stop_shells();
                Reply::Done
            }
            Command::SetModel { provider, id } => match self.setup.models.find(&provider, &id) {
                Some(model) => self.choose(model, None).await,
                None => Reply::Refused(format!(
                    "there is no model {provider}/{id}; /model lists those there are"
                )),
            },
            Command::CycleModel { forward } => self.cycle_model(forward).await,
            Command::SetThinking(level) => self.think(level).await,
            Command::CycleThinking => self.cycle_thinking().await,
            Command::SetDrain { lane, drain } => {
                self.queues.set_drain(lane, drain);
                self.ledger.update_view(|view| match lane {
                    Lane::Steering => view.drains.0 = drain,
                    Lane::FollowUp => view.drains.1 = drain,
                });
                Reply::Done
            }
            Command::Bash { line, excluded } => self.bash(line, excluded),
            Command::SetName(name) => {
                let name = name.trim().to_owned();
                self.ledger
                    .with_store(|store| store.append_session_info(&name));
                let name = (!name.is_empty()).then_some(name);
                self.ledger.update_view(|view| view.name.clone_from(&name));
                self.ledger.publish(Event::InfoChanged { name });
                Reply::Done
            }
            Command::Models => {
                for problem in self.setup.models.reload() {
                    self.notice(Level::Warning, &problem.to_string());
                }
                self.take_up_models();
                Reply::Models(self.setup.models.choices())
            }
            Command::SetScope(scope) => self.set_scope(scope),
            Command::Renew(renewal) => self.renew(*renewal),
            Command::Stats => Reply::Stats(Box::new(self.stats())),
            Command::Ping => Reply::Done,
            // Dealt with before, or by the loop itself.
            Command::Prompt { .. }
            | Command::PromptIfIdle { .. }
            | Command::Queue { .. }
            | Command::Shell { .. }
            | Command::Entries { .. }
            | Command::Tree
            | Command::Outline(_)
            | Command::Shape
            | Command::Words(_)
            | Command::EntryText(_)
            | Command::Spending
            | Command::LocalModels
            | Command::FindModel(_)
            | Command::AbortRun
            | Command::NewSession { .. }
            | Command::SwitchSession { .. }
            | Command::SwitchToEntry { .. }
            | Command::ForkFile { .. }
            | Command::Import { .. }
            | Command::Fork { .. }
            | Command::Clone
            | Command::Navigate { .. }
            | Command::Compact { .. }
            | Command::Resources { .. }
            | Command::Export { .. }
            | Command::Share { .. }
            | Command::Answer { .. }
            | Command::Shutdown => Reply::Done,
        }
    }
}
