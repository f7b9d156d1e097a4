//! What the terminal's loop tells the app, and what the app asks of the loop: closed sets, so that the
//! compiler lists what was forgotten.

use std::path::PathBuf;
use std::sync::Arc;

use super::abilities;
use super::clipboard::Copied;
use super::completion::{Found, Lookup};
use super::keyring;
use super::mouse::Mouse;
use super::outside::Notice;
use super::pasteboard::Clip;
use super::preferences;
use super::shelf::{Answer, Request};
use super::transcript::{Hits, Prompt, PromptScan, Scan};
use crate::ai::oauth::Method;
use crate::config::settings::TuiMode;
use crate::config::{KeyChord, Theme};
use crate::session::{Command, Event, Reply, Saying, View};

/// Something that happened.
#[derive(Clone)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyChord),
    /// Text was pasted.
    Paste(String),
    /// The mouse was used. Its wheel tells rows.
    Mouse(Mouse),
    /// The terminal says something of itself.
    Answer(abilities::Answer),
    /// The window has the keyboard now, or has not.
    Focus(bool),
    /// The file of the theme that is worn was saved; `Err` is what is wrong with it.
    Theme(Result<Theme, String>),
    /// The conversation tells something; this is its state now.
    Session(Arc<Event>, Arc<View>),
    /// The answer to a command.
    Reply(Asked, Reply),
    /// The branch that the working directory is on.
    Branch(Option<String>),
    /// What was wanted to be known of the sessions.
    Shelf(Answer),
    /// What was on the clipboard; `Err` says why there is nothing.
    Clip(Result<Clip, String>),
    /// What was sent from this directory in earlier sittings, oldest first.
    Remembered(Vec<String>),
    /// What became of keys.
    Keys(keyring::Answer),
    /// How a login with an account goes.
    Login(keyring::LoginNews),
    /// The debug report is in this file, or why it is not.
    Reported(Result<PathBuf, String>),
    /// What was looked for, for the popup of completions.
    Found(Found),
    /// The prompt as the external editor left it; `Err` is why there is none.
    Edited(Result<String, String>),
    /// What was asked of the settings and their like.
    Preferred(preferences::Answer),
    /// What has become of a text for the clipboard.
    Copied(Copied),
    /// What a search in the conversation has found.
    Hits(Hits),
    /// The prompts of the session.
    Prompts(Vec<Prompt>),
    /// Time has passed.
    Tick,
}

/// Something to do that the app does not do itself.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Send this to the conversation and bring the answer back.
    Send(Command, Asked),
    /// Leave pi.
    Quit,
    /// Back to the shell until it continues pi.
    Suspend,
    /// Put this on the clipboard, beside the loop, and say what has become of it.
    Copy(String),
    /// Tell this to a person who does not look.
    Notify(Notice),
    /// Go over to this terminal mode.
    Mode(TuiMode),
    /// Bring what is on the clipboard.
    ReadClipboard,
    /// Search the conversation, beside the loop.
    Scan(Box<Scan>),
    /// Read the prompts of the session, beside the loop.
    Prompts(PromptScan),
    /// Edit this in the external editor.
    EditExternally(String),
    /// Keep this for later sittings: it was sent.
    Remember(String),
    /// Ask this of the keys, beside the loop, and bring the answer back.
    Keys(keyring::Request),
    /// Log in at this provider, this way, beside the loop.
    LogIn(String, Method),
    /// Give this answer to what the login asked.
    AnswerLogin(keyring::Typed),
    /// Give the login up.
    StopLogin,
    /// Write the debug report.
    Report,
    /// Look for this, beside the loop, and bring what is found.
    Find(Lookup),
    /// Ask this of the sessions, beside the loop, and bring the answer back.
    Look(Request),
    /// Ask this of the settings and their like, beside the loop and in order, and bring the answer back.
    Prefer(preferences::Request),
}

/// What to do with the answer to a command.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// Show a refusal, nothing else.
    Nothing,
    /// The person's own words went out: a refusal gives them back.
    Prompt(Saying),
    /// Put what waited back into the editor.
    Queue,
    /// Open the list of models.
    Models,
    /// Tell the open panel of the models that local servers have.
    LocalModels,
    /// Take the model that was named.
    NamedModel,
    /// Open the list of the models that local servers have.
    LocalStart,
    /// Open the list of models to cycle round.
    ScopedModels,
    /// Open the settings.
    Settings,
    /// Offer the models behind a command.
    Completion,
    /// Show the figures.
    Stats,
    /// Show the figures by model, where the figures are shown.
    Spending,
    /// Offer the models of this provider, whose key has just been stored.
    Connected(String),
    /// Say where the document is.
    Export,
    /// Say where the gist is.
    Share,
    /// Offer a copy when the session in this file is in use.
    Switch(PathBuf),
    /// Tell the list that the session in this file, which is open, has its name.
    Renamed(PathBuf),
    /// The conversation goes by new settings.
    Renewed,
    /// Show a refusal, unless the conversation has told it.
    Compact,
    /// Open the list of places to fork from.
    ForkPoints,
    /// Put the words that are given back into the editor, and say this.
    Text(&'static str),
    /// Say this.
    Moved(&'static str),
    /// Open the tree, with this entry selected or else where the conversation is.
    Tree(Option<String>),
    /// Show the open tree as it is now.
    TreeAgain,
    /// Put the words that were missing into the open tree.
    Words,
    /// Show the tree anew once the label is set.
    Label,
    /// Put the words on the clipboard.
    EntryText,
    /// Put the words that are given back into the editor; when the summary was stopped, open the tree at
    /// this entry.
    Navigate(String),
}
