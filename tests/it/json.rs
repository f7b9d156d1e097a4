//! JSON mode, end to end.
