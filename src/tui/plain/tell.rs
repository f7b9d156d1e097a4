//! What happens, as lines. An answer is told line by line as it comes, so that nothing that was told changes.

use std::sync::Arc;

use serde_json::Value;

use crate::agent::{AgentEvent, Outcome};
use crate::ai::message::joined_text;
use crate::ai::{Delta, Message, StopReason};
use crate::session::{Event, Level, Question, SummaryRetry, UiNote};
use crate::tools::sanitize;

/// Lines of a tool's output that are told, from its end.
const SHOWN: usize = 20;

/// A call in short has at most so many characters.
const SHORT: usize = 200;

/// Tells what happens.
#[derive(Debug, Default)]
pub(super) struct Teller {
    /// The beginning of a line that is not whole.
    half: String,
    /// The answer's first line has been told.
    has_begun: bool,
    /// The tools that were called together, as they were told.
    calls: Vec<(Arc<str>, String)>,
}

impl Teller {
    /// The lines of an event.
    pub(super) fn lines(&mut self, event: &Event) -> Vec<String> {
        match event {
            Event::Agent(event) => self.agent(event),
            Event::RetryStart {
                attempt,
                max_attempts,
                delay,
                error,
            }
            | Event::SummaryRetry(SummaryRetry::Scheduled {
                attempt,
                max_attempts,
                delay,
                error,
            }) => vec![format!(
                "Error: {error}. Attempt {attempt} of {max_attempts} in {} s.",
                delay.as_secs().max(1)
            )],
            Event::CompactionStart { .. } => vec!["Compacting the conversation.".into()],
            Event::CompactionEnd {
                result,
                aborted,
                error,
                ..
            } => vec![match (result, error) {
                (Some(result), _) => format!(
                    "Compacted: {} tokens before, {} after.",
                    result.tokens_before, result.tokens_after
                ),
                (None, Some(error)) => format!("Error: {error}"),
                (None, None) if *aborted => "Compacting was stopped.".into(),
                (None, None) => "Nothing was compacted.".into(),
            }],
            Event::ShellStart { line, .. } => vec![format!("Shell: {line}")],
            Event::ShellEnd(message) => shell(message),
            Event::ModelChanged(model) => vec![format!("Model: {}", model.full_id())],
            Event::ThinkingChanged(level) => vec![format!("Thinking: {}", level.as_str())],
            Event::InfoChanged { name } => vec![match name {
                Some(name) => format!("Name of the session: {name}"),
                None => "The session has no name any more.".into(),
            }],
            Event::Notice { level, text }
            | Event::Ui {
                note: UiNote::Notify { level, text },
                ..
            } => told(&format!("{}: {text}", word(*level))),
            Event::Fallback(fallback) => told(&fallback.to_string()),
            Event::Budget { spent, exceeded } => vec![match exceeded {
                true => format!("Budget used up: {spent}"),
                false => format!("Budget: {spent}"),
            }],
            _ => Vec::new(),
        }
    }

    fn agent(&mut self, event: &AgentEvent) -> Vec<String> {
        match event {
            AgentEvent::MessageStart { .. } => {
                self.has_begun = false;
                self.half.clear();
                self.calls.clear();
                Vec::new()
            }
            AgentEvent::MessageUpdate { delta } => match delta {
                Delta::ThinkingStart { .. } => vec!["Thinking.".into()],
                Delta::Text { text, .. } => {
                    self.half.push_str(text);
                    let Some(end) = self.half.rfind('\n') else {
                        return Vec::new();
                    };
                    let rest = self.half.split_off(end + 1);
                    let whole = std::mem::replace(&mut self.half, rest);
                    self.answer(&whole)
                }
                Delta::TextEnd { .. } => self.rest(),
                _ => Vec::new(),
            },
            AgentEvent::MessageEnd { message } => {
                let Some(answer) = message.as_assistant() else {
                    return Vec::new();
                };
                let mut lines = self.rest();
                match answer.stop_reason {
                    StopReason::Error => {
                        let why = answer.error_message.as_deref().unwrap_or("no reason given");
                        lines.extend(told(&format!("Error: {why}")));
                    }
                    StopReason::Aborted => lines.push("Stopped.".into()),
                    StopReason::Length => {
                        lines.push("Warning: the answer was cut at the output limit.".into());
                    }
                    StopReason::Stop if answer.is_blank() => {
                        lines.push("Warning: the model answered with nothing.".into());
                    }
                    StopReason::Stop | StopReason::ToolUse => {}
                }
                lines
            }
            AgentEvent::ToolStart { id, name, args } => {
                let told = format!("{name}: {}", call(name, args));
                let line = format!("Tool {told}");
                self.calls.push((id.clone(), told));
                vec![line]
            }
            AgentEvent::ToolEnd {
                id, name, outcome, ..
            } => {
                let mut lines = tool(name, outcome);
                let of_several = self.calls.iter().find(|(call, _)| call == id);
                if let Some((_, told)) = of_several.filter(|_| self.calls.len() > 1) {
                    lines.insert(0, format!("Result of {told}"));
                }
                lines
            }
            _ => Vec::new(),
        }
    }

