//! Where a conversation is cut: what stays is a whole number of exchanges where that is possible.
//!
//! ```text
//! user answer result answer │ user answer result     the cut is at a turn's start
//! user answer result answer result │ answer result   a turn alone is too long: it is split
//! ```
//! Never between a call and its result.

/// What an entry is to the cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Something said to the model: a turn begins.
    Said,
    /// An answer of the model.
    Answer,
    /// A tool's result, which stays with its call.
    Result,
    /// An answer that failed; no request carries it.
    Failed,
    /// Nothing that the model sees.
    Hidden,
    /// An earlier compaction, whose summary has given way to a later one.
    Wall,
}

/// A cut, as places among the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    /// The first step that stays.
    pub first_kept: usize,
    /// Where the turn begins that is split; `None` when none is.
    pub turn_start: Option<usize>,
}

/// Cuts so that at least `keep` tokens at the end stay. `None` when nothing could be summarised.
///
/// `room` is what may stay at most if a request is to fit that was refused already: where the steps at
/// the end are too much for it, and an answer failed after them, nothing stays.
pub(super) fn cut(steps: &[(Step, u64)], keep: u64, room: Option<u64>) -> Option<Cut> {
    let is_cut = |at: &usize| matches!(steps[*at].0, Step::Said | Step::Answer);
    let mut kept = 0;
    let mut reached = None;
    for (at, (_, tokens)) in steps.iter().enumerate().rev() {
        kept += tokens;
        if *tokens > 0 && kept >= keep {
            reached = Some(at);
            break;
        }
    }
    let reached = reached?;
    let next = (reached..steps.len()).find(is_cut);
    let place = next.or_else(|| (0..reached).rev().find(is_cut))?;
    let staying: u64 = steps[place..].iter().map(|(_, tokens)| tokens).sum();
    let refused = steps
        .iter()
        .rposition(|(step, _)| !matches!(step, Step::Failed | Step::Hidden))
        .map(|last| last + 1)
        .filter(|at| steps[*at..].iter().any(|(step, _)| *step == Step::Failed));
    let place = match (room, refused) {
        (Some(room), Some(refused)) if staying > room => refused,
        _ => place,
    };
    at_place(place, steps)
}

/// Moves a cut on until at least half goes of what can: for a request that was refused as it was, to save
/// a line is to save nothing.
pub(super) fn halved(found: Cut, steps: &[(Step, u64)]) -> Cut {
    let sum = |steps: &[(Step, u64)]| steps.iter().map(|(_, tokens)| tokens).sum::<u64>();
    let is_cut = |step: Step| matches!(step, Step::Said | Step::Answer);
    let is_seen = |(step, _): &(Step, u64)| !matches!(step, Step::Failed | Step::Hidden);
    // An answer at the end is the refusal itself: what was asked is not to go for it.
    let end = match steps.iter().rposition(is_seen) {
        Some(end) if steps[end].0 == Step::Answer => end,
        _ => steps.len(),
    };
    let Some(last) = steps[..end].iter().rposition(|(step, _)| is_cut(*step)) else {
        return found;
    };
    let half = sum(&steps[..last]).div_ceil(2);
    let mut before = sum(&steps[..found.first_kept]);
    if before >= half {
        return found;
    }
    for (at, (step, tokens)) in steps[..end].iter().enumerate().skip(found.first_kept) {
        if before >= half && is_cut(*step) {
            return at_place(at, steps).unwrap_or(found);
        }
        before += tokens;
    }
    found
}

/// The cut before that step. `None` when nothing could be summarised.
fn at_place(place: usize, steps: &[(Step, u64)]) -> Option<Cut> {
    let is_split = steps.get(place).is_none_or(|(step, _)| *step != Step::Said);
    let turn_start = is_split
        .then(|| {
            (0..place)
                .rev()
                .take_while(|at| steps[*at].0 != Step::Wall)
                .find(|at| steps[*at].0 == Step::Said)
        })
        .flatten();
    // What the model does not see stays with what follows it.
    let hidden = steps[..place]
        .iter()
        .rev()
        .take_while(|(step, _)| *step == Step::Hidden)
        .count();
    let first_kept = place - hidden;
    let is_something =
        |(step, _): &(Step, u64)| matches!(step, Step::Said | Step::Answer | Step::Result);
    steps[..first_kept].iter().any(is_something).then_some(Cut {
        first_kept,
        turn_start,
    })
}

