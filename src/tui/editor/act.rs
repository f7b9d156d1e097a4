//! Actions: which edit an action id of the keymap makes.

use super::kill::Side;
use super::undo::Edit;
use super::{Editor, Jump};
use crate::config::{KeyChord, KeyName, Keymap};

impl Editor {
    /// Takes a key; false when it means nothing here. Submitting is not the editor's business.
    pub fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> bool {
        if let Some(direction) = self.jump.take() {
            if let Some(text) = typed(chord) {
                self.jump_to(&text, direction);
                return true;
            }
            if keymap.matches(direction.id(), chord) {
                return true;
            }
        }
        match action(chord, keymap) {
            Some(act) => act(self),
            None if chord == KeyChord::plain(KeyName::Char('h')).with_ctrl() => {
                // What terminals without the kitty protocol send for ctrl+backspace.
                self.delete_backward();
            }
            // Shift is often still down from the letter before.
            None if chord == shifted(KeyName::Backspace) => self.delete_backward(),
            None if chord == shifted(KeyName::Delete) => self.delete_forward(),
            None => match typed(chord) {
                Some(text) => self.insert(&text),
                None => return false,
            },
        }
        true
    }

    /// Starts a new line.
    pub fn new_line(&mut self) {
        self.remember(Edit::Break);
        self.buffer.insert("\n");
        self.changed();
    }

    /// Turns a `\` right before the caret into a new line; false when there is none.
    pub fn backslash_line(&mut self) -> bool {
        if !self.buffer.text()[..self.buffer.caret()].ends_with('\\') {
            return false;
        }
        self.remember(Edit::Other);
        self.buffer.cut(self.buffer.left());
        self.buffer.insert("\n");
        self.changed();
        true
    }

    fn go(&mut self, to: usize) {
        self.undo.pause();
        self.buffer.move_to(to);
        self.moved();
    }

    fn up(&mut self) {
        let caret = self.buffer.caret();
        let (row, column) = self.layout().locate(caret);
        if row > 0 {
            self.vertical(row - 1, column);
        } else if self.is_empty() || self.history.is_browsing() || caret == 0 {
            self.older();
        } else {
            self.go(0);
        }
    }

    fn down(&mut self) {
        let caret = self.buffer.caret();
        let (row, column) = self.layout().locate(caret);
        if row + 1 < self.layout().rows().len() {
            self.vertical(row + 1, column);
        } else if self.history.is_browsing() {
            self.newer();
        } else {
            self.go(self.buffer.text().len());
        }
    }

    fn page(&mut self, up: bool) {
        let caret = self.buffer.caret();
        let page = usize::from(self.page);
        let (row, column) = self.layout().locate(caret);
        let last = self.layout().rows().len() - 1;
        let target = match up {
            true => row.saturating_sub(page),
            false => (row + page).min(last),
        };
        self.vertical(target, column);
    }

    fn vertical(&mut self, row: usize, column: u16) {
        let wanted = self.wanted_column.unwrap_or(column);
        let target = self.layout().at(row, wanted);
        self.go(target);
        self.wanted_column = Some(wanted);
    }

    fn older(&mut self) {
        if let Some(prompt) = self.history.older(self.buffer.text()).map(str::to_owned) {
            self.show_old(&prompt);
        }
    }

    fn newer(&mut self) {
        if let Some(prompt) = self.history.newer().map(str::to_owned) {
            self.show_old(&prompt);
        }
    }

    // The text comes from this editor, so its stand-ins are known and kept.
    fn show_old(&mut self, prompt: &str) {
        self.remember(Edit::Other);
        self.buffer.set(prompt);
        self.shown();
    }

    fn delete_backward(&mut self) {
        self.delete(self.buffer.left());
    }

    fn delete_forward(&mut self) {
        self.delete(self.buffer.right());
    }

    fn delete(&mut self, to: usize) {
        if to == self.buffer.caret() {
            return;
        }
        self.remember(Edit::Other);
        self.buffer.cut(to);
        self.changed();
    }

    fn kill(&mut self, to: usize) {
        let caret = self.buffer.caret();
        if to == caret {
            return;
        }
        let follows = self.last_was_kill;
        let side = if to < caret {
            Side::Backward
        } else {
            Side::Forward
        };
        self.remember(Edit::Other);
        let cut = self.buffer.cut(to);
        self.kills.push(&cut, side, follows);
        self.changed();
        self.last_was_kill = true;
    }

    fn kill_line_start(&mut self) {
        let start = self.buffer.line_start();
        match start == self.buffer.caret() {
            true => self.kill(start.saturating_sub(1)),
            false => self.kill(start),
        }
    }

    fn kill_line_end(&mut self) {
        let end = self.buffer.line_end();
        match end == self.buffer.caret() {
            true => self.kill((end + 1).min(self.buffer.text().len())),
            false => self.kill(end),
        }
    }

