//! Tools that really work, and which of them are on.

use serde_json::json;

use super::{BOTH, tools};
use crate::support::TestPi;
use crate::support::model_server::Turn;

#[test]
fn the_model_reads_writes_edits_and_runs() {
    for model in BOTH {
        let pi = TestPi::new([
            Turn::tool("read", json!({"path": "notes.txt"})),
            Turn::new().say("Writing.").call(
                "w",
                "write",
                json!({"path": "new/code.txt", "content": "4711\n"}),
            ),
            Turn::new().call(
                "e",
                "edit",
                json!({"path": "notes.txt", "edits": [{"oldText": "4711", "newText": "gone"}]}),
            ),
            Turn::new().call(
                "b",
                "bash",
                json!({"command": "cat new/code.txt notes.txt"}),
            ),
            Turn::text("Done."),
        ]);
        pi.write("project/notes.txt", "the code is 4711\n");
        let ran = pi.run(&["-p", "--model", model, "move the code"]);
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr.as_str(), ran.code),
            ("Done.\n", "", 0)
        );
        let read = |path| std::fs::read_to_string(pi.project().join(path)).unwrap();
        assert_eq!(read("new/code.txt"), "4711\n");
        assert_eq!(read("notes.txt"), "the code is gone\n");
        let results: Vec<_> = pi
            .messages()
            .into_iter()
            .filter(|message| message["role"] == "toolResult")
            .map(|message| {
                (
                    message["isError"] == true,
                    message["content"][0]["text"].clone(),
                )
            })
            .collect();
        assert_eq!(results[0], (false, json!("the code is 4711\n")));
        assert_eq!(results[3], (false, json!("4711\nthe code is gone\n")));
        // Each result goes back with the next request.
        let requests = pi.server.requests();
        assert_eq!(requests.len(), 5);
        let last = requests[4].body["messages"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .to_string();
        assert!(last.contains("the code is gone"), "{last}");
        let again = requests[1].body["messages"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .to_string();
        assert!(
            again.contains("call_1") && again.contains("the code is 4711"),
            "{again}"
        );
    }
}

#[test]
fn flags_say_which_tools_the_model_has() {
    let cases: [(&[&str], &[&str]); 9] = [
        (&[], &["read", "bash", "edit", "write"]),
        (
            &["-t", "read,grep,find,ls"],
            &["read", "grep", "find", "ls"],
        ),
        (&["--tools", "bash, read"], &["read", "bash"]),
        (&["-xt", "bash,edit"], &["read", "write"]),
        (&["--exclude-tools", "write"], &["read", "bash", "edit"]),
        (&["-nt"], &[]),
        (&["--no-tools"], &[]),
        (&["-nbt"], &[]),
        (&["-nt", "-t", "read"], &["read"]),
    ];
    for model in BOTH {
        for (flags, on) in cases {
            let pi = TestPi::new([Turn::text("ok")]);
            let args = [&["-p", "--model", model, "hi"], flags].concat();
            let ran = pi.run(&args);
            assert_eq!((ran.stderr.as_str(), ran.code), ("", 0), "{flags:?}");
            assert_eq!(tools(&pi.server.requests()[0]), on, "{flags:?}");
        }
    }
}

#[test]
fn an_unknown_tool_is_told_and_the_others_are_on() {
    let pi = TestPi::new([Turn::text("ok")]);
    let ran = pi.run(&["-p", "--model", "oai/scripted", "-t", "read,telnet", "hi"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("ok\n", 0));
    assert!(ran.stderr.contains("telnet"), "{}", ran.stderr);
    assert_eq!(tools(&pi.server.requests()[0]), ["read"]);
}

#[test]
fn a_run_stops_after_max_turns_and_says_so() {
    let look = || Turn::tool("bash", json!({"command": "date +%N"}));
    let pi = TestPi::new([look(), look(), look()]);
    let ran = pi.run(&["-p", "--model", "oai/scripted", "--max-turns", "2", "go"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(
        ran.stderr.contains("2") && ran.stderr.contains("--max-turns"),
        "{}",
        ran.stderr
    );
    assert_eq!(pi.server.requests().len(), 2);
}

#[test]
fn what_was_said_before_a_run_was_cut_is_printed() {
    let step = |text: &str| {
        Turn::text(text)
            .call("c1", "bash", json!({"command": "date +%N"}))
            .usage(100, 50)
    };
    for (limit, code) in [(["--max-turns", "2"], 1), (["--budget-tokens", "300"], 3)] {
        let pi = TestPi::new([step("First look."), step("Second look."), step("Never.")]);
        let mut args = vec!["-p", "--model", "oai/scripted", "go"];
        args.extend(limit);
        let ran = pi.run(&args);
        let told = (ran.stdout.as_str(), ran.code);
        assert_eq!(told, ("Second look.\n", code), "{}", ran.stderr);
        assert_eq!(pi.server.requests().len(), 2);
    }
}

#[test]
fn a_model_that_goes_round_in_circles_is_stopped_with_a_notice() {
    let pi = TestPi::new((0..50).map(|_| Turn::tool("read", json!({"path": "a.txt"}))));
    pi.write("project/a.txt", "still the same");
    pi.write_agent("settings.json", r#"{"maxRepeatedToolCalls": 3}"#);
    let ran = pi.run(&["-p", "--model", "ant/scripted", "go"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(
        ran.stderr.contains("read") && ran.stderr.contains("3 times"),
        "{}",
        ran.stderr
    );
    assert_eq!(pi.server.requests().len(), 3);
}

#[test]
fn commands_are_told_which_session_and_model_they_serve() {
    let line = "echo $PI_PROVIDER/$PI_MODEL $PI_REASONING_LEVEL; test -f $PI_SESSION_FILE && basename $PI_SESSION_FILE";
    let pi = TestPi::new([
        Turn::tool("bash", json!({"command": line})),
        Turn::text("done"),
    ]);
    let ran = pi.run(&["-p", "--provider", "oai", "go"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let request = pi.server.requests()[1].body.to_string();
    assert!(request.contains("oai/scripted off"), "{request}");
    let session = pi.sessions()[0]
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    assert!(request.contains(&session), "{request}");
}
