//! The plain face (`--plain`): the conversation as lines, one after the other, for screen readers and for
//! terminals that can do nothing else. No alternate screen, no boxes, no spinner, no colours.
//!
//! `run` is the loop, `tell` turns what happens into lines, `say` what is typed into commands, `choice` numbers
//! what can be chosen. Only [`super::screen`] writes.

mod choice;
mod run;
mod say;
mod tell;

pub use run::{Options, run};
