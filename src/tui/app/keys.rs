//! What keys do: offered to the panel, the popup, the app's own actions, the editor, in this order.

use super::App;
use super::resume::{switch, switch_to_entry};
use super::tree::tree_again;
use crate::agent::Lane;
use crate::config::KeyChord;
use crate::config::settings::{DoubleEscape, TuiMode};
use crate::session::{Command, Level, Reply};
use crate::tui::clipboard::Copied;
use crate::tui::editor::typed;
use crate::tui::msg::{Asked, Effect};
use crate::tui::panels::{Choice, News, Step};
use crate::tui::shelf::Request;

/// Two presses of Ctrl+C within this many milliseconds leave pi.
const TWICE: i64 = 1000;

/// Two presses of Escape within this many milliseconds are a double one.
const TWICE_ESCAPE: i64 = 500;

impl App {
    pub(super) fn key(&mut self, chord: KeyChord) -> Vec<Effect> {
        // Twice means twice in a row.
        if !self.settings.keymap.matches("app.clear", chord) {
            self.cleared = None;
        }
        if !self.settings.keymap.matches("app.interrupt", chord) {
            self.escaped = None;
        }
        if typed(chord).is_some() {
            self.step_aside();
        }
        if self.panel.is_some() {
            return self.panel_key(chord);
        }
        if self.finder.is_some() {
            return self.finder_key(chord);
        }
        if self.completion.is_open()
            && let Some(effects) = self.completion_key(chord)
        {
            return effects;
        }
        if typed(chord).is_none() && !self.jump_key(chord) {
            self.editor.leave_jump();
        }
        self.app_key(chord)
    }

    fn app_key(&mut self, chord: KeyChord) -> Vec<Effect> {
        let is = |id: &str| self.settings.keymap.matches(id, chord);
        // Whoever gives the history keys of its own means them, whatever else they were for.
        if is("tui.editor.historyPrevious") || is("tui.editor.historyNext") {
            self.recall(chord);
            self.editor.key(chord, &self.settings.keymap);
            return Vec::new();
        }
        let ask = |command: Command| vec![Effect::Send(command, Asked::Nothing)];
        let is_copied = !self.settings.copy_on_select && self.transcript.has_selection();
        match () {
            () if is_copied && (is("tui.input.copy") || is("app.message.copy")) => {
                let copied = self.copy_selection();
                self.transcript.deselect();
                return copied;
            }
            () if is("app.interrupt") => return self.interrupt(),
            () if is("app.clear") => return self.clear(),
            () if is("app.exit") && self.editor.is_empty() => return vec![Effect::Quit],
            () if is("app.suspend") => return vec![Effect::Suspend],
            () if is("tui.input.newLine") => self.editor.new_line(),
            () if is("tui.input.submit") => {
                if !self.editor.backslash_line() {
                    return self.submit(Lane::Steering);
                }
            }
            () if is("tui.input.tab") => return self.complete_now(),
            () if is("app.message.followUp") => return self.submit(Lane::FollowUp),
            () if is("app.message.dequeue") => {
                return vec![Effect::Send(Command::TakeQueue, Asked::Queue)];
            }
            () if is("app.message.copy") => return self.copy_answer(),
            () if is("app.model.select") => {
                return vec![Effect::Send(Command::Models, Asked::Models)];
            }
            () if is("app.model.cycleForward") => {
                return ask(Command::CycleModel { forward: true });
            }
            () if is("app.model.cycleBackward") => {
                return ask(Command::CycleModel { forward: false });
            }
            () if is("app.thinking.cycle") => return ask(Command::CycleThinking),
            () if is("app.thinking.toggle") => {
                self.transcript.toggle_thinking();
                let state = if self.transcript.thinking_shown() {
                    "shown"
                } else {
                    "hidden"
                };
                self.flash(Level::Info, format!("thinking is {state}"));
            }
            () if is("app.tools.expand") => self.transcript.toggle_tools(),
            () if is("app.clipboard.pasteImage") => return vec![Effect::ReadClipboard],
            () if is("app.history.search") => self.search_history(),
            () if is("app.session.new") => return new_session(),
            () if is("app.session.fork") => return fork_points(),
            () if is("app.session.tree") => return self.show_tree(),
            () if is("app.session.resume") => self.open_sessions(""),
            () if is("app.editor.external") => {
                return vec![Effect::EditExternally(self.editor.text())];
            }
            () if is("tui.altScreen.search") => return self.open_search(""),
            () if self.scroll_key(chord) => {}
            () => {
                self.recall(chord);
                self.editor.key(chord, &self.settings.keymap);
            }
        }
        Vec::new()
    }

