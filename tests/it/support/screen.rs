//! The terminal's app without a terminal: messages in, effects and a grid of cells out.

use std::path::PathBuf;
use std::sync::Arc;

use pi::agent::{AgentEvent, Outcome};
use pi::ai::{Delta, Message, Model, SharedMessage, ThinkingLevel, Usage};
use pi::config::settings::{DoubleEscape, Scrollbar, TuiMode};
use pi::config::{KeyChord, Keymap, Themes};
use pi::session::{Event, Reply, View};
use pi::store::Filter;
use pi::tui::app::{App, Settings};
use pi::tui::look::{Depth, Look};
use pi::tui::markdown::{Highlighter, Manner};
use pi::tui::mouse::{Button, Mouse, MouseAct};
use pi::tui::msg::{Asked, Effect, Msg};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::style::Color;
use serde_json::json;

use crate::transcript::stage::{assistant, user};

/// An app, a grid and a clock that stands still.
pub struct Screen {
    pub app: App,
    pub view: View,
    pub now: i64,
    /// What was sent and is to be kept for later sittings.
    pub remembered: Vec<String>,
    terminal: Terminal<TestBackend>,
}

/// A conversation with this in it.
pub fn view(messages: Vec<Message>) -> View {
    let messages: Vec<SharedMessage> = messages.into_iter().map(Arc::new).collect();
    let history: Arc<dyn pi::session::History> = Arc::new(messages);
    View {
        id: "the-id".into(),
        file: None,
        name: None,
        cwd: PathBuf::from("/home/me/engine"),
        model: Arc::new(model("big")),
        thinking: ThinkingLevel::High,
        demo: false,
        running: false,
        compacting: false,
        auto_compaction: true,
        auto_retry: true,
        drains: Default::default(),
        watching: None,
        usage: Usage::default(),
        context_tokens: None,
        steering: Vec::new(),
        follow_up: Vec::new(),
        tools: Vec::new(),
        context_files: Vec::new(),
        so_far: history.clone(),
        history,
        scoped: false,
        scope: Default::default(),
    }
}

/// A model that thinks.
pub fn model(id: &str) -> Model {
    let model = json!({"id": id, "name": id, "api": "anthropic-messages", "provider": "acme",
        "baseUrl": "", "reasoning": true, "contextWindow": 200_000, "maxTokens": 1000});
    serde_json::from_value(model).unwrap()
}

pub fn settings() -> Settings {
    Settings {
        keymap: Keymap::defaults(),
        look: Look::new(&Themes::embedded().find("dark").unwrap(), Depth::Truecolor),
        version: "1.2.3".into(),
        home: Some("/home/me".into()),
        hide_thinking: false,
        quiet: true,
        completions: 5,
        padding: 0,
        double_escape: DoubleEscape::Tree,
        tree_filter: Filter::Default,
        skip_summary: false,
        scrollbar: Scrollbar::Auto,
        copy_on_select: true,
        zone: jiff::tz::TimeZone::UTC,
        highlighter: Highlighter::off(),
        notify: Default::default(),
        progress: true,
        timestamps: false,
        padded: true,
        mode: TuiMode::Fullscreen,
        wardrobe: Default::default(),
        welcome: false,
        update: None,
        abilities: Default::default(),
        manner: Manner::default(),
        warnings: Vec::new(),
    }
}

impl Screen {
    /// An empty conversation.
    pub fn new(columns: u16, rows: u16) -> Self {
        Screen::over(view(Vec::new()), columns, rows)
    }

    pub fn over(view: View, columns: u16, rows: u16) -> Self {
        Screen::with(view, settings(), columns, rows)
    }

    pub fn with(view: View, settings: Settings, columns: u16, rows: u16) -> Self {
        Screen {
            app: App::new(Arc::new(view.clone()), settings, 0),
            view,
            now: 0,
            remembered: Vec::new(),
            terminal: Terminal::new(TestBackend::new(columns, rows)).unwrap(),
        }
    }

