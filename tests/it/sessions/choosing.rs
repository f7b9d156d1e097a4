//! Which session, and what is in its file.

use serde_json::{Value, json};

use super::{MODEL, answer, roles};
use crate::support::model_server::{Hold, Turn};
use crate::support::{TestPi, messages_of, read_session};

#[test]
fn the_prompt_is_on_disk_before_the_answer() {
    let gate = Hold::new();
    let pi = TestPi::new([Turn::text("one two").hold_at(0, &gate)]);
    let running = pi.spawn(&[&MODEL as &[&str], &["remember this"]].concat());
    gate.wait_until_reached();
    let messages = pi.messages();
    assert_eq!(roles(&messages), ["user"]);
    assert_eq!(messages[0]["content"][0]["text"], "remember this");
    gate.open();
    assert_eq!(running.finish().stdout, "one two\n");
    assert_eq!(roles(&pi.messages()), ["user", "assistant"]);
}

#[test]
fn nothing_is_on_disk_when_nothing_was_said() {
    let pi = TestPi::new([]);
    assert_eq!(pi.run(&MODEL).code, 1);
    assert_eq!(pi.sessions().len(), 0);
}

#[test]
fn a_session_is_a_chain_of_entries_that_name_model_and_thinking() {
    let pi = TestPi::new([Turn::text("ok"), Turn::text("ok")]);
    let args = ["-p", "--model", "ant/thinker:high", "hi"];
    assert_eq!(pi.run(&args).code, 0);
    assert_eq!(
        pi.run(&["-p", "-c", "--model", "oai/thinker:low", "more"])
            .code,
        0
    );
    let lines = pi.session();
    let chain: Vec<Value> = lines[1..]
        .iter()
        .map(|line| match line["type"].as_str().unwrap() {
            "message" => line["message"]["role"].clone(),
            "model_change" => json!([line["provider"], line["modelId"]]),
            "thinking_level_change" => line["thinkingLevel"].clone(),
            other => json!(other),
        })
        .collect();
    assert_eq!(
        chain,
        [
            json!(["ant", "thinker"]),
            json!("high"),
            json!("user"),
            json!("assistant"),
            json!(["oai", "thinker"]),
            json!("low"),
            json!("user"),
            json!("assistant"),
        ]
    );
    let mut parent = Value::Null;
    for line in &lines[1..] {
        assert_eq!(line["parentId"], parent);
        parent = line["id"].clone();
    }
}

