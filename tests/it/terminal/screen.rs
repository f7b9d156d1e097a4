//! The screen takes the terminal, and whatever ends it, gives it back as it was.
//!
//! Each test runs this test binary again in a terminal, below a shell, as one of the parts in [`play`].

use std::path::Path;

use pi::config::settings::TuiMode;
use pi::tui::screen::{
    Input, Inputs, Rows, Screen, Signal, Signals, install_panic_hook, take_panic,
};
use ratatui::buffer::Buffer;
use ratatui::style::Stylize;
use ratatui::text::{Line, Text};

use crate::support::pty::Pty;

const PART: &str = "PI_TEST_SCREEN_PART";
const INPUT_ENDED: i32 = 5;

/// The settings of the terminal before and after, and how the part ended.
const SCRIPT: &str =
    r#"echo "<$(stty -g | cksum)>"; "$@"; echo "code=$?"; echo "<$(stty -g | cksum)>"; read end"#;

/// As above, but the shell goes on when the part stops.
const STOPPING: &str = r#"set -m; echo "<$(stty -g | cksum)>"; "$@"; echo "<$(stty -g | cksum)>"; echo stopped
    read line; fg >/dev/null; echo "code=$?"; read end"#;

fn start(script: &str, part: &str) -> Pty {
    let binary = std::env::current_exe().unwrap();
    let test = "terminal::screen::a_part_is_played";
    let binary = binary.to_str().unwrap();
    let args = [
        "-c",
        script,
        "sh",
        binary,
        "--exact",
        test,
        "--nocapture",
        "-q",
    ];
    let env = vec![(PART.to_owned(), part.to_owned())];
    let directory = Path::new("/");
    Pty::spawn(Path::new("/bin/sh"), &args, env, directory, 70, 20)
}

/// Not a test by itself: what the others run.
#[test]
fn a_part_is_played() {
    if let Ok(part) = std::env::var(PART) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let code = runtime.block_on(play(&part));
        runtime.shutdown_background();
        std::process::exit(code);
    }
}

async fn play(part: &str) -> i32 {
    install_panic_hook();
    if let Some(part) = part.strip_prefix("regular ") {
        return play_regular(part);
    }
    let mut screen = Screen::enter().unwrap();
    let mut inputs = Inputs::new(std::time::Duration::from_millis(25));
    let mut signals = Signals::new().unwrap();
    show(&mut screen, "painted");
    match part {
        "panic" => panic!("the painter fell"),
        "panic in a task" => {
            let task = tokio::spawn(async { panic!("the task fell") });
            assert!(task.await.is_err());
            show(&mut screen, &take_panic().unwrap());
        }
        "print" => {
            let outside = pi::tui::outside::Outside {
                title: "a\x1b]0;b\ntitle".into(),
                ..Default::default()
            };
            screen.tell(&outside).unwrap();
            screen.copy("clip", false).unwrap();
            screen.leave().unwrap();
            let rows = ["first".red().into(), Line::from("second\x1b[2J")];
            screen.print_lines(rows.into_iter()).unwrap();
            return 0;
        }
        _ => {}
    }
    let mut log = String::new();
    loop {
        tokio::select! {
            signal = signals.next() => {
                if signal == Signal::HangUp && part == "hang up" {
                    continue;
                }
                screen.leave().unwrap();
                return match signal {
                    Signal::Terminate => 143,
                    Signal::HangUp => 129,
                    Signal::Interrupt => 130,
                    Signal::Suspend => 20,
                };
            }
            input = inputs.next() => match input {
                None => return INPUT_ENDED,
                Some(Ok(Input::Key(key))) if key.to_string() == "q" => return 0,
                Some(Ok(Input::Key(key))) if key.to_string() == "z" => {
                    screen.suspend().unwrap();
                    show(&mut screen, "back again");
                }
                Some(Ok(Input::Key(key))) => {
                    log += &format!("[{key}]");
                    show(&mut screen, &log);
                }
                Some(Ok(Input::Resize(columns, rows))) => {
                    screen.resize(columns, rows);
                    show(&mut screen, &format!("{columns} by {rows}"));
                }
                Some(Ok(other)) => {
                    log += &format!("{other:?}");
                    show(&mut screen, &log);
                }
                Some(Err(error)) => panic!("{error}"),
            },
        }
    }
}

