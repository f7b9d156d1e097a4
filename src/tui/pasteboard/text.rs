//! Text on the clipboard.

use std::time::Duration;

use super::System;
use super::picture::is_nothing;
use super::program::{READ, WINDOWS, ask};
use crate::config::Env;

type Program = (&'static str, &'static [&'static str], Duration);

const WL_PASTE: Program = ("wl-paste", &["--no-newline", "--type", "text"], READ);
const XCLIP: Program = ("xclip", &["-selection", "clipboard", "-o"], READ);
const XSEL: Program = ("xsel", &["--clipboard", "--output"], READ);
const PBPASTE: Program = ("pbpaste", &[], READ);
const TERMUX: Program = ("termux-clipboard-get", &[], READ);
const POWERSHELL: Program = (
    "powershell.exe",
    &["-NoProfile", "-Command", "Get-Clipboard -Raw"],
    WINDOWS,
);

/// The text of the first program that has any; those that could not be asked have said why.
pub(super) async fn read(
    env: &Env,
    system: System,
    failures: &mut Vec<String>,
    is_empty: &mut bool,
) -> Option<String> {
    let programs: &[Program] = match system {
        System::Mac => &[PBPASTE],
        System::Termux => &[TERMUX],
        System::Linux { is_wsl: true, .. } => &[WL_PASTE, XCLIP, POWERSHELL],
        System::Linux {
            is_wayland: true, ..
        } => &[WL_PASTE, XCLIP, XSEL],
        System::Linux { .. } => &[XCLIP, XSEL],
    };
    for (program, args, patience) in programs {
        match ask(env, program, args, *patience).await {
            Ok(bytes) if !bytes.is_empty() => {
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
            Ok(_) => *is_empty = true,
            Err(why) if is_nothing(&why) => *is_empty = true,
            Err(why) if failures.contains(&why) => {}
            Err(why) => failures.push(why),
        }
    }
    None
}
