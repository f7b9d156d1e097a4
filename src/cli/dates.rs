//! Days and ages as a person writes them, and times as they are shown.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::CliError;
use crate::ai::Millis;

/// Which end of a day is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// Its first moment.
    Start,
    /// The first moment after it.
    End,
}

/// Reads `2026-01-31`, `today`, `yesterday`, an age (`90m`, `12h`, `7d`, `2w`) or an ISO 8601 instant.
pub(super) fn parse(text: &str, now: Millis, edge: Edge) -> Result<Millis, CliError> {
    parse_in(text, now, edge, &TimeZone::system()).ok_or_else(|| {
        CliError::usage(format!("{text:?} is neither a date nor an age")).hint(
            "dates are such as 2026-01-31, today or yesterday; ages such as 90m, 12h, 7d or 2w",
        )
    })
}

fn parse_in(text: &str, now: Millis, edge: Edge, zone: &TimeZone) -> Option<Millis> {
    let today = || Some(timestamp(now)?.to_zoned(zone.clone()).date());
    let day: Option<Date> = match text {
        "today" => today(),
        "yesterday" => today()?.yesterday().ok(),
        text => text.parse().ok(),
    };
    // Dates are read from the front of anything: an instant is more than a date.
    if let Some(day) = day.filter(|_| !text.contains(['T', ':'])) {
        let day = match edge {
            Edge::Start => day,
            Edge::End => day.tomorrow().ok()?,
        };
        return Some(
            day.to_zoned(zone.clone())
                .ok()?
                .timestamp()
                .as_millisecond(),
        );
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_millisecond());
    }
    let unit = text.chars().last()?;
    let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        'w' => 7 * 24 * 60,
        _ => return None,
    };
    let age = count.checked_mul(minutes)?.checked_mul(60_000)?;
    (count >= 0).then(|| now.saturating_sub(age))
}

/// A time to the minute, here.
pub(super) fn minute(at: Millis) -> String {
    let here = timestamp(at).map(|at| at.to_zoned(TimeZone::system()));
    here.map_or_else(String::new, |at| at.strftime("%Y-%m-%d %H:%M").to_string())
}

/// A time in UTC, as session files have it.
pub(super) fn iso(at: Millis) -> Option<String> {
    let at = timestamp(at)?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

fn timestamp(at: Millis) -> Option<Timestamp> {
    Timestamp::from_millisecond(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_ages_are_moments() {
        let now = 1_767_268_800_000; // 2026-01-01T12:00:00Z
        let at = |text: &str, edge| {
            let zone = TimeZone::fixed(jiff::tz::offset(2));
            iso(parse_in(text, now, edge, &zone)?)
        };
        let start = |text: &str| at(text, Edge::Start).unwrap_or_default();
        assert_eq!(start("2026-01-01"), "2025-12-31T22:00:00.000Z");
        assert_eq!(start("yesterday"), "2025-12-30T22:00:00.000Z");
        assert_eq!(
            at("2026-01-01", Edge::End).unwrap(),
            "2026-01-01T22:00:00.000Z"
        );
        assert_eq!(start("2026-01-01T10:00:00Z"), "2026-01-01T10:00:00.000Z");
        assert_eq!(start("90m"), "2026-01-01T10:30:00.000Z");
        assert_eq!(start("2w"), "2025-12-18T12:00:00.000Z");
        for wrong in [
            "",
            "soon",
            "-3d",
            "7y",
            "d",
            "99999999999999999w",
            "2026-13-01",
            "é",
        ] {
            assert_eq!(at(wrong, Edge::Start), None, "{wrong}");
        }
    }
}