fn play_regular(part: &str) -> i32 {
    let mut screen = Screen::enter_as(TuiMode::Regular).unwrap();
    let rows = |lasting: &[&'static str]| Rows {
        lasting: lasting.iter().map(|row| Line::from(*row)).collect(),
        block: Buffer::with_lines(["> edit", "foot"]),
        caret: Some((2, 0).into()),
        ..Rows::default()
    };
    screen.paint_rows(rows(&["said"])).unwrap();
    if part == "panic" {
        panic!("the painter fell");
    }
    screen.switch(TuiMode::Fullscreen).unwrap();
    assert!(screen.is_stale());
    show(&mut screen, "painted");
    screen.switch(TuiMode::Regular).unwrap();
    let again = Rows {
        again: true,
        ..rows(&["said", "and more"])
    };
    screen.paint_rows(again).unwrap();
    assert!(!screen.is_stale());
    let last = Rows {
        lasting: vec!["the end".into()],
        ..Rows::default()
    };
    screen.paint_rows(last).unwrap();
    screen.leave().unwrap();
    0
}

fn show(screen: &mut Screen, text: &str) {
    let paint = |frame: &mut ratatui::Frame| {
        frame.render_widget(Text::from(text), frame.area());
        frame.set_cursor_position((3, 1));
    };
    screen.draw(paint).unwrap();
    // The same again sends nothing.
    screen.draw(paint).unwrap();
}

fn count(raw: &[u8], sequence: &[u8]) -> usize {
    raw.windows(sequence.len())
        .filter(|at| *at == sequence)
        .count()
}

