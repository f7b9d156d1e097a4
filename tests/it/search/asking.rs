//! What can be asked, and how it is answered.

use serde_json::json;

use super::{assistant, found, name, search, session, tool, user};
use crate::support::TestPi;

/// Two projects: `/proj/engine` with the sessions `old` and `new`, `/proj/site` with `other`.
fn three_sessions() -> TestPi {
    let pi = TestPi::unconfigured([]);
    session(
        &pi,
        "/proj/engine",
        "old",
        1,
        &[
            user("Why is the lock file never removed?"),
            assistant(
                "Looking.",
                json!({"command": "grep -rn lockfile src/store"}),
            ),
            tool("src/store/lease.rs:12: remove_file(lock) // error E0599"),
        ],
    );
    session(
        &pi,
        "/proj/engine",
        "new",
        3,
        &[
            user("Remove the file, then lock the door."),
            name("Doors and locks"),
        ],
    );
    session(
        &pi,
        "/proj/site",
        "other",
        2,
        &[user("lock file again"), tool("error E0277")],
    );
    pi
}

#[test]
fn words_are_found_in_one_entry_in_any_order_the_newest_first() {
    let pi = three_sessions();
    assert_eq!(
        found(&pi, &["file", "lock"]),
        ["new/0", "other/0", "old/2", "old/0"]
    );
    assert_eq!(found(&pi, &["LOCK", "removed"]), ["old/0"]);
    assert_eq!(found(&pi, &["lock", "nowhere"]), Vec::<String>::new());
    assert_eq!(found(&pi, &["remov*"]), ["new/0", "old/2", "old/0"]);
    assert_eq!(found(&pi, &["remov"]), Vec::<String>::new());
}

#[test]
fn phrases_stand_together() {
    let pi = three_sessions();
    assert_eq!(found(&pi, &["lock file"]), ["other/0", "old/0"]);
    assert_eq!(found(&pi, &["\"lock file\" again"]), ["other/0"]);
    assert_eq!(found(&pi, &["src/store/lease.rs"]), ["old/2"]);
}

#[test]
fn patterns_are_regular_expressions_with_and_without_words_to_help() {
    let pi = three_sessions();
    assert_eq!(found(&pi, &[r"re:E\d{4}"]), ["other/1", "old/2"]);
    assert_eq!(found(&pi, &["re:E05.*$"]), ["old/2"]);
    assert_eq!(found(&pi, &[r"re:(?i)\bLOCK\b f"]), ["other/0", "old/0"]);
    // Whole words of the pattern are looked up first.
    assert_eq!(found(&pi, &["re: is the l[io]ck "]), ["old/0"]);
    assert_eq!(found(&pi, &["error", r"re:E02\d+"]), ["other/1"]);
    assert_eq!(found(&pi, &["re:e0599"]), Vec::<String>::new());
}

#[test]
fn arguments_of_calls_and_names_are_found_and_thinking_is_not() {
    let pi = three_sessions();
    assert_eq!(found(&pi, &["lockfile"]), ["old/1"]);
    assert_eq!(found(&pi, &["doors"]), ["new/1"]);
    assert_eq!(found(&pi, &["pondering"]), Vec::<String>::new());
}

