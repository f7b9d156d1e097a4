//! Flags, exit codes, messages.
