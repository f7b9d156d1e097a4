//! What kind of failure it is: by status and headers, by the error object of a body, and where there is
//! neither, by words.

use serde_json::Value;

use super::wait;
use super::{Failure, Kind};
use crate::ai::message::Millis;

/// Names of errors, as vendors put them into `type`, `code` or `status`.
const NAMES: &[(&str, Kind)] = &[
    ("overloaded_error", Kind::Busy),
    ("rate_limit_error", Kind::Busy),
    ("rate_limit_exceeded", Kind::Busy),
    ("too_many_requests", Kind::Busy),
    ("resource_exhausted", Kind::Busy),
    ("api_error", Kind::Busy),
    ("server_error", Kind::Busy),
    ("internal_server_error", Kind::Busy),
    ("internal_error", Kind::Busy),
    ("internal", Kind::Busy),
    ("unavailable", Kind::Busy),
    ("service_unavailable", Kind::Busy),
    ("deadline_exceeded", Kind::Busy),
    ("timeout_error", Kind::Busy),
    ("timeout", Kind::Busy),
    ("authentication_error", Kind::Credentials),
    ("permission_error", Kind::Credentials),
    ("permission_denied", Kind::Credentials),
    ("unauthenticated", Kind::Credentials),
    ("invalid_api_key", Kind::Credentials),
    ("invalid_request_error", Kind::Refused),
    ("invalid_argument", Kind::Refused),
    ("not_found_error", Kind::Refused),
    ("not_found", Kind::Refused),
    ("request_too_large", Kind::Refused),
    // Amazon's.
    ("ThrottlingException", Kind::Busy),
    ("TooManyRequestsException", Kind::Busy),
    ("ModelNotReadyException", Kind::Busy),
    ("ModelTimeoutException", Kind::Busy),
    ("ModelErrorException", Kind::Busy),
    ("ModelStreamErrorException", Kind::Busy),
    ("InternalServerException", Kind::Busy),
    ("InternalFailure", Kind::Busy),
    ("ServiceUnavailableException", Kind::Busy),
    ("ServiceQuotaExceededException", Kind::Quota),
    ("AccessDeniedException", Kind::Credentials),
    ("ExpiredTokenException", Kind::Credentials),
    ("InvalidSignatureException", Kind::Credentials),
    ("UnrecognizedClientException", Kind::Credentials),
    ("ResourceNotFoundException", Kind::Refused),
    ("ValidationException", Kind::Refused),
];

/// An account that is out of money, or of what a day gives it: waiting a minute does not help.
const SPENT: &[&str] = &[
    "insufficient quota",
    "insufficient balance",
    "insufficient credit",
    "insufficient funds",
    "credit balance is too low",
    "out of credits",
    "payment required",
    "billing error",
    "billing hard limit",
    "billing not active",
    "account is not active",
    // Google names a day's quota so, and asks to wait for seconds all the same.
    "perday",
];

/// The same, unless the vendor says how long to wait: some say this about a minute's limit, too.
const PERHAPS_SPENT: &[&str] = &[
    "exceeded your current quota",
    "quota exceeded",
    "too many tokens per day",
    "usage limit",
    "usage not included",
    "monthly limit",
    "daily limit",
];

/// What passes, in words.
const PASSING: &[&str] = &[
    "overloaded",
    "provider returned error",
    "rate limit",
    "too many requests",
    "service unavailable",
    "temporarily unavailable",
    "bad gateway",
    "gateway timeout",
    "server error",
    "internal error",
    "network error",
    "connection error",
    "connection refused",
    "connection reset",
    "connection closed",
    "connection lost",
    "websocket closed",
    "websocket error",
    "other side closed",
    "broken pipe",
    "fetch failed",
    "upstream connect",
    "reset before headers",
    "socket hang up",
    "econnreset",
    "econnrefused",
    "etimedout",
    "ended without",
    "http2 request did not get a response",
    "timed out",
    "timeout",
    "terminated",
    "retry delay",
];

/// By a response's status; its body and headers may know better.
pub fn response(status: u16, headers: &[(String, String)], body: &str, now: Millis) -> Failure {
    let header = |name: &str| {
        let found = headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.trim())
    };
    let mut wait = wait::in_headers(headers, now);
    if wait.is_none() && is_passing_status(status) {
        wait = wait::in_body(body, now);
    }
    // Other statuses have nothing to do with limits, which are told all the same.
    if wait.is_none() && status == 429 {
        wait = wait::of_limits(headers, now);
    }
    let kind = match of_status(status, &plain(body), wait.is_some()) {
        Kind::Refused if is_about_the_key(body) => Kind::Credentials,
        kind => kind,
    };
    // Amazon names the error here, with a URL behind it, and its statuses say less.
    let error_type = header("x-amzn-errortype").and_then(|name| name.split(':').next());
    let kind = match error_type.and_then(by_name) {
        Some(named) if kind != Kind::Quota => named,
        _ => kind,
    };
    // A header of OpenAI's and Anthropic's, made for this question.
    let kind = match header("x-should-retry") {
        Some("true") if kind == Kind::Refused => Kind::Busy,
        Some("false") if kind.is_passing() => Kind::Refused,
        _ => kind,
    };
    Failure {
        wait,
        ..Failure::new(kind)
    }
}