    pub fn tell(&mut self, msg: Msg) -> Vec<String> {
        let mut asked = Vec::new();
        for effect in self.app.update(msg, self.now) {
            match effect {
                // What the loop does beside it is done at once.
                Effect::Scan(scan) => {
                    let mut found = Vec::new();
                    scan.run(|part| found.push(part));
                    for part in found {
                        asked.extend(self.tell(Msg::Hits(part)));
                    }
                }
                Effect::Prompts(prompts) => asked.extend(self.tell(Msg::Prompts(prompts.run()))),
                Effect::Remember(text) => self.remembered.push(text),
                effect => asked.push(shown(&effect)),
            }
        }
        asked
    }

    /// Time passes.
    pub fn wait(&mut self, milliseconds: i64) {
        self.now += milliseconds;
        assert_eq!(self.tell(Msg::Tick), [""; 0]);
    }

    /// Turns the wheel by so many rows over a column and row.
    pub fn wheel(&mut self, rows: i32, place: (u16, u16)) {
        assert_eq!(self.tell(Msg::Mouse(wheel(rows, place))), [""; 0]);
    }

    /// Presses the left button at one place, moves to another, and lets it go there.
    pub fn drag(&mut self, from: (u16, u16), to: (u16, u16)) -> Vec<String> {
        self.paint();
        let mut effects = self.mouse(MouseAct::Press(Button::Left), from);
        effects.extend(self.mouse(MouseAct::Drag(Button::Left), to));
        self.paint();
        effects.extend(self.mouse(MouseAct::Release(Button::Left), to));
        effects
    }

    /// The text whose ground is this colour, row by row.
    pub fn on_ground(&mut self, ground: Color) -> Vec<String> {
        let buffer = self.paint();
        let width = usize::from(buffer.area.width);
        let rows = buffer.content.chunks(width).map(|row| {
            let on = row.iter().filter(|cell| cell.bg == ground);
            on.map(|cell| cell.symbol()).collect::<String>()
        });
        rows.filter(|row| !row.is_empty()).collect()
    }

    /// Presses keys by their names, which blanks separate; what they ask for.
    pub fn press(&mut self, keys: &str) -> Vec<String> {
        let keys = keys.split_whitespace();
        let chords = keys.map(|key| key.parse::<KeyChord>().unwrap());
        chords
            .flat_map(|chord| self.tell(Msg::Key(chord)))
            .collect()
    }

