//! What may be spent: sums and limits of money, tokens and time, as files and flags write them.

use std::time::Duration;

use serde_json::Value;

/// What was spent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sums {
    /// US dollars.
    pub usd: f64,
    /// Tokens of all kinds.
    pub tokens: u64,
    /// Time of runs.
    pub time: Duration,
}

/// What may be spent; `None` for as much as it takes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Allowance {
    /// US dollars.
    pub usd: Option<f64>,
    /// Tokens of all kinds.
    pub tokens: Option<u64>,
    /// Time of runs.
    pub time: Option<Duration>,
}

/// `budget`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BudgetSettings {
    /// For one run.
    pub run: Allowance,
    /// For one session, from its beginning.
    pub session: Allowance,
    /// For one day, all sessions.
    pub day: Allowance,
}

impl Sums {
    /// Adds `other` to these.
    pub fn add(&mut self, other: &Sums) {
        self.usd += other.usd;
        self.tokens = self.tokens.saturating_add(other.tokens);
        self.time = self.time.saturating_add(other.time);
    }

    /// Takes `other` away from these.
    pub fn subtract(&mut self, other: &Sums) {
        self.usd = (self.usd - other.usd).max(0.0);
        self.tokens = self.tokens.saturating_sub(other.tokens);
        self.time = self.time.saturating_sub(other.time);
    }
}

impl Allowance {
    /// Whether there is any limit.
    pub fn is_limited(&self) -> bool {
        self.usd.is_some() || self.tokens.is_some() || self.time.is_some()
    }
}

/// US dollars: `2.50`, `$2.50`.
pub fn usd(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_start_matches('$').trim();
    let usd: Option<f64> = number.parse().ok();
    usd.filter(|usd| usd.is_finite() && *usd > 0.0)
        .ok_or_else(|| "should be US dollars, such as 2.50".into())
}

/// Tokens: `200000`, `200k`, `1.5M`.
pub fn tokens(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let (number, factor) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1e3),
        Some((at, 'm' | 'M')) => (&text[..at], 1e6),
        _ => (text, 1.0),
    };
    let tokens = number.trim().parse::<f64>().ok().map(|n| n * factor);
    tokens
        .filter(|tokens| (1.0..1e15).contains(tokens))
        .map(|tokens| tokens as u64)
        .ok_or_else(|| "should be a number of tokens, such as 200000, 200k or 1.5M".into())
}

/// A stretch of time: `90s`, `10m`, `1h30m`; a bare number is seconds.
pub fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "should be a time, such as 90s, 10m or 1h30m".to_owned();
    let mut rest = text.trim();
    let mut sum = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, behind) = rest.split_at(end.unwrap_or(rest.len()));
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let mut letters = behind.chars();
        let unit = match letters.next() {
            Some('h') => 3600.0,
            Some('m') => 60.0,
            Some('s') => 1.0,
            None if sum == 0.0 => 1.0,
            _ => return Err(wrong()),
        };
        sum += number * unit;
        rest = letters.as_str();
    }
    let time = Duration::try_from_secs_f64(sum).map_err(|_| wrong())?;
    if time.is_zero() {
        Err(wrong())
    } else {
        Ok(time)
    }
}

/// A limit in a file; 0 is none.
pub(super) fn limit<T>(
    value: &Value,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    match value {
        Value::Number(number) if number.as_f64() == Some(0.0) => Ok(None),
        Value::Number(number) => read(&number.to_string()).map(Some),
        Value::String(text) if text.trim() == "0" => Ok(None),
        Value::String(text) => read(text).map(Some),
        _ => read("").map(Some),
    }
    .map_err(|expected| expected.trim_start_matches("should be ").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_people_write_them() {
        assert_eq!(usd("2.50"), Ok(2.5));
        assert_eq!(usd(" $0.01"), Ok(0.01));
        assert_eq!(tokens("200k"), Ok(200_000));
        assert_eq!(tokens("1.5M"), Ok(1_500_000));
        assert_eq!(tokens("12"), Ok(12));
        assert_eq!(time("90"), Ok(Duration::from_secs(90)));
        assert_eq!(time("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(time("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(time("0.5s"), Ok(Duration::from_millis(500)));
    }

    #[test]
    fn nothing_and_nonsense_are_no_limit() {
        for text in ["", "0", "-1", "free", "inf", "NaN", "1e999", "é", "k", "1é"] {
            assert!(usd(text).is_err(), "{text:?}");
            assert!(tokens(text).is_err(), "{text:?}");
            assert!(time(text).is_err(), "{text:?}");
        }
        for text in ["5x", "m", "1h 30m", "1m30", "1..2s"] {
            assert!(time(text).is_err(), "{text:?}");
        }
    }
}
