//! The demo in place of a model that is not there, where nobody sees who answers: a script that has lost its
//! key must not find its files written by fixed rules, nor help where it wanted an answer. So it lists and
//! reads, and fails for anything else.

use super::PROVIDER;
use super::rules::{Step, plan};
use crate::ai::delta::failed_message;
use crate::ai::failure::{Failure, Kind};
use crate::ai::message::{AssistantMessage, StopReason};
use crate::ai::model::Model;
use crate::ai::provider::Request;

/// What tells it from the demo that was asked for: its wire API.
pub const STAND_IN: &str = "demo-stand-in";

/// The tools that it uses.
pub const READS: [&str; 2] = ["read", "ls"];

/// The demo as what is left when nothing is connected and no person looks on.
pub fn stand_in() -> Model {
    Model {
        api: STAND_IN.into(),
        ..super::model()
    }
}

/// Whether this model is it.
pub fn is_stand_in(model: &Model) -> bool {
    model.provider == PROVIDER && model.api == STAND_IN
}

/// Keeps the tools from it that do more than it may.
pub(super) fn confine(request: &mut Request) {
    let reads = |name: &str| READS.contains(&name);
    let tools = request.tools.iter().filter(|tool| reads(&tool.name));
    request.tools = tools.cloned().collect();
}

/// The failure in place of an answer, where not all that was said is to be listed or read.
pub(super) fn refusal(model: &Model, request: &Request) -> Option<AssistantMessage> {
    let (said, _) = super::latest(&request.messages);
    let steps = plan(&said, &|name| {
        request.tools.iter().any(|tool| tool.name == name)
    });
    let reads = |step: &Step| matches!(step, Step::Call { .. });
    if !steps.is_empty() && steps.iter().all(reads) && is_plain(&said) {
        return None;
    }
    let why = "no model is connected, and the demo in its place only lists and reads files: connect a model with \
               pi auth login or a key in the environment, or start a local server";
    let now = request.clock.now();
    let mut message = failed_message(model, now, StopReason::Error, why);
    // It does not pass by itself.
    message.failure = Some(Failure::new(Kind::Refused));
    Some(message)
}

/// Whether no more is said than what to list and read. The demo takes what it can out of a longer sentence, for
/// a person; a script would take that for the answer.
fn is_plain(said: &str) -> bool {
    let parts = said.lines().flat_map(|line| line.split(" then "));
    let mut parts = parts.map(str::trim).filter(|part| !part.is_empty());
    parts.all(|part| {
        let part = part.trim_end_matches([',', ';', '.', '?']).to_lowercase();
        let words: Vec<&str> = part.split_whitespace().collect();
        match words.as_slice() {
            ["ls"] | ["ls", _] => true,
            ["list" | "show", rest @ ..] if is_about_files(rest) => true,
            ["read" | "show" | "cat" | "open" | "print", rest @ ..] => {
                matches!(rest, [_] | ["the" | "file", _] | ["the", "file", _])
            }
            _ => false,
        }
    })
}

/// "the files here", "all files in src", and the like.
fn is_about_files(words: &[&str]) -> bool {
    let words = match words {
        [front @ .., "here"] | [front @ .., "in", _] => front,
        [front @ .., "in", "this" | "the", "directory" | "folder"] => front,
        all => all,
    };
    matches!(
        words,
        ["files"] | ["the" | "all", "files"] | ["all", "the", "files"]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_to_be_listed_and_read_is_plain() {
        for said in [
            "list the files here",
            "List all files in src",
            "list the files in this directory.",
            "ls",
            "ls src",
            "read README.md",
            "show the file notes.txt",
            "list the files here then read notes.txt",
            "ls\nread notes.txt",
        ] {
            assert!(is_plain(said), "{said}");
        }
        for said in [
            "list the files herereview this",
            "list the files here and review them",
            "which files are wrong?",
            "read notes.txt and summarise it",
            "read notes.txt then fix it",
            "show me the bug in notes.txt",
        ] {
            assert!(!is_plain(said), "{said}");
        }
    }
}
