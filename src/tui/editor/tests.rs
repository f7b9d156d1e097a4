//! What the keys do to a text. `|` stands for the caret.

mod any_text;
mod keys;
mod pastes;

use super::{Editor, units};
use crate::config::{KeyChord, Keymap};

/// An editor with this text, 20 columns wide, five rows shown.
fn editor(marked: &str) -> Editor {
    let (before, after) = marked.split_once('|').unwrap();
    let mut editor = Editor::default();
    editor.resize(20, 5);
    editor.buffer.set(&format!("{before}{after}"));
    editor.buffer.move_to(before.len());
    editor
}

/// Presses keys by their names, which blanks separate.
fn press(editor: &mut Editor, keys: &str) {
    let keymap = Keymap::defaults();
    for key in keys.split_whitespace() {
        let chord: KeyChord = key.parse().unwrap();
        assert!(editor.key(chord, &keymap), "{key} means nothing");
    }
}

fn marked(editor: &Editor) -> String {
    let (before, after) = editor.raw().split_at(editor.caret());
    format!("{before}|{after}")
}

/// What `keys` make of `text`.
#[track_caller]
fn check(text: &str, keys: &str, wanted: &str) {
    let mut editor = editor(text);
    press(&mut editor, keys);
    assert_eq!(marked(&editor), wanted, "{text:?} after {keys}");
}
