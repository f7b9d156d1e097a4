//! Opens a page in the person's browser, where there is one. The address becomes an argument that other
//! users of the machine can see for as long as the program runs that opens it: the state and the challenge
//! of a login, or the code to type, are in it. With them somebody could have this pi logged in to an account of theirs, by coming
//! back before the browser does; the tokens of the person are out of their reach, for the verifier never
//! leaves pi. Who shares a machine logs in with `--no-browser`, or opens the page by hand.

use std::process::{Command, Stdio};
use std::thread;

use crate::config::Env;

/// Tries to open an `http:` or `https:` address; whether that began well.
pub(super) fn open(env: &Env, url: &str) -> bool {
    let is_page = url.starts_with("https://") || url.starts_with("http://");
    let Some((program, first)) = opener(env).filter(|_| is_page) else {
        return false;
    };
    let mut command = Command::new(program);
    command.args(first).arg(url);
    // The directory may be one that programs of another system cannot be in.
    command.current_dir(if cfg!(windows) { "C:\\" } else { "/" });
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // The browser outlives pi, and Ctrl+C here is not for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    thread::spawn(move || child.wait());
    true
}

/// The program that opens pages, and what it is told before the page.
fn opener(env: &Env) -> Option<(&'static str, &'static [&'static str])> {
    if cfg!(target_os = "macos") {
        return Some(("open", &[]));
    }
    if cfg!(windows) {
        // No shell: it would read the address's own signs.
        return Some(("rundll32", &["url.dll,FileProtocolHandler"]));
    }
    let screens = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"];
    let has_screen = screens.iter().any(|name| env.get(name).is_some());
    has_screen.then_some(("xdg-open", &[]))
}