    fn yank(&mut self) {
        let Some(text) = self.kills.newest().map(str::to_owned) else {
            return;
        };
        self.remember(Edit::Other);
        let start = self.buffer.caret();
        self.buffer.insert(&text);
        self.changed();
        self.yanked = Some((start, self.buffer.caret()));
    }

    fn yank_pop(&mut self) {
        let Some((start, end)) = self.yanked else {
            return;
        };
        self.remember(Edit::Other);
        self.buffer.move_to(end);
        self.buffer.cut(start);
        self.kills.rotate();
        if let Some(text) = self.kills.newest().map(str::to_owned) {
            self.buffer.insert(&text);
        }
        self.changed();
        self.yanked = Some((start, self.buffer.caret()));
    }

    fn undo(&mut self) {
        if let Some((text, caret)) = self.undo.pop() {
            self.buffer.set(&text);
            self.buffer.move_to(caret);
            self.changed();
        }
    }

    fn jump_to(&mut self, wanted: &str, direction: Jump) {
        let found = match direction {
            Jump::Forward => self.buffer.find_forward(wanted),
            Jump::Backward => self.buffer.find_backward(wanted),
        };
        if let Some(at) = found {
            self.go(at);
        }
    }
}

impl Jump {
    fn id(self) -> &'static str {
        match self {
            Jump::Forward => JUMP_FORWARD,
            Jump::Backward => JUMP_BACKWARD,
        }
    }
}

const JUMP_FORWARD: &str = "tui.editor.jumpForward";
const JUMP_BACKWARD: &str = "tui.editor.jumpBackward";

type Act = fn(&mut Editor);

/// Every action of the editor with what it does.
const ACTIONS: [(&str, Act); 25] = [
    ("tui.editor.cursorUp", Editor::up),
    ("tui.editor.cursorDown", Editor::down),
    ("tui.editor.cursorLeft", |e| e.go(e.buffer.left())),
    ("tui.editor.cursorRight", |e| e.go(e.buffer.right())),
    ("tui.editor.cursorWordLeft", |e| e.go(e.buffer.word_left())),
    ("tui.editor.cursorWordRight", |e| {
        e.go(e.buffer.word_right())
    }),
    ("tui.editor.cursorLineStart", |e| {
        e.go(e.buffer.line_start())
    }),
    ("tui.editor.cursorLineEnd", |e| e.go(e.buffer.line_end())),
    (JUMP_FORWARD, |e| e.jump = Some(Jump::Forward)),
    (JUMP_BACKWARD, |e| e.jump = Some(Jump::Backward)),
    ("tui.editor.pageUp", |e| e.page(true)),
    ("tui.editor.pageDown", |e| e.page(false)),
    ("tui.editor.historyPrevious", Editor::older),
    ("tui.editor.historyNext", Editor::newer),
    ("tui.editor.deleteCharBackward", Editor::delete_backward),
    ("tui.editor.deleteCharForward", Editor::delete_forward),
    ("tui.editor.deleteWordBackward", |e| {
        e.kill(e.buffer.word_left())
    }),
    ("tui.editor.deleteWordForward", |e| {
        e.kill(e.buffer.word_right())
    }),
    ("tui.editor.deleteToLineStart", Editor::kill_line_start),
    ("tui.editor.deleteToLineEnd", Editor::kill_line_end),
    ("tui.editor.yank", Editor::yank),
    ("tui.editor.yankPop", Editor::yank_pop),
    ("tui.editor.undo", Editor::undo),
    ("tui.input.newLine", Editor::new_line),
    // Completion is the app's; a lone Tab in text is a tab nobody can see.
    ("tui.input.tab", |_| {}),
];

fn action(chord: KeyChord, keymap: &Keymap) -> Option<Act> {
    ACTIONS
        .iter()
        .find(|(id, _)| keymap.matches(id, chord))
        .map(|(_, act)| *act)
}

fn shifted(key: KeyName) -> KeyChord {
    KeyChord {
        shift: true,
        ..KeyChord::plain(key)
    }
}

/// The text that a key types, when it types any.
pub fn typed(chord: KeyChord) -> Option<String> {
    if chord.ctrl || chord.alt || chord.logo {
        return None;
    }
    match chord.key {
        KeyName::Space => Some(" ".to_owned()),
        KeyName::Char(c) if chord.shift => Some(c.to_uppercase().collect()),
        KeyName::Char(c) => Some(c.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_typed_as_it_is() {
        for c in [
            'a', 'A', 'ß', 'ẞ', 'ϴ', '\u{2126}', '\u{212a}', '\u{212b}', 'Ä', '?', '漢',
        ] {
            let chord = KeyChord::plain(KeyName::Char(c));
            assert_eq!(typed(chord), Some(c.to_string()));
        }
    }
}
