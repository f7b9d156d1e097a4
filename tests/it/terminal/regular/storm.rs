//! A conversation that streams while the terminal is resized, blocks are folded, thinking comes and goes
//! and panels open: whatever happens in between, all of it is there once, in order.

use std::sync::Arc;

use pi::agent::{AgentEvent, Outcome};
use pi::ai::message::{BashExecutionMessage, Content, Message};
use pi::ai::{Delta, SharedMessage};
use pi::session::{Event, Level};
use pi::tui::msg::Msg;
use serde_json::{Value, json};

use super::bench::Bench;
use super::steady::saved;
use crate::transcript::stage::{assistant, call, calling, result, user};

/// How many sizes a storm has; more in the environment's words.
const SIZES: usize = 60;

const PIECES: [&str; 16] = [
    "# A heading\n\n",
    "Some words that are long enough to be wrapped on a terminal that is not very wide. ",
    "日本語のテキストと漢字、そして🇩🇪と👩の絵文字。",
    "\n\n- an item\n- another one with more to say about it than fits\n  - below it\n",
    "\n\n```rust\nfn main() {\n    println!(\"a line that is rather long for twenty columns\");\n}\n",
    "```\n\n",
    "\n| name | value |\n| --- | --- |\n| one | the first of them |\n",
    "| a longer name than before | two |\n| x | y |\n",
    "\n\n> a quote that goes\n> over lines\n\n",
    "**bold _and italic_** `code` ",
    "e\u{301}\u{301} \u{200d}\u{fe0f} ﷽ ",
    "word ",
    "\n\n1. first\n2. second\n\n",
    "\n\n---\n\n",
    "a_very_long_word_without_any_place_to_break_it_whatever_the_width_may_be ",
    "\n",
];

/// Numbers that look like chance and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % sides
    }

    fn size(&mut self) -> (u16, u16) {
        let columns = 20 + self.roll(281);
        let rows = 4 + self.roll(60);
        (columns as u16, rows as u16)
    }

    fn text(&mut self, pieces: usize) -> String {
        (0..pieces)
            .map(|_| PIECES[self.roll(PIECES.len())])
            .collect()
    }
}

struct Storm {
    bench: Bench,
    dice: Dice,
    said: Vec<SharedMessage>,
    calls: usize,
    sizes: usize,
    /// How many are to come.
    most: usize,
}

impl Storm {
    fn new(seed: u64, most: usize) -> Self {
        Storm {
            bench: Bench::new(80, 24),
            dice: Dice(seed),
            said: Vec::new(),
            calls: 0,
            sizes: 0,
            most,
        }
    }

    fn tell(&mut self, event: Event) {
        self.bench.screen.now += 70;
        self.bench.screen.event(event);
        self.weather();
    }

    fn agent(&mut self, event: AgentEvent) {
        self.tell(Event::Agent(event));
    }

    fn said(&mut self, message: Message) {
        let message = Arc::new(message);
        self.said.push(message.clone());
        self.agent(AgentEvent::MessageEnd { message });
    }

    /// What happens to the terminal meanwhile.
    fn weather(&mut self) {
        match self.dice.roll(14) {
            0..4 => {
                // Of several sizes the last one is seen.
                for _ in 0..=self.dice.roll(3) {
                    let (columns, rows) = self.dice.size();
                    self.bench.resize(columns, rows);
                    self.sizes += 1;
                }
            }
            4 => drop(self.bench.screen.press("ctrl+o")),
            5 => drop(self.bench.screen.press("ctrl+t")),
            6 => self.bench.screen.paste("typed\nmeanwhile "),
            7 => drop(self.bench.screen.press("ctrl+u")),
            8 => {
                self.bench.screen.press("ctrl+u ctrl+c");
                self.bench.screen.paste("/");
            }
            9 => self
                .bench
                .screen
                .event(Event::Notice {
                    level: Level::Info,
                    text: "something to know".into(),
                })
                .clear(),
            10 if self.dice.roll(4) == 0 => {
                self.bench.close();
                self.bench.shell(&["$ fg"]);
            }
            11 => self.theme(),
            _ => {}
        }
        if self.dice.roll(3) > 0 {
            self.bench.paint();
        }
    }

    fn theme(&mut self) {
        let name = ["dark", "light"][self.dice.roll(2)];
        self.bench.screen.tell(Msg::Theme(Ok(saved(name))));
    }

    /// A prompt, answers, tools, and rest.
    fn turn(&mut self) {
        self.bench.screen.view.running = true;
        self.agent(AgentEvent::AgentStart);
        let pieces = 1 + self.dice.roll(6);
        let prompt = self.dice.text(pieces);
        self.said(user(&prompt));
        for _ in 0..=self.dice.roll(2) {
            self.answer();
        }
        self.agent(AgentEvent::AgentEnd {
            messages: Vec::new(),
            will_retry: false,
        });
        self.bench.screen.view.running = false;
        self.bench.screen.view.history = Arc::new(self.said.clone());
        self.tell(Event::Settled { aborted: false });
    }

