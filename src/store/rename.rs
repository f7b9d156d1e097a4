//! Naming a session that is not open.

use std::path::Path;

use super::error::Result;
use super::open::Access;
use super::{Opened, Store};
use crate::ai::Clock;

/// Gives the session in a file a name, as an entry of its own at the end. One that is in use is refused.
pub fn rename(path: &Path, name: &str, clock: Clock) -> Result<()> {
    let Opened { mut store, .. } = Store::open(path, Access::Write, clock)?;
    store.append_session_info(name)?;
    store.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::Message;
    use crate::store::Error;

    #[test]
    fn a_closed_session_gets_a_name_and_one_in_use_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.jsonl");
        let clock = || Clock::fixed(1);
        let mut store = Store::create_at(&path, dir.path(), None, clock());
        store.append_message(&Message::user("hello", 1)).unwrap();
        let refused = rename(&path, "taken", clock());
        assert!(matches!(refused, Err(Error::InUse { .. })), "{refused:?}");
        drop(store);
        rename(&path, "  mine ", clock()).unwrap();
        let opened = Store::open(&path, Access::Read, clock()).unwrap();
        assert_eq!(opened.store.name(), Some("mine"));
    }
}
