//! The loop of the plain face: lines in, lines out.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::choice::{self, Choice, Picked};
use super::say::{Deed, answered, deed};
use super::tell::{self, Teller};
use crate::agent::{AgentEvent, Lane};
use crate::ai::{Content, Message, Model};
use crate::config::resolve::named;
use crate::session::{Command, Event, Reply, Session};
use crate::tools::shell_quoted;
use crate::tui::screen::{Lines, Signal, Signals, typed_lines};

/// Ctrl+C twice within this leaves.
const TWICE: Duration = Duration::from_secs(2);

/// What the plain face is begun with.
pub struct Options {
    /// Said first, in order: words and pictures.
    pub prompts: Vec<(String, Vec<Content>)>,
    /// This program's version.
    pub version: String,
    /// Said at the start.
    pub warnings: Vec<String>,
}

/// Speaks line by line until the person leaves; returns the exit code.
pub async fn run(session: Session, options: Options) -> io::Result<u8> {
    let mut signals = Signals::new()?;
    let mut typed = typed_lines()?;
    let mut events = session.events();
    let _host = session.ui().host();
    let (replies, mut inbox) = mpsc::unbounded_channel();
    let mut face = Face {
        session,
        lines: Lines::default(),
        teller: Teller::default(),
        replies,
        choices: Vec::new(),
        half: String::new(),
        waiting: 0,
        running: false,
        shell: false,
        interrupted: None,
        code: None,
    };
    face.begin(&options)?;
    for (text, images) in options.prompts {
        face.send(Command::Prompt {
            text,
            images,
            while_running: Lane::FollowUp,
        });
    }
    while face.code.is_none() {
        face.prompt()?;
        tokio::select! {
            biased;
            signal = signals.next() => face.signal(signal)?,
            event = events.recv() => match event {
                Some(event) => face.event(&event)?,
                None => face.code = Some(1),
            },
            Some((what, reply)) = inbox.recv() => {
                // What was told before the answer was given is heard before it.
                while let Some(event) = events.try_recv() {
                    face.event(&event)?;
                }
                face.answered(what, &reply)?;
            }
            line = typed.recv() => match line {
                Some(line) => face.typed(&line)?,
                None => face.code = Some(0),
            },
        }
    }
    face.leave().await
}

/// What was sent.
#[derive(Debug, Clone)]
enum Sent {
    Command,
    /// For the choice of a model whose name has these words in it.
    Models(String),
    /// For the model that was named.
    Model,
}

struct Face {
    session: Session,
    lines: Lines,
    teller: Teller,
    replies: mpsc::UnboundedSender<(Sent, Reply)>,
    /// What typed lines answer, the first one first.
    choices: Vec<Choice>,
    /// Lines that go on in the next one.
    half: String,
    /// Commands that are not answered.
    waiting: usize,
    /// A run goes on, as the events tell it.
    running: bool,
    /// A shell command of the person's runs.
    shell: bool,
    interrupted: Option<Instant>,
    code: Option<u8>,
}

impl Face {
    fn begin(&mut self, options: &Options) -> io::Result<()> {
        let view = self.session.view();
        self.say(&[format!(
            "pi {}, plain. /help lists the commands.",
            options.version
        )])?;
        self.say(&[format!(
            "Model: {}. Directory: {}",
            view.model.full_id(),
            view.cwd.display()
        )])?;
        if view.demo {
            self.say(&["No model is connected: an embedded demo answers by fixed rules.".into()])?;
        }
        if let Some(why) = &view.watching {
            self.say(&[format!("Watching only: {why}")])?;
        }
        for warning in &options.warnings {
            self.say(&tell::told(&format!("Warning: {warning}")))?;
        }
        self.recall()
    }