#[test]
fn the_latest_session_is_gone_on_with_as_its_model_and_thinking_were() {
    let pi = TestPi::new([Turn::text("One."), Turn::text("Two."), Turn::text("Three.")]);
    pi.run(&["-p", "--model", "ant/thinker:high", "first"]);
    let ran = pi.run(&["-p", "-c", "second"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("Two.\n", ""));
    let ran = pi.run(&["-p", "--continue", "third"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("Three.\n", ""));
    assert_eq!(pi.sessions().len(), 1);
    let request = pi.server.requests().pop().unwrap();
    assert_eq!(
        (request.path.as_str(), &request.body["model"]),
        ("/v1/messages", &json!("thinker"))
    );
    assert_eq!(request.body["thinking"]["type"], "enabled");
    assert_eq!(request.body["messages"].as_array().unwrap().len(), 5);
}

#[test]
fn without_a_session_to_go_on_with_one_begins() {
    let pi = TestPi::new([Turn::text("ok")]);
    assert_eq!(answer(&pi, &["-c", "hi"]), "ok\n");
    assert_eq!(pi.sessions().len(), 1);
}

#[test]
fn a_session_is_found_by_its_file_its_id_and_the_beginning_of_its_id() {
    let pi = TestPi::new((0..6).map(|n| Turn::text(&n.to_string())));
    answer(&pi, &["first"]);
    answer(&pi, &["another"]);
    let file = pi.sessions().remove(0);
    let id = read_session(&file)[0]["id"].as_str().unwrap().to_owned();
    let other = read_session(&pi.sessions()[1])[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    // The shortest beginning that the two do not share.
    let shared = id
        .bytes()
        .zip(other.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    for wanted in [file.to_str().unwrap(), &id, &id[..=shared]] {
        answer(&pi, &["--session", wanted, "more"]);
    }
    assert_eq!(pi.sessions().len(), 2);
    assert_eq!(messages_of(&read_session(&file)).len(), 8);
    let ran = pi.run(&[&MODEL as &[&str], &["--session", "ffffffff", "hi"]].concat());
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(ran.stderr.contains("ffffffff"), "{}", ran.stderr);
}

#[test]
fn an_id_of_ones_own_begins_a_session_and_finds_it_again() {
    let pi = TestPi::new([Turn::text("One."), Turn::text("Two.")]);
    for word in ["first", "second"] {
        answer(&pi, &["--session-id", "nightly-7", word]);
    }
    assert_eq!(pi.session()[0]["id"], "nightly-7");
    assert_eq!(pi.messages().len(), 4);
    let name = pi.sessions()[0]
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    assert!(name.ends_with("_nightly-7.jsonl"), "{name}");
}

#[test]
fn sessions_are_kept_where_flag_environment_or_setting_say() {
    let pi = TestPi::new((0..4).map(|_| Turn::text("ok")));
    let count = |dir: &str| std::fs::read_dir(pi.home().join(dir)).map_or(0, Iterator::count);
    pi.write_agent("settings.json", r#"{"sessionDir": "~/by-setting"}"#);
    answer(&pi, &["hi"]);
    assert_eq!(count("by-setting"), 1);
    let variable = pi.home().join("by-environment");
    let variables = [("PI_CODING_AGENT_SESSION_DIR", variable.to_str().unwrap())];
    let ran = pi.run_with_env(&[&MODEL as &[&str], &["hi"]].concat(), &variables);
    assert_eq!((ran.code, count("by-environment")), (0, 1));
    let flag = ["--session-dir", "../by-flag", "hi"];
    let ran = pi.run_with_env(&[&MODEL as &[&str], &flag].concat(), &variables);
    assert_eq!((ran.code, count("by-flag")), (0, 1));
    answer(&pi, &["--session-dir", "../by-flag", "-c", "more"]);
    assert_eq!(
        (
            count("by-flag"),
            count("by-environment"),
            count("by-setting")
        ),
        (1, 1, 1)
    );
    assert_eq!(pi.sessions().len(), 0);
}

#[test]
fn no_session_leaves_nothing_behind() {
    let pi = TestPi::new([Turn::text("ok")]);
    assert_eq!(answer(&pi, &["--no-session", "hi"]), "ok\n");
    assert_eq!(pi.sessions().len(), 0);
}

#[test]
fn a_session_has_the_name_that_it_is_given() {
    let pi = TestPi::new([Turn::text("ok")]);
    answer(&pi, &["-n", "Friday's work", "hi"]);
    let lines = pi.session();
    let info = lines
        .iter()
        .find(|line| line["type"] == "session_info")
        .unwrap();
    assert_eq!(info["name"], "Friday's work");
}

#[test]
fn a_damaged_session_loses_no_message_but_the_torn_one() {
    let pi = TestPi::new([Turn::text("One."), Turn::text("Two.")]);
    answer(&pi, &["first"]);
    let file = pi.sessions().remove(0);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend_from_slice(b"{\"type\":\"message\",\"id\":\"0badf00d\",\"par");
    std::fs::write(&file, &bytes).unwrap();
    let ran = pi.run(&[&MODEL as &[&str], &["-c", "second"]].concat());
    assert_eq!((ran.stdout.as_str(), ran.code), ("Two.\n", 0));
    assert!(
        ran.stderr.starts_with("warning: ") && ran.stderr.contains("damaged"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        pi.server.requests()[1].body["messages"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    let after = std::fs::read(&file).unwrap();
    assert_eq!(&after[..bytes.len()], bytes);
}
