//! The face for people: the terminal, fullscreen or in its own scrollback.
//!
//! [`run`] is the loop; [`app`] the state, a pure function of [`msg`]; [`screen`] the only writer to the
//! terminal; [`transcript`] and [`markdown`] draw the conversation; [`editor`] is what is typed;
//! `external` lends the screen to another editor; [`panels`] take the editor's place for a moment;
//! `drafts` keeps what is typed; [`shelf`] is where the list of sessions comes from, [`preferences`] where
//! settings do, asked through a `secretary`; [`ask`] asks before there is a conversation, on a `stage`;
//! [`mouse`] is what was done with the mouse, `wheel` how far it goes; [`clipboard`] is where copied text goes;
//! [`slash`] are the commands; [`footer`] sums up; [`look`] turns theme tokens into styles; [`abilities`] is
//! what is known of the terminal, [`wardrobe`] which theme is worn, `theme_watch` sees when its file is saved;
//! [`links`] and [`pictures`] are what a terminal shows besides text.

pub mod abilities;
pub mod app;
pub mod ask;
pub mod changelog;
pub mod clipboard;
pub mod completion;
mod drafts;
pub mod editor;
mod external;
pub mod footer;
pub mod git;
mod keyboard;
pub mod keyring;
pub mod links;
pub mod look;
pub mod markdown;
mod memory;
pub mod mouse;
pub mod msg;
pub mod outside;
pub mod panels;
pub mod pasteboard;
pub mod pictures;
pub mod plain;
pub mod preferences;
pub mod run;
pub mod screen;
mod secretary;
pub mod shelf;
pub mod slash;
mod stage;
mod theme_watch;
pub mod transcript;
pub mod wardrobe;
mod wheel;
