//! A picture on the clipboard.

use std::io::Cursor;

use image::ImageFormat;

use super::program::{LIST, READ, WINDOWS, ask};
use super::{Asked, System};
use crate::config::Env;
use crate::tools::image::mime_type;

/// The kinds that models take, the best first, and how their files end.
const KINDS: [(&str, &str); 4] = [
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/webp", "webp"),
    ("image/gif", "gif"),
];

/// A picture, and how its file's name ends.
pub(super) struct Picture {
    pub bytes: Vec<u8>,
    pub ending: &'static str,
}

/// The picture; without one, those that could not be asked have said why.
pub(super) async fn read(env: &Env, system: System, failures: &mut Vec<String>) -> Option<Vec<u8>> {
    let mut note = |asked: Asked<Vec<u8>>| match asked {
        Asked::Got(bytes) => Some(Some(bytes)),
        Asked::Empty => Some(None),
        Asked::Failed(why) => {
            failures.push(why);
            None
        }
    };
    match system {
        System::Termux => None,
        System::Mac => match note(pngpaste(env).await) {
            Some(Some(bytes)) => Some(bytes),
            // It fails as well when there is no picture.
            _ => note(osascript(env).await).flatten(),
        },
        System::Linux { is_wayland, is_wsl } => {
            let mut known = None;
            if is_wayland || is_wsl {
                known = note(wl_paste(env).await);
            }
            // An empty clipboard of Wayland is empty, whatever is left on that of X.
            if known.is_none() {
                known = note(xclip(env).await);
            }
            let picture = known.flatten();
            if picture.is_none() && is_wsl {
                return note(powershell(env).await).flatten();
            }
            picture
        }
    }
}

/// The picture as a model takes it.
pub(super) async fn fit(bytes: Vec<u8>) -> Result<Picture, String> {
    let known = mime_type(&bytes).and_then(|mime| KINDS.iter().find(|(kind, _)| *kind == mime));
    if let Some((_, ending)) = known {
        return Ok(Picture { bytes, ending });
    }
    let converted = tokio::task::spawn_blocking(move || {
        let picture = image::load_from_memory(&bytes)?;
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png)?;
        Ok::<_, image::ImageError>(png.into_inner())
    });
    let converted = converted.await.map_err(|error| error.to_string())?;
    let bytes = converted.map_err(|error| {
        format!("the picture on the clipboard is of a kind unknown here: {error}")
    })?;
    Ok(Picture {
        bytes,
        ending: "png",
    })
}

async fn wl_paste(env: &Env) -> Asked<Vec<u8>> {
    let listed = match ask(env, "wl-paste", &["--list-types"], LIST).await {
        Ok(listed) => listed,
        Err(why) if is_nothing(&why) => return Asked::Empty,
        Err(why) => return Asked::Failed(why),
    };
    let Some(kind) = best(&listed) else {
        return Asked::Empty;
    };
    taken(ask(env, "wl-paste", &["--type", &kind, "--no-newline"], READ).await)
}

async fn xclip(env: &Env) -> Asked<Vec<u8>> {
    let targets = ["-selection", "clipboard", "-t", "TARGETS", "-o"];
    let listed = match ask(env, "xclip", &targets, LIST).await {
        Ok(listed) => listed,
        Err(why) if why.contains("not available") => return Asked::Empty,
        Err(why) => return Asked::Failed(why),
    };
    let Some(kind) = best(&listed) else {
        return Asked::Empty;
    };
    let picture = ["-selection", "clipboard", "-t", &kind, "-o"];
    taken(ask(env, "xclip", &picture, READ).await)
}

/// Screenshots of Windows never reach the clipboard of Linux.
async fn powershell(env: &Env) -> Asked<Vec<u8>> {
    let script = "Add-Type -AssemblyName System.Windows.Forms; \
        Add-Type -AssemblyName System.Drawing; \
        $picture = [System.Windows.Forms.Clipboard]::GetImage(); \
        if ($picture) { $memory = New-Object System.IO.MemoryStream; \
        $picture.Save($memory, [System.Drawing.Imaging.ImageFormat]::Png); \
        [Convert]::ToBase64String($memory.ToArray()) }";
    let args = ["-NoProfile", "-STA", "-Command", script];
    match ask(env, "powershell.exe", &args, WINDOWS).await {
        Ok(printed) => decoded(&printed),
        Err(why) => Asked::Failed(why),
    }
}

