//! The sentences that the demo understands, and what they become.

use serde_json::{Value, json};

use crate::ai::message::{Message, joined_text};

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// Call a tool.
    Call {
        /// The tool.
        name: String,
        /// Its arguments.
        arguments: Value,
        /// Said before the call.
        why: String,
    },
    /// Say something.
    Say(String),
}

/// How many lines of a result the demo repeats.
const QUOTED_LINES: usize = 60;

pub(super) const HELP: &str = "\
I am pi's **demo**, not a language model: I follow a few fixed rules, so that you can see pi work before \
you connect a model. The tools I call are the real ones, and they act on this directory.

Try one of these, or several joined with `then`:

- `list the files here`
- `read README.md`
- `search for TODO`
- `write hello.txt: Hello, world`
- `replace \"Hello\" with \"Good morning\" in hello.txt`
- `run git status`
- `count to 100` (then press Escape to stop me, or type something to steer)

To connect a real model, do one of these (after the first, start pi again):

1. Set a key in the environment, such as `export ANTHROPIC_API_KEY=…` (also `OPENAI_API_KEY`, `GEMINI_API_KEY`, `OPENROUTER_API_KEY` and others).
2. Type `/login` in the terminal: it takes a key, or logs in with an account (Claude, ChatGPT, Copilot and others), and keeps that in `~/.pi/agent/auth.json`.
3. Start a server of your own (Ollama, llama.cpp, LM Studio, vLLM): `/model` lists what it has, without any configuration.";

/// What `said` asks for, step by step; nothing when no rule fits. `has` knows which tools are on.
pub(super) fn plan(said: &str, has: &dyn Fn(&str) -> bool) -> Vec<Step> {
    let text = said.trim();
    if let Some(step) = step(text, has) {
        // A text that is to be written may have "then" in it, unless a sentence follows that we know.
        if matches!(&step, Step::Call { name, .. } if name == "write") {
            let parts = text.match_indices(" then ").find_map(|(at, then)| {
                let rest = plan(&text[at + then.len()..], has);
                (!rest.is_empty()).then_some((at, rest))
            });
            return match parts.and_then(|(at, rest)| Some((self::step(&text[..at], has)?, rest))) {
                Some((first, rest)) => std::iter::once(first).chain(rest).collect(),
                None => vec![step],
            };
        }
    }
    let parts: Option<Vec<Step>> = text
        .split("\n")
        .flat_map(|line| line.split(" then "))
        .map(|part| part.trim().trim_end_matches([',', ';', '.']))
        .filter(|part| !part.is_empty())
        .map(|part| step(part, has))
        .collect();
    parts.unwrap_or_default()
}

fn step(part: &str, has: &dyn Fn(&str) -> bool) -> Option<Step> {
    let part = strip_politeness(part);
    let lower = part.to_lowercase();
    let rest = |prefixes: &[&str]| -> Option<String> {
        let prefix = prefixes.iter().find(|prefix| lower.starts_with(**prefix))?;
        Some(part.get(prefix.len()..)?.trim().to_owned())
    };
    if let Some(number) = rest(&["count to "]) {
        let most: u32 = number.trim_end_matches(['.', '!']).parse().ok()?;
        let numbers: Vec<String> = (1..=most.min(1000)).map(|n| n.to_string()).collect();
        return Some(Step::Say(numbers.join(" ")));
    }
    if let Some(command) = rest(&["run ", "execute ", "$ "]) {
        let command = unquote(&command);
        return call(
            has,
            "bash",
            json!({"command": command}),
            format!("I run `{command}`."),
        );
    }
    if let Some(words) = rest(&[
        "search for ",
        "grep for ",
        "look for ",
        "find ",
        "grep ",
        "search ",
    ]) {
        return search(&words, has);
    }
    if let Some(words) = rest(&["replace ", "edit "]) {
        return replace(&words, has);
    }
    if let Some(words) = rest(&["write ", "create "]) {
        return write(&words, has);
    }
    if is_listing(&lower) {
        return list(part, has);
    }
    if let Some(words) = rest(&["read ", "show ", "open ", "cat ", "print "]) {
        let path = path_in(&words)?;
        return call(
            has,
            "read",
            json!({"path": path}),
            format!("I read `{path}`."),
        );
    }
    None
}

