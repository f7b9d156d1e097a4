//! Vertex by the real binary: Google's hosts are stood in for, everything else is as the person has it.

use serde_json::json;

use super::vertex::{USUAL, user};
use crate::support::model_server::Turn;
use crate::support::secure::{Reply, Vendors};
use crate::support::{Running, TestPi};

#[test]
fn pi_finds_gclouds_login_and_vertex_by_itself() {
    let vendors = Vendors::start(|asked| match asked.host.as_str() {
        "oauth2.googleapis.com" => {
            Reply::json(200, json!({"access_token": "ya29.cli", "expires_in": 3599}))
        }
        _ => Reply::new(
            200,
            "text/event-stream",
            Turn::text("all is well").bytes_at(":streamGenerateContent"),
        ),
    });
    let pi = TestPi::unconfigured([]);
    let mut login = user();
    login.as_object_mut().unwrap().remove("quota_project_id");
    pi.write(USUAL, login.to_string());
    let mut command = pi.command(&["-p", "--model", "google-vertex/gemini-2.5-flash", "hello"]);
    vendors.surround(&mut command);
    command.env("GOOGLE_CLOUD_PROJECT", "my-project");
    command.env("GOOGLE_CLOUD_LOCATION", "us-central1");
    let ran = Running::start(&mut command).finish();
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        ("all is well\n", "")
    );
    let asked = vendors.asked();
    assert_eq!(asked[0].host, "oauth2.googleapis.com");
    assert_eq!(asked[1].host, "us-central1-aiplatform.googleapis.com");
    assert_eq!(
        asked[1].path,
        "/v1/projects/my-project/locations/us-central1/publishers/google/models/\
         gemini-2.5-flash:streamGenerateContent?alt=sse"
    );
    assert_eq!(asked[1].header("authorization"), Some("Bearer ya29.cli"));
}

#[test]
fn pi_says_what_vertex_lacks() {
    let pi = TestPi::unconfigured([]);
    let args = ["-p", "--model", "google-vertex/gemini-2.5-flash", "hello"];
    let ran = pi.run_with_env(&args, &[("GOOGLE_CLOUD_PROJECT", "p")]);
    assert_ne!(ran.code, 0);
    assert!(
        ran.stderr.contains("set GOOGLE_CLOUD_LOCATION"),
        "{}",
        ran.stderr
    );
}
