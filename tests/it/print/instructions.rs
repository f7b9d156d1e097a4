//! What the model is told besides the conversation.

use super::{BOTH, system};
use crate::support::TestPi;
use crate::support::model_server::Turn;

/// The system prompt of the first request for these flags.
fn told(pi: &TestPi, model: &str, flags: &[&str]) -> String {
    pi.server.push(Turn::text("ok"));
    let ran = pi.run(&[&["-p", "--no-session", "--model", model, "hi"], flags].concat());
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("ok\n", 0),
        "{}",
        ran.stderr
    );
    system(pi.server.requests().last().unwrap())
}

#[track_caller]
fn assert_order(text: &str, parts: &[&str]) {
    let mut from = 0;
    for part in parts {
        match text[from..].find(part) {
            Some(at) => from += at + part.len(),
            None => panic!("no {part:?} behind byte {from} of {text}"),
        }
    }
}

#[test]
fn context_files_come_global_first_then_down_the_tree() {
    for model in BOTH {
        let pi = TestPi::new([]);
        pi.write_agent("AGENTS.md", "global rule\n");
        pi.write("CLAUDE.md", "home rule\n");
        pi.write("project/AGENTS.md", "project rule\n");
        pi.write("project/CLAUDE.md", "not this rule\n");
        let text = told(&pi, model, &[]);
        let path = pi.project().join("AGENTS.md").display().to_string();
        assert_order(&text, &["global rule", "home rule", &path, "project rule"]);
        assert!(!text.contains("not this rule"), "{text}");
        assert!(text.contains(&pi.project().display().to_string()), "{text}");
        for flag in ["-nc", "--no-context-files"] {
            assert!(!told(&pi, model, &[flag]).contains("rule"));
        }
    }
}

#[test]
fn the_system_prompt_is_replaced_by_text_file_or_system_md() {
    for model in BOTH {
        let pi = TestPi::new([]);
        let own = told(&pi, model, &[]);
        assert!(own.contains("- bash:"), "{own}");
        pi.write_agent("SYSTEM.md", "from SYSTEM.md");
        pi.write_agent("APPEND_SYSTEM.md", "from APPEND_SYSTEM.md");
        pi.write("project/AGENTS.md", "project rule");
        pi.write("project/prompt.txt", "from a file");
        let text = told(&pi, model, &[]);
        assert_order(
            &text,
            &["from SYSTEM.md", "from APPEND_SYSTEM.md", "project rule"],
        );
        assert!(!text.contains("- bash:"), "{text}");
        let text = told(&pi, model, &["--system-prompt", "from the flag"]);
        assert_order(
            &text,
            &["from the flag", "from APPEND_SYSTEM.md", "project rule"],
        );
        let text = told(&pi, model, &["--system-prompt", "prompt.txt"]);
        assert_order(&text, &["from a file", "from APPEND_SYSTEM.md"]);
        let flags = [
            "--append-system-prompt",
            "one",
            "--append-system-prompt",
            "prompt.txt",
        ];
        let text = told(&pi, model, &flags);
        assert_order(
            &text,
            &["from SYSTEM.md", "one", "from a file", "project rule"],
        );
        assert!(!text.contains("APPEND_SYSTEM"), "{text}");
    }
}

#[test]
fn a_projects_own_folder_counts_only_when_it_is_approved() {
    let pi = TestPi::new([]);
    pi.write_agent("SYSTEM.md", "mine");
    pi.write("project/.pi/SYSTEM.md", "the project's");
    pi.write("project/.pi/APPEND_SYSTEM.md", "and more of it");
    let model = BOTH[0];
    for flags in [&[] as &[&str], &["-na"], &["--no-approve"]] {
        let text = told(&pi, model, flags);
        assert!(
            text.starts_with("mine") && !text.contains("project's"),
            "{text}"
        );
    }
    for flag in ["-a", "--approve"] {
        let text = told(&pi, model, &[flag]);
        assert_order(&text, &["the project's", "and more of it"]);
        assert!(!text.contains("mine"), "{text}");
    }
    pi.server.push(Turn::text("ok"));
    let ran = pi.run(&["-p", "--model", model, "hi"]);
    assert!(ran.stderr.contains("--approve"), "{}", ran.stderr);
    assert_eq!((ran.stdout.as_str(), ran.code), ("ok\n", 0));
}
