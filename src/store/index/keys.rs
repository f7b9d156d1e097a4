//! How entries are numbered, and the words by which the index tells projects and voices apart.

use std::ops::RangeInclusive;

use super::digest::figure;
use super::unit::Voice;
use crate::ai::Millis;

/// Entries of one second, as a power of two; more of them spill into the next second.
const SECOND: u32 = 4;
/// Seconds since 1970 that a key can hold.
const LAST: i64 = 1 << 40;

/// The first number of an entry that was written at `time`.
pub(super) fn key(time: Millis) -> i64 {
    time.div_euclid(1000).clamp(0, LAST) << SECOND
}

/// The numbers that an entry may take, in the order in which they are tried: those of its second, then
/// any of the seconds behind it, further and further, so that however many entries claim one second,
/// each finds a number after a few tries.
pub(super) fn numbers(first: i64, salt: u64) -> impl Iterator<Item = i64> {
    let of_second = 0..1 << SECOND;
    let behind = (0u64..).map(move |turn| {
        let range = 32u64 << turn.min(30);
        let mixed = figure(&salt.wrapping_add(turn).to_le_bytes());
        ((mixed >> 16) % range).cast_signed()
    });
    of_second.chain(behind).map(move |after| first + after)
}

/// The numbers of all entries from one time to another.
pub(super) fn span(since: Option<Millis>, until: Option<Millis>) -> RangeInclusive<i64> {
    let first = since.map_or(0, key);
    // What has spilled over is told by its own time.
    let last = until.map_or(i64::MAX, |until| key(until.saturating_add(60_000)));
    first..=last
}

/// The word that every entry of a project has. A text may have it too: whatever the index finds is
/// looked at before it counts.
pub(super) fn project_word(project: i64) -> String {
    format!("piproject{project}")
}

/// The word that every entry of a voice has.
pub(super) fn voice_word(voice: Voice) -> String {
    format!("pivoice{}", voice.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_entries_of_one_second_find_a_number() {
        let mut taken = std::collections::HashSet::new();
        let mut tries = 0;
        for salt in 0..5_000u64 {
            let mut free = numbers(key(1_000), salt * 700).inspect(|_| tries += 1);
            let free = free.find(|number| taken.insert(*number)).unwrap();
            assert!(free >= key(1_000) && free < key(10_000_000));
        }
        assert!(tries < 5_000 * 40, "{tries}");
    }

    #[test]
    fn later_entries_have_larger_numbers_and_any_time_has_one() {
        assert!(key(2_000) > key(1_999) && key(1_000) == key(1_999));
        assert_eq!(key(-5), 0);
        assert!(key(i64::MAX) > key(4_000_000_000_000));
        assert!(span(Some(1_000), Some(2_000)).contains(&key(2_000)));
        assert!(!span(Some(1_000), None).contains(&key(0)));
    }
}
