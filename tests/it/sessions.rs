//! Sessions, end to end.
