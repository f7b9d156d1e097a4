//! Makes the picture of the screen in the README: the real program in a terminal, a scripted model behind
//! it, and the terminal's grid drawn as SVG.
//!
//!     cargo build --release
//!     cargo run --example picture -- target/release/pi docs/screen.svg

mod model;
mod svg;

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

type Failure = Box<dyn std::error::Error>;

const COLUMNS: u16 = 96;
const ROWS: u16 = 40;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, picture] = arguments.as_slice() else {
        return Err(
            "say the program and the file: picture target/release/pi docs/screen.svg".into(),
        );
    };
    let home = tempfile::tempdir()?;
    let project = project(home.path())?;
    let port = model::serve()?;
    let agent = home.path().join("agent");
    std::fs::create_dir_all(&agent)?;
    std::fs::write(agent.join("models.json"), model::config(port))?;
    let program = std::fs::canonicalize(program)?;
    let screen = play(&program, home.path(), &agent, &project)?;
    std::fs::write(picture, svg::of(&screen))?;
    writeln!(
        std::io::stdout(),
        "{picture}: {COLUMNS} columns, {ROWS} rows"
    )?;
    Ok(())
}

/// A small project with something to mend in it.
fn project(home: &Path) -> Result<PathBuf, Failure> {
    let project = home.join("engine");
    std::fs::create_dir_all(project.join("src"))?;
    let code = "pub struct Engine {\n    pub name: String,\n}\n\npub fn start(name: &str) -> Engine {\n    Engine { name: name.to_strin() }\n}\n";
    std::fs::write(project.join("src/lib.rs"), code)?;
    let check = "! grep -n 'to_strin()' src/lib.rs && echo 'test start_names_the_engine ... ok'\n";
    std::fs::write(project.join("check.sh"), check)?;
    Ok(project)
}

/// Types the request, lets the model work, and returns the grid while it waits to be answered.
fn play(
    program: &Path,
    home: &Path,
    agent: &Path,
    project: &Path,
) -> Result<vt100::Parser, Failure> {
    let size = PtySize {
        cols: COLUMNS,
        rows: ROWS,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = native_pty_system().openpty(size)?;
    let mut command = CommandBuilder::new(program);
    command.args(["--model", "claude-opus-4-5", "--thinking", "high"]);
    command.env_clear();
    for (name, value) in [
        ("TERM", "xterm-256color"),
        ("COLORTERM", "truecolor"),
        ("LANG", "C.UTF-8"),
        ("PI_OFFLINE", "1"),
    ] {
        command.env(name, value);
    }
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", home);
    command.env("PI_CODING_AGENT_DIR", agent);
    command.cwd(project);
    let mut child = pair.slave.spawn_command(command)?;
    drop(pair.slave);
    let mut keyboard = pair.master.take_writer()?;
    let mut watched = Watched {
        terminal: vt100::Parser::new(nonzero(ROWS), nonzero(COLUMNS), 0),
        bytes: read(pair.master.try_clone_reader()?),
    };
    watched.wait_for("claude-opus-4-5")?;
    keyboard.write_all(b"the build fails, find out why and mend it\r")?;
    watched.wait_for(model::LAST)?;
    keyboard.write_all(b"now make `start` take anything that is Into<String>")?;
    watched.wait_for("Into<String>")?;
    child.kill()?;
    Ok(watched.terminal)
}

fn nonzero(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}

/// What the program writes, read beside.
fn read(mut from: Box<dyn Read + Send>) -> Receiver<Vec<u8>> {
    let (to, bytes) = channel();
    std::thread::spawn(move || {
        let mut piece = [0; 65536];
        while let Ok(count @ 1..) = from.read(&mut piece) {
            if to.send(piece[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    bytes
}

struct Watched {
    terminal: vt100::Parser,
    bytes: Receiver<Vec<u8>>,
}

impl Watched {
    /// Until the screen shows this and is at rest.
    fn wait_for(&mut self, wanted: &str) -> Result<(), Failure> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let is_there = self.terminal.screen().contents().contains(wanted);
            let rest = Duration::from_millis(if is_there { 400 } else { 5000 });
            match self.bytes.recv_timeout(rest) {
                Ok(bytes) => self.terminal.process(&bytes),
                Err(_) if is_there => return Ok(()),
                Err(why) => return Err(format!("{wanted:?} was never shown: {why}").into()),
            }
            if Instant::now() > deadline {
                return Err(format!("the screen never rested with {wanted:?}").into());
            }
        }
    }
}