    /// The last exchange of a session that is gone on with.
    fn recall(&mut self) -> io::Result<()> {
        let history = self.session.view().history.clone();
        let count = history.len();
        if count == 0 {
            return Ok(());
        }
        self.say(&[format!(
            "The session has {count} messages; the last exchange:"
        )])?;
        let mut last = Vec::new();
        for index in (0..count).rev() {
            let Some(message) = history.message(index) else {
                continue;
            };
            match &*message {
                Message::User(said) => {
                    last.push(format!("You: {}", said.content.to_text()));
                    break;
                }
                Message::Assistant(answer) if last.is_empty() && !answer.to_text().is_empty() => {
                    last.push(format!("Assistant: {}", answer.to_text()));
                }
                _ => {}
            }
        }
        for text in last.iter().rev() {
            self.say(&tell::told(text))?;
        }
        Ok(())
    }

    fn say(&mut self, lines: &[String]) -> io::Result<()> {
        lines.iter().try_for_each(|line| self.lines.line(line))
    }

    /// Asks for a line when there is nothing else to wait for.
    fn prompt(&mut self) -> io::Result<()> {
        if !self.is_busy() || !self.choices.is_empty() || !self.half.is_empty() {
            self.lines.prompt()?;
        }
        Ok(())
    }

    /// Whether something goes on.
    fn is_busy(&self) -> bool {
        let view = self.session.view();
        self.running || view.running || view.compacting || self.shell || self.waiting > 0
    }

    fn send(&mut self, command: Command) {
        self.send_for(command, Sent::Command);
    }

    fn send_for(&mut self, command: Command, what: Sent) {
        self.waiting += 1;
        let (reply, replies) = (self.session.send(command), self.replies.clone());
        tokio::spawn(async move {
            // The loop has ended: nobody wants to know.
            let _ = replies.send((what, reply.await));
        });
    }

    fn event(&mut self, event: &Arc<Event>) -> io::Result<()> {
        let lines = self.teller.lines(event);
        self.say(&lines)?;
        match &**event {
            Event::Ask { id, question, .. } => {
                let choice = Choice::Question(*id, question.clone());
                self.lines.bell()?;
                self.choose(choice)?;
            }
            Event::AskOver { id } => {
                let said = choice::over(&mut self.choices, *id);
                self.say(&said)?;
            }
            Event::Agent(AgentEvent::AgentStart) => self.running = true,
            Event::Settled { .. } => {
                self.running = false;
                self.interrupted = None;
            }
            Event::ShellStart { .. } => self.shell = true,
            Event::ShellEnd(_) => self.shell = false,
            Event::Switched => {
                self.say(&["Another session, or another branch of this one.".into()])?;
                self.recall()?;
            }
            _ => {}
        }
        Ok(())
    }

    fn choose(&mut self, choice: Choice) -> io::Result<()> {
        self.choices.push(choice);
        match self.choices.len() {
            1 => self.ask(),
            _ => Ok(()),
        }
    }

    /// Tells the first choice.
    fn ask(&mut self) -> io::Result<()> {
        let told = self.choices.first().map(Choice::told).unwrap_or_default();
        self.say(&told)
    }

    fn answered(&mut self, what: Sent, reply: &Reply) -> io::Result<()> {
        self.waiting = self.waiting.saturating_sub(1);
        match (what, reply) {
            (Sent::Models(words), Reply::LocalModels(models, _)) => self.models(&words, models),
            (Sent::Model, Reply::Models(models)) => {
                let found = models.first().cloned();
                found.iter().for_each(|model| self.take_model(model));
                Ok(())
            }
            (_, reply) => self.say(&answered(reply)),
        }
    }

    fn models(&mut self, words: &str, models: &[Arc<Model>]) -> io::Result<()> {
        let words = words.to_lowercase();
        let has = |model: &&Arc<Model>| model.full_id().to_lowercase().contains(&words);
        let mut found: Vec<Arc<Model>> = models.iter().filter(has).cloned().collect();
        if let Some(model) = named(&words, &found).cloned() {
            found = vec![model];
        }
        match (found.len(), words.is_empty()) {
            (0, true) => self.say(&["No model has credentials.".into()]),
            (0, false) => {
                self.send_for(Command::FindModel(words), Sent::Model);
                Ok(())
            }
            (1, false) => {
                let model = found.remove(0);
                self.take_model(&model);
                Ok(())
            }
            _ => self.choose(Choice::Model(found)),
        }
    }