/// Everything that was switched on was switched off, and the settings are what they were.
#[track_caller]
fn assert_as_before(pty: &Pty) {
    pty.look(|screen| {
        assert!(!screen.alternate_screen());
        assert!(!screen.hide_cursor());
        assert!(!screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    });
    let raw = pty.raw();
    for (on, off) in [
        ("\x1b[?1049h", "\x1b[?1049l"),
        ("\x1b[>5u", "\x1b[<u"),
        ("\x1b[>4;2m", "\x1b[>4m"),
        ("\x1b[22;0t", "\x1b[23;0t"),
    ] {
        assert_eq!(
            count(&raw, off.as_bytes()),
            count(&raw, on.as_bytes()),
            "{on:?}"
        );
    }
    let raw = String::from_utf8_lossy(&raw);
    let settings = |line: &'_ str| Some(line.strip_suffix('>')?.rsplit_once('<')?.1.to_owned());
    let settings: Vec<String> = raw.lines().filter_map(settings).collect();
    assert_eq!(settings.len(), 2, "{raw}");
    assert_eq!(settings[0], settings[1]);
}

/// Waits until the part is over and the shell has said how.
#[track_caller]
fn wait_for_end(pty: &Pty, code: i32) {
    let code = format!("code={code}\n<");
    pty.wait_for(|screen| {
        let contents = screen.contents();
        contents.contains(&code) && contents.trim_end().ends_with('>')
    });
}

#[test]
fn a_screen_paints_and_gives_the_terminal_back() {
    let mut pty = start(SCRIPT, "inputs");
    pty.wait_for_text("painted");
    pty.look(|screen| {
        assert!(screen.alternate_screen() && screen.bracketed_paste());
        assert_eq!(screen.contents().trim_end(), "painted");
        assert!(!screen.hide_cursor());
        assert_eq!(screen.cursor_position(), (1, 3));
    });
    assert_eq!(count(&pty.raw(), b"\x1b[?2026h"), 1, "one frame");
    pty.type_text("q");
    wait_for_end(&pty, 0);
    assert_as_before(&pty);
}

#[test]
fn keys_pastes_and_sizes_arrive() {
    let mut pty = start(SCRIPT, "inputs");
    pty.wait_for_text("painted");
    pty.type_text("a\r\n\x1b[13;2u");
    pty.wait_for_text("[a][enter][ctrl+j][shift+enter]");
    pty.type_text("\x1b");
    pty.wait_for_text("[escape]");
    pty.type_text("\x1b[200~x\ry\x1b[201~");
    pty.wait_for_text("Paste(\"x\\ny\")");
    pty.type_text("\x1b[<65;1;1M");
    pty.wait_for_text("Mouse(Mouse");
    pty.resize(60, 10);
    pty.wait_for(|screen| screen.contents().trim_end() == "60 by 10");
    pty.type_text("q");
    wait_for_end(&pty, 0);
    assert_as_before(&pty);
}

#[test]
fn a_panic_of_the_painter_gives_the_terminal_back_and_is_told_there() {
    let pty = start(SCRIPT, "panic");
    wait_for_end(&pty, 101);
    assert_as_before(&pty);
    assert!(pty.contents().contains("the painter fell"));
}

#[test]
fn a_panic_in_the_scrollback_leaves_what_was_said_and_takes_the_rest_away() {
    let pty = start(SCRIPT, "regular panic");
    wait_for_end(&pty, 101);
    assert_as_before(&pty);
    let contents = pty.contents();
    let (_, below) = contents.split_once("said\n").unwrap();
    assert!(below.contains("the painter fell"), "{contents}");
    assert!(!below.contains("> edit"), "{contents}");
}

#[test]
fn going_over_to_the_other_mode_and_back_says_nothing_twice() {
    let pty = start(SCRIPT, "regular switch");
    wait_for_end(&pty, 0);
    assert_as_before(&pty);
    let contents = pty.contents();
    assert!(
        contents.starts_with("said\nand more\nthe end\ncode=0\n"),
        "{contents}"
    );
    let raw = pty.raw();
    assert_eq!(count(&raw, b"\x1b[?1049h"), 1);
    assert_eq!(count(&raw, b"\x1b[3J"), 1);
}

#[test]
fn a_panic_that_is_caught_leaves_the_screen_alone() {
    let mut pty = start(SCRIPT, "panic in a task");
    pty.wait_for_text("the task fell");
    pty.look(|screen| {
        assert!(screen.alternate_screen());
        assert!(screen.contents().starts_with("panic at"));
    });
    pty.type_text("q");
    wait_for_end(&pty, 0);
    assert_as_before(&pty);
    assert!(!pty.contents().contains("the task fell"));
}

#[test]
fn signals_from_outside_are_heard() {
    for (signal, code) in [
        (libc::SIGTERM, 143),
        (libc::SIGHUP, 129),
        (libc::SIGINT, 130),
        (libc::SIGTSTP, 20),
    ] {
        // The shell becomes the part, so the signal reaches it.
        let mut pty = start(r#"exec "$@""#, "signals");
        pty.wait_for_text("painted");
        pty.signal(signal);
        assert_eq!(pty.wait_exit(), code);
        assert!(!pty.look(vt100::Screen::alternate_screen));
    }
}

#[test]
fn a_suspended_screen_is_the_shell_until_it_is_continued() {
    let mut pty = start(STOPPING, "inputs");
    pty.wait_for_text("painted");
    pty.type_text("z");
    pty.wait_for_text("stopped");
    assert_as_before(&pty);
    pty.type_text("\n");
    pty.wait_for_text("back again");
    pty.look(|screen| {
        assert!(screen.alternate_screen());
        assert_eq!(screen.contents().trim_end(), "back again");
    });
    pty.type_text("k");
    pty.wait_for_text("[k]");
    pty.type_text("q");
    pty.wait_for_text("code=0");
    assert_as_before(&pty);
}

/// Nobody is there to continue it: it must not hang.
#[test]
fn a_screen_without_a_shell_comes_back_at_once() {
    let mut pty = start(r#"exec "$@""#, "inputs");
    pty.wait_for_text("painted");
    pty.type_text("z");
    pty.wait_for_text("back again");
    pty.type_text("q");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn input_ends_when_the_terminal_is_gone() {
    let mut pty = start(r#"exec "$@""#, "hang up");
    pty.wait_for_text("painted");
    pty.hang_up();
    assert_eq!(pty.wait_exit(), INPUT_ENDED);
}

#[test]
fn rows_are_printed_where_the_shell_prints() {
    let pty = start(SCRIPT, "print");
    wait_for_end(&pty, 0);
    assert_as_before(&pty);
    assert!(
        pty.contents().contains("first\nsecond"),
        "{}",
        pty.contents()
    );
    let raw = pty.raw();
    assert_eq!(count(&raw, b"\x1b[31mfirst\x1b[39m\r\nsecond[2J\r\n"), 1);
    assert_eq!(count(&raw, b"\x1b]52;c;Y2xpcA==\x07"), 1);
    let title = raw
        .split(|byte| *byte == 0x1b)
        .find(|part| part.starts_with(b"]2;"));
    assert!(title.unwrap().ends_with(b"title\x07"));
}
