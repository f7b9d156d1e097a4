//! The documentation's tables are the code's.
