//! Offsets that stay what they were when they were given out, whatever happens to the file.
//!
//! An entry has its offset before it is on disk. When another program has written to that place in the
//! meantime, the entry goes behind it, and all offsets from its own on are that much further in the file.

/// Marks the offset of what another program wrote: it is the place in the file itself.
const FOREIGN: u64 = 1 << 63;

/// By how much offsets differ from places in the file.
#[derive(Debug, Default)]
pub(super) struct Shifts(Vec<(u64, i64)>);

impl Shifts {
    /// Where in the file an offset is.
    pub fn place(&self, offset: u64) -> u64 {
        if offset & FOREIGN != 0 {
            return offset ^ FOREIGN;
        }
        let after = self.0.partition_point(|(from, _)| *from <= offset);
        let by = after.checked_sub(1).and_then(|at| self.0.get(at));
        offset.saturating_add_signed(by.map_or(0, |(_, by)| *by))
    }

    /// The offset of a place that another program wrote to.
    pub fn foreign(place: u64) -> u64 {
        place | FOREIGN
    }

    /// Whether an offset is of what another program wrote.
    pub fn is_foreign(offset: u64) -> bool {
        offset & FOREIGN != 0
    }

    /// From `offset` on, what is appended goes to `place` and behind it.
    pub fn move_to(&mut self, offset: u64, place: u64) {
        self.0.retain(|(from, _)| *from < offset);
        self.0.push((offset, place as i64 - offset as i64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_before_a_shift_stay_where_they_are() {
        let mut shifts = Shifts::default();
        shifts.move_to(100, 150);
        shifts.move_to(200, 300);
        shifts.move_to(200, 310);
        let places: Vec<u64> = [0, 99, 100, 199, 200, 201, Shifts::foreign(120)]
            .map(|offset| shifts.place(offset))
            .to_vec();
        assert_eq!(places, [0, 99, 150, 249, 310, 311, 120]);
    }
}
