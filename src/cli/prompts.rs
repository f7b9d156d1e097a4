//! What is said first: standard input, then the files, then the first message; further messages after.

use std::io::{self, IsTerminal, Read};
use std::sync::Arc;

use super::{Args, CliError};
use crate::modes::Prompt;
use crate::prompt::{Resize, attach};
use crate::tools::Workspace;

/// More than this on standard input is no prompt but an accident.
const MAX_INPUT: u64 = 50 * 1024 * 1024;

/// The prompts, in order.
pub(super) async fn collect(
    args: &Args,
    workspace: &Arc<dyn Workspace>,
    resize: Resize,
    read_input: bool,
) -> Result<Vec<Prompt>, CliError> {
    let input = if read_input { piped_input()? } else { None };
    let attached = attach(args.files(), workspace, resize)
        .await
        .map_err(CliError::usage)?;
    let mut texts = args.texts();
    let mut first = input.unwrap_or_default();
    first.push_str(&attached.text);
    first.push_str(texts.next().unwrap_or_default());
    let mut prompts = Vec::new();
    if !first.is_empty() || !attached.images.is_empty() {
        prompts.push(Prompt {
            text: first,
            images: attached.images,
        });
    }
    prompts.extend(texts.map(|text| Prompt {
        text: text.to_owned(),
        images: Vec::new(),
    }));
    Ok(prompts)
}

/// All of standard input, trimmed, when it is not a terminal; `None` when there is nothing in it.
fn piped_input() -> Result<Option<String>, CliError> {
    let input = io::stdin();
    if input.is_terminal() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let read = input.lock().take(MAX_INPUT + 1).read_to_end(&mut bytes);
    read.map_err(|error| CliError::usage(format!("standard input cannot be read: {error}")))?;
    if bytes.len() as u64 > MAX_INPUT {
        return Err(CliError::usage(
            "standard input is longer than 50 MB, which no model can read",
        )
        .hint("write it to a file and let the model read parts of it"));
    }
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}