    fn answer(&mut self) {
        let message = Arc::new(assistant(vec![]));
        self.agent(AgentEvent::MessageStart { message });
        let mut content = Vec::new();
        for index in 0..=self.dice.roll(2) {
            let thinks = self.dice.roll(3) == 0;
            let begin = match thinks {
                true => Delta::ThinkingStart { index },
                false => Delta::TextStart { index },
            };
            self.agent(AgentEvent::MessageUpdate { delta: begin });
            let mut whole = String::new();
            for _ in 0..self.dice.roll(12) {
                let piece = self.dice.text(1);
                whole.push_str(&piece);
                let text = piece.into();
                let delta = match thinks {
                    true => Delta::Thinking { index, text },
                    false => Delta::Text { index, text },
                };
                self.agent(AgentEvent::MessageUpdate { delta });
            }
            let text = whole.as_str().into();
            let end = match thinks {
                true => Delta::ThinkingEnd { index, text },
                false => Delta::TextEnd { index, text },
            };
            self.agent(AgentEvent::MessageUpdate { delta: end });
            content.push(match thinks {
                true => Content::Thinking {
                    thinking: whole,
                    thinking_signature: None,
                    redacted: false,
                },
                false => Content::text(whole),
            });
        }
        let calls: Vec<(String, Value)> = (0..self.dice.roll(4))
            .map(|_| {
                self.calls += 1;
                let command = format!("echo {}; {}", self.calls, self.dice.text(2));
                (
                    format!("call-{}", self.calls),
                    json!({ "command": command }),
                )
            })
            .collect();
        for (id, args) in &calls {
            let index = content.len();
            let start = Delta::ToolCallStart {
                index,
                id: id.as_str().into(),
                name: "bash".into(),
            };
            self.agent(AgentEvent::MessageUpdate { delta: start });
            let json = args.to_string();
            let delta = Delta::ToolCall {
                index,
                json: json.as_str().into(),
            };
            self.agent(AgentEvent::MessageUpdate { delta });
            let delta = Delta::ToolCallEnd {
                index,
                call: Arc::new(call(id, "bash", args.clone())),
            };
            self.agent(AgentEvent::MessageUpdate { delta });
            content.push(calling(id, "bash", args.clone()));
        }
        self.said(assistant(content));
        self.run(&calls);
    }

    /// Runs calls side by side; they end in any order.
    fn run(&mut self, calls: &[(String, Value)]) {
        for (id, args) in calls {
            self.agent(AgentEvent::ToolStart {
                id: id.as_str().into(),
                name: "bash".into(),
                args: Arc::new(args.clone()),
            });
        }
        let open = calls.iter().map(|(id, _)| (id, String::new()));
        let mut open: Vec<(&String, String)> = open.collect();
        while !open.is_empty() {
            let at = self.dice.roll(open.len());
            let pieces = self.dice.roll(12);
            let more = self.dice.text(pieces);
            open[at].1.push_str(&more);
            let id = open[at].0.as_str().into();
            let outcome = Arc::new(Outcome::text(&open[at].1));
            if self.dice.roll(3) > 0 {
                self.agent(AgentEvent::ToolUpdate {
                    id,
                    name: "bash".into(),
                    args: Arc::default(),
                    partial: outcome,
                });
                continue;
            }
            self.agent(AgentEvent::ToolEnd {
                id,
                name: "bash".into(),
                outcome,
                duration: None,
            });
            let (id, text) = open.remove(at);
            self.said(result(id, "bash", &text));
        }
    }

    /// A shell command of the person's.
    fn shell(&mut self) {
        let line = "make world".to_owned();
        self.tell(Event::ShellStart {
            line: line.clone(),
            excluded: false,
        });
        let mut output = String::new();
        for _ in 0..self.dice.roll(5) {
            output.push_str(&self.dice.text(4));
            self.tell(Event::ShellUpdate(Arc::new(Outcome::text(&output))));
        }
        let message: SharedMessage = Arc::new(Message::BashExecution(BashExecutionMessage {
            command: line,
            output,
            exit_code: Some(2),
            cancelled: false,
            truncated: false,
            full_output_path: None,
            exclude_from_context: false,
            timestamp: 0,
        }));
        self.said.push(message.clone());
        self.tell(Event::ShellEnd(message));
    }

    fn rage(&mut self) {
        while self.sizes < self.most {
            match self.dice.roll(6) {
                0 => self.shell(),
                _ => self.turn(),
            }
            self.bench.screen.press("ctrl+u");
            self.bench.assert_settled();
            // So that a long storm stays quick: a new conversation now and then.
            if self.said.len() > 24 {
                self.said.clear();
                self.bench.screen.view.history = Arc::new(self.said.clone());
                self.tell(Event::Switched);
                self.bench.assert_settled();
            }
        }
    }
}

fn sizes() -> usize {
    let asked = std::env::var("PI_RESIZE_STORM").ok();
    asked.map_or(SIZES, |asked| asked.parse().unwrap())
}

#[test]
fn nothing_is_lost_or_doubled_in_a_storm_of_sizes_while_everything_streams() {
    let storms = 3;
    for seed in 1..=storms {
        let mut storm = Storm::new(
            0x9e37_79b9_7f4a_7c15 ^ (seed as u64) << 32,
            sizes() / storms,
        );
        storm.rage();
        assert!(storm.bench.begun > 0);
    }
}
