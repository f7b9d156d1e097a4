//! How long a vendor asks to wait: in headers, in an error object, in a sentence; and durations in words.
//!
//! Sources: RFC 9110 `Retry-After`; OpenAI's and Anthropic's pages on rate limits; Google's
//! `google.rpc.RetryInfo`. Times of day are taken against the server's own `date`, where it sends one.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::ai::message::Millis;

/// Nobody means more.
const LONGEST: f64 = 366.0 * 86_400.0;

/// Headers that say when a limit is lifted; a limit that is not reached has more than 0 in the header
/// with `remaining` in the place of `reset`, or is `allowed` where that says `status`.
const RESETS: &[&str] = &[
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
    "x-ratelimit-reset-after",
    "x-ratelimit-reset",
    "ratelimit-reset",
    "anthropic-ratelimit-requests-reset",
    "anthropic-ratelimit-tokens-reset",
    "anthropic-ratelimit-input-tokens-reset",
    "anthropic-ratelimit-output-tokens-reset",
    UNIFIED,
];

/// Of all that a plan allows; it is sent whether or not that is reached.
const UNIFIED: &str = "anthropic-ratelimit-unified-reset";

/// What stands in front of a duration in a sentence.
const PHRASES: &[&str] = &[
    "try again in",
    "retry in",
    "retry after",
    "reset after",
    "resets in",
    "reset in",
    "available in",
    "wait",
];

/// What time it is where a vendor's times of day are from.
struct Times {
    now: Millis,
}

/// The wait that a response's headers ask for outright.
pub fn in_headers(headers: &[(String, String)], now: Millis) -> Option<Duration> {
    let times = Times::of(headers, now);
    let millis = value_of(headers, "retry-after-ms").and_then(|value| value.parse::<f64>().ok());
    millis
        .and_then(|millis| seconds(millis / 1000.0))
        .or_else(|| {
            let value = value_of(headers, "retry-after")?;
            match value.parse::<f64>() {
                Ok(count) => seconds(count),
                Err(_) => times.until_date(value),
            }
        })
}

/// The wait until the limits that were reached are lifted.
pub fn of_limits(headers: &[(String, String)], now: Millis) -> Option<Duration> {
    let times = Times::of(headers, now);
    let waits = RESETS.iter().filter_map(|name| {
        let value = value_of(headers, name)?;
        let rest = value_of(headers, &name.replace("reset", "remaining"));
        let has_none = rest
            .and_then(|rest| rest.parse::<f64>().ok())
            .is_none_or(|rest| rest <= 0.0);
        let status = value_of(headers, &name.replace("reset", "status"));
        let is_reached = match status {
            Some(status) => status.eq_ignore_ascii_case("rejected"),
            None => has_none && *name != UNIFIED,
        };
        is_reached.then(|| times.until(value))?
    });
    waits.max()
}

/// The wait that an error object or a sentence asks for.
pub fn in_body(body: &str, now: Millis) -> Option<Duration> {
    let times = Times { now };
    let value: Option<Value> = serde_json::from_str(body.trim()).ok();
    let told = value.as_ref().and_then(|value| in_value(value, &times));
    told.or_else(|| in_text(body))
}

/// The wait that a sentence asks for.
pub fn in_text(text: &str) -> Option<Duration> {
    let text = text.to_ascii_lowercase();
    PHRASES.iter().find_map(|phrase| {
        let found = text.match_indices(phrase);
        let mut waits = found.filter_map(|(at, _)| duration(&text[at + phrase.len()..]));
        waits.next()
    })
}

/// A duration for the person, to two units: `6.5 s`, `7 min 12 s`, `5 h 30 min`, `2 d`.
pub fn in_words(duration: Duration) -> String {
    let whole = duration.as_secs();
    let pair = |unit: u64, name: &str, below: u64, lesser: &str| {
        let rest = whole % unit / below;
        match rest {
            0 => format!("{} {name}", whole / unit),
            rest => format!("{} {name} {rest} {lesser}", whole / unit),
        }
    };
    match whole {
        0..10 => format!("{} s", (duration.as_secs_f64() * 10.0).round() / 10.0),
        10..60 => format!("{whole} s"),
        60..3600 => pair(60, "min", 1, "s"),
        3600..86_400 => pair(3600, "h", 60, "min"),
        _ => pair(86_400, "d", 3600, "h"),
    }
}

impl Times {
    fn of(headers: &[(String, String)], now: Millis) -> Self {
        let server = value_of(headers, "date").and_then(date);
        Times {
            now: server.unwrap_or(now),
        }
    }

    /// Until what a header names: a duration, a date, seconds or milliseconds since 1970.
    fn until(&self, value: &str) -> Option<Duration> {
        match value.parse::<f64>() {
            Ok(number) => self.until_number(number),
            // A date begins with a number, too.
            Err(_) => self.until_date(value).or_else(|| duration(value)),
        }
    }

    fn until_number(&self, number: f64) -> Option<Duration> {
        let now = self.now as f64 / 1000.0;
        match number {
            number if number > 1e11 => seconds(number / 1000.0 - now),
            number if number > 1e8 => seconds(number - now),
            number => seconds(number),
        }
    }

    fn until_date(&self, value: &str) -> Option<Duration> {
        seconds((date(value)? - self.now) as f64 / 1000.0)
    }
}

