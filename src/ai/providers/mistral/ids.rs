//! Call ids in Mistral's form: nine letters and digits. Ids of other vendors become such, the same one
//! each time, so that a conversation's beginning is the same in every request.

use std::cell::RefCell;
use std::collections::HashMap;

use ring::digest::{SHA256, digest};

/// How long Mistral's ids are.
const LENGTH: usize = 9;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The ids of one conversation.
#[derive(Default)]
pub struct Ids(RefCell<Known>);

#[derive(Default)]
struct Known {
    new_by_old: HashMap<String, String>,
    old_by_new: HashMap<String, String>,
}

impl Ids {
    /// The id that stands for `id`; no two ids of a conversation have the same one.
    pub fn of(&self, id: &str) -> String {
        let mut known = self.0.borrow_mut();
        if let Some(new) = known.new_by_old.get(id) {
            return new.clone();
        }
        let mut tries = 0;
        let new = loop {
            let new = derived(id, tries);
            if !known.old_by_new.contains_key(&new) {
                break new;
            }
            tries += 1;
        };
        known.new_by_old.insert(id.to_owned(), new.clone());
        known.old_by_new.insert(new.clone(), id.to_owned());
        new
    }
}

/// The id itself where it fits, else nine digits of its sum.
pub fn derived(id: &str, tries: u32) -> String {
    let fits = id.len() == LENGTH && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if fits && tries == 0 {
        return id.to_owned();
    }
    let sum = digest(&SHA256, format!("{id}\n{tries}").as_bytes());
    let digit = |byte: &u8| char::from(DIGITS[usize::from(*byte) % DIGITS.len()]);
    sum.as_ref().iter().take(LENGTH).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_nine_letters_and_digits_and_stay_apart() {
        let ids = Ids::default();
        assert_eq!(ids.of("D681PevKs"), "D681PevKs");
        let long = ids.of("call_abc|fc_0123456789");
        assert_eq!(long.len(), LENGTH);
        assert!(long.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(ids.of("call_abc|fc_0123456789"), long);
        assert_eq!(Ids::default().of("call_abc|fc_0123456789"), long);
        // An id that looks like what another became is moved out of its way.
        assert_ne!(ids.of(&long), long);
        assert_eq!(ids.of("é").len(), LENGTH);
        assert_eq!(ids.of("").len(), LENGTH);
    }
}
