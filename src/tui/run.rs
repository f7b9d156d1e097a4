//! The loop: take one message, take whatever else is there, do what it asks for, paint once.
//!
//! Idle costs nothing: without a run nothing ticks. Under a burst it paints at most every frame's
//! time, so that drawing never falls behind what comes.

mod copies;
mod effects;
mod errands;
mod farewell;
mod logins;
mod regular;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::app::{self, App};
use super::clipboard::Clipboard;
use super::completion::Finder;
use super::drafts::Keeper;
use super::external::Editing;
use super::git;
use super::keyring::Keyring;
use super::mouse::MouseAct;
use super::msg::{Asked, Msg};
use super::pasteboard::Pasteboard;
use super::preferences::{Habits, Preferences};
use super::screen::{Input, Inputs, Screen, Signal, Signals, install_panic_hook};
use super::secretary::Secretary;
use super::shelf::Shelf;
use super::theme_watch::ThemeWatch;
use super::wheel::Wheel;
use crate::agent::Lane;
use crate::ai::{Clock, Content};
use crate::config::settings::TuiMode;
use crate::session::{Command, Event, Events, Saying, Session};
use crate::store::drafts::{Drafts, Left};
use crate::store::prompts::Prompts;
use copies::Copies;
use errands::Errands;

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(16);

/// The shortest time between two frames when a key was pressed: what is typed is seen at once.
const KEY_FRAME: Duration = Duration::from_millis(3);

/// At most so many keys between two frames: text that is typed by a machine is seen as it comes.
const KEYS: usize = 256;

/// At most so many events between two looks at the keys.
const DRAIN: usize = 2048;

/// What the terminal is begun with.
pub struct Options {
    /// What the app is begun with.
    pub app: app::Settings,
    /// Said first, in order: words and pictures.
    pub prompts: Vec<(String, Vec<Content>)>,
    /// What the settings say.
    pub habits: Habits,
    /// Where pi, begun with the same words but no flags, finds a session by its id.
    pub folder: PathBuf,
    /// Where copied text goes.
    pub clipboard: Clipboard,
    /// Woken when code can be drawn in colours.
    pub repaint: Arc<Notify>,
    /// The time.
    pub clock: Clock,
    /// The message to begin at, by its place in the history; without it, the end.
    pub at: Option<usize>,
    /// The sessions there are.
    pub shelf: Arc<dyn Shelf>,
    /// Settings and what belongs to them.
    pub preferences: Arc<dyn Preferences>,
    /// The keys there are.
    pub keyring: Arc<dyn Keyring>,
    /// Writes a debug report down, with its secrets masked.
    pub report: WriteReport,
    /// Where what is typed and not sent is kept; `None` for nowhere.
    pub drafts: Option<Drafts>,
    /// The system's clipboard.
    pub pasteboard: Pasteboard,
    /// Where what is sent is kept.
    pub sent: Prompts,
}

/// Writes a report; says where it is, or why it is not.
pub type WriteReport = Arc<dyn Fn(&str) -> Result<PathBuf, String> + Send + Sync>;

/// What is left on the shell's screen at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// The conversation.
    Transcript,
    /// How to go on with it.
    ResumeHint,
}

/// Shows the conversation until the person leaves; returns the exit code.
pub async fn run(session: Session, options: Options) -> io::Result<u8> {
    install_panic_hook();
    // First, so that no signal can leave the terminal as it is painted.
    let begun =
        Signals::new().and_then(|signals| Ok((signals, Screen::enter_as(options.app.mode)?)));
    let (signals, screen) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            session.send(Command::Shutdown).await;
            return Err(error);
        }
    };
    let now = options.clock.now();
    let view = session.view();
    let watching = view.watching.is_some();
    let mut app = App::new(view, options.app, now);
    if let Some(at) = options.at {
        app.show(at);
    }
    let (replies, inbox) = mpsc::unbounded_channel();
    let secretary = Secretary::new(options.preferences, replies.clone());
    let copies = Copies::new(options.clipboard, replies.clone());
    let wheel = Wheel::new(options.habits.wheel);
    let mut terminal = Terminal {
        session,
        screen,
        app,
        replies,
        habits: options.habits,
        clock: options.clock,
        code: None,
        dirty: false,
        typed: false,
        painted: Instant::now(),
        resized: None,
        lost: Vec::new(),
        to_edit: None,
        shelf: options.shelf,
        secretary,
        keyring: options.keyring,
        report: options.report,
        finder: Finder::default(),
        sent: options.sent,
        pasteboard: options.pasteboard,
        drafts: Keeper::new(options.drafts),
        theme: ThemeWatch::default(),
        watching,
        wheel,
        copies,
        memory: Errands::new(),
        keys: Errands::new(),
        login: None,
    };
    let prompts = options.prompts;
    let lived = terminal
        .live(prompts, inbox, signals, &options.repaint)
        .await;
    // Whatever broke: the session is ended and the terminal given back first.
    let left = terminal.leave(&options.folder).await;
    lived.and(left)
}

