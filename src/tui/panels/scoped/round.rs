//! The round as a list of ids: what is taken in and out, and the order.

/// The ids of the round in its order; `None` for all models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Round(pub Option<Vec<String>>);

impl Round {
    pub fn has(&self, id: &str) -> bool {
        self.0
            .as_ref()
            .is_none_or(|ids| ids.iter().any(|known| known == id))
    }

    /// The round first, then the others.
    pub fn rows(&self, all: &[String]) -> Vec<String> {
        match &self.0 {
            None => all.to_vec(),
            Some(ids) => {
                let others = all.iter().filter(|id| !ids.contains(id));
                ids.iter().chain(others).cloned().collect()
            }
        }
    }

    /// In or out.
    pub fn toggle(&mut self, id: &str, all: &[String]) {
        let id = [id.to_owned()];
        match self.has(&id[0]) {
            true => self.take_out(&id, all),
            false => self.take_in(&id, all),
        }
    }

    /// Takes in what is not in yet, at the end.
    pub fn take_in(&mut self, targets: &[String], all: &[String]) {
        let Some(ids) = &mut self.0 else { return };
        for id in targets {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        // Every model and no other name: the same as no choice.
        if ids.len() == all.len() && all.iter().all(|id| ids.contains(id)) {
            self.0 = None;
        }
    }

    pub fn take_out(&mut self, targets: &[String], all: &[String]) {
        let ids = self.0.get_or_insert_with(|| all.to_vec());
        ids.retain(|id| !targets.contains(id));
    }

    /// Moves an id by so many places; whether it has moved.
    pub fn shift(&mut self, id: &str, by: isize) -> bool {
        let Some(ids) = &mut self.0 else { return false };
        let Some(at) = ids.iter().position(|known| known == id) else {
            return false;
        };
        match at.checked_add_signed(by) {
            Some(to) if to < ids.len() => {
                ids.swap(at, to);
                true
            }
            _ => false,
        }
    }

    /// Names that mean nothing now are not lost; there is a choice, since somebody wrote them.
    pub fn keep(&mut self, names: &[String]) {
        if let Some(ids) = &mut self.0 {
            for name in names {
                if !ids.contains(name) {
                    ids.push(name.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn out_of_all_leaves_the_others_and_in_again_makes_it_all() {
        let all = ids("a b c");
        let mut round = Round(None);
        round.toggle("c", &all);
        assert_eq!(round, Round(Some(ids("a b"))));
        assert_eq!(round.rows(&all), ids("a b c"));
        round.toggle("c", &all);
        assert_eq!(round, Round(None));
    }

    #[test]
    fn what_is_taken_in_comes_last_and_can_be_moved() {
        let all = ids("a b c d");
        let mut round = Round(Some(ids("d")));
        round.take_in(&ids("a b"), &all);
        assert_eq!(round, Round(Some(ids("d a b"))));
        assert!(round.shift("b", -1) && !round.shift("b", 7) && !round.shift("x", 1));
        assert_eq!(round, Round(Some(ids("d b a"))));
        assert_eq!(round.rows(&all), ids("d b a c"));
    }

    #[test]
    fn taking_everything_out_leaves_nothing() {
        let all = ids("a b");
        let mut round = Round(None);
        round.take_out(&all.clone(), &all);
        assert_eq!(round, Round(Some(vec![])));
        assert_eq!(round.rows(&all), all);
    }
}
