//! How far one notch of the wheel goes.

use crate::ai::Millis;

/// The most rows of one notch that is not set otherwise.
const MOST: i64 = 6;
/// Notches this far apart are turned slowly.
const SLOW: Millis = 120;
/// Alt makes it go so many times as far.
const ALT: i32 = 5;

/// The wheel, which goes further the faster it is turned.
#[derive(Debug, Clone)]
pub struct Wheel {
    /// Rows of a notch; by the speed when not set.
    rows: Option<i32>,
    /// The notch before: when, and which way.
    last: Option<(Millis, bool)>,
}

impl Wheel {
    /// So many rows a notch; by the speed when not set.
    pub fn new(rows: Option<i32>) -> Self {
        Wheel { rows, last: None }
    }

    /// The rows that `notches` at `now` go, down when positive.
    pub fn turn(&mut self, notches: i32, alt: bool, now: Millis) -> i32 {
        let down = notches > 0;
        let last = self.last.replace((now, down));
        let rows = match (self.rows, last) {
            (Some(rows), _) => rows,
            (None, Some((before, same))) if same == down => {
                let apart = (now - before).max(1);
                i32::try_from((SLOW / apart).clamp(1, MOST)).unwrap_or(1)
            }
            (None, _) => 1,
        };
        notches * rows * if alt { ALT } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_turns_go_further_up_to_six_rows_and_a_turn_back_begins_slowly() {
        let mut wheel = Wheel::new(None);
        let rows: Vec<i32> = [0, 500, 550, 560, 561]
            .map(|now| wheel.turn(1, false, now))
            .into();
        assert_eq!(rows, [1, 1, 2, 6, 6]);
        assert_eq!(wheel.turn(-1, false, 562), -1);
        assert_eq!(wheel.turn(-1, true, 1000), -5);
    }

    #[test]
    fn what_is_set_holds_at_any_speed() {
        let mut wheel = Wheel::new(Some(3));
        assert_eq!([0, 1, 2].map(|now| wheel.turn(1, false, now)), [3, 3, 3]);
        assert_eq!(wheel.turn(-1, true, 3), -15);
    }
}