struct Terminal {
    session: Session,
    screen: Screen,
    app: App,
    replies: mpsc::UnboundedSender<Msg>,
    habits: Habits,
    clock: Clock,
    /// Set when the loop is to end.
    code: Option<u8>,
    dirty: bool,
    /// Whether something was done at the keyboard since the last frame.
    typed: bool,
    painted: Instant,
    /// The first and the last of the sizes that came since the last frame.
    resized: Option<(Instant, Instant)>,
    /// Words that were typed and not sent when the end came.
    lost: Vec<String>,
    /// What the external editor is to be given.
    to_edit: Option<String>,
    shelf: Arc<dyn Shelf>,
    secretary: Secretary,
    keyring: Arc<dyn Keyring>,
    report: WriteReport,
    finder: Finder,
    sent: Prompts,
    pasteboard: Pasteboard,
    drafts: Keeper,
    theme: ThemeWatch,
    /// Whether another process wrote the session when it was last looked at.
    watching: bool,
    wheel: Wheel,
    copies: Copies,
    /// What was sent is kept, and brought.
    memory: Errands,
    /// Keys are kept.
    keys: Errands,
    login: Option<logins::Login>,
}

impl Terminal {
    async fn live(
        &mut self,
        prompts: Vec<(String, Vec<Content>)>,
        mut inbox: mpsc::UnboundedReceiver<Msg>,
        mut signals: Signals,
        repaint: &Notify,
    ) -> io::Result<()> {
        self.app.set_mode(self.screen.mode());
        if self.screen.mode() == TuiMode::Regular {
            self.app.prepare_rows();
        }
        self.paint()?;
        self.screen.ask(self.app.abilities())?;
        let mut events = self.session.events();
        // As long as the screen is there, somebody answers questions.
        let _host = self.session.ui().host();
        let mut inputs = Inputs::new(self.app.abilities().patience());
        self.look_at_branch();
        self.remember();
        for effect in self.app.shown() {
            self.perform(effect)?;
        }
        self.take_draft(&[Left::BySession, Left::InDirectory]);
        for (index, (text, images)) in prompts.into_iter().enumerate() {
            let lane = if index == 0 {
                Lane::Steering
            } else {
                Lane::FollowUp
            };
            let asked = Asked::Prompt(Saying {
                text: text.clone(),
                images: images.clone(),
            });
            self.send(
                Command::Prompt {
                    text,
                    images,
                    while_running: lane,
                },
                asked,
            );
        }
        while self.code.is_none() {
            let step = self.app.step();
            let next_frame = self.next_frame();
            let tick = self.painted + Duration::from_millis(step.unwrap_or(0).unsigned_abs());
            tokio::select! {
                biased;
                signal = signals.next() => self.signal(signal)?,
                input = inputs.next() => match input {
                    Some(Ok(input)) => self.input(input)?,
                    // The terminal is gone.
                    Some(Err(_)) | None => self.code = Some(129),
                },
                () = tokio::time::sleep_until(next_frame), if self.dirty => {}
                Some(answer) = inbox.recv() => {
                    // What was told before the answer was given is heard before it.
                    self.hear(&mut events)?;
                    self.tell(answer)?;
                }
                event = events.recv() => match event {
                    Some(event) => self.event(event)?,
                    None => self.code = Some(1),
                },
                () = until(self.drafts.due()), if self.drafts.due().is_some() => {
                    self.drafts.keep(self.session.view(), self.app.unsent());
                }
                () = repaint.notified() => self.dirty = true,
                () = tokio::time::sleep_until(tick), if step.is_some() => self.tell(Msg::Tick)?,
            }
            for _ in 0..KEYS {
                if self.code.is_some() || self.to_edit.is_some() {
                    break;
                }
                let Some(input) = inputs.try_next() else {
                    break;
                };
                self.input(input)?;
            }
            if let Some(text) = self.to_edit.take() {
                self.edit(&text, &mut signals).await?;
                continue;
            }
            self.hear(&mut events)?;
            self.drafts.follow(self.app.revision());
            if self.dirty && Instant::now() >= self.next_frame() {
                self.paint()?;
            }
        }
        Ok(())
    }

    /// The shortest time between the last frame and the next.
    fn frame(&self) -> Duration {
        if self.typed { KEY_FRAME } else { FRAME }
    }

