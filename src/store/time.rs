//! ISO 8601 timestamps as session files have them: `2024-12-03T14:00:00.000Z`.

use jiff::Timestamp;

use crate::ai::Millis;

/// Writes UTC with milliseconds.
pub(crate) fn format(at: Millis) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Reads any ISO 8601 instant; the usual shape without a general parser.
pub(super) fn parse(text: &[u8]) -> Option<Millis> {
    usual(text).or_else(|| {
        let text = std::str::from_utf8(text).ok()?;
        Some(text.parse::<Timestamp>().ok()?.as_millisecond())
    })
}

fn usual(text: &[u8]) -> Option<Millis> {
    let shape = b"dddd-dd-ddTdd:dd:dd.dddZ";
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'd' => byte.is_ascii_digit(),
        _ => byte == form,
    };
    if text.len() != shape.len() || !text.iter().zip(shape).all(fits) {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = text[from..to].iter();
        digits.fold(0i64, |sum, digit| sum * 10 + i64::from(digit - b'0'))
    };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 {
        return None;
    }
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * 1000 + number(20, 23))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, counted in years that begin in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_usual_shape_has_milliseconds_and_a_z() {
        assert_eq!(format(1_733_234_400_007), "2024-12-03T14:00:00.007Z");
        assert_eq!(parse(b"2024-12-03T15:00:00+01:00"), Some(1_733_234_400_000));
        assert_eq!(parse(b"yesterday"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(at in -62_000_000_000_000i64..250_000_000_000_000) {
            prop_assert_eq!(parse(format(at).as_bytes()), Some(at));
            prop_assert_eq!(usual(format(at).as_bytes()), Some(at));
        }
    }
}
