//! Sessions, end to end: what is on disk when, and how it is gone on with.

mod checking;
mod choosing;
mod ending;
mod forking;
mod killing;
mod refusing;
mod sharing;

use serde_json::Value;

use crate::support::TestPi;

const MODEL: [&str; 3] = ["-p", "--model", "oai/scripted"];

/// Runs pi, which has to answer, and returns what it printed.
#[track_caller]
fn answer(pi: &TestPi, args: &[&str]) -> String {
    let ran = pi.run(&[&MODEL, args].concat());
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
    ran.stdout
}

fn roles(messages: &[Value]) -> Vec<&str> {
    let roles = messages.iter().map(|message| message["role"].as_str());
    roles.map(Option::unwrap).collect()
}
