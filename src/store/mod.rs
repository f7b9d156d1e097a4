//! The memory: an append-only tree in JSONL, in the reference's session format v3.