#[test]
fn projects_roles_and_dates_narrow_it_down() {
    let pi = three_sessions();
    assert_eq!(
        found(&pi, &["lock", "--project", "/proj/site"]),
        ["other/0"]
    );
    assert_eq!(found(&pi, &["lock", "--project", "/proj"]).len(), 4);
    assert_eq!(
        found(&pi, &["lock", "--project", "/pro"]),
        Vec::<String>::new()
    );
    assert_eq!(found(&pi, &["lock", "--here"]), Vec::<String>::new());
    assert_eq!(
        found(&pi, &["door", "--role", "tool"]),
        Vec::<String>::new()
    );
    assert_eq!(
        found(&pi, &["error", "--role", "tool,user"]),
        ["other/1", "old/2"]
    );
    let at = |since: &str, until: &str| found(&pi, &["lock", "--since", since, "--until", until]);
    assert_eq!(
        at("2026-11-20T12:02:00Z", "2026-11-20T12:03:00Z"),
        ["other/0"]
    );
    assert_eq!(at("2026-11-19", "2026-11-21").len(), 4);
    assert_eq!(at("2026-11-22", "2026-11-23"), Vec::<String>::new());
    // The same without the index's help: the file that was written last first.
    let pattern = [
        r"re:l.ck",
        "--role",
        "user",
        "--since",
        "2026-11-20T12:02:00Z",
    ];
    assert_eq!(found(&pi, &pattern), ["other/0", "new/0"]);
    assert_eq!(
        found(&pi, &[r"re:l.ck", "--project", "/proj/site"]),
        ["other/0"]
    );
}

#[test]
fn a_limit_cuts_and_rank_puts_first_what_speaks_most_of_it() {
    let pi = three_sessions();
    assert_eq!(found(&pi, &["lock", "--limit", "2"]), ["new/0", "other/0"]);
    session(
        &pi,
        "/proj/site",
        "much",
        0,
        &[user("lock lock lock, and lock")],
    );
    assert_eq!(found(&pi, &["lock", "--rank", "--limit", "1"]), ["much/0"]);
}

#[test]
fn case_accents_and_scripts_without_spaces_are_no_obstacle() {
    let pi = TestPi::unconfigured([]);
    let texts = [
        "Ein Café in ZÜRICH",
        "修复数据库的错误",
        "검색을 고쳤다",
        "Ошибка ДИСКА",
        "データベース",
    ];
    let entries = texts.map(user);
    session(&pi, "/proj", "s", 0, &entries);
    for (words, entry) in [
        ("cafe zurich", "s/0"),
        ("CAFÉ", "s/0"),
        ("cafe\u{301}", "s/0"),
        ("数据库", "s/1"),
        ("错误", "s/1"),
        ("검색", "s/2"),
        ("ошибка диска", "s/3"),
        ("ベース", "s/4"),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        assert_eq!(found(&pi, &words), [entry], "{words:?}");
    }
    // The characters are there, but not side by side.
    assert_eq!(found(&pi, &["误错"]), Vec::<String>::new());
}

#[test]
fn an_answer_names_session_entry_time_role_and_where_it_matches() {
    let pi = three_sessions();
    let hits = search(&pi, &["door"]).json_lines();
    assert_eq!(hits.len(), 1);
    let hit = &hits[0];
    let path = hit["path"].as_str().unwrap();
    assert!(
        path.ends_with("/--proj-engine--/2026-11-20T12-03-00-000Z_new.jsonl"),
        "{path}"
    );
    let mut hit = hit.clone();
    hit.as_object_mut().unwrap().remove("path");
    assert_eq!(
        hit,
        json!({
            "session": "new", "name": "Doors and locks", "cwd": "/proj/engine", "entry": "00000000",
            "timestamp": "2026-11-20T12:03:00.000Z", "role": "user",
            "snippet": "Remove the file, then lock the door.", "matches": [[31, 35]],
        })
    );
}

#[test]
fn for_a_person_it_prints_where_when_what_and_the_command_that_opens_it() {
    let pi = TestPi::unconfigured([]);
    let here = pi.project().display().to_string();
    session(
        &pi,
        &here,
        "mine",
        1,
        &[user("find me"), name("My session")],
    );
    let away = session(&pi, "/proj", "away", 0, &[user("find me too")]);
    let ran = pi.run_with_env(&["search", "find", "me"], &[("TZ", "UTC")]);
    let expected = format!(
        "My session · 2026-11-20 12:01 · ~/project · user\n  find me\n  pi --session mine --at 00000000\n\n\
         away · 2026-11-20 12:00 · /proj · user\n  find me too\n  pi --session {} --at 00000000\n\n",
        away.display()
    );
    assert_eq!(
        (ran.stdout, ran.stderr, ran.code),
        (expected, String::new(), 0)
    );
}