/// By the error object in a body or an event.
pub fn object(data: &str, now: Millis) -> Failure {
    let value: Value = serde_json::from_str(data.trim()).unwrap_or_default();
    let value = value.get(0).unwrap_or(&value);
    let error = value.get("error").unwrap_or(value);
    let wait = wait::in_body(data, now);
    let text = plain(data);
    if is_spent(&text, wait.is_some()) {
        return Failure {
            wait,
            ..Failure::new(Kind::Quota)
        };
    }
    let facts = ["code", "type", "status"].map(|key| error.get(key).unwrap_or(&Value::Null));
    let status = facts.iter().find_map(|fact| {
        let number = fact.as_u64().or_else(|| fact.as_str()?.parse().ok())?;
        u16::try_from(number)
            .ok()
            .filter(|n| (400..600).contains(n))
    });
    let named = || facts.iter().find_map(|fact| by_name(fact.as_str()?));
    let kind = match (status, named()) {
        (Some(status), _) => of_status(status, &text, wait.is_some()),
        (None, Some(kind)) => kind,
        (None, None) if passes(&text) => Kind::Busy,
        (None, None) => Kind::Refused,
    };
    Failure {
        wait,
        ..Failure::new(kind)
    }
}

/// By words alone.
pub fn words(text: &str) -> Failure {
    let wait = wait::in_text(text);
    let text = plain(text);
    let kind = if is_spent(&text, wait.is_some()) {
        Kind::Quota
    } else if passes(&text) {
        Kind::Busy
    } else {
        Kind::Refused
    };
    Failure {
        wait,
        ..Failure::new(kind)
    }
}

/// Google refuses a key with 400 and `INVALID_ARGUMENT`, and says what it means in the details.
fn is_about_the_key(body: &str) -> bool {
    let value: Value = serde_json::from_str(body.trim()).unwrap_or_default();
    let value = value.get(0).unwrap_or(&value);
    let details = value["error"]["details"].as_array().into_iter().flatten();
    let mut reasons = details.filter_map(|detail| detail["reason"].as_str());
    reasons.any(|reason| matches!(reason, "API_KEY_INVALID" | "API_KEY_EXPIRED"))
}

fn by_name(name: &str) -> Option<Kind> {
    let known = NAMES.iter().find(|(n, _)| name.eq_ignore_ascii_case(n))?;
    Some(known.1)
}

fn of_status(status: u16, text: &str, says_when: bool) -> Kind {
    if (400..500).contains(&status) && is_spent(text, says_when) {
        return Kind::Quota;
    }
    match status {
        401 | 403 => Kind::Credentials,
        402 => Kind::Quota,
        status if is_passing_status(status) => Kind::Busy,
        _ => Kind::Refused,
    }
}

fn is_passing_status(status: u16) -> bool {
    matches!(status, 408 | 409 | 425 | 429 | 500..=599)
}

fn is_spent(text: &str, says_when: bool) -> bool {
    let says = |words: &&str| text.contains(*words);
    SPENT.iter().any(says) || !says_when && PERHAPS_SPENT.iter().any(says)
}

fn passes(text: &str) -> bool {
    let is_status = |word: &str| {
        // Three digits by themselves: part of a longer number they mean nothing.
        word.len() == 3 && word.parse().is_ok_and(is_passing_status)
    };
    PASSING.iter().any(|words| text.contains(words))
        || text.split(|c: char| !c.is_alphanumeric()).any(is_status)
}