    fn rest(&mut self) -> Vec<String> {
        let rest = std::mem::take(&mut self.half);
        self.answer(&rest)
    }

    /// Lines of an answer; the first that says something says whose it is.
    fn answer(&mut self, text: &str) -> Vec<String> {
        let clean = sanitize(text);
        let lines = clean.lines().filter(|line| !line.trim().is_empty());
        let mut lines: Vec<String> = lines.map(str::to_owned).collect();
        if let Some(first) = lines.first_mut()
            && !self.has_begun
        {
            self.has_begun = true;
            first.insert_str(0, "Assistant: ");
        }
        lines
    }
}

/// What is asked, above its choices.
pub(super) fn question(question: &Question) -> Vec<String> {
    match question {
        Question::Select { title, .. } => told(&format!("Question: {title}")),
        Question::Confirm { title, message } => {
            let mut lines = told(&format!("Question: {title}"));
            lines.extend(told(message));
            lines
        }
        Question::Input { title, placeholder } => {
            let mut lines = told(&format!("Question: {title}"));
            if !placeholder.is_empty() {
                lines.push(format!("For example: {placeholder}"));
            }
            lines.push("Type the answer; an empty line gives none.".into());
            lines
        }
        Question::Editor { title, prefill } => {
            let mut lines = told(&format!("Question: {title}"));
            if !prefill.is_empty() {
                lines.push("So far:".into());
                lines.extend(told(prefill));
            }
            lines.push(
                "Type the text, \\ at the end of a line goes on; an empty line gives none.".into(),
            );
            lines
        }
    }
}

/// Text as lines, without control characters and empty ones.
pub(super) fn told(text: &str) -> Vec<String> {
    let clean = sanitize(text);
    let lines = clean.lines().filter(|line| !line.trim().is_empty());
    lines.map(str::to_owned).collect()
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Info => "Note",
        Level::Warning => "Warning",
        Level::Error => "Error",
    }
}

/// A call in one line: its command or its file, else its arguments.
fn call(name: &str, args: &Value) -> String {
    let field = match name {
        "bash" => "command",
        "grep" | "find" => "pattern",
        _ => "path",
    };
    let text = match args.get(field).and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => args.to_string(),
    };
    let line = told(&text).join(" ");
    match line.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// What a call came to.
fn tool(name: &str, outcome: &Outcome) -> Vec<String> {
    let text = joined_text(&outcome.content);
    match (outcome.is_error, name) {
        (true, _) => {
            let mut lines = end_of(&text);
            if let Some(first) = lines.first_mut() {
                first.insert_str(0, "Failed: ");
            }
            lines
        }
        (false, "bash") => {
            let mut lines = end_of(&text);
            lines.push("exit 0".into());
            lines
        }
        (false, _) => {
            let count = text.lines().count();
            vec![match count {
                1 => told(&text).pop().unwrap_or_else(|| "done".into()),
                _ => format!("{count} lines"),
            }]
        }
    }
}

fn shell(message: &Message) -> Vec<String> {
    let Message::BashExecution(run) = message else {
        return Vec::new();
    };
    let mut lines = end_of(&run.output);
    lines.push(match run.exit_code {
        _ if run.cancelled => "stopped".into(),
        Some(code) => format!("exit {code}"),
        None => "ended by a signal".into(),
    });
    lines
}

/// The last lines, and how many came before.
fn end_of(text: &str) -> Vec<String> {
    let mut lines = told(text);
    if lines.len() > SHOWN {
        let hidden = lines.len() - SHOWN;
        lines.drain(..hidden);
        lines.insert(0, format!("({hidden} earlier lines)"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn text(text: &str) -> Event {
        let delta = Delta::Text {
            index: 0,
            text: Arc::from(text),
        };
        Event::Agent(AgentEvent::MessageUpdate { delta })
    }

    #[test]
    fn an_answer_is_told_in_whole_lines_and_says_once_whose_it_is() {
        let mut teller = Teller::default();
        assert_eq!(teller.lines(&text("Good mor")), [""; 0]);
        assert_eq!(
            teller.lines(&text("ning.\n\nHow ")),
            ["Assistant: Good morning."]
        );
        assert_eq!(teller.lines(&text("are\x1b[2J you")), [""; 0]);
        let end = Delta::TextEnd {
            index: 0,
            text: Arc::from(""),
        };
        let end = Event::Agent(AgentEvent::MessageUpdate { delta: end });
        assert_eq!(teller.lines(&end), ["How are you"]);
    }

    #[test]
    fn a_call_is_its_command_or_its_file_and_long_output_is_told_from_its_end() {
        let args = serde_json::json!({"command": "cargo\ntest"});
        assert_eq!(call("bash", &args), "cargo test");
        let output: Vec<String> = (1..=30).map(|n| format!("line {n}")).collect();
        let lines = tool("bash", &Outcome::text(output.join("\n")));
        assert_eq!(lines.len(), 22);
        assert_eq!(lines[0], "(10 earlier lines)");
        assert_eq!(lines[21], "exit 0");
        let failed = tool("bash", &Outcome::error("boom\nexit code 2"));
        assert_eq!(failed, ["Failed: boom", "exit code 2"]);
    }
}
