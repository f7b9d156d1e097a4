//! What the user chose, and where it lives.