/// In lower case, with one blank for whatever parts words.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        let c = match c {
            '_' | '-' => ' ',
            c if c.is_whitespace() => ' ',
            c => c.to_ascii_lowercase(),
        };
        if c != ' ' || !plain.ends_with(' ') {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn status(status: u16, headers: &[(&str, &str)], body: &str) -> Failure {
        let own = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        response(
            status,
            &headers.iter().map(own).collect::<Vec<_>>(),
            body,
            0,
        )
    }

    #[test]
    fn the_status_says_what_passes() {
        for code in [408, 409, 425, 429, 500, 502, 503, 504, 529] {
            assert_eq!(status(code, &[], "").kind, Kind::Busy, "{code}");
        }
        for code in [400, 404, 413, 422, 307] {
            assert_eq!(status(code, &[], "").kind, Kind::Refused, "{code}");
        }
        assert_eq!(status(401, &[], "").kind, Kind::Credentials);
        assert_eq!(status(403, &[], "").kind, Kind::Credentials);
        assert_eq!(status(402, &[], "").kind, Kind::Quota);
        assert_eq!(
            status(400, &[("x-should-retry", "true")], "").kind,
            Kind::Busy
        );
        assert_eq!(
            status(429, &[("x-should-retry", "false")], "").kind,
            Kind::Refused
        );
    }

    #[test]
    fn limits_are_no_reason_to_wait_for_a_server_that_is_overloaded() {
        let limits = [
            ("anthropic-ratelimit-unified-status", "allowed"),
            ("anthropic-ratelimit-unified-reset", "18000"),
            ("x-ratelimit-reset-requests", "5h"),
        ];
        for code in [500, 503, 529] {
            assert_eq!(status(code, &limits, "").wait, None, "{code}");
        }
        assert_eq!(status(429, &limits[..2], "").wait, None);
        let rejected = [
            ("anthropic-ratelimit-unified-status", "rejected"),
            limits[1],
        ];
        let five_hours = Some(Duration::from_secs(18_000));
        assert_eq!(status(429, &rejected, "").wait, five_hours);
        assert_eq!(status(429, &limits[2..], "").wait, five_hours);
    }

    #[test]
    fn an_account_without_money_is_not_a_crowded_server() {
        let openai = r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"insufficient_quota"}}"#;
        assert_eq!(status(429, &[], openai).kind, Kind::Quota);
        let anthropic = r#"{"error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}"#;
        assert_eq!(status(400, &[], anthropic).kind, Kind::Quota);
        // OpenAI mentions billing in its messages about a minute's limit, too.
        let minute = r#"{"error":{"message":"Rate limit reached for m on requests per min. Please try again in 6.5s. Add a payment method at https://example.com/account/billing.","code":"rate_limit_exceeded"}}"#;
        let judged = status(429, &[], minute);
        assert_eq!(judged.kind, Kind::Busy);
        assert_eq!(judged.wait, Some(Duration::from_millis(6500)));
    }

    #[test]
    fn a_key_that_google_does_not_know_is_a_matter_of_credentials() {
        let body = |reason: &str| {
            format!(
                r#"[{{"error":{{"code":400,"status":"INVALID_ARGUMENT","message":"API key not valid. Please pass a valid API key.","details":[{{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"{reason}","domain":"googleapis.com"}}]}}}}]"#
            )
        };
        let bad = body("API_KEY_INVALID");
        assert_eq!(status(400, &[], &bad).kind, Kind::Credentials);
        assert_eq!(
            status(400, &[], &bad[1..bad.len() - 1]).kind,
            Kind::Credentials
        );
        assert_eq!(status(400, &[], &body("OTHER")).kind, Kind::Refused);
        for odd in [
            "[]",
            "7",
            r#"{"error":"no"}"#,
            r#"{"error":{"details":[7]}}"#,
        ] {
            assert_eq!(status(400, &[], odd).kind, Kind::Refused);
        }
    }

    #[test]
    fn googles_quota_of_a_minute_passes_and_that_of_a_day_does_not() {
        let body = |id: &str| {
            format!(
                r#"[{{"error":{{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota.","details":[{{"violations":[{{"quotaId":"{id}"}}]}},{{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}}]}}}}]"#
            )
        };
        let minute = status(429, &[], &body("GenerateRequestsPerMinutePerProject"));
        assert_eq!(minute.kind, Kind::Busy);
        assert_eq!(minute.wait, Some(Duration::from_millis(34_500)));
        let day = status(429, &[], &body("GenerateRequestsPerDayPerProject"));
        assert_eq!(day.kind, Kind::Quota);
    }

    #[test]
    fn an_error_inside_a_stream_is_known_by_its_name_its_number_or_its_words() {
        let kind = |data: &str| object(data, 0).kind;
        assert_eq!(
            kind(r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#),
            Kind::Busy
        );
        assert_eq!(kind(r#"{"error":{"message":"x","code":502}}"#), Kind::Busy);
        assert_eq!(
            kind(r#"{"error":{"message":"x","code":"429"}}"#),
            Kind::Busy
        );
        assert_eq!(
            kind(r#"{"error":{"message":"x","code":401}}"#),
            Kind::Credentials
        );
        assert_eq!(
            kind(
                r#"{"error":{"type":"invalid_request_error","message":"timeout must be a number"}}"#
            ),
            Kind::Refused
        );
        assert_eq!(kind(r#"{"error":"Provider returned error"}"#), Kind::Busy);
        assert_eq!(kind(r#"{"error":"no"}"#), Kind::Refused);
        assert_eq!(kind("\u{0}[]{"), Kind::Refused);
    }

    #[test]
    fn words_alone_tell_what_passes() {
        for text in [
            "Overloaded",
            "rate_limit: slow down",
            "HTTP 503",
            "socket hang up",
            "the request timed out",
            "Connection refused (os error 111)",
        ] {
            assert_eq!(words(text).kind, Kind::Busy, "{text}");
        }
        for text in [
            "invalid api key",
            "model 42900 not found",
            "",
            "the script has ended",
        ] {
            assert_eq!(words(text).kind, Kind::Refused, "{text}");
        }
        assert_eq!(words("429 insufficient_quota").kind, Kind::Quota);
        let asks = words("too many requests, try again in 2 minutes");
        assert_eq!(asks.wait, Some(Duration::from_secs(120)));
    }
}