    /// Types letters.
    pub fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            let key = match c {
                ' ' => "space".to_owned(),
                '\n' => "shift+enter".to_owned(),
                c if c.is_uppercase() => format!("shift+{c}"),
                c => c.to_string(),
            };
            let mut effects = self.press(&key);
            // What may be meant by it is asked for and not waited for.
            effects.retain(|effect| {
                !effect.starts_with("Find(") && !effect.ends_with("-> Completion")
            });
            assert_eq!(effects, [""; 0]);
        }
    }

    pub fn paste(&mut self, text: &str) {
        self.tell(Msg::Paste(text.into()));
    }

    pub fn event(&mut self, event: Event) -> Vec<String> {
        self.tell(Msg::Session(Arc::new(event), Arc::new(self.view.clone())))
    }

    pub fn agent(&mut self, event: AgentEvent) {
        self.event(Event::Agent(event));
    }

    /// A run begins with this prompt.
    pub fn run(&mut self, prompt: &str) {
        self.view.running = true;
        self.agent(AgentEvent::AgentStart);
        let message = Arc::new(user(prompt));
        self.agent(AgentEvent::MessageStart {
            message: message.clone(),
        });
        self.agent(AgentEvent::MessageEnd { message });
    }

    /// The model has said so much of its answer.
    pub fn stream(&mut self, text: &str) {
        let message = Arc::new(assistant(vec![]));
        self.agent(AgentEvent::MessageStart { message });
        let text = text.into();
        for delta in [
            Delta::TextStart { index: 0 },
            Delta::Text { index: 0, text },
        ] {
            self.agent(AgentEvent::MessageUpdate { delta });
        }
    }

    /// A tool runs and has printed this.
    pub fn tool(&mut self, name: &str, args: serde_json::Value, output: &str) {
        let args = Arc::new(args);
        self.agent(AgentEvent::ToolStart {
            id: "1".into(),
            name: name.into(),
            args: args.clone(),
        });
        self.agent(AgentEvent::ToolUpdate {
            id: "1".into(),
            name: name.into(),
            args,
            partial: Arc::new(Outcome::text(output)),
        });
    }

    pub fn reply(&mut self, asked: Asked, reply: Reply) -> Vec<String> {
        self.tell(Msg::Reply(asked, reply))
    }

    pub fn refuse(&mut self, asked: Asked, why: &str) {
        self.reply(asked, Reply::Refused(why.into()));
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.terminal.backend_mut().resize(columns, rows);
    }

    /// Paints; checks that no cell holds what could steer a terminal.
    pub fn paint(&mut self) -> &Buffer {
        let app = &mut self.app;
        self.terminal.draw(|frame| app.draw(frame)).unwrap();
        let buffer = self.terminal.backend().buffer();
        for cell in &buffer.content {
            let symbol = cell.symbol();
            let steers = |c: char| {
                c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            assert!(!symbol.chars().any(steers), "{symbol:?}");
        }
        buffer
    }

    /// The screen as text, without the blanks at the ends of its rows.
    pub fn text(&mut self) -> String {
        let buffer = self.paint();
        let mut text = String::new();
        for y in 0..buffer.area.height {
            let mut row = String::new();
            let mut x = 0;
            while x < buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                row.push_str(symbol);
                x += symbol.cell_width().max(1);
            }
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }

    /// The row that holds this.
    #[track_caller]
    pub fn row_of(&mut self, wanted: &str) -> String {
        let text = self.text();
        let row = text.lines().find(|row| row.contains(wanted));
        row.unwrap_or_else(|| panic!("no {wanted:?} in\n{text}"))
            .to_owned()
    }

    pub fn shows(&mut self, wanted: &str) -> bool {
        self.text().contains(wanted)
    }

    /// Where the cursor is, as column and row.
    pub fn caret(&mut self) -> (u16, u16) {
        self.paint();
        let at = self.terminal.get_cursor_position().unwrap();
        (at.x, at.y)
    }

    /// The colour of the first cell of this text.
    #[track_caller]
    pub fn color_of(&mut self, wanted: &str) -> Color {
        let place = self.place_of(wanted);
        self.terminal.backend().buffer()[place].fg
    }

    /// The column and row where this text begins.
    #[track_caller]
    pub fn place_of(&mut self, wanted: &str) -> (u16, u16) {
        let text = self.text();
        let found = text.lines().zip(0..).find_map(|(row, y)| {
            let at = row.find(wanted)?;
            Some((row[..at].cell_width(), y))
        });
        found.unwrap_or_else(|| panic!("no {wanted:?} in\n{text}"))
    }

    /// Presses the left button on this text and lets it go there.
    #[track_caller]
    pub fn click(&mut self, wanted: &str) -> Vec<String> {
        let place = self.place_of(wanted);
        let mut effects = self.mouse(MouseAct::Press(Button::Left), place);
        effects.extend(self.mouse(MouseAct::Release(Button::Left), place));
        effects
    }

    /// Uses the mouse at a column and row.
    pub fn mouse(&mut self, act: MouseAct, (column, row): (u16, u16)) -> Vec<String> {
        self.tell(Msg::Mouse(Mouse {
            act,
            column,
            row,
            shift: false,
            alt: false,
            ctrl: false,
        }))
    }
}

/// The wheel, turned by so many rows over a column and row.
pub fn wheel(rows: i32, (column, row): (u16, u16)) -> Mouse {
    Mouse {
        act: MouseAct::Wheel(rows),
        column,
        row,
        shift: false,
        alt: false,
        ctrl: false,
    }
}

/// An effect, without what is said twice in it.
fn shown(effect: &Effect) -> String {
    match effect {
        Effect::Send(command, Asked::Nothing) => format!("{command:?}"),
        Effect::Send(command, Asked::Prompt(said)) if said.images.is_empty() => {
            format!("{command:?} -> Prompt({:?})", said.text)
        }
        Effect::Send(command, asked) => format!("{command:?} -> {asked:?}"),
        other => format!("{other:?}"),
    }
}
