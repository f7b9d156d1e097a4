//! Exports: what is in the document, what is masked, what stays inert.

mod command;
mod content;
mod hostile;
mod page;
mod secrets;

use std::path::{Path, PathBuf};

use pi::ai::Clock;
use pi::store::export::{Format, Options, Redactor, Report, write};
use pi::store::{Access, Store};
use serde_json::{Value, json};

/// A session file that is written line by line.
struct Draft {
    lines: Vec<String>,
    last: Value,
}

impl Draft {
    fn new() -> Self {
        let header = json!({
            "type": "session", "version": 3, "id": "019ab3c4-7d11-7abc-9def-0123456789ab",
            "timestamp": "2026-11-21T09:00:00.000Z", "cwd": "/home/ada/engine",
        });
        Draft {
            lines: vec![header.to_string()],
            last: Value::Null,
        }
    }

    /// Adds an entry behind the last one; returns its id.
    fn entry(&mut self, kind: &str, fields: Value) -> String {
        let id = format!("{:08x}", self.lines.len());
        let mut entry = json!({
            "type": kind, "id": id, "parentId": self.last, "timestamp": "2026-11-21T09:00:00.000Z",
        });
        let own = fields.as_object().unwrap().clone();
        entry.as_object_mut().unwrap().extend(own);
        self.lines.push(entry.to_string());
        self.last = json!(id);
        id
    }

    fn message(&mut self, message: Value) -> String {
        self.entry("message", json!({ "message": message }))
    }

    fn user(&mut self, text: &str) -> String {
        self.message(json!({"role": "user", "content": text, "timestamp": 1}))
    }

    fn answer(&mut self, blocks: Value) -> String {
        self.message(json!({
            "role": "assistant", "content": blocks, "api": "x", "provider": "anthropic",
            "model": "claude-x", "usage": {"input": 1200, "cost": {"total": 0.25}},
            "stopReason": "stop", "timestamp": 1,
        }))
    }

    fn says(&mut self, text: &str) -> String {
        self.answer(json!([{"type": "text", "text": text}]))
    }

    fn calls(&mut self, id: &str, name: &str, arguments: Value) -> String {
        self.answer(json!([{"type": "toolCall", "id": id, "name": name, "arguments": arguments}]))
    }

    fn result(&mut self, id: &str, name: &str, text: &str, details: Value) -> String {
        self.message(json!({
            "role": "toolResult", "toolCallId": id, "toolName": name, "details": details,
            "content": [{"type": "text", "text": text}], "isError": false, "timestamp": 1,
        }))
    }

    /// What comes next follows this entry.
    fn back_to(&mut self, id: &str) {
        self.last = json!(id);
    }

    fn save(&self, folder: &Path) -> PathBuf {
        let path = folder.join("talk.jsonl");
        std::fs::write(&path, self.lines.join("\n") + "\n").unwrap();
        path
    }

    fn export(&self, format: Format, options: &Options) -> (String, Report) {
        let folder = tempfile::tempdir().unwrap();
        let path = self.save(folder.path());
        let opened = Store::open(&path, Access::Read, Clock::fixed(0)).unwrap();
        let mut out = Vec::new();
        let report = write(&opened.store, format, options, &mut out).unwrap();
        (String::from_utf8(out).unwrap(), report)
    }

    /// The page, nothing masked.
    fn page(&self) -> String {
        self.export(Format::Html, &Options::default()).0
    }

    /// The Markdown, nothing masked.
    fn markdown(&self) -> String {
        self.export(Format::Markdown, &Options::default()).0
    }
}

/// Masks these and what is shaped like a key.
fn masking(secrets: &[&str]) -> Options {
    Options {
        redactor: Some(Redactor::new(secrets)),
        ..Options::default()
    }
}

/// The entries of a page: everything between its head and its program.
fn entries(page: &str) -> &str {
    let from = page.find("<main").unwrap();
    let to = page.find("<script data-leaf").unwrap();
    &page[from..to]
}
