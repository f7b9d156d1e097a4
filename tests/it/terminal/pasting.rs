//! What is pasted: by the terminal, and from the system's clipboard with Ctrl+V.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use pi::config::Env;
use pi::tui::msg::{Asked, Msg};
use pi::tui::pasteboard::{Clip, Pasteboard};

use crate::support::screen::Screen;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

/// A system whose clipboard programs are scripts.
struct System {
    dir: tempfile::TempDir,
}

impl System {
    fn with(programs: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("bin")).unwrap();
        fs::create_dir(dir.path().join("tmp")).unwrap();
        fs::write(dir.path().join("picture"), PNG).unwrap();
        for (name, script) in programs {
            let path = dir.path().join("bin").join(name);
            let script = script.replace("HERE", &dir.path().display().to_string());
            executable(&path, &script);
        }
        System { dir }
    }

    async fn read(&self, variables: &[(&str, &str)]) -> Result<Clip, String> {
        let path = self.dir.path().join("bin").display().to_string();
        // What the machine that runs this has is not meant.
        for name in ["wl-paste", "xclip", "xsel"] {
            let script = self.dir.path().join("bin").join(name);
            if !script.exists() {
                executable(&script, "echo cannot open display >&2; exit 1");
            }
        }
        let path = format!("{path}:/bin:/usr/bin");
        let all = [("PATH", path.as_str())];
        let all = all.iter().chain(variables).copied();
        let env: Env = all.collect();
        Pasteboard::new(env, self.tmp()).read().await
    }

    fn tmp(&self) -> PathBuf {
        self.dir.path().join("tmp")
    }
}

fn executable(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

const WAYLAND: [(&str, &str); 1] = [("WAYLAND_DISPLAY", "wayland-0")];

#[track_caller]
fn assert_picture(clip: Result<Clip, String>, folder: &Path, ending: &str) -> Vec<u8> {
    let Ok(Clip::Picture(path)) = clip else {
        panic!("{clip:?}");
    };
    assert_eq!(path.parent(), Some(folder));
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("pi-clipboard-") && name.ends_with(ending),
        "{name}"
    );
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    fs::read(path).unwrap()
}

#[tokio::test]
async fn a_picture_on_the_clipboard_of_wayland_becomes_a_file() {
    let wl_paste = r#"case "$1" in
        --list-types) echo text/plain; echo image/png;;
        --type) [ "$2" = image/png ] && cat HERE/picture;;
    esac"#;
    let system = System::with(&[("wl-paste", wl_paste)]);
    let clip = system.read(&WAYLAND).await;
    assert_eq!(assert_picture(clip, &system.tmp(), ".png"), PNG);
}

#[tokio::test]
async fn without_wayland_xclip_is_asked_and_so_it_is_when_wl_paste_fails() {
    let xclip = r#"case "$4" in
        TARGETS) echo TARGETS; echo image/png;;
        image/png) cat HERE/picture;;
    esac"#;
    let system = System::with(&[("xclip", xclip)]);
    for variables in [&[][..], &WAYLAND[..]] {
        let clip = system.read(variables).await;
        assert_eq!(assert_picture(clip, &system.tmp(), ".png"), PNG);
    }
}

#[tokio::test]
async fn an_empty_clipboard_of_wayland_is_not_filled_from_that_of_x() {
    let xclip = r#"[ "$4" = TARGETS ] && echo image/png || cat HERE/picture"#;
    let wl_paste = "[ $1 = --list-types ] && echo text/plain || printf 'just words'";
    let system = System::with(&[("xclip", xclip), ("wl-paste", wl_paste)]);
    let clip = system.read(&WAYLAND).await;
    assert_eq!(clip, Ok(Clip::Text("just words".into())));
}

#[tokio::test]
async fn a_screenshot_of_windows_is_found_behind_linux() {
    // "\x89PNG\r\n\x1a\nrest"
    let powershell = "echo iVBORw0KGgpyZXN0";
    let system = System::with(&[("powershell.exe", powershell)]);
    let clip = system.read(&[("WSL_DISTRO_NAME", "Ubuntu")]).await;
    assert_eq!(assert_picture(clip, &system.tmp(), ".png"), PNG);
}

#[tokio::test]
async fn a_picture_of_another_kind_becomes_png() {
    let mut bmp = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(2, 2, image::Rgb([255, 0, 0]));
    picture.write_to(&mut bmp, image::ImageFormat::Bmp).unwrap();
    let wl_paste = "[ $1 = --list-types ] && echo image/bmp || cat HERE/bmp";
    let system = System::with(&[("wl-paste", wl_paste)]);
    fs::write(system.dir.path().join("bmp"), bmp.into_inner()).unwrap();
    let bytes = assert_picture(system.read(&WAYLAND).await, &system.tmp(), ".png");
    let picture = image::load_from_memory(&bytes).unwrap();
    assert_eq!((picture.width(), picture.height()), (2, 2));
}

#[tokio::test]
async fn who_could_not_be_asked_is_named() {
    let system = System::with(&[]);
    let why = system.read(&WAYLAND).await.unwrap_err();
    assert_eq!(
        why,
        "the clipboard cannot be read (wl-paste: cannot open display; xclip: cannot open display; \
         xsel: cannot open display); your terminal's own key pastes text"
    );
    let system = System::with(&[("wl-paste", "echo 'Nothing is copied' >&2; exit 1")]);
    let why = system.read(&WAYLAND).await.unwrap_err();
    assert_eq!(why, "there is nothing on the clipboard that can be pasted");
}

#[test]
fn ctrl_v_puts_the_pictures_path_into_the_prompt() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("what is in");
    assert_eq!(screen.press("ctrl+v"), ["ReadClipboard"]);
    screen.tell(Msg::Clip(Ok(Clip::Picture(
        "/tmp/pi-clipboard-1.png".into(),
    ))));
    assert_eq!(screen.app.draft(), "what is in /tmp/pi-clipboard-1.png");
    screen.press("ctrl+u");
    screen.tell(Msg::Clip(Ok(Clip::Text("words\r\nof two lines".into()))));
    assert_eq!(screen.app.draft(), "words\nof two lines");
    screen.tell(Msg::Clip(Err("the clipboard cannot be read".into())));
    assert!(screen.shows("the clipboard cannot be read"));
    assert_eq!(screen.app.draft(), "words\nof two lines");
}

#[test]
fn a_large_paste_that_comes_back_is_a_marker_again_and_whole() {
    let lines: Vec<String> = (0..50).map(|line| format!("line {line}")).collect();
    let whole = lines.join("\n");
    let mut screen = Screen::new(60, 16);
    screen.paste(&whole);
    screen.press("enter");
    screen.refuse(Asked::Prompt(whole.clone().into()), "no model is there");
    assert!(screen.shows("[paste #1 +50 lines]"));
    assert_eq!(screen.app.draft(), whole);
    screen.tell(Msg::Edited(Ok(format!("see: {whole}\n"))));
    assert!(screen.shows("see: [paste #1 +50 lines]"));
    assert_eq!(screen.app.draft(), format!("see: {whole}"));
}