#[test]
fn a_session_of_a_directory_that_only_a_flag_names_is_opened_by_its_path() {
    let pi = TestPi::unconfigured([]);
    let here = pi.project().display().to_string();
    let made = session(&pi, &here, "mine", 1, &[user("find me")]);
    let flat = pi.home().join("my flat");
    std::fs::create_dir(&flat).unwrap();
    let file = flat.join("mine.jsonl");
    std::fs::rename(made, &file).unwrap();
    let flat = flat.to_str().unwrap();
    let ran = pi.run(&["search", "--session-dir", flat, "find"]);
    let command = format!("pi --session '{}' --at 00000000", file.display());
    assert!(ran.stdout.contains(&command), "{ran:?}");
    let env = [("PI_CODING_AGENT_SESSION_DIR", flat)];
    let ran = pi.run_with_env(&["search", "find"], &env);
    assert!(ran.stdout.contains("pi --session mine --at"), "{ran:?}");
}

#[test]
fn what_cannot_be_asked_is_said_in_one_line() {
    let pi = three_sessions();
    let said = |words: &[&str]| {
        let ran = search(&pi, words);
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{ran:?}");
        ran.stderr.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        said(&["re:(a"]),
        "error: \"(a\" is not a pattern: unclosed group"
    );
    assert_eq!(
        said(&["?!"]),
        "error: there is nothing to search for in \"?!\""
    );
    assert_eq!(
        said(&["x", "--since", "soon"]),
        "error: \"soon\" is neither a date nor an age"
    );
    assert_eq!(
        said(&["x", "--role", "nobody"]),
        "error: there is no role \"nobody\""
    );
    assert_eq!(
        said(&["re:a{9999}{9999}"]),
        "error: \"a{9999}{9999}\" is not a pattern: it is too large"
    );
}

#[test]
fn without_sessions_it_says_so() {
    let pi = TestPi::unconfigured([]);
    let ran = pi.run(&["search", "anything"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str(), ran.code),
        ("", "there are no sessions yet\n", 1)
    );
    session(&pi, "/proj", "s", 0, &[user("hello")]);
    let ran = pi.run(&["search", "anything"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str(), ran.code),
        ("", "nothing found\n", 1)
    );
}

#[test]
fn control_sequences_in_what_was_said_never_reach_the_terminal() {
    let pi = TestPi::unconfigured([]);
    let evil = "\u{1b}]0;title\u{7}\u{1b}[2Jerase \u{9b}31mtarget\u{202e} here\r\n\u{8}x";
    session(
        &pi,
        "/proj/\u{1b}[31mred",
        "s",
        0,
        &[tool(evil), name("n\u{1b}[2Jame")],
    );
    let ran = pi.run(&["search", "target"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!ran.stdout.contains(control), "{:?}", ran.stdout);
    assert!(ran.stdout.contains("erase target here"), "{:?}", ran.stdout);
    let listed = pi.run(&["session", "list", "--all"]);
    assert!(
        !listed.stdout.contains(control) && listed.stdout.contains("name"),
        "{listed:?}"
    );
}

#[test]
fn a_huge_result_is_searched_in_its_beginning() {
    let pi = TestPi::unconfigured([]);
    let huge = format!("first {} last", "filling words ".repeat(200_000));
    session(&pi, "/proj", "s", 0, &[tool(&huge), user("after it")]);
    assert_eq!(found(&pi, &["first"]), ["s/0"]);
    assert_eq!(found(&pi, &["after"]), ["s/1"]);
    let hit = &search(&pi, &["filling"]).json_lines()[0];
    assert!(hit["snippet"].as_str().unwrap().len() < 300);
}
