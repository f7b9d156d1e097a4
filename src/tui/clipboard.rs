//! The clipboard: the tmux buffer, the system's own tools, the terminal (OSC 52); and word of which took
//! the text.
//!
//! Runs beside the loop, each tool with a deadline. Writes nothing to the terminal itself: what is for it
//! comes back in [`Copied`], and the owner of the screen hands it over.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use crate::config::Env;

/// Bytes of text that a terminal is given with OSC 52: base64 makes 100,000 of them, and longer sequences
/// break what some terminals draw.
pub const OSC52_LIMIT: usize = 75_000;

/// How long a tool may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where a text is put, as the environment has it.
#[derive(Debug, Clone, Default)]
pub struct Clipboard {
    tmux: bool,
    /// The person sits at another machine, or says so.
    remote: bool,
    tools: Vec<Tool>,
    /// What to install, when none of the tools works.
    advice: Option<&'static str>,
    /// Where programs are; the process's own place when not set.
    path: Option<OsString>,
}

/// A program that takes a text on its standard input.
#[derive(Debug, Clone, Copy)]
struct Tool {
    name: &'static str,
    arguments: &'static [&'static str],
    /// It wants UTF-16 with a mark.
    wide: bool,
}

/// What has become of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copied {
    /// What took it.
    by: Vec<&'static str>,
    /// What the terminal is to be given, and whether through tmux.
    terminal: Option<(String, bool)>,
    /// Why something did not take it.
    but: Option<String>,
}

impl Copied {
    /// The text that the terminal is to be given, if it is, and whether through tmux.
    pub fn for_terminal(&self) -> Option<(&str, bool)> {
        let (text, tmux) = self.terminal.as_ref()?;
        Some((text, *tmux))
    }

    /// Whether anything took it.
    pub fn is_done(&self) -> bool {
        !self.by.is_empty()
    }

    /// In words for the person.
    pub fn words(&self) -> String {
        match (self.is_done(), &self.but) {
            (true, None) => format!("copied ({})", self.by.join(" + ")),
            (true, Some(but)) => format!("copied ({}); {but}", self.by.join(" + ")),
            (false, but) => {
                let why = but.as_deref().unwrap_or("no clipboard was found");
                format!("not copied: {why}")
            }
        }
    }
}

const fn tool(name: &'static str, arguments: &'static [&'static str]) -> Tool {
    Tool {
        name,
        arguments,
        wide: false,
    }
}

impl Clipboard {
    /// The clipboards that this environment speaks of.
    pub fn of(env: &Env) -> Self {
        let has = |name: &str| env.get(name).is_some();
        let ssh = ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "MOSH_CONNECTION"];
        let mut tools = Vec::new();
        let mut advice = None;
        if cfg!(target_os = "macos") {
            tools.push(tool("pbcopy", &[]));
        }
        if has("TERMUX_VERSION") {
            tools.push(tool("termux-clipboard-set", &[]));
            advice = Some("install the Termux:API app and the package termux-api");
        }
        if has("WAYLAND_DISPLAY") {
            tools.push(tool("wl-copy", &[]));
            advice = Some("install wl-clipboard");
        }
        if has("DISPLAY") {
            tools.push(tool("xclip", &["-selection", "clipboard"]));
            tools.push(tool("xsel", &["--clipboard", "--input"]));
            advice = advice.or(Some("install xclip or xsel"));
        }
        if has("WSL_DISTRO_NAME") || has("WSLENV") {
            tools.push(Tool {
                wide: true,
                ..tool("clip.exe", &[])
            });
        }
        Clipboard {
            tmux: has("TMUX"),
            remote: ssh.into_iter().any(has) || env.get("PI_CLIPBOARD_OSC52") == Some("1"),
            tools,
            advice,
            path: env.get("PATH").map(OsString::from),
        }
    }

    /// Puts a text on every clipboard that is the person's: the tmux buffer, the first tool that works,
    /// and the terminal when it may be elsewhere or nothing else took the text.
    pub async fn copy(&self, text: &str) -> Copied {
        let mut copied = Copied::default();
        let (tmux, tool) = tokio::join!(self.to_tmux(text), self.to_system(text));
        if tmux {
            copied.by.push("tmux buffer");
        }
        copied.by.extend(tool);
        if self.remote || self.tmux || !copied.is_done() {
            if text.len() <= OSC52_LIMIT {
                copied.by.push("OSC 52");
                copied.terminal = Some((text.to_owned(), self.tmux));
            } else {
                copied.but = Some(format!(
                    "{} kB are more than the terminal takes (OSC 52: {} kB)",
                    text.len().div_ceil(1000),
                    OSC52_LIMIT / 1000
                ));
            }
        }
        if let (Some(advice), false) = (self.advice, self.tools.is_empty()) {
            let has_tool = self.tools.iter().any(|tool| copied.by.contains(&tool.name));
            if !has_tool && copied.but.is_none() && !self.remote {
                copied.but = Some(format!("{advice} to have it on the desktop's clipboard"));
            }
        }
        copied
    }

    async fn to_tmux(&self, text: &str) -> bool {
        // With `-w` tmux hands it on to the terminal it is shown in; old ones do not know that.
        let passed_on = tool("tmux", &["load-buffer", "-w", "-"]);
        let kept = tool("tmux", &["load-buffer", "-"]);
        self.tmux && (self.feed(passed_on, text).await || self.feed(kept, text).await)
    }

    /// The first of the tools that took it.
    async fn to_system(&self, text: &str) -> Option<&'static str> {
        for tool in &self.tools {
            if self.feed(*tool, text).await {
                return Some(tool.name);
            }
        }
        None
    }

    /// Whether it took it in time.
    async fn feed(&self, tool: Tool, text: &str) -> bool {
        let fed = timeout(PATIENCE, self.feed_all(tool, text));
        fed.await.unwrap_or(false)
    }

    async fn feed_all(&self, tool: Tool, text: &str) -> bool {
        let input = match tool.wide {
            true => utf16(text),
            false => text.as_bytes().to_vec(),
        };
        let mut command = Command::new(tool.name);
        command
            .args(tool.arguments)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Those that go on serving the clipboard are not stopped with pi.
            .process_group(0)
            .kill_on_drop(true);
        if let Some(path) = &self.path {
            command.env("PATH", path);
        }
        let Ok(mut child) = command.spawn() else {
            return false;
        };
        if let Some(mut stdin) = child.stdin.take()
            && stdin.write_all(&input).await.is_err()
        {
            return false;
        }
        child.wait().await.is_ok_and(|status| status.success())
    }
}

/// Little endian, with the mark that says so.
fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}