    fn paint(&mut self) -> io::Result<()> {
        self.dirty = false;
        self.typed = false;
        self.resized = None;
        let replies = self.replies.clone();
        let tell = move |msg| {
            // The loop has ended: nobody wants to know.
            let _ = replies.send(msg);
        };
        self.theme.follow(self.app.theme_file(), tell);
        self.screen.tell(&self.app.outside())?;
        let app = &mut self.app;
        match self.screen.mode() {
            TuiMode::Fullscreen => self.screen.draw(|frame| app.draw(frame))?,
            TuiMode::Regular => {
                let (columns, rows) = self.screen.size();
                let rows = app.rows(columns, rows, self.screen.is_stale());
                self.screen.paint_rows(rows)?;
            }
        }
        self.painted = Instant::now();
        Ok(())
    }

    fn input(&mut self, input: Input) -> io::Result<()> {
        self.typed = true;
        let msg = match input {
            Input::Key(chord) => Msg::Key(chord),
            Input::Paste(text) => Msg::Paste(text),
            Input::Mouse(mut mouse) => {
                if let MouseAct::Wheel(notches) = mouse.act {
                    let rows = self.wheel.turn(notches, mouse.alt, self.clock.now());
                    mouse.act = MouseAct::Wheel(rows);
                }
                Msg::Mouse(mouse)
            }
            Input::Resize(columns, rows) => {
                self.screen.resize(columns, rows);
                if self.screen.mode() == TuiMode::Regular {
                    let now = Instant::now();
                    let first = self.resized.map_or(now, |(first, _)| first);
                    self.resized = Some((first, now));
                }
                Msg::Tick
            }
            Input::Answer(answer) => Msg::Answer(answer),
            Input::FocusGained => Msg::Focus(true),
            Input::FocusLost => Msg::Focus(false),
        };
        self.tell(msg)
    }

    /// Takes the events that are there already.
    fn hear(&mut self, events: &mut Events) -> io::Result<()> {
        for _ in 0..DRAIN {
            let Some(event) = events.try_recv() else {
                break;
            };
            self.event(event)?;
        }
        Ok(())
    }

    fn event(&mut self, event: Arc<Event>) -> io::Result<()> {
        let settled = matches!(&*event, Event::Settled { .. } | Event::ShellEnd(_));
        let view = self.session.view();
        let is_watching = view.watching.is_some();
        let was_watching = std::mem::replace(&mut self.watching, is_watching);
        let arrived = matches!(&*event, Event::Switched) || was_watching && !is_watching;
        self.tell(Msg::Session(event, view))?;
        if arrived && self.app.unsent().is_empty() {
            self.take_draft(&[Left::BySession]);
        }
        if settled {
            self.look_at_branch();
        }
        Ok(())
    }

    fn signal(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Terminate => self.code = Some(143),
            Signal::HangUp => self.code = Some(129),
            Signal::Interrupt => self.code = Some(130),
            Signal::Suspend => self.suspend()?,
        }
        Ok(())
    }

    fn tell(&mut self, msg: Msg) -> io::Result<()> {
        self.dirty = true;
        match &msg {
            Msg::Copied(copied) => {
                if let Some((text, tmux)) = copied.for_terminal() {
                    self.screen.copy(text, tmux)?;
                }
            }
            Msg::Preferred(answer) => {
                if let Some(habits) = answer.habits().filter(|habits| **habits != self.habits) {
                    self.habits = habits.clone();
                    self.wheel = Wheel::new(habits.wheel);
                }
            }
            // No event tells of it.
            Msg::Reply(Asked::Renewed, _) => self.app.look_at(self.session.view()),
            _ => {}
        }
        for effect in self.app.update(msg, self.clock.now()) {
            self.perform(effect)?;
        }
        Ok(())
    }

    fn look_at_branch(&mut self) {
        let branch = git::branch_of(&self.session.view().cwd);
        self.app.update(Msg::Branch(branch), self.clock.now());
        self.dirty = true;
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.screen.suspend()?;
        self.dirty = true;
        self.screen.ask(self.app.abilities())
    }

    /// Lends the terminal to the external editor. Signals are heard meanwhile.
    async fn edit(&mut self, text: &str, signals: &mut Signals) -> io::Result<()> {
        let Some(editor) = &self.habits.editor else {
            let why = "no editor is set: export EDITOR, or set externalEditor";
            return self.tell(Msg::Edited(Err(why.into())));
        };
        self.screen.leave()?;
        let edited = match Editing::start(editor, text, &self.session.view().cwd) {
            Err(why) => Err(why),
            Ok(mut editing) => loop {
                tokio::select! {
                    biased;
                    edited = editing.result() => break edited,
                    signal = signals.next() => match signal {
                        Signal::Suspend => self.screen.stop()?,
                        ending => {
                            editing.stop().await;
                            return self.signal(ending);
                        }
                    },
                }
            },
        };
        self.screen.enter_again()?;
        self.screen.ask(self.app.abilities())?;
        self.tell(Msg::Edited(edited))
    }
}

async fn until(due: Option<Instant>) {
    if let Some(due) = due {
        tokio::time::sleep_until(due).await;
    }
}
