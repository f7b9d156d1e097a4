//! The real binary in a home of its own, talking to a scripted server.
//!
//! Each `TestPi` has a temporary home, a project in it and an agent directory whose `models.json` names
//! two providers at the same server: `oai` (OpenAI's API) and `ant` (Anthropic's), each with the models
//! `scripted` (plain) and `thinker` (thinks, reads images). The environment holds nothing else. No
//! process outlives its deadline.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::model_server::{ModelServer, Turn};

/// What a process may take before the test has failed.
const DEADLINE: Duration = Duration::from_secs(60);

/// A home with pi in it.
pub struct TestPi {
    root: tempfile::TempDir,
    pub server: ModelServer,
}

/// What became of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    /// As a shell tells it: 128 and the signal for a process that a signal ended.
    pub code: i32,
}

impl Ran {
    /// The lines of stdout as JSON, which are ended by LF and by nothing else.
    pub fn json_lines(&self) -> Vec<Value> {
        json_lines(&self.stdout)
    }
}

/// A process under way.
pub struct Running {
    pid: u32,
    input: Option<ChildStdin>,
    stdout: Arc<Heard>,
    stderr: Arc<Heard>,
    end: Arc<Heard>,
}

/// What was read so far.
#[derive(Default)]
struct Heard {
    state: Mutex<(Vec<u8>, bool)>,
    changed: Condvar,
}

impl TestPi {
    /// Models are there and play `turns`.
    pub fn new(turns: impl IntoIterator<Item = Turn>) -> Self {
        let pi = TestPi::unconfigured(turns);
        let provider = |api: &str, url: String| {
            json!({"baseUrl": url, "api": api, "apiKey": "key-of-models-json", "models": [
                {"id": "scripted"},
                {"id": "thinker", "reasoning": true, "input": ["text", "image"]},
            ]})
        };
        let models = json!({"providers": {
            "oai": provider("openai-completions", pi.server.url_v1()),
            "ant": provider("anthropic-messages", pi.server.url()),
        }});
        pi.write_agent("models.json", &models.to_string());
        pi
    }

    /// A fresh machine.
    pub fn unconfigured(turns: impl IntoIterator<Item = Turn>) -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("home/project")).unwrap();
        TestPi {
            root,
            server: ModelServer::start(turns),
        }
    }

    pub fn home(&self) -> PathBuf {
        self.root.path().canonicalize().unwrap().join("home")
    }

    /// The working directory.
    pub fn project(&self) -> PathBuf {
        self.home().join("project")
    }

    /// `~/.pi/agent`.
    pub fn agent(&self) -> PathBuf {
        self.home().join(".pi/agent")
    }

    /// Writes a file below the home.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Writes a file of the agent directory.
    pub fn write_agent(&self, name: &str, content: &str) -> PathBuf {
        self.write(&format!(".pi/agent/{name}"), content)
    }

    /// pi with these arguments, in the project, nothing in its environment but what it needs.
    pub fn command<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pi"));
        command
            .args(args)
            .current_dir(self.project())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.home())
            .env("TERM", "xterm-256color")
            .envs(super::NO_SERVERS);
        command
    }

    /// Runs pi to its end; standard input is empty.
    pub fn run(&self, args: &[&str]) -> Ran {
        Running::start(&mut self.command(args)).finish()
    }

    /// Runs pi with this on standard input.
    pub fn run_with_input(&self, args: &[&str], input: &str) -> Ran {
        let mut running = Running::start(&mut self.command(args));
        running.say(input);
        running.finish()
    }

    /// Runs pi with these variables.
    pub fn run_with_env(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = self.command(args);
        Running::start(command.envs(variables.iter().copied())).finish()
    }

    /// Starts pi; standard input is empty.
    pub fn spawn(&self, args: &[&str]) -> Running {
        let mut running = Running::start(&mut self.command(args));
        running.end_input();
        running
    }

    /// The session files, oldest first.
    pub fn sessions(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        files_below(&self.agent().join("sessions"), &mut found);
        found.sort();
        found
    }

    /// The lines of the only session.
    pub fn session(&self) -> Vec<Value> {
        let sessions = self.sessions();
        assert_eq!(sessions.len(), 1, "{sessions:?}");
        read_session(&sessions[0])
    }

    /// The messages of the only session.
    pub fn messages(&self) -> Vec<Value> {
        messages_of(&self.session())
    }
}

/// The messages among a session's lines.
pub fn messages_of(lines: &[Value]) -> Vec<Value> {
    let messages = lines.iter().filter(|line| line["type"] == "message");
    messages.map(|line| line["message"].clone()).collect()
}

