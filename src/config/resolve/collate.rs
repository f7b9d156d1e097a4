//! The order of ids as a reader of a dictionary expects it, and as the reference's platform has it
//! (Unicode collation, root locale, for the characters that ids are made of): punctuation before digits
//! before letters, letters without regard to case at first.

use std::cmp::Ordering;

/// Characters that are neither digits nor letters, in their order.
const PUNCTUATION: &str = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// Compares two ids.
pub(super) fn collate(one: &str, other: &str) -> Ordering {
    let primary = one.chars().map(weight).cmp(other.chars().map(weight));
    // A small letter comes before its capital, where nothing else differs.
    primary.then_with(|| {
        let case = |text: &str| text.chars().map(char::is_uppercase).collect::<Vec<_>>();
        case(one).cmp(&case(other))
    })
}

fn weight(c: char) -> (u8, u32) {
    if let Some(at) = PUNCTUATION.chars().position(|known| known == c) {
        return (0, at as u32);
    }
    let lower = c.to_lowercase().next().unwrap_or(c);
    (if c.is_ascii_digit() { 1 } else { 2 }, u32::from(lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_dictionary_order() {
        let mut ids = [
            "gpt-5",
            "gpt-4o",
            "GPT-4",
            "gpt_4",
            "gpt-4",
            "gpt-4.1",
            "glm",
            "gpt-4-turbo",
        ];
        ids.sort_by(|one, other| collate(one, other));
        assert_eq!(
            ids,
            [
                "glm",
                "gpt_4",
                "gpt-4",
                "GPT-4",
                "gpt-4-turbo",
                "gpt-4.1",
                "gpt-4o",
                "gpt-5"
            ]
        );
    }
}
