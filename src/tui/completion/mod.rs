//! What may be meant by what is typed: commands, their arguments, files, paths.
//!
//! An open set behind one trait, [`Trigger`]: it looks at what stands before the caret and says what would
//! be replaced and by what. What it knows it says at once; what has to be looked for on disk is a
//! [`Lookup`], which a [`Finder`] answers beside the loop. [`Popup`] holds what is offered. Nothing here
//! paints, and nothing but the finder touches a disk.

mod commands;
mod files;
mod finder;
mod lookup;
mod popup;
mod token;

use std::sync::Arc;

use crate::ai::{Model, ThinkingLevel};

pub use commands::{Arguments, Commands};
pub use files::{Files, Paths};
pub use finder::Finder;
pub use lookup::{Found, Lookup, Quoting, Style, What};
pub use popup::{Need, Popup, Shown, Taken};
pub use token::Before;

/// Something that offers completions.
pub trait Trigger: Send {
    /// What it makes of what stands before the caret; `None` when that is not its business.
    fn call(&self, before: &Before<'_>, facts: &Facts<'_>) -> Option<Call>;
}

/// What triggers may know of the conversation.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The levels that the model in force has.
    pub thinking: &'a [ThinkingLevel],
    /// The models there are, once somebody has asked.
    pub models: Option<&'a [Arc<Model>]>,
}

/// What a trigger says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Where what would be replaced begins, in bytes of the caret's line; it ends at the caret.
    pub start: usize,
    /// By what.
    pub offer: Offer,
}

/// By what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// One of these, best first.
    Items(Vec<Item>),
    /// Something that has to be looked for.
    Lookup(What),
    /// One of the models, which have to be asked for first.
    Models,
}

/// One thing that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is put in place of what is typed.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// Something about it.
    pub detail: String,
    /// What happens when it is taken.
    pub then: Then,
}

/// What happens when an entry is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// A command that needs no more: Enter runs it.
    Run,
    /// A command that needs more: a blank follows.
    More,
    /// A word: nothing follows. Enter sends when it was typed whole already.
    Word,
    /// A file that is attached: a blank follows.
    Attach,
    /// A file's path: nothing follows.
    Path,
    /// A folder: the caret stays behind its slash, and Tab goes on into it.
    Folder,
}

/// All triggers, in the order in which they are asked.
pub fn triggers() -> Vec<Box<dyn Trigger>> {
    vec![
        Box::new(Commands),
        Box::new(Files),
        Box::new(Arguments),
        Box::new(Paths),
    ]
}