    fn jump_key(&self, chord: KeyChord) -> bool {
        let is = |id: &str| self.settings.keymap.matches(id, chord);
        is("tui.editor.jumpForward") || is("tui.editor.jumpBackward")
    }

    /// Keys that move the transcript. They come before the editor's: Page Up is the transcript's, and
    /// the editor keeps its other key. In the regular mode the terminal scrolls.
    pub(super) fn scroll_key(&mut self, chord: KeyChord) -> bool {
        if self.mode == TuiMode::Regular {
            return false;
        }
        let is = |id: &str| self.settings.keymap.matches(id, chord);
        let half = isize::try_from(self.areas.transcript.height / 2)
            .unwrap_or(1)
            .max(1);
        match () {
            () if is("tui.altScreen.pageUp") => self.transcript.scroll_pages(-1),
            () if is("tui.altScreen.pageDown") => self.transcript.scroll_pages(1),
            () if is("tui.altScreen.halfPageUp") => self.transcript.scroll_lines(-half),
            () if is("tui.altScreen.halfPageDown") => self.transcript.scroll_lines(half),
            () if is("tui.altScreen.lineUp") => self.transcript.scroll_lines(-1),
            () if is("tui.altScreen.lineDown") => self.transcript.scroll_lines(1),
            () if is("tui.altScreen.fold") => self.fold_one(),
            () if is("tui.altScreen.top") => self.transcript.to_top(),
            () if is("tui.altScreen.bottom") => self.transcript.to_bottom(),
            () if is("tui.altScreen.previousPrompt") => {
                self.transcript.to_previous_prompt();
            }
            () if is("tui.altScreen.nextPrompt") => {
                self.transcript.to_next_prompt();
            }
            () => return false,
        }
        true
    }

    fn panel_key(&mut self, chord: KeyChord) -> Vec<Effect> {
        if self.settings.keymap.matches("app.suspend", chord) {
            return vec![Effect::Suspend];
        }
        if self.comes_too_soon(chord) {
            return Vec::new();
        }
        let Some(open) = &mut self.panel else {
            return Vec::new();
        };
        let step = open.panel.key(chord, &self.settings.keymap);
        self.take_step(step)
    }

    /// Does what the panel has come to, which is then closed.
    pub(super) fn take_step(&mut self, step: Step) -> Vec<Effect> {
        let Some(open) = &mut self.panel else {
            return Vec::new();
        };
        if step == Step::Stay {
            return Vec::new();
        }
        if let Step::Do(choice) = step {
            return self.do_in_panel(choice);
        }
        let question = open.question.map(|asking| asking.id);
        let leaving = open.leaving.take();
        self.panel = None;
        self.next_question();
        if let Some(leaving) = leaving {
            return self.leave(leaving, step);
        }
        match (step, question) {
            (Step::Choose(Choice::Answer(answer)), Some(id)) => answer_to(id, Some(answer)),
            (_, Some(id)) => answer_to(id, None),
            (Step::Choose(Choice::Session(path)), None) => switch(path),
            (Step::Choose(Choice::Found(path, entry)), None) => switch_to_entry(path, entry),
            (Step::Choose(Choice::SessionCopy(path)), None) => {
                let what = "a copy; the other session is unchanged";
                vec![Effect::Send(Command::ForkFile { path }, Asked::Moved(what))]
            }
            (Step::Choose(Choice::Fork(entry)), None) => {
                let what = "a fork; the other session is unchanged";
                leave(Command::Fork { entry }, Asked::Text(what))
            }
            (Step::Choose(Choice::Message(at)), None) => {
                self.transcript.to_prompt(at);
                Vec::new()
            }
            (Step::Choose(Choice::Prompt(prompt)), None) => {
                self.editor.choose(&prompt);
                self.completion.close(&self.editor);
                Vec::new()
            }
            (Step::Choose(Choice::Here), None) => {
                self.flash(Level::Info, "you are there already");
                Vec::new()
            }
            (Step::Choose(choice), None) => self.chosen(choice),
            _ => Vec::new(),
        }
    }

