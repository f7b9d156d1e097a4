//! A ChatGPT plan that is used up, as OpenAI's servers tell it: which plan, and until when.
//!
//! ```json
//! {"error": {"type": "usage_limit_reached", "plan_type": "plus", "resets_at": 1700000000}}
//! ```

use serde_json::Value;

use super::wait::{self, in_words};
use super::{Failure, Fault, Kind};
use crate::ai::message::Millis;

/// Says what `body` means, when it is about a plan: an error's body, or an event's data.
pub fn used_up(body: &str, now: Millis) -> Option<Fault> {
    let value: Value = serde_json::from_str(body.trim()).ok()?;
    let error = [value.get("error"), value.pointer("/response/error")]
        .into_iter()
        .flatten()
        .find(|error| error.is_object())?;
    let names = ["code", "type"].map(|key| error[key].as_str().unwrap_or_default());
    let says = |name: &str| names.contains(&name);
    let plan = match error["plan_type"].as_str().filter(|plan| is_word(plan)) {
        Some(plan) => format!("ChatGPT {} plan", capital(plan)),
        None => "ChatGPT plan".to_owned(),
    };
    let is_limit = says("usage_limit_reached");
    let is_crowd = says("rate_limit_exceeded") && error["plan_type"].is_string();
    let mut words = match (is_limit || is_crowd, says("usage_not_included")) {
        (true, _) => format!("the usage limit of your {plan} is reached"),
        (_, true) => format!("your {plan} does not include this model"),
        _ => return None,
    };
    let wait = wait::in_body(body, now);
    match wait {
        Some(wait) if wait.is_zero() => words.push_str("; try again now"),
        Some(wait) => words.push_str(&format!("; it is lifted in {}", in_words(wait))),
        None => {}
    }
    words.push_str(". Wait, or choose another model");
    let kind = if is_crowd { Kind::Busy } else { Kind::Quota };
    Some(Fault {
        words,
        failure: Failure {
            wait,
            ..Failure::new(kind)
        },
    })
}

/// What to do about a limit of "Sign in with ChatGPT", whose words name it by a code alone.
pub fn advice(text: &str) -> Option<&'static str> {
    if text.contains("subscription_sharing_usage_limit_exceeded") {
        return Some("See what is used and left at https://chatgpt.com/settings/usage");
    }
    text.contains("subscription_sharing_workplace_individual_usage_limit_exceeded")
        .then_some(
            "Your ChatGPT workspace sets this limit; its admin can raise it at admin.openai.com, \
             under Workspace, Usage limits",
        )
}

fn is_word(text: &str) -> bool {
    (1..=24).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn capital(word: &str) -> String {
    let word = word.to_ascii_lowercase().replace('_', " ");
    let first = word.get(..1).unwrap_or_default().to_ascii_uppercase();
    format!("{first}{}", word.get(1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> Option<(String, Kind)> {
        let fault = used_up(body, 1_700_000_000_000)?;
        Some((fault.words, fault.failure.kind))
    }

    #[test]
    fn a_plan_that_is_used_up_says_which_and_until_when() {
        let body = r#"{"error":{"type":"usage_limit_reached","message":"The usage limit has been reached","plan_type":"plus","resets_at":1700007500}}"#;
        let words = "the usage limit of your ChatGPT Plus plan is reached; it is lifted in 2 h 5 min. Wait, or choose another model";
        assert_eq!(said(body), Some((words.into(), Kind::Quota)));
        let event = r#"{"type":"response.failed","response":{"error":{"code":"usage_limit_reached","resets_in_seconds":90}}}"#;
        let words = "the usage limit of your ChatGPT plan is reached; it is lifted in 1 min 30 s. Wait, or choose another model";
        assert_eq!(said(event), Some((words.into(), Kind::Quota)));
        let other = r#"{"error":{"code":"usage_not_included","plan_type":"Free"}}"#;
        let words =
            "your ChatGPT Free plan does not include this model. Wait, or choose another model";
        assert_eq!(said(other), Some((words.into(), Kind::Quota)));
    }

    #[test]
    fn a_shared_plan_has_limits_of_its_own() {
        let shared = r#"{"error":{"code":"subscription_sharing_usage_limit_exceeded"}}"#;
        assert!(
            advice(shared)
                .unwrap()
                .contains("chatgpt.com/settings/usage")
        );
        let code = "subscription_sharing_workplace_individual_usage_limit_exceeded";
        assert!(advice(code).unwrap().contains("admin.openai.com"));
        assert_eq!(advice("rate_limit_exceeded"), None);
    }

    #[test]
    fn errors_of_other_kinds_and_vendors_are_left_alone() {
        for body in [
            r#"{"error":{"code":"rate_limit_exceeded","message":"Slow down"}}"#,
            r#"{"error":"usage_limit_reached"}"#,
            r#"{"detail":"usage_limit_reached"}"#,
            "usage_limit_reached",
        ] {
            assert_eq!(said(body), None, "{body}");
        }
        // What stands in the place of a plan's name is not repeated blindly.
        let odd = r#"{"error":{"type":"usage_limit_reached","plan_type":"\u001b[2Jé"}}"#;
        let words =
            "the usage limit of your ChatGPT plan is reached. Wait, or choose another model";
        assert_eq!(said(odd), Some((words.into(), Kind::Quota)));
    }
}
