//! The app: the terminal as a function of messages. `update` does no IO and returns what is to be
//! done; `draw` changes nothing that can be seen.

mod account;
mod activity;
mod citizen;
mod completion;
mod draw;
mod help;
mod jump;
mod keys;
mod local;
mod login;
mod models;
mod mouse;
mod outside;
mod pictures;
mod prefs;
mod questions;
mod recall;
mod resume;
mod rows;
mod search;
mod select;
mod submit;
mod told;
mod tree;
mod welcome;

use std::sync::Arc;

use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use super::abilities::Abilities;
use super::completion::Popup;
use super::editor::Editor;
use super::keyring;
use super::look::Look;
use super::markdown::{Highlighter, Manner};
use super::msg::{Effect, Msg};
use super::outside::Status;
use super::panels::Panel;
use super::pasteboard::Clip;
use super::slash;
use super::transcript::{KeyNames, Setup, Transcript};
use super::wardrobe::Wardrobe;
use crate::ai::{Millis, Model};
use crate::config::Keymap;
use crate::config::settings::{DoubleEscape, NotifyBy, Scrollbar, TuiMode};
use crate::session::{History, Level, View};
use crate::store::Filter;
use activity::Activity;
use outside::Presence;
use questions::Asking;
use search::Finder;
use select::Hand;
use tree::Leaving;

pub use activity::STEP;
pub use help::Update;

/// How long a short message stays, in milliseconds.
const FLASH: Millis = 4000;

/// What the app is begun with.
#[derive(Clone)]
pub struct Settings {
    /// The keys.
    pub keymap: Keymap,
    /// The colours.
    pub look: Look,
    /// This program's version.
    pub version: String,
    /// The home directory, for `~`.
    pub home: Option<String>,
    /// Whether thinking starts out hidden.
    pub hide_thinking: bool,
    /// Without the header, or with its title alone.
    pub quiet: bool,
    /// How many completions are shown at once.
    pub completions: usize,
    /// Columns left free on both sides of the editor's text.
    pub padding: u16,
    /// What a double Escape does when the editor is empty.
    pub double_escape: DoubleEscape,
    /// What the tree shows at first.
    pub tree_filter: Filter,
    /// Whether branches are left without asking for a summary.
    pub skip_summary: bool,
    /// When the scrollbar is shown.
    pub scrollbar: Scrollbar,
    /// Whether what is selected is copied when the button is let go.
    pub copy_on_select: bool,
    /// Where this is, for times of day.
    pub zone: TimeZone,
    /// Colours code, once its grammars are there.
    pub highlighter: Highlighter,
    /// How the person is told who does not look.
    pub notify: NotifyBy,
    /// Whether progress is shown in the terminal's tab.
    pub progress: bool,
    /// Whether the times of prompts and answers are shown.
    pub timestamps: bool,
    /// Whether a column is left free beside the transcript.
    pub padded: bool,
    /// Which of the terminal's two modes is wanted.
    pub mode: TuiMode,
    /// The themes, and which is worn.
    pub wardrobe: Wardrobe,
    /// Whether to ask how to begin, where no model is connected.
    pub welcome: bool,
    /// What an update has brought.
    pub update: Option<Update>,
    /// What is known of the terminal before it is asked.
    pub abilities: Abilities,
    /// How text is drawn, apart from its colours.
    pub manner: Manner,
    /// Said at the start.
    pub warnings: Vec<String>,
}

/// The terminal's state.
pub struct App {
    settings: Settings,
    mode: TuiMode,
    view: Arc<View>,
    transcript: Transcript,
    editor: Editor,
    completion: Popup,
    /// The models there are, while one of them is typed.
    models: Option<Vec<Arc<Model>>>,
    panel: Option<OpenPanel>,
    branch: Option<String>,
    now: Millis,
    /// When the run began, while there is one.
    since: Option<Millis>,
    /// The person has asked for the end of what is going on.
    stopping: bool,
    shell: bool,
    activity: Activity,
    /// A gist is being made.
    sharing: bool,
    /// When Ctrl+C was last pressed.
    cleared: Option<Millis>,
    /// When Escape was last pressed with nothing to stop.
    escaped: Option<Millis>,
    /// A short message in the status row, and when it goes.
    flash: Option<(String, Level, Millis)>,
    /// Where prompts of earlier sittings are, until the editor has them.
    past: Option<Arc<dyn History>>,
    /// What was sent from here in earlier sittings, until the editor has it.
    remembered: Vec<String>,
    /// The last answer of this sitting.
    answer: Option<String>,
    /// Where things stood when they were last painted.
    areas: Areas,
    /// What the list of models is filtered by when it opens.
    model_filter: String,
    /// How often what waits in the queues, or the session, has changed.
    moves: u64,
    /// Questions that wait for the panel.
    questions: Vec<(Asking, Box<dyn Panel>)>,
    /// Who can be connected, as it was listed last.
    providers: Vec<keyring::Provider>,
    /// What is known of the terminal.
    abilities: Abilities,
    /// Whether the person is there.
    presence: Presence,
    /// The last run failed, and nothing was said since.
    failed: bool,
    /// How the last run ended, for programs that watch the terminal.
    ended: Status,
    /// The window's title, where an extension has chosen it.
    title: Option<String>,
    /// What the left button is doing.
    hand: Hand,
    /// The search in the conversation.
    finder: Option<Finder>,
}

