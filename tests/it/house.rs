//! The layering and the habits of the source tree.
