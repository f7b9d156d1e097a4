//! `read`: the lines of a text file, or a picture.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::arguments::{self, file_error};
use super::image::{self, Picture};
use super::truncate::{Limit, MAX_BYTES, human_size};
use super::utf8::Utf8Decoder;
use super::window::{View, Window};
use super::workspace::{FileKind, Workspace};
use crate::agent::{CallContext, Outcome, Tool};
use crate::ai::model::ImageResize;
use crate::ai::{Content, ToolSpec};

/// Bytes that are looked at to tell what a file is.
const SNIFF: usize = 8192;
/// Bytes of a picture that are read at most.
const MAX_PICTURE: u64 = 64 * 1024 * 1024;

pub(super) struct Read {
    workspace: Arc<dyn Workspace>,
    resize_images: bool,
    spec: ToolSpec,
}

#[derive(Deserialize)]
struct Arguments {
    path: String,
    offset: Option<f64>,
    limit: Option<f64>,
}

impl Read {
    pub(super) fn new(workspace: Arc<dyn Workspace>, resize_images: bool) -> Self {
        let spec = arguments::spec(
            "read",
            "Read a text file (at most 2000 lines or 50KB per call; go on with offset) or an image \
             (png, jpg, gif, webp).",
            json!({
                "type": "object",
                "properties": {
                    "path": { "type": "string", "description": "File, relative or absolute" },
                    "offset": { "type": "number", "description": "First line, from 1" },
                    "limit": { "type": "number", "description": "Most lines to read" },
                },
                "required": ["path"],
            }),
        );
        Read {
            workspace,
            resize_images,
            spec,
        }
    }

    async fn read(&self, args: Arguments, cx: &CallContext) -> Outcome {
        let path = self.workspace.resolve_existing(&args.path);
        match self.workspace.stat(&path).await {
            Err(error) => return file_error("read", &args.path, &error),
            Ok(stat) if stat.kind == FileKind::Directory => {
                return Outcome::error(format!(
                    "Cannot read {}: it is a directory. List it with ls or bash.",
                    args.path
                ));
            }
            Ok(stat) if stat.kind == FileKind::Other => {
                return Outcome::error(format!("Cannot read {}: not a regular file.", args.path));
            }
            Ok(_) => {}
        }
        let job = Job {
            workspace: self.workspace.clone(),
            resize_images: self.resize_images,
            resize: cx.image_resize,
            path,
            args,
            stop: cx.stop.clone(),
        };
        arguments::off_executor(move || {
            job.run()
                .unwrap_or_else(|error| file_error("read", &job.args.path, &error))
        })
        .await
    }
}

#[async_trait]
impl Tool for Read {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn snippet(&self) -> Option<&str> {
        Some("Look at files")
    }

    fn guidelines(&self) -> &[&str] {
        &["Look at files with read, not with cat or sed."]
    }

    async fn call(&self, args: Value, cx: CallContext) -> Outcome {
        match arguments::parse(args) {
            Ok(args) => arguments::until_stopped(&cx.stop, self.read(args, &cx)).await,
            Err(outcome) => outcome,
        }
    }
}

/// One read, off the executor.
struct Job {
    workspace: Arc<dyn Workspace>,
    resize_images: bool,
    resize: Option<ImageResize>,
    path: PathBuf,
    args: Arguments,
    stop: CancellationToken,
}

impl Job {
    fn picture(&self, bytes: &[u8], mime_type: &'static str) -> Option<Picture> {
        match self.resize_images {
            true => image::fitted(bytes, mime_type, self.resize),
            false => Some(image::unchanged(bytes, mime_type)),
        }
    }