/// Where things stand on the screen.
#[derive(Debug, Clone, Copy, Default)]
struct Areas {
    /// The window onto the transcript.
    transcript: Rect,
    /// The popup above the editor.
    popup: Rect,
    /// The editor, or the panel in its place.
    input: Rect,
    /// The editor's text.
    text: Rect,
}

/// A panel and what it is for.
struct OpenPanel {
    panel: Box<dyn Panel>,
    /// The question that it answers, if it is one.
    question: Option<Asking>,
    /// What is asked before another place in the tree is gone to.
    leaving: Option<Leaving>,
}

impl App {
    /// The app over a conversation as it is now.
    pub fn new(view: Arc<View>, mut settings: Settings, now: Millis) -> Self {
        let warnings = std::mem::take(&mut settings.warnings);
        let transcript = transcript(&view, &settings);
        let mut app = App {
            abilities: std::mem::take(&mut settings.abilities),
            presence: Presence::at(now),
            failed: false,
            ended: Status::default(),
            title: None,
            since: view.running.then_some(now),
            past: Some(view.history.clone()),
            settings,
            mode: TuiMode::default(),
            view,
            transcript,
            editor: Editor::default(),
            completion: Popup::default(),
            models: None,
            panel: None,
            branch: None,
            now,
            stopping: false,
            shell: false,
            activity: Activity::default(),
            sharing: false,
            cleared: None,
            escaped: None,
            flash: None,
            remembered: Vec::new(),
            answer: None,
            areas: Areas::default(),
            model_filter: String::new(),
            moves: 0,
            questions: Vec::new(),
            hand: Hand::default(),
            finder: None,
            providers: Vec::new(),
        };
        app.fit_pictures();
        app.transcript.tick(now);
        for warning in warnings {
            app.transcript.push_notice(Level::Warning, &warning);
        }
        app.greet();
        app
    }

    /// Brings a message of the history to the top of the window.
    pub fn show(&mut self, message: usize) {
        self.transcript.to_message(message);
    }

    /// Takes a message; returns what is to be done.
    pub fn update(&mut self, msg: Msg, now: Millis) -> Vec<Effect> {
        self.now = now;
        self.transcript.tick(now);
        self.hand_waits();
        if self
            .flash
            .as_ref()
            .is_some_and(|(_, _, until)| *until <= now)
        {
            self.flash = None;
        }
        let mut effects = self.heed(msg);
        effects.splice(0..0, self.remember());
        self.count_down();
        effects.extend(self.look());
        effects.extend(self.wish());
        effects.extend(self.complete());
        effects
    }