    /// Escape: stops what is going on and gives back what waited.
    fn interrupt(&mut self) -> Vec<Effect> {
        let before = self.escaped.take();
        if self.shell || self.is_at_work() {
            self.stopping = true;
            // What was told of the run, or before it, does not outlive it.
            self.flash = None;
            return vec![
                Effect::Send(Command::TakeQueue, Asked::Queue),
                Effect::Send(Command::Abort, Asked::Nothing),
            ];
        }
        if std::mem::take(&mut self.sharing) {
            return vec![Effect::Send(Command::Abort, Asked::Nothing)];
        }
        if self.editor.is_shell() {
            self.editor.clear();
            return Vec::new();
        }
        if self.transcript.has_selection() {
            self.transcript.deselect();
            return Vec::new();
        }
        if !self.transcript.is_following() {
            self.transcript.to_bottom();
        }
        if !self.editor.raw().trim().is_empty() {
            return Vec::new();
        }
        match before.is_some_and(|before| self.now - before < TWICE_ESCAPE) {
            true => self.escaped_twice(),
            false => {
                self.escaped = Some(self.now);
                Vec::new()
            }
        }
    }

    fn escaped_twice(&mut self) -> Vec<Effect> {
        match self.settings.double_escape {
            DoubleEscape::Tree => self.show_tree(),
            DoubleEscape::Fork => fork_points(),
            DoubleEscape::None => Vec::new(),
        }
    }

    /// Ctrl+C: clears the editor; twice leaves.
    fn clear(&mut self) -> Vec<Effect> {
        let twice = self.cleared.is_some_and(|before| self.now - before < TWICE);
        if twice && self.editor.is_empty() {
            return vec![Effect::Quit];
        }
        self.cleared = Some(self.now);
        let was_empty = self.editor.is_empty();
        self.editor.clear();
        let keys = &self.settings.keymap;
        let text = match (was_empty, self.since.is_some()) {
            (true, true) => format!(
                "{} again quits · {} stops the model",
                keys.describe("app.clear"),
                keys.describe("app.interrupt")
            ),
            (true, false) => format!("{} again quits", keys.describe("app.clear")),
            (false, _) => format!(
                "cleared; {} brings it back",
                keys.describe("tui.editor.yank")
            ),
        };
        self.flash(Level::Info, text);
        if was_empty && let Some((_, _, until)) = &mut self.flash {
            // What is offered is shown as long as it holds.
            *until = self.now + TWICE;
        }
        Vec::new()
    }

    pub(super) fn copy_answer(&mut self) -> Vec<Effect> {
        match self.last_answer() {
            Some(text) => vec![Effect::Copy(text)],
            None => {
                self.flash(Level::Warning, "there is no answer to copy yet");
                Vec::new()
            }
        }
    }

    /// Says what has become of a text for the clipboard, where the person looks.
    pub(super) fn copied(&mut self, copied: &Copied) {
        if self.panel.is_some() {
            self.tell_panel(News::Word(copied.words()));
        }
        let level = match copied.is_done() {
            true => Level::Info,
            false => Level::Error,
        };
        self.flash(level, copied.words());
    }

    pub(super) fn last_answer(&self) -> Option<String> {
        let history = &self.view.history;
        let live = self.answer.clone();
        live.or_else(|| {
            (0..history.len()).rev().find_map(|index| {
                let message = history.message(index)?;
                let text = message.as_assistant()?.to_text();
                (!text.is_empty()).then_some(text)
            })
        })
    }
}

/// A new session.
pub(super) fn new_session() -> Vec<Effect> {
    leave(Command::NewSession { parent: None }, Asked::Nothing)
}

/// To another session; what waits for the model in this one comes back to the editor.
pub(super) fn leave(to: Command, asked: Asked) -> Vec<Effect> {
    vec![
        Effect::Send(Command::TakeQueue, Asked::Queue),
        Effect::Send(to, asked),
    ]
}

/// The places that the conversation can be forked from.
pub(super) fn fork_points() -> Vec<Effect> {
    vec![Effect::Send(Command::ForkPoints, Asked::ForkPoints)]
}

fn answer_to(id: u64, answer: Option<String>) -> Vec<Effect> {
    vec![Effect::Send(Command::Answer { id, answer }, Asked::Nothing)]
}

