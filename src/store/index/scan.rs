//! Searching without the index: every session file is read, the one that was written last first.
//!
//! For patterns that no word of the index helps with, and for those who keep no index. Lines that
//! cannot match are told by their bytes and not parsed.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use memchr::memmem::Finder;

use super::digest::{Placed, Reader};
use super::query::Query;
use super::roots::Roots;
use super::search::{Filter, Hit, hit};

/// Bytes that are read between two looks at whether it is over.
const STEP: u64 = 4 * 1024 * 1024;
/// Hits of one session, at most: its newest.
const HITS: usize = 1000;

/// Hands `each` the entries that match until it has enough or `is_over` says so: by session, the one
/// that was written last first, and in a session the newest entry first.
pub fn search(
    roots: &Roots,
    query: &Query,
    filter: &Filter,
    is_over: &dyn Fn() -> bool,
    each: &mut dyn FnMut(Hit) -> ControlFlow<()>,
) {
    let needed = query.needed_bytes().map(Finder::new);
    let may_match = |line: &[u8]| {
        let needed = needed.as_ref();
        needed.is_none_or(|needed| needed.find(line).is_some())
    };
    for seen in roots.files() {
        let Ok(mut reader) = Reader::open(&seen.path) else {
            continue;
        };
        let mut found = VecDeque::new();
        let mut more = true;
        while more {
            if is_over() {
                return;
            }
            let keep = |placed: Placed| {
                let (unit, time) = (placed.unit, placed.time);
                // The session's facts are not all known yet.
                let place = (seen.path.as_path(), &super::Digest::default());
                found.extend(hit(unit, time, query, filter, place));
                if found.len() > HITS {
                    found.pop_front();
                }
            };
            more = reader.read(STEP, may_match, keep).unwrap_or(false);
            // The header has been read by now.
            more &= filter.wants_project(&reader.digest.cwd);
        }
        if !filter.wants_project(&reader.digest.cwd) {
            continue;
        }
        while let Some(hit) = found.pop_back() {
            let hit = Hit {
                session: reader.digest.id.clone(),
                name: reader.digest.name.clone(),
                cwd: reader.digest.cwd.clone(),
                ..hit
            };
            if each(hit).is_break() {
                return;
            }
        }
    }
}
