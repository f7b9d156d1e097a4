//! Many pis and one session: each is let in or told that it is not, and the history stays one line.

use serde_json::Value;

use super::MODEL;
use crate::support::model_server::Turn;
use crate::support::{TestPi, messages_of, read_session};

const MANY: usize = 16;

fn is_one_line(lines: &[Value]) {
    let mut parent = Value::Null;
    for line in &lines[1..] {
        assert_eq!(line["parentId"], parent, "{line}");
        parent = line["id"].clone();
    }
}

#[test]
fn sixteen_pis_with_one_session_id_end_in_one_line_of_history() {
    let pi = TestPi::new((0..3 * MANY).map(|_| Turn::text("heard")));
    let mut let_in = Vec::new();
    // The first time it is begun, then it is there.
    for round in ["begun", "there", "again"] {
        let running: Vec<_> = (0..MANY)
            .map(|at| {
                let prompt = format!("{round} {at}");
                let args = ["--session-id", "shared", &prompt];
                (
                    prompt.clone(),
                    pi.spawn(&[&MODEL as &[&str], &args].concat()),
                )
            })
            .collect();
        for (prompt, running) in running {
            let ran = running.finish();
            if ran.stderr.is_empty() {
                assert_eq!((ran.stdout.as_str(), ran.code), ("heard\n", 0));
                let_in.push(prompt);
                continue;
            }
            // Refused, or too late to begin it: then its answer is in no file, and it says so.
            let refused = ran.code == 1 && ran.stderr.contains("--fork");
            let in_memory = ran.code == 0 && ran.stderr.contains("in memory");
            assert!(refused || in_memory, "{ran:?}");
            assert!(ran.stderr.contains("shared"), "{}", ran.stderr);
        }
    }
    let lines = pi.session();
    is_one_line(&lines);
    let messages = messages_of(&lines);
    let text = |message: &Value| message["content"][0]["text"].as_str().unwrap().to_string();
    let users = messages.iter().filter(|message| message["role"] == "user");
    let mut said: Vec<String> = users.map(text).collect();
    said.sort();
    let_in.sort();
    assert_eq!(said, let_in);
    assert_eq!(messages.len(), 2 * let_in.len());
    assert!(let_in.len() >= 3, "{let_in:?}");
    assert_eq!(read_session(&pi.sessions()[0])[0]["id"], "shared");
}