impl App {
    /// The answer to a command that was sent.
    pub(super) fn answered(&mut self, asked: Asked, reply: Reply) -> Vec<Effect> {
        match &asked {
            Asked::Share => self.sharing = false,
            Asked::Navigate(_) => self.left(),
            _ => {}
        }
        match (asked, reply) {
            (Asked::Tree(at), Reply::Outline(rows)) => self.open_tree(rows, at.as_deref()),
            (Asked::TreeAgain, Reply::Outline(rows)) => self.tell_panel(News::Tree(rows)),
            (Asked::Words, Reply::Words(words)) => self.tell_panel(News::Words(words)),
            (Asked::Words, _) => self.tell_panel(News::Words(Vec::new())),
            (Asked::Label, Reply::Done) => return tree_again(),
            (Asked::Label, Reply::Refused(why) | Reply::Cancelled(why)) => {
                self.tell_panel(News::Word(why));
            }
            (Asked::EntryText, Reply::Text(words)) => return self.copy_entry(words),
            (Asked::Navigate(entry), Reply::Cancelled(why)) if why == "aborted" => {
                return self.not_left(entry);
            }
            (Asked::Navigate(_), Reply::Text(words)) => self.arrived(words),
            (Asked::Renamed(path), reply) => return self.renamed(&path, reply),
            // Its end was told already.
            (Asked::Compact, Reply::Refused(_)) if self.activity.has_told => {}
            (Asked::Compact, Reply::Cancelled(why)) if why == "aborted" => {}
            (Asked::Switch(path), Reply::Refused(why)) => {
                self.transcript.push_notice(Level::Error, &why);
                return vec![Effect::Look(Request::Held(path))];
            }
            (Asked::Switch(_), Reply::Place(Some(message))) => self.show(message),
            (asked, Reply::Refused(why)) => self.not_done(asked, Level::Error, &why),
            (asked, Reply::Cancelled(why)) => self.not_done(asked, Level::Warning, &why),
            (Asked::Text(what), Reply::Text(words)) => {
                if let Some(words) = words {
                    self.editor.put_back(&[words]);
                    self.completion.close(&self.editor);
                }
                self.flash(Level::Info, what);
            }
            (Asked::Moved(what), _) => self.flash(Level::Info, what),
            (Asked::ForkPoints, Reply::ForkPoints(points)) => self.open_fork_points(&points),
            (
                Asked::Queue,
                Reply::Queue {
                    mut steering,
                    mut follow_up,
                },
            ) => {
                steering.append(&mut follow_up);
                self.editor.bring_back(&steering);
                self.completion.close(&self.editor);
            }
            (Asked::Models, Reply::Models(models)) => return self.open_models(&models),
            (Asked::NamedModel, Reply::Models(models)) => return self.take_named(&models),
            (Asked::LocalModels, Reply::LocalModels(models, troubles)) => {
                self.offer_local(&models, &troubles);
            }
            (Asked::LocalStart, Reply::LocalModels(models, troubles)) => {
                self.choose_local(&models, &troubles);
            }
            (Asked::ScopedModels, Reply::Models(models)) => self.open_scoped_models(&models),
            (Asked::Settings, Reply::Models(models)) => self.open_settings(models),
            (Asked::Completion, Reply::Models(models)) => self.found_models(models),
            (Asked::Stats, Reply::Stats(stats)) => return self.open_stats(*stats),
            (Asked::Spending, Reply::Spending(spending)) => self.tell_spending(spending),
            (Asked::Connected(provider), Reply::Models(models)) => {
                self.offer_models(&provider, &models);
            }
            (Asked::Export, Reply::Exported(report)) => self.tell_export(&report),
            (Asked::Share, Reply::Shared { gist, viewer }) => {
                let text = format!("Shared: {viewer}\nGist: {gist}");
                self.transcript.push_notice(Level::Info, &text);
            }
            _ => {}
        }
        Vec::new()
    }

    /// What was asked for was not done; the person's own words come back.
    fn not_done(&mut self, asked: Asked, level: Level, why: &str) {
        self.transcript.push_notice(level, why);
        if let Asked::Prompt(spoken) = asked {
            self.editor.bring_back(&[spoken]);
            self.completion.close(&self.editor);
        }
    }
}
