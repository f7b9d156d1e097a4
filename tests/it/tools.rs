//! The tools on real files and processes.