    fn take_model(&mut self, model: &Model) {
        self.send(Command::SetModel {
            provider: model.provider.clone(),
            id: model.id.clone(),
        });
    }

    fn typed(&mut self, line: &str) -> io::Result<()> {
        self.lines.typed();
        self.interrupted = None;
        if let Some(part) = line.strip_suffix('\\') {
            self.half.push_str(part);
            self.half.push('\n');
            return Ok(());
        }
        let text = std::mem::take(&mut self.half) + line;
        if !self.choices.is_empty() {
            return self.pick(&text);
        }
        if text.trim().is_empty() {
            return Ok(());
        }
        match deed(&text) {
            Deed::Send(command) => {
                let is_running = self.session.view().running;
                let is_prompt = matches!(command, Command::Prompt { .. });
                self.send(command);
                if is_running && is_prompt {
                    self.say(&["It steers the run that is going on.".into()])?;
                }
            }
            Deed::Models(words) => self.send_for(Command::LocalModels, Sent::Models(words)),
            Deed::Say(lines) => self.say(&lines)?,
            Deed::Quit => self.code = Some(0),
        }
        Ok(())
    }

    fn pick(&mut self, text: &str) -> io::Result<()> {
        let Some(choice) = self.choices.first().cloned() else {
            return Ok(());
        };
        let picked = choice.pick(text);
        if picked == Picked::Unclear {
            return self.say(&["That is none of the choices.".into()]);
        }
        self.choices.remove(0);
        match (choice, picked) {
            (Choice::Question(id, _), Picked::Answer(answer)) => {
                self.send(Command::Answer { id, answer });
            }
            (Choice::Model(models), Picked::At(index)) => {
                if let Some(model) = models.get(index) {
                    self.take_model(model);
                }
            }
            _ => {}
        }
        self.ask()
    }

    fn signal(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Terminate => self.code = Some(143),
            Signal::HangUp => self.code = Some(129),
            Signal::Suspend => self.lines.stop()?,
            Signal::Interrupt => self.interrupt()?,
        }
        Ok(())
    }

    /// Ctrl+C: stops what is going on; with nothing going on, or when it is pressed again, twice leaves.
    fn interrupt(&mut self) -> io::Result<()> {
        let now = Instant::now();
        let is_again = self.interrupted.is_some_and(|at| now - at < TWICE);
        if is_again {
            self.code = Some(0);
            return Ok(());
        }
        self.interrupted = Some(now);
        self.half.clear();
        if self.is_busy() {
            let view = self.session.view();
            let waiting = view.steering.iter().chain(&view.follow_up);
            let lost: Vec<String> = waiting.map(|text| format!("Not sent: {text}")).collect();
            if !lost.is_empty() {
                self.send(Command::TakeQueue);
                self.say(&lost)?;
            }
            self.send(Command::Abort);
            return self.say(&["Stopping. Control C again leaves pi.".into()]);
        }
        self.say(&["Control C again leaves pi.".into()])
    }

    async fn leave(mut self) -> io::Result<u8> {
        let code = self.code.unwrap_or(0);
        let ended = self.session.send(Command::Shutdown).await;
        if code == 129 {
            return Ok(code);
        }
        let view = self.session.view();
        if let Some(file) = view.file.as_ref().filter(|file| file.exists()) {
            self.say(&[format!(
                "To go on: pi --plain --session {}",
                shell_quoted(file)
            )])?;
        }
        if let Reply::Refused(why) = ended {
            self.say(&[format!("Error: {why}")])?;
            return Ok(code.max(1));
        }
        Ok(code)
    }
}
