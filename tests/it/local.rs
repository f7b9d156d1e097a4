//! Servers on this machine, found by themselves: what is asked of them, what is made of it, and what the
//! person sees. The real server of a real model is tried by hand; see docs/local-models.md.

mod asking;
pub mod fake;
mod named;
mod program;
mod troubles;