    fn heed(&mut self, msg: Msg) -> Vec<Effect> {
        self.see(&msg);
        match msg {
            Msg::Key(chord) => self.key(chord),
            Msg::Paste(text) => self.paste(&text),
            Msg::Mouse(mouse) => self.mouse(mouse),
            Msg::Answer(answer) => self.learn(&answer),
            Msg::Focus(_) => Vec::new(),
            Msg::Theme(theme) => self.renew_theme(theme),
            Msg::Session(event, view) => self.told(&event, view),
            Msg::Reply(asked, reply) => self.answered(asked, reply),
            Msg::Branch(branch) => {
                self.branch = branch;
                Vec::new()
            }
            Msg::Shelf(answer) => self.hear(&answer),
            Msg::Preferred(answer) => self.preferred(answer),
            Msg::Clip(clip) => match clip {
                Ok(Clip::Picture(path)) => self.paste(&path.to_string_lossy()),
                Ok(Clip::Text(text)) => self.paste(&text),
                Err(why) => {
                    self.flash(Level::Warning, why);
                    Vec::new()
                }
            },
            Msg::Remembered(prompts) => {
                self.remembered(prompts);
                Vec::new()
            }
            Msg::Keys(answer) => self.hear_keys(answer),
            Msg::Login(news) => self.hear_login(news),
            Msg::Reported(written) => {
                self.tell_report(written);
                Vec::new()
            }
            Msg::Found(found) => self.found(found),
            Msg::Edited(edited) => {
                match edited {
                    Ok(text) => {
                        self.editor.replace(text.trim_end_matches('\n'));
                        self.completion.close(&self.editor);
                    }
                    Err(why) => self.notice(Level::Error, &why),
                }
                Vec::new()
            }
            Msg::Copied(copied) => {
                self.copied(&copied);
                Vec::new()
            }
            Msg::Hits(found) => {
                self.transcript.found(found, &self.settings.look);
                Vec::new()
            }
            Msg::Prompts(prompts) => {
                self.open_prompts(prompts);
                Vec::new()
            }
            Msg::Tick => Vec::new(),
        }
    }

    /// Whether anything was said in this sitting.
    pub fn has_spoken(&self) -> bool {
        self.answer.is_some()
    }

    /// The words that are typed and not sent.
    pub fn draft(&self) -> String {
        self.editor.text()
    }

    /// Everything that was typed and that the model has not been told: what waits, then what is in the
    /// editor. It is kept on disk: what is private is not in it.
    pub fn unsent(&self) -> String {
        let waiting = self.view.steering.iter().chain(&self.view.follow_up);
        let mut texts: Vec<String> = waiting.cloned().chain([self.draft()]).collect();
        texts.retain(|text| !text.trim().is_empty() && !slash::is_private(text));
        texts.join("\n\n")
    }

    /// A number that grows whenever [`App::unsent`], or whose it is, may have changed.
    pub fn revision(&self) -> u64 {
        self.moves + self.editor.revision()
    }

    /// Puts back what was typed before pi was ended.
    pub fn restore(&mut self, text: String) {
        self.editor.put_back(&[text]);
        self.completion.close(&self.editor);
        self.flash(Level::Info, "your draft was kept");
    }

    /// The transcript, for printing it at the end.
    pub fn transcript(&mut self) -> (&mut Transcript, &Look) {
        (&mut self.transcript, &self.settings.look)
    }

    /// A word that stays in the transcript; what was said in passing before it goes.
    fn notice(&mut self, level: Level, text: &str) {
        self.flash = None;
        self.transcript.push_notice(level, text);
    }

    fn flash(&mut self, level: Level, text: impl Into<String>) {
        self.flash = Some((text.into(), level, self.now + FLASH));
    }

    fn paste(&mut self, text: &str) -> Vec<Effect> {
        self.cleared = None;
        self.step_aside();
        match &mut self.panel {
            Some(open) => open.panel.paste(text),
            None if self.finder.is_some() => return self.finder_paste(text),
            None => {
                self.editor.paste(text);
                self.completion.close(&self.editor);
            }
        }
        Vec::new()
    }

    /// Closes a panel that is in nobody's way.
    fn step_aside(&mut self) {
        if self
            .panel
            .as_ref()
            .is_some_and(|open| open.panel.steps_aside())
        {
            self.panel = None;
            self.next_question();
        }
    }
}

/// What a transcript of `view` is drawn with.
fn setup(view: &View, settings: &Settings) -> Setup {
    let describe = |id: &str| settings.keymap.describe(id);
    let mut manner = settings.manner.clone();
    if let Some(linker) = &mut manner.linker {
        linker.cwd = view.cwd.clone();
    }
    Setup {
        keys: KeyNames {
            expand: describe("app.tools.expand"),
            thinking: describe("app.thinking.toggle"),
            interrupt: describe("app.interrupt"),
        },
        highlighter: settings.highlighter.clone(),
        manner,
        timestamps: settings.timestamps,
        padded: settings.padded,
        zone: settings.zone.clone(),
        home: settings.home.clone(),
        thinking: !settings.hide_thinking,
    }
}

/// A transcript of what `view` shows, with its header.
fn transcript(view: &View, settings: &Settings) -> Transcript {
    let mut transcript = Transcript::new(view.history.clone(), setup(view, settings));
    transcript.set_header(welcome::header(view, settings));
    transcript
}
