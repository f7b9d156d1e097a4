//! Certificates, seen by the real binary: one that has ended, one that nobody vouches for, and one that
//! the person's own authority signed.

use pi::ai::providers::spoken;
use serde_json::json;

use super::matrix::key_for;
use crate::support::model_server::Turn;
use crate::support::model_server::anthropic_events;
use crate::support::secure::{Reply, Vendors};
use crate::support::{Ran, TestPi};

/// A home whose one provider is at `url` and speaks `api`.
fn home(api: &str, url: &str) -> TestPi {
    let pi = TestPi::unconfigured([]);
    let models = json!({"providers": {"acme": {
        "baseUrl": url, "api": api, "apiKey": key_for(api), "models": [{"id": "m1"}],
    }}});
    pi.write_agent("models.json", &models.to_string());
    let quick = r#"{"retry": {"baseDelayMs": 1}, "transport": "sse"}"#;
    pi.write_agent("settings.json", quick);
    pi
}

/// pi where the vendors' authority is one of the system's.
fn trusting(pi: &TestPi, vendors: &Vendors) -> Ran {
    let file = vendors.ca_file().to_str().unwrap();
    pi.run_with_env(&["-p", "hello"], &[("SSL_CERT_FILE", file)])
}

#[test]
fn a_certificate_that_has_ended_is_told_once_for_every_api() {
    let vendors = Vendors::expired();
    for api in spoken() {
        let pi = home(api, &vendors.direct_url());
        let ran = trusting(&pi, &vendors);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (1, ""),
            "{api}: {}",
            ran.stderr
        );
        let lines: Vec<&str> = ran.stderr.lines().collect();
        assert_eq!(lines.len(), 1, "{api}: {lines:?}");
        assert!(lines[0].contains("certificate expired"), "{api}: {lines:?}");
        assert!(
            lines[0].contains("acme: cannot connect to 127.0.0.1"),
            "{api}: {lines:?}"
        );
        // Nothing that was said is lost.
        assert_eq!(pi.messages()[0]["content"][0]["text"], "hello", "{api}");
    }
    assert_eq!(vendors.asked().len(), 0);
}

#[test]
fn a_certificate_of_the_persons_own_authority_is_trusted_and_of_nobodys_is_not() {
    let vendors = Vendors::start(|_| {
        let body = anthropic_events(&Turn::text("all is well"));
        Reply::new(200, "text/event-stream", body)
    });
    let pi = home("anthropic-messages", &vendors.direct_url());
    let ran = pi.run(&["-p", "hello"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("certificate"), "{}", ran.stderr);
    let ran = trusting(&pi, &vendors);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "all is well\n"),
        "{}",
        ran.stderr
    );
}