#[cfg(test)]
mod tests {
    use super::Step::*;
    use super::*;

    fn at(first_kept: usize) -> Option<Cut> {
        Some(Cut {
            first_kept,
            turn_start: None,
        })
    }

    fn split(first_kept: usize, turn_start: usize) -> Option<Cut> {
        Some(Cut {
            first_kept,
            turn_start: Some(turn_start),
        })
    }

    #[test]
    fn so_many_recent_tokens_stay_as_reach_the_limit() {
        let steps = [(Said, 10), (Answer, 10), (Said, 10), (Answer, 10)];
        assert_eq!(cut(&steps, 20, None), at(2));
        assert_eq!(cut(&steps, 15, None), at(2));
        assert_eq!(cut(&steps, 40, None), None, "nothing is before it");
        assert_eq!(cut(&steps, 41, None), None, "all of it stays");
        assert_eq!(cut(&[], 0, None), None);
    }

    #[test]
    fn a_result_stays_with_its_call() {
        let steps = [
            (Said, 10),
            (Answer, 1),
            (Result, 50),
            (Said, 1),
            (Answer, 1),
            (Result, 50),
        ];
        // The limit is reached within the last results: their call is the nearest cut before them.
        assert_eq!(cut(&steps, 40, None), split(4, 3));
        // Reached within the first: the next cut behind it.
        assert_eq!(cut(&steps, 60, None), at(3));
    }

    #[test]
    fn a_turn_that_is_too_long_is_split_at_an_answer() {
        let steps = [
            (Said, 10),
            (Answer, 5),
            (Result, 30),
            (Answer, 5),
            (Result, 30),
            (Answer, 5),
        ];
        assert_eq!(cut(&steps, 40, None), split(3, 0));
    }

    #[test]
    fn settings_between_the_parts_stay_and_do_not_make_a_split() {
        let steps = [
            (Said, 10),
            (Answer, 10),
            (Hidden, 0),
            (Hidden, 0),
            (Said, 10),
            (Answer, 10),
        ];
        assert_eq!(cut(&steps, 20, None), at(2));
    }

    #[test]
    fn at_least_half_of_what_can_go_goes_once_a_request_was_refused() {
        let steps = [
            (Said, 10),
            (Answer, 2_000),
            (Said, 10),
            (Answer, 2_000),
            (Said, 10),
            (Failed, 0),
        ];
        let line = cut(&steps, 2_048, Some(4_096)).unwrap();
        assert_eq!(line, split(1, 0).unwrap());
        assert_eq!(halved(line, &steps), at(2).unwrap());
        let far = at(4).unwrap();
        assert_eq!(halved(far, &steps), far);
        // Nothing behind it can be a cut: better a little than nothing.
        let steps = [(Said, 10), (Answer, 10), (Said, 4_000), (Failed, 0)];
        assert_eq!(halved(at(2).unwrap(), &steps), at(2).unwrap());
    }

    #[test]
    fn what_does_not_fit_even_alone_is_summarised_once_a_request_was_refused() {
        let steps = [(Said, 10), (Answer, 5), (Result, 90), (Failed, 0)];
        assert_eq!(cut(&steps, 20, None), split(1, 0));
        assert_eq!(cut(&steps, 20, Some(100)), split(1, 0));
        assert_eq!(cut(&steps, 20, Some(50)), split(3, 0));
        assert_eq!(cut(&[(Said, 90), (Failed, 0)], 20, Some(50)), split(1, 0));
        assert_eq!(cut(&[(Said, 90)], 20, Some(50)), None);
    }
}
