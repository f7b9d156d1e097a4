//! `@file` arguments: the text of files and the pictures that go with a message.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ai::Content;
use crate::ai::model::ImageResize;
use crate::tools::{FileKind, Workspace, human_size, image};

/// A text longer than this is no attachment but an accident: no model could read it.
const MAX_TEXT: u64 = 10 * 1024 * 1024;

/// Nothing is read beyond this, which is the most that a picture may have.
const MAX_IMAGE: u64 = 100 * 1024 * 1024;

/// What the files came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attached {
    /// Goes in front of the message.
    pub text: String,
    /// Goes with it.
    pub images: Vec<Content>,
}

/// Whether pictures are made smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resize {
    /// They stay as they are.
    Never,
    /// As the model says, and where it does not as most models want them.
    ToFit(Option<ImageResize>),
}

/// Reads the files, in order; a pipe (`@<(command)`) to its end. What is empty is left out. The error
/// says which file and why.
pub async fn attach(
    files: impl IntoIterator<Item = &str>,
    workspace: &Arc<dyn Workspace>,
    resize: Resize,
) -> Result<Attached, String> {
    let mut attached = Attached::default();
    for file in files {
        let path = workspace.resolve_existing(file);
        let shown = path.display();
        let stat = workspace
            .stat(&path)
            .await
            .map_err(|error| format!("could not attach {shown}: {error}"))?;
        if stat.kind == FileKind::Directory {
            return Err(format!(
                "could not attach {shown}: it is a directory; name the files in it"
            ));
        }
        if stat.size > MAX_IMAGE {
            return Err(too_large(&path, stat.size, MAX_IMAGE));
        }
        let bytes = read(workspace.clone(), path.clone())
            .await
            .map_err(|error| format!("could not attach {shown}: {error}"))?;
        // Pipes, devices and the system's own files do not tell their size beforehand.
        let size = bytes.len() as u64;
        match image::mime_type(&bytes) {
            _ if size == 0 => {}
            _ if size > MAX_IMAGE => return Err(too_large(&path, size, MAX_IMAGE)),
            Some(mime_type) => attached.add_image(&path, &bytes, mime_type, resize),
            None if size > MAX_TEXT => return Err(too_large(&path, size, MAX_TEXT)),
            None if bytes.iter().take(8000).any(|byte| *byte == 0) => {
                return Err(format!(
                    "could not attach {shown}: it is a binary file, and models read text and pictures"
                ));
            }
            None => {
                let text = String::from_utf8_lossy(&bytes);
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
                attached
                    .text
                    .push_str(&format!("<file name=\"{shown}\">\n{text}\n</file>\n"));
            }
        }
    }
    Ok(attached)
}

/// What is in the file, or as much of it as shows that it is too long.
async fn read(workspace: Arc<dyn Workspace>, path: PathBuf) -> io::Result<Vec<u8>> {
    let reading = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        let file = workspace.open(&path)?;
        file.take(MAX_IMAGE + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    reading.await.map_err(io::Error::other)?
}

impl Attached {
    fn add_image(&mut self, path: &Path, bytes: &[u8], mime_type: &'static str, resize: Resize) {
        let shown = path.display();
        let picture = match resize {
            Resize::Never => Some(image::unchanged(bytes, mime_type)),
            Resize::ToFit(model) => image::fitted(bytes, mime_type, model),
        };
        let Some(picture) = picture else {
            let note = "[This image is left out: it is damaged, or cannot be made small enough.]";
            self.text
                .push_str(&format!("<file name=\"{shown}\">{note}</file>\n"));
            return;
        };
        let note = picture.resized.map(|((from_width, from_height), (width, height))| {
            format!(
                "[Shown at {width}x{height}; the file has {from_width}x{from_height}. Multiply coordinates by {:.2}.]",
                f64::from(from_width) / f64::from(width)
            )
        });
        self.text.push_str(&format!(
            "<file name=\"{shown}\">{}</file>\n",
            note.unwrap_or_default()
        ));
        self.images.push(Content::Image {
            data: picture.base64,
            mime_type: picture.mime_type.into(),
        });
    }
}

fn too_large(path: &Path, size: u64, most: u64) -> String {
    format!(
        "could not attach {}: it has {}, and an attachment may have {}; let the model read parts of it instead",
        path.display(),
        human_size(size),
        human_size(most)
    )
}