fn strip_politeness(part: &str) -> &str {
    let mut part = part.trim();
    for prefix in ["please ", "can you ", "could you ", "now "] {
        if part
            .get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
        {
            part = part[prefix.len()..].trim_start();
        }
    }
    part.strip_suffix('?').unwrap_or(part)
}

fn is_listing(lower: &str) -> bool {
    let asks = ["list", "show", "what", "which"]
        .iter()
        .any(|word| lower.starts_with(word));
    let about = ["files", "directory", "folder"]
        .iter()
        .any(|word| lower.contains(word));
    lower == "ls" || lower == "list" || lower.starts_with("ls ") || (asks && about)
}

fn list(part: &str, has: &dyn Fn(&str) -> bool) -> Option<Step> {
    let lower = part.to_lowercase();
    let place = lower
        .rfind(" in ")
        .map(|at| (at, 4))
        .or_else(|| lower.starts_with("ls ").then_some((0, 3)));
    let path = place
        .and_then(|(at, length)| part.get(at + length..))
        .map(unquote)
        .filter(|path| {
            !["here", "this directory", "this folder", "the directory"].contains(&path.as_str())
        })
        .unwrap_or_else(|| ".".into());
    if has("ls") {
        return call(
            has,
            "ls",
            json!({"path": path}),
            format!("I list `{path}`."),
        );
    }
    let command = if path == "." {
        "ls -A".to_owned()
    } else {
        format!("ls -A -- {}", shell_quoted(&path))
    };
    call(
        has,
        "bash",
        json!({"command": command}),
        format!("I list the files with `{command}`."),
    )
}

fn search(words: &str, has: &dyn Fn(&str) -> bool) -> Option<Step> {
    let (pattern, path) = match words.rsplit_once(" in ") {
        Some((pattern, path)) if !["here", "the files", "all files"].contains(&path) => {
            (pattern, unquote(path))
        }
        Some((pattern, _)) => (pattern, ".".into()),
        None => (words, ".".into()),
    };
    let pattern = unquote(pattern);
    if pattern.is_empty() {
        return None;
    }
    if has("grep") {
        let arguments = json!({"pattern": pattern, "path": path, "literal": true});
        return call(has, "grep", arguments, format!("I search for `{pattern}`."));
    }
    let command = format!(
        "grep -rnI --exclude-dir=.git -F -- {} {} | head -n 50",
        shell_quoted(&pattern),
        shell_quoted(&path)
    );
    call(
        has,
        "bash",
        json!({"command": command}),
        format!("I search for `{pattern}`."),
    )
}

fn replace(words: &str, has: &dyn Fn(&str) -> bool) -> Option<Step> {
    let (change, path) = words.rsplit_once(" in ")?;
    let (old, new) = change
        .split_once(" with ")
        .or_else(|| change.split_once(" by "))?;
    let (old, new, path) = (unquote(old), unquote(new), unquote(path));
    let arguments = json!({"path": path, "edits": [{"oldText": old, "newText": new}]});
    call(has, "edit", arguments, format!("I change `{path}`."))
}

fn write(words: &str, has: &dyn Fn(&str) -> bool) -> Option<Step> {
    let separators = [
        ": ",
        ":\n",
        " with the text ",
        " containing ",
        " saying ",
        " with ",
    ];
    let (at, separator) = separators
        .iter()
        .filter_map(|separator| Some((words.find(separator)?, *separator)))
        .min_by_key(|(at, _)| *at)?;
    let path = path_in(&words[..at])?;
    let content = unquote(&words[at + separator.len()..]);
    let content = if content.ends_with('\n') {
        content
    } else {
        format!("{content}\n")
    };
    call(
        has,
        "write",
        json!({"path": path, "content": content}),
        format!("I write `{path}`."),
    )
}

fn call(has: &dyn Fn(&str) -> bool, name: &str, arguments: Value, why: String) -> Option<Step> {
    if has(name) {
        return Some(Step::Call {
            name: name.into(),
            arguments,
            why,
        });
    }
    Some(Step::Say(format!(
        "That would take the tool `{name}`, which is switched off."
    )))
}