/// The lines of a session file.
pub fn read_session(path: &Path) -> Vec<Value> {
    json_lines(&std::fs::read_to_string(path).unwrap())
}

/// Text whose lines are JSON, ended by LF and by nothing else.
pub fn json_lines(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    let lines = text.split_terminator('\n');
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line:?}")))
        .collect()
}

impl Running {
    /// Starts `command` with pipes at all three ends.
    pub fn start(command: &mut Command) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let running = Running {
            pid: child.id(),
            input: child.stdin.take(),
            stdout: Heard::listen(stdout),
            stderr: Heard::listen(stderr),
            end: Arc::default(),
        };
        let end = running.end.clone();
        thread::spawn(move || end.end(exit_code(child)));
        running
    }

    /// Writes to standard input.
    pub fn say(&mut self, text: &str) {
        // A process that does not read is told from what it prints.
        let _ = self.input.as_mut().unwrap().write_all(text.as_bytes());
    }

    /// Ends standard input.
    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// Sends a signal.
    pub fn signal(&self, signal: i32) {
        // SAFETY: a plain system call on a process that this test started.
        assert_eq!(unsafe { libc::kill(self.pid as i32, signal) }, 0);
    }

    /// Kills the process, unless it has ended by itself.
    pub fn kill(&self) {
        // The process is waited for under this lock, so that its number is not another's yet.
        let end = self.end.state.lock().unwrap();
        if !end.1 {
            // SAFETY: a plain system call on a process that this test started.
            unsafe { libc::kill(self.pid as i32, libc::SIGKILL) };
        }
    }

    /// Waits until this is on stdout.
    pub fn wait_for(&self, text: &str) {
        let has = |bytes: &[u8]| memchr::memmem::find(bytes, text.as_bytes()).is_some();
        if !self.stdout.wait(|bytes, _| has(bytes)) {
            self.give_up(&format!("{text:?} never came"));
        }
    }

    /// Waits until so many bytes are on stdout, or it is over.
    pub fn wait_for_bytes(&self, count: usize) {
        if !self.stdout.wait(|bytes, over| over || bytes.len() >= count) {
            self.give_up(&format!("{count} bytes never came"));
        }
    }

    /// Ends standard input and waits for the process and its output to end.
    pub fn finish(mut self) -> Ran {
        self.end_input();
        let ends = [&self.end, &self.stdout, &self.stderr];
        for (what, end) in ["the process", "its stdout", "its stderr"].iter().zip(ends) {
            if !end.wait(|_, over| over) {
                self.give_up(&format!("{what} did not end"));
            }
        }
        Ran {
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
            code: self.end.text().parse().unwrap(),
        }
    }

    fn give_up(&self, why: &str) -> ! {
        // SAFETY: a plain system call on a process that this test started and that has not ended.
        unsafe { libc::kill(self.pid as i32, libc::SIGKILL) };
        panic!(
            "{why}\nstdout: {}\nstderr: {}",
            self.stdout.text(),
            self.stderr.text()
        );
    }
}

impl Heard {
    fn listen(mut pipe: impl Read + Send + 'static) -> Arc<Self> {
        let heard = Arc::new(Heard::default());
        let writer = heard.clone();
        thread::spawn(move || {
            let mut bytes = [0; 16 * 1024];
            while let Ok(count) = pipe.read(&mut bytes)
                && count > 0
            {
                let mut state = writer.state.lock().unwrap();
                state.0.extend_from_slice(&bytes[..count]);
                writer.changed.notify_all();
            }
            writer.state.lock().unwrap().1 = true;
            writer.changed.notify_all();
        });
        heard
    }

    fn end(&self, code: i32) {
        *self.state.lock().unwrap() = (code.to_string().into_bytes(), true);
        self.changed.notify_all();
    }

    /// Whether it became so before the deadline.
    fn wait(&self, enough: impl Fn(&[u8], bool) -> bool) -> bool {
        let state = self.state.lock().unwrap();
        let waiting = |state: &mut (Vec<u8>, bool)| !enough(&state.0, state.1) && !state.1;
        let (state, _) = self
            .changed
            .wait_timeout_while(state, DEADLINE, waiting)
            .unwrap();
        enough(&state.0, state.1)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.state.lock().unwrap().0).into_owned()
    }
}

fn exit_code(mut child: Child) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    let status: ExitStatus = child.wait().unwrap();
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap())
}

fn files_below(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}
