//! Any text, any keys, any width.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::*;

#[derive(Debug, Clone)]
enum Do {
    Key(&'static str),
    Type(String),
    Paste(String),
    PutBack(String),
    Resize(u16, u16),
    BackslashLine,
    Clear,
    Take,
}

const KEYS: [&str; 33] = [
    "up",
    "down",
    "left",
    "right",
    "alt+left",
    "alt+right",
    "home",
    "end",
    "ctrl+]",
    "ctrl+alt+]",
    "pageUp",
    "pageDown",
    "backspace",
    "delete",
    "ctrl+w",
    "alt+d",
    "ctrl+u",
    "ctrl+k",
    "ctrl+y",
    "alt+y",
    "ctrl+-",
    "shift+enter",
    "tab",
    "a",
    "ü",
    "space",
    "shift+q",
    "?",
    "ctrl+a",
    "ctrl+e",
    "ctrl+h",
    "alt+b",
    "alt+f",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "(\\PC|\n|\t| ){0,30}",
        "[a-z \u{300}\u{200d}\u{fe0f}👩👧🇩🇪日\u{10f000}\u{1b}\r\n]{0,30}",
        "(line\n){0,14}",
        "[a日🇩]{1,3}".prop_map(|text| text.repeat(1001)),
    ]
}

fn step() -> impl Strategy<Value = Do> {
    prop_oneof![
        8 => prop::sample::select(&KEYS[..]).prop_map(Do::Key),
        2 => text().prop_map(Do::Type),
        2 => text().prop_map(Do::Paste),
        1 => text().prop_map(Do::PutBack),
        1 => (1u16..=80, 1u16..12).prop_map(|(width, page)| Do::Resize(width, page)),
        1 => Just(Do::BackslashLine),
        1 => Just(Do::Clear),
        1 => Just(Do::Take),
    ]
}

fn act(editor: &mut Editor, step: &Do) {
    match step {
        Do::Key(key) => press(editor, key),
        Do::Type(text) => editor.insert(text),
        Do::Paste(text) => editor.paste(text),
        Do::PutBack(text) => editor.put_back(std::slice::from_ref(text)),
        Do::Resize(width, page) => editor.resize(*width, *page),
        Do::BackslashLine => {
            editor.backslash_line();
        }
        Do::Clear => editor.clear(),
        Do::Take => {
            let text = editor.text();
            assert_eq!(editor.take(), text);
        }
    }
}

/// The caret is between two units; rows cover the text; the caret is on the screen.
fn assert_sound(editor: &mut Editor) {
    let text = editor.raw().to_owned();
    let caret = editor.caret();
    assert_eq!(units::snap(&text, caret), caret, "{text:?}");
    let clean = text.chars().all(|c| c >= ' ' || c == '\n' || c == '\t');
    assert!(clean, "{text:?}");
    let width = editor.width;
    let mut covered = 0;
    for row in editor.layout().rows() {
        let gap = &text[covered..row.start];
        assert!(gap.is_empty() || gap == "\n", "{gap:?} is on no row");
        assert!(row.width <= width, "{row:?} of {text:?}");
        covered = row.end;
    }
    assert_eq!(covered, text.len());

    // One column and row around, which must stay untouched.
    let (width, height) = (editor.width, editor.page);
    let mut buffer = Buffer::filled(
        Rect::new(0, 0, width + 2, height + 2),
        ratatui::buffer::Cell::new("·"),
    );
    let inside = Rect::new(1, 1, width, height);
    let drawn = editor.draw(inside, &mut buffer, Default::default(), Default::default());
    let caret = drawn.caret.unwrap();
    assert!(inside.contains(caret), "{caret:?} of {text:?}");
    let rows = editor.height();
    assert_eq!(drawn.above + drawn.below + rows.min(height.into()), rows);
    for position in buffer.area.positions() {
        let symbol = buffer[position].symbol();
        assert!(!symbol.chars().any(char::is_control), "{symbol:?}");
        assert!(inside.contains(position) || symbol == "·", "{position:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_the_editor(
        width in 1u16..=80,
        page in 1u16..12,
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut editor = Editor::default();
        editor.resize(width, page);
        for step in &steps {
            act(&mut editor, step);
            assert_sound(&mut editor);
        }
    }

    #[test]
    fn every_edit_can_be_taken_back(before in text(), steps in prop::collection::vec(step(), 1..12)) {
        let mut editor = Editor::default();
        editor.insert(&before);
        // What is typed after a motion is an edit of its own.
        press(&mut editor, "end");
        let before = editor.text();
        for step in steps.iter().filter(|step| !matches!(step, Do::Take | Do::Key("ctrl+-"))) {
            act(&mut editor, step);
        }
        let mut seen = vec![editor.text()];
        for _ in 0..40 {
            press(&mut editor, "ctrl+-");
            seen.push(editor.text());
        }
        prop_assert!(seen.contains(&before));
        prop_assert_eq!(editor.text(), "");
    }
}
