//! The terminal: keys in, screen out.
