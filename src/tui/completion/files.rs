//! Files: behind an `@` as they are typed, plain paths when they are asked for.

use super::{Before, Call, Facts, Offer, Trigger, What};

/// `@` and words: files of the working directory.
pub struct Files;

impl Trigger for Files {
    fn call(&self, before: &Before<'_>, _facts: &Facts<'_>) -> Option<Call> {
        // To a shell an `@` is a letter like any other.
        if before.is_shell {
            return None;
        }
        let token = before.token();
        token.is_attached.then(|| Call {
            start: token.start,
            offer: Offer::Lookup(What::Files(token.path.to_owned(), before.style(&token))),
        })
    }
}

/// A plain path, when completion is asked for.
pub struct Paths;

impl Trigger for Paths {
    fn call(&self, before: &Before<'_>, _facts: &Facts<'_>) -> Option<Call> {
        if !before.is_asked {
            return None;
        }
        let token = before.token();
        let folder = What::Folder(token.path.to_owned(), before.style(&token));
        Some(Call {
            start: token.start,
            offer: Offer::Lookup(folder),
        })
    }
}