fn in_value(value: &Value, times: &Times) -> Option<Duration> {
    match value {
        Value::Array(items) => items.iter().find_map(|item| in_value(item, times)),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let number = || value.as_f64();
            match name.as_str() {
                "retryDelay" => duration(value.as_str()?),
                "retry_after_ms" => seconds(number()? / 1000.0),
                "retry_after" | "retry_after_seconds" | "resets_in_seconds" => seconds(number()?),
                "resets_at" => times.until_number(number()?),
                _ => in_value(value, times),
            }
        }),
        _ => None,
    }
}

/// A duration at the beginning of `text`: `6m0s`, `20ms`, `1.5 hours`; a bare number is seconds.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim_start_matches([' ', ':', '~', '"']);
    let mut sum: Option<f64> = None;
    loop {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let Ok(number) = rest[..end].trim_end_matches('.').parse::<f64>() else {
            break;
        };
        let behind = rest[end..].trim_start_matches(' ');
        let letters = behind
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(behind.len());
        let unit = match &behind[..letters] {
            "ms" | "millis" | "milliseconds" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86_400.0,
            _ if sum.is_none() => return seconds(number),
            _ => break,
        };
        sum = Some(sum.unwrap_or_default() + number * unit);
        rest = behind[letters..].trim_start_matches([' ', ',']);
    }
    sum.and_then(seconds)
}

/// What is past is now; what is no number is nothing.
fn seconds(count: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(count.clamp(0.0, LONGEST)).ok()
}

fn date(text: &str) -> Option<Millis> {
    let text = text.trim();
    let http = || {
        let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
        Some(zoned.timestamp())
    };
    let stamp: Option<Timestamp> = text.parse().ok().or_else(http);
    stamp.map(Timestamp::as_millisecond)
}

fn value_of<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(n, _)| n == name);
    found.map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        pairs.iter().map(own).collect()
    }

    fn millis(wait: Option<Duration>) -> Option<u128> {
        wait.map(|wait| wait.as_millis())
    }

    #[test]
    fn retry_after_is_seconds_milliseconds_or_a_date() {
        let ask = |pairs: &[(&str, &str)]| millis(in_headers(&headers(pairs), 784_111_770_000));
        assert_eq!(ask(&[("retry-after", "3")]), Some(3000));
        assert_eq!(ask(&[("retry-after", "1.5")]), Some(1500));
        assert_eq!(
            ask(&[("retry-after", "9"), ("retry-after-ms", "250")]),
            Some(250)
        );
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(ask(&[("retry-after", date)]), Some(7000));
        // A machine whose clock is wrong believes the server's.
        let server = ("date", "Sun, 06 Nov 1994 08:49:30 GMT");
        assert_eq!(
            millis(in_headers(&headers(&[("retry-after", date), server]), 5)),
            Some(7000)
        );
        for nonsense in ["", "soon", "-", "NaN"] {
            assert_eq!(ask(&[("retry-after", nonsense)]), None, "{nonsense:?}");
        }
        assert_eq!(ask(&[("retry-after", "-4")]), Some(0));
        assert_eq!(ask(&[("retry-after", "1e300")]), Some(31_622_400_000));
    }

    #[test]
    fn of_several_limits_those_count_that_are_reached() {
        let pairs = [
            ("x-ratelimit-remaining-requests", "12"),
            ("x-ratelimit-reset-requests", "6h0m0s"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "1m6.5s"),
        ];
        assert_eq!(millis(of_limits(&headers(&pairs), 0)), Some(66_500));
        let pairs = [
            ("anthropic-ratelimit-tokens-remaining", "0"),
            ("anthropic-ratelimit-tokens-reset", "1970-01-01T00:00:09Z"),
        ];
        assert_eq!(millis(of_limits(&headers(&pairs), 1000)), Some(8000));
        // OpenRouter's milliseconds, others' seconds since 1970, others' seconds from now.
        for (value, wait) in [
            ("1700000005000", 5000),
            ("1700000007", 7000),
            ("20", 20_000),
        ] {
            let pairs = [("x-ratelimit-reset", value)];
            assert_eq!(
                millis(of_limits(&headers(&pairs), 1_700_000_000_000)),
                Some(wait)
            );
        }
    }

    #[test]
    fn bodies_say_it_in_fields_and_in_sentences() {
        let ask = |body: &str| millis(in_body(body, 1_000_000));
        assert_eq!(
            ask(r#"{"error":{"details":[{"a":1},{"retryDelay":"34.5s"}]}}"#),
            Some(34_500)
        );
        assert_eq!(ask(r#"{"error":{"resets_in_seconds":90}}"#), Some(90_000));
        assert_eq!(ask("Please try again in 6.5s."), Some(6500));
        assert_eq!(ask("Please try again in 7m12s. Bye"), Some(432_000));
        assert_eq!(ask("try again in 20ms"), Some(20));
        assert_eq!(
            ask("Your quota will reset after 5h30m10s."),
            Some(19_810_000)
        );
        assert_eq!(ask("Please retry after 26 seconds."), Some(26_000));
        assert_eq!(ask("try again in 2 hours"), Some(7_200_000));
        assert_eq!(ask("wait for it; try again in a while é"), None);
    }

    #[test]
    fn durations_are_said_to_two_units() {
        let say = |seconds: f64| in_words(Duration::from_secs_f64(seconds));
        let said = [0.25, 3.0, 6.5, 59.9, 60.0, 432.0, 19_800.0, 90_000.0].map(say);
        let expected = [
            "0.3 s",
            "3 s",
            "6.5 s",
            "59 s",
            "1 min",
            "7 min 12 s",
            "5 h 30 min",
            "1 d 1 h",
        ];
        assert_eq!(said, expected);
    }
}
