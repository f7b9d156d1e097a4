//! A program that holds pi.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::TestPi;

/// What anything may take before the test has failed.
const DEADLINE: Duration = Duration::from_secs(60);

/// pi in RPC mode and what it has said.
pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    records: Receiver<Value>,
    /// Everything that was read, in order.
    pub heard: Vec<Value>,
    /// Up to where `event` has looked.
    seen: usize,
    last_id: u64,
    stderr: Option<thread::JoinHandle<String>>,
}

impl Client {
    /// Starts it with the model `oai/scripted`.
    pub fn start(pi: &TestPi) -> Self {
        Client::start_with(pi, &["--model", "oai/scripted"])
    }

    pub fn start_with(pi: &TestPi, args: &[&str]) -> Self {
        let mut command = pi.command(&[&["--mode", "rpc"], args].concat());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, records) = mpsc::channel();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            let mut line = Vec::new();
            while stdout.read_until(b'\n', &mut line).unwrap() > 0 {
                let record = parse(&line);
                line.clear();
                if sender.send(record).is_err() {
                    return;
                }
            }
        });
        let mut stderr = child.stderr.take().unwrap();
        let stderr = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        Client {
            input: child.stdin.take(),
            child,
            records,
            heard: Vec::new(),
            seen: 0,
            last_id: 0,
            stderr: Some(stderr),
        }
    }

    /// Writes a line as it is.
    pub fn write(&mut self, line: impl AsRef<[u8]>) {
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_ref()).unwrap();
        input.write_all(b"\n").unwrap();
    }

    /// Sends a command under a new id, and returns that.
    pub fn send(&mut self, mut command: Value) -> String {
        self.last_id += 1;
        let id = format!("r{}", self.last_id);
        command["id"] = id.as_str().into();
        self.write(command.to_string());
        id
    }

    /// Sends a command and returns its response.
    pub fn ask(&mut self, command: Value) -> Value {
        let id = self.send(command);
        self.response(&id)
    }

    /// The same for a command without fields.
    pub fn ask_for(&mut self, name: &str) -> Value {
        self.ask(json!({"type": name}))
    }

    /// Sends a command that must be done, and returns its data.
    pub fn data(&mut self, command: Value) -> Value {
        let response = self.ask(command.clone());
        assert_eq!(response["success"], true, "{command} → {response}");
        response["data"].clone()
    }

    /// The error of a command that must not be done.
    pub fn error(&mut self, command: Value) -> String {
        let response = self.ask(command.clone());
        assert_eq!(response["success"], false, "{command} → {response}");
        response["error"].as_str().unwrap().to_owned()
    }

    /// The response to that id, which may have come already.
    pub fn response(&mut self, id: &str) -> Value {
        let is_it = |record: &Value| record["type"] == "response" && record["id"] == id;
        if let Some(found) = self.heard.iter().find(|record| is_it(record)) {
            return found.clone();
        }
        self.next_that(is_it)
    }

    /// The next event of that type that was not returned yet.
    pub fn event(&mut self, kind: &str) -> Value {
        loop {
            while self.seen < self.heard.len() {
                self.seen += 1;
                if self.heard[self.seen - 1]["type"] == kind {
                    return self.heard[self.seen - 1].clone();
                }
            }
            self.next();
        }
    }

    /// Says something and waits until all is quiet.
    pub fn prompt(&mut self, text: &str) {
        self.data(json!({"type": "prompt", "message": text}));
        self.event("agent_settled");
    }

    /// Reads until there is such a record.
    pub fn next_that(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let record = self.next();
            if is_it(&record) {
                return record;
            }
        }
    }

    fn next(&mut self) -> Value {
        let record = self.records.recv_timeout(DEADLINE);
        let record = record.unwrap_or_else(|why| {
            let _ = self.child.kill();
            let last = self.heard.len().saturating_sub(8);
            panic!("{why}; heard last: {:#?}", &self.heard[last..])
        });
        self.heard.push(record.clone());
        record
    }

    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    pub fn signal(&self, signal: i32) {
        // SAFETY: a plain system call on a child that has not been waited for.
        assert_eq!(unsafe { libc::kill(self.pid(), signal) }, 0);
    }

    /// Ends its input.
    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// Waits for its end without ending its input: the exit code and standard error.
    pub fn wait(&mut self) -> (i32, String) {
        while let Ok(record) = self.records.recv_timeout(DEADLINE) {
            self.heard.push(record);
        }
        let code = self.child.wait().unwrap().code().unwrap();
        let stderr = self.stderr.take().unwrap().join().unwrap();
        (code, stderr)
    }

    /// Ends its input and waits for its end.
    pub fn finish(mut self) -> (i32, String) {
        self.end_input();
        self.wait()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Deep trees are deeper than serde_json reads: those come as their text.
fn parse(line: &[u8]) -> Value {
    let text = std::str::from_utf8(line).unwrap();
    assert!(text.ends_with('\n') && !text.contains('\r'), "{text:?}");
    serde_json::from_str(text).unwrap_or_else(|_| {
        let id = text.split('"').nth(3).unwrap();
        json!({"type": "response", "id": id, "success": true, "data": text})
    })
}
