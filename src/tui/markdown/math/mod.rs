//! Formulas in LaTeX as rows of Unicode.
//!
//! - [`Formulas`] finds them in a block of Markdown and keeps them from its parser.
//! - `parse` turns one into text: Greek, scripts, fractions, roots, sums, arrows, accents. What it does
//!   not know it leaves as it is typed; what is no LaTeX at all it refuses.

mod find;
mod parse;
mod scripts;
mod symbols;

pub(super) use find::Formulas;
