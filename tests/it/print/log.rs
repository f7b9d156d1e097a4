//! The log of a run: asked for with `PI_LOG`, in a file of its own, without secrets.

use std::os::unix::fs::PermissionsExt;

use crate::support::TestPi;
use crate::support::model_server::Turn;

const ARGS: [&str; 4] = ["-p", "--model", "ant/scripted", "words-of-the-person"];

#[test]
fn the_log_is_private_and_holds_neither_keys_nor_what_was_said() {
    for filter in ["debug", "trace"] {
        let pi = TestPi::new([Turn::text("words-of-the-model")]);
        let ran = pi.run_with_env(&ARGS, &[("PI_LOG", filter)]);
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr.as_str(), ran.code),
            ("words-of-the-model\n", "", 0)
        );
        let request = &pi.server.requests()[0];
        assert_eq!(request.header("x-api-key"), Some("key-of-models-json"));
        let log = pi.agent().join("pi.log");
        let mode = std::fs::metadata(&log).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let text = std::fs::read_to_string(&log).unwrap();
        assert!(text.contains("status=200"), "{text}");
        for secret in [
            "key-of-models-json",
            "words-of-the-person",
            "words-of-the-model",
        ] {
            assert!(!text.contains(secret), "{filter}: {secret} in {text}");
        }
    }
}

#[test]
fn a_filter_that_is_none_is_told_and_nothing_is_logged() {
    let pi = TestPi::new([Turn::text("ok")]);
    let ran = pi.run_with_env(&ARGS, &[("PI_LOG", "pi=loud")]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("ok\n", 0));
    assert!(
        ran.stderr.starts_with("warning: PI_LOG is not a filter"),
        "{}",
        ran.stderr
    );
    assert!(!pi.agent().join("pi.log").exists());
}

#[test]
fn without_being_asked_for_there_is_no_log() {
    let pi = TestPi::new([Turn::text("ok")]);
    assert_eq!(pi.run(&ARGS).code, 0);
    assert!(!pi.agent().join("pi.log").exists());
}