    fn run(&self) -> io::Result<Outcome> {
        let mut file = self.workspace.open(&self.path)?;
        let mut start = Vec::with_capacity(SNIFF);
        file.by_ref().take(SNIFF as u64).read_to_end(&mut start)?;
        if let Some(mime_type) = image::mime_type(&start) {
            file.take(MAX_PICTURE).read_to_end(&mut start)?;
            return Ok(picture_outcome(self.picture(&start, mime_type), mime_type));
        }
        if start.contains(&0) {
            return Ok(Outcome::text(format!(
                "[{} is a binary file and is not shown. Look into it with bash: file, strings, xxd.]",
                self.args.path
            )));
        }
        self.lines(&start, &mut file)
    }

    fn lines(&self, start: &[u8], file: &mut dyn io::Read) -> io::Result<Outcome> {
        let first = self
            .args
            .offset
            .map_or(0, |offset| arguments::count(offset - 1.0));
        let limit = self.args.limit.map(arguments::count);
        let mut window = Window::new(first, limit);
        let (mut decoder, mut text) = (Utf8Decoder::default(), String::new());
        decoder.feed(start, &mut text);
        window.feed(&text);
        let mut lines_before = memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
        let mut chunk = vec![0; 64 * 1024];
        loop {
            let count = file.read(&mut chunk)?;
            if count == 0 || self.stop.is_cancelled() {
                break;
            }
            text.clear();
            decoder.feed(&chunk[..count], &mut text);
            window.feed(&text);
            lines_before += memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
        }
        text.clear();
        decoder.finish(&mut text);
        window.feed(&text);
        Ok(match window.finish() {
            Some(view) => self.show(view, first as u64 + 1),
            None => Outcome::error(format!(
                "Line {} is past the end of {}, which has {} lines.",
                first as u64 + 1,
                self.args.path,
                lines_before + 1,
            )),
        })
    }

    /// The lines with a hint on how to go on, when there is more. `first` counts from 1.
    fn show(&self, view: View, first: u64) -> Outcome {
        let facts = &view.truncation;
        let limit = human_size(MAX_BYTES as u64);
        if facts.first_line_exceeds_limit {
            let text = format!(
                "[Line {first} has {}, over the limit of {limit}. See its start with bash: \
                 sed -n '{first}p' {} | head -c {MAX_BYTES}]",
                human_size(view.first_line_bytes),
                shell_quoted(Path::new(&self.args.path)),
            );
            return Outcome::text(text).with_details(json!({ "truncation": facts }));
        }
        if facts.truncated {
            let next = first + facts.output_lines as u64;
            let over = match facts.truncated_by {
                Some(Limit::Bytes) => format!(" ({limit} limit)"),
                _ => String::new(),
            };
            let text = format!(
                "{}\n\n[Lines {first}-{} of {} shown{over}. Go on with offset={next}.]",
                view.text,
                next - 1,
                view.file_lines,
            );
            return Outcome::text(text).with_details(json!({ "truncation": facts }));
        }
        let left = view.file_lines - (first - 1) - view.selected_lines;
        if left > 0 {
            let next = first + view.selected_lines;
            return Outcome::text(format!(
                "{}\n\n[{left} more lines in the file. Go on with offset={next}.]",
                view.text
            ));
        }
        Outcome::text(view.text)
    }
}

/// A path as a shell takes it.
pub fn shell_quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,@%".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        return path.into_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

fn picture_outcome(picture: Option<Picture>, mime_type: &'static str) -> Outcome {
    let Some(picture) = picture else {
        return Outcome::text(format!(
            "Image file [{mime_type}]\n[Left out: it is damaged or cannot be made small enough.]"
        ));
    };
    let Picture {
        base64,
        mime_type,
        resized,
    } = picture;
    let mut note = format!("Image file [{mime_type}]");
    if let Some(((width, height), (shown_width, shown_height))) = resized {
        let scale = f64::from(width) / f64::from(shown_width);
        note.push_str(&format!(
            "\n[Shown at {shown_width}x{shown_height}, in the file {width}x{height}: multiply \
             coordinates by {scale:.2}.]"
        ));
    }
    Outcome {
        content: vec![
            Content::text(note),
            Content::Image {
                data: base64,
                mime_type: mime_type.into(),
            },
        ],
        ..Outcome::default()
    }
}
