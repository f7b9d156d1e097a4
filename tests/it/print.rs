//! Print and JSON mode, end to end.