fn decoded(printed: &[u8]) -> Asked<Vec<u8>> {
    use base64::Engine;
    let letters: Vec<u8> = printed
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    match base64::engine::general_purpose::STANDARD.decode(letters) {
        Ok(bytes) if bytes.is_empty() => Asked::Empty,
        Ok(bytes) => Asked::Got(bytes),
        Err(_) => Asked::Failed("powershell.exe: an answer that makes no sense".into()),
    }
}

async fn pngpaste(env: &Env) -> Asked<Vec<u8>> {
    taken(ask(env, "pngpaste", &["-"], READ).await)
}

async fn osascript(env: &Env) -> Asked<Vec<u8>> {
    let script = "the clipboard as «class PNGf»";
    match ask(env, "osascript", &["-e", script], READ).await {
        Ok(printed) => unhexed(&printed),
        // It complains about the kind when there is no picture.
        Err(why) if why.contains("-1700") => Asked::Empty,
        Err(why) => Asked::Failed(why),
    }
}

/// What stands in `«data PNGf89504E47…»`.
fn unhexed(printed: &[u8]) -> Asked<Vec<u8>> {
    let text = String::from_utf8_lossy(printed);
    let Some((_, digits)) = text.split_once("PNGf") else {
        return Asked::Empty;
    };
    let digits: Vec<u8> = digits
        .bytes()
        .map_while(|byte| char::from(byte).to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    Asked::Got(
        digits
            .chunks_exact(2)
            .map(|two| two[0] << 4 | two[1])
            .collect(),
    )
}

fn taken(answer: Result<Vec<u8>, String>) -> Asked<Vec<u8>> {
    match answer {
        Ok(bytes) if bytes.is_empty() => Asked::Empty,
        Ok(bytes) => Asked::Got(bytes),
        Err(why) => Asked::Failed(why),
    }
}

/// What `wl-paste` says of an empty clipboard.
pub(super) fn is_nothing(why: &str) -> bool {
    why.contains("Nothing is copied") || why.contains("No selection") || why.contains("No suitable")
}

/// The best kind of picture among those listed, one a line.
fn best(listed: &[u8]) -> Option<String> {
    let listed = String::from_utf8_lossy(listed);
    let base = |line: &str| {
        let kind = line.split(';').next().unwrap_or_default();
        kind.trim().to_ascii_lowercase()
    };
    let kinds: Vec<&str> = listed.lines().map(str::trim).collect();
    let known = KINDS
        .iter()
        .find_map(|(wanted, _)| kinds.iter().find(|kind| base(kind) == *wanted));
    let any = || kinds.iter().find(|kind| base(kind).starts_with("image/"));
    known.or_else(any).map(|kind| (*kind).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_kind_is_chosen_and_any_picture_before_none() {
        let best = |listed: &str| best(listed.as_bytes());
        assert_eq!(
            best("text/plain\nimage/jpeg\nimage/png;x=y\n").as_deref(),
            Some("image/png;x=y")
        );
        assert_eq!(best("TARGETS\nimage/bmp").as_deref(), Some("image/bmp"));
        assert_eq!(best("text/plain\nUTF8_STRING"), None);
    }

    #[test]
    fn what_apples_and_windows_scripts_print_is_understood() {
        let printed = "«data PNGf89504E470d»\n";
        assert_eq!(
            unhexed(printed.as_bytes()),
            Asked::Got(vec![0x89, 0x50, 0x4e, 0x47, 0x0d])
        );
        assert_eq!(unhexed(b"hello"), Asked::Empty);
        assert_eq!(
            decoded(b"iVBO\r\nRw==\r\n"),
            Asked::Got(b"\x89PNG".to_vec())
        );
        assert_eq!(decoded(b"\r\n"), Asked::Empty);
        assert!(matches!(decoded(b"oh no!"), Asked::Failed(_)));
    }
}