/// The path in a phrase such as "the file `a b.txt`" or "src/main.rs".
fn path_in(words: &str) -> Option<String> {
    let words = words.trim();
    for quote in ['`', '"', '\''] {
        if let Some((_, rest)) = words.split_once(quote)
            && let Some((path, _)) = rest.split_once(quote)
        {
            return Some(path.to_owned());
        }
    }
    let looks_like_a_path = |word: &&str| word.contains(['.', '/']) && word.len() > 1;
    let path = words
        .split_whitespace()
        .find(looks_like_a_path)
        .or(words.split_whitespace().next_back())?;
    Some(path.trim_end_matches([',', ';', ':']).to_owned())
}

fn unquote(text: &str) -> String {
    let text = text.trim();
    let inner = ['`', '"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    inner.unwrap_or(text).to_owned()
}

fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// What the demo says of a result: the result itself, as far as it is short.
pub(super) fn report(result: &Message) -> String {
    let Message::ToolResult(result) = result else {
        return String::new();
    };
    let text = joined_text(&result.content);
    let text = text.trim_end();
    if result.is_error {
        return format!("That failed:\n\n{}", fenced(text));
    }
    match result.tool_name.as_str() {
        "write" | "edit" => text.to_owned(),
        _ if text.is_empty() => "It printed nothing.".to_owned(),
        _ => {
            let lines = text.lines().count();
            let shown: Vec<&str> = text.lines().take(QUOTED_LINES).collect();
            let rest = lines.saturating_sub(QUOTED_LINES);
            let mut report = fenced(&shown.join("\n"));
            if rest > 0 {
                report.push_str(&format!("\n\n… and {rest} more lines."));
            }
            report
        }
    }
}

/// In a code fence that nothing inside can close.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}\n{text}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(said: &str) -> Vec<(String, Value)> {
        let on = |name: &str| ["read", "bash", "edit", "write"].contains(&name);
        plan(said, &on)
            .into_iter()
            .map(|step| match step {
                Step::Call {
                    name, arguments, ..
                } => (name, arguments),
                Step::Say(text) => ("say".into(), text.into()),
            })
            .collect()
    }

    #[test]
    fn the_sentences_that_its_help_names_become_calls() {
        let bash = |command: &str| ("bash".to_owned(), json!({"command": command}));
        assert_eq!(calls("list the files here"), [bash("ls -A")]);
        assert_eq!(calls("List files in src/ai"), [bash("ls -A -- 'src/ai'")]);
        assert_eq!(
            calls("read README.md"),
            [("read".into(), json!({"path": "README.md"}))]
        );
        assert_eq!(
            calls("Read the file notes.txt and tell me the launch code."),
            [("read".into(), json!({"path": "notes.txt"}))]
        );
        assert_eq!(calls("run git status"), [bash("git status")]);
        assert_eq!(
            calls("search for it's"),
            [bash(
                r"grep -rnI --exclude-dir=.git -F -- 'it'\''s' '.' | head -n 50"
            )]
        );
        assert_eq!(
            calls("write hello.txt: Hello, world"),
            [(
                "write".into(),
                json!({"path": "hello.txt", "content": "Hello, world\n"})
            )]
        );
        assert_eq!(
            calls("replace \"Hello\" with \"Good morning\" in hello.txt"),
            [(
                "edit".into(),
                json!({"path": "hello.txt", "edits": [{"oldText": "Hello", "newText": "Good morning"}]})
            )]
        );
        assert_eq!(calls("count to 3"), [("say".into(), "1 2 3".into())]);
    }

    #[test]
    fn several_sentences_are_several_steps() {
        let names: Vec<String> = calls("read a.txt then run make")
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["read", "bash"]);
        let both = calls("write h.txt: first this, then that then read h.txt");
        assert_eq!(both[0].1["content"], "first this, then that\n");
        assert_eq!(both[1], ("read".into(), json!({"path": "h.txt"})));
    }

    #[test]
    fn what_it_does_not_understand_is_no_plan() {
        assert_eq!(calls("Refactor the parser into a state machine"), []);
        assert_eq!(calls("read a.txt then refactor it"), []);
        assert_eq!(calls(""), []);
    }
}
