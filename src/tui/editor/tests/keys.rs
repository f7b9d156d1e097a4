//! Every action of the editor by its key.

use super::*;

#[test]
fn arrows_step_over_what_a_reader_calls_a_character() {
    check("e\u{301}👩‍👩‍👧|🇩🇪x", "left", "e\u{301}|👩‍👩‍👧🇩🇪x");
    check("e\u{301}👩‍👩‍👧|🇩🇪x", "ctrl+f", "e\u{301}👩‍👩‍👧🇩🇪|x");
    check("a|", "right", "a|");
    check("|a", "ctrl+b", "|a");
    check("a|\nb", "right", "a\n|b");
    check("a\n|b", "left", "a|\nb");
}

#[test]
fn words_are_jumped_over() {
    check(
        "let größe = 日本語.len();|",
        "alt+left",
        "let größe = 日本語.len|();",
    );
    check("let größe|", "ctrl+left", "let |größe");
    check("one |two  three", "alt+f", "one two|  three");
    check("one two|  three", "ctrl+right", "one two  three|");
    check("one|\ntwo", "alt+right", "one\n|two");
    check("one\n|two", "alt+b", "one|\ntwo");
    check("|", "alt+left alt+right", "|");
}

#[test]
fn home_and_end_stay_on_their_line() {
    check("one\ntw|o\nthree", "home", "one\n|two\nthree");
    check("one\ntw|o\nthree", "ctrl+e", "one\ntwo|\nthree");
    check("one\ntw|o\nthree", "ctrl+a end", "one\ntwo|\nthree");
}

#[test]
fn a_jump_goes_to_the_character_typed_after_it() {
    check("|find the x in xyz", "ctrl+] x", "find the |x in xyz");
    check("find the |x in xyz", "ctrl+] x", "find the x in |xyz");
    check("find the x in xyz|", "ctrl+alt+] x", "find the x in |xyz");
    check("ünder ü|", "ctrl+alt+] ü", "ünder |ü");
    check("|abc", "ctrl+] q", "|abc");
    check("|abc", "ctrl+] ctrl+] c", "c|abc");
    check("|abc", "ctrl+] end c", "abcc|");
}

#[test]
fn up_and_down_keep_the_column_over_short_rows() {
    check("abcdef\nab\nabcdef|", "up", "abcdef\nab|\nabcdef");
    check("abcdef\nab\nabcdef|", "up up", "abcdef|\nab\nabcdef");
    check("abcd|ef\nab\nabcdef", "down down", "abcdef\nab\nabcd|ef");
    check("日本語\nab|cdef", "up", "日|本語\nabcdef");
    // A folded line is as many rows as it takes.
    check(
        "aaaa bbbb cccc dddd eeee fff|f",
        "up",
        "aaaa bbb|b cccc dddd eeee ffff",
    );
    check("ab|c", "up", "|abc");
    check("ab|c", "down", "abc|");
}

#[test]
fn a_page_is_what_the_editor_shows() {
    let text: String = (0..20).map(|line| format!("{line:02}\n")).collect();
    let mut editor = editor(&format!("|{text}"));
    press(&mut editor, "ctrl+pageDown");
    assert_eq!(&editor.raw()[editor.caret()..][..2], "05");
    press(&mut editor, "pageDown pageDown pageDown pageDown");
    assert_eq!(editor.caret(), text.len());
    press(&mut editor, "ctrl+pageUp");
    assert_eq!(&editor.raw()[editor.caret()..][..2], "15");
    press(&mut editor, "pageUp pageUp pageUp pageUp");
    assert_eq!(editor.caret(), 0);
}

#[test]
fn characters_are_deleted_on_either_side() {
    check("ab👨‍👩‍👧|c", "backspace", "ab|c");
    check("ab|👨‍👩‍👧c", "delete", "ab|c");
    check("ab|🇩🇪c", "ctrl+d", "ab|c");
    check("a\n|b", "backspace", "a|b");
    check("a|\nb", "delete", "a|b");
    check("|", "backspace delete", "|");
    check("ab|", "ctrl+h", "a|");
    check("ab|c", "shift+backspace", "a|c");
    check("ab|c", "shift+delete", "ab|");
}

#[test]
fn words_and_lines_are_cut() {
    check("one two|", "ctrl+w", "one |");
    check("über größe|", "alt+backspace", "über |");
    check("|one two", "alt+d", "| two");
    check("one| two", "alt+delete", "one|");
    check("one\ntwo th|ree", "ctrl+u", "one\n|ree");
    check("one\n|two", "ctrl+u", "one|two");
    check("o|ne\ntwo", "ctrl+k", "o|\ntwo");
    check("one|\ntwo", "ctrl+k", "one|two");
}

#[test]
fn what_was_cut_comes_back_newest_first() {
    check("one two|", "ctrl+w ctrl+a ctrl+y", "two|one ");
    // Cuts in a row are one, in the order of the text.
    check("one two three|", "ctrl+w ctrl+w ctrl+y", "one two three|");
    check("|one two three", "alt+d alt+d ctrl+y", "one two| three");
    let mut editor = editor("first second|");
    press(&mut editor, "ctrl+w left right ctrl+w ctrl+y");
    assert_eq!(marked(&editor), "first |");
    press(&mut editor, "alt+y");
    assert_eq!(marked(&editor), "second|");
    press(&mut editor, "alt+y");
    assert_eq!(marked(&editor), "first |");
    // Only right after a yank.
    press(&mut editor, "left alt+y");
    assert_eq!(marked(&editor), "first| ");
    check("|", "ctrl+y alt+y", "|");
}

#[test]
fn edits_are_taken_back_one_by_one() {
    let mut editor = editor("|");
    press(&mut editor, "o n e space t w o");
    assert_eq!(marked(&editor), "one two|");
    press(&mut editor, "ctrl+-");
    assert_eq!(marked(&editor), "one |");
    press(&mut editor, "ctrl+-");
    assert_eq!(marked(&editor), "one|");
    press(&mut editor, "ctrl+-");
    assert_eq!(marked(&editor), "|");
    press(&mut editor, "ctrl+-");
    assert_eq!(marked(&editor), "|");

    editor.replace("kept");
    press(&mut editor, "ctrl+u ctrl+-");
    assert_eq!(marked(&editor), "kept|");
    editor.clear();
    press(&mut editor, "ctrl+-");
    assert_eq!(marked(&editor), "kept|");
}

#[test]
fn new_lines_come_from_their_keys_or_from_a_backslash() {
    check("a|b", "shift+enter", "a\n|b");
    check("a|b", "ctrl+j", "a\n|b");
    let mut editor = editor(r"a\|b");
    assert!(editor.backslash_line());
    assert_eq!(marked(&editor), "a\n|b");
    assert!(!editor.backslash_line());
    assert_eq!(marked(&editor), "a\n|b");
}

#[test]
fn letters_are_typed_as_the_keyboard_has_them() {
    check("|", "shift+ä b space ? shift+ß", "Äb ?SS|");
    let mut editor = editor("|");
    let keymap = Keymap::defaults();
    for key in ["alt+x", "ctrl+o", "f5", "super+a"] {
        assert!(!editor.key(key.parse().unwrap(), &keymap), "{key}");
    }
    press(&mut editor, "tab");
    assert_eq!(marked(&editor), "|");
}

#[test]
fn words_of_any_script_are_stepped_over_and_cut() {
    check("漢字 かな|", "alt+left", "漢字 |かな");
    check("漢字|", "ctrl+w", "漢|");
    check("a.b|", "ctrl+w", "a.|");
    check("|can't", "alt+d", "|'t");
    check("|שלום עולם", "alt+right", "שלום| עולם");
}

fn with_history() -> Editor {
    let mut editor = editor("|");
    for prompt in [
        "first",
        "second\nof two rows",
        "second\nof two rows",
        "  ",
        "third",
    ] {
        editor.insert(prompt);
        editor.take();
    }
    editor
}

#[test]
fn up_at_the_top_goes_back_in_time_and_down_at_the_end_returns() {
    let mut editor = with_history();
    press(&mut editor, "d r a f t home up");
    assert_eq!(marked(&editor), "third|");
    press(&mut editor, "up");
    assert_eq!(marked(&editor), "second\nof two rows|");
    press(&mut editor, "up");
    assert_eq!(marked(&editor), "second|\nof two rows");
    press(&mut editor, "up");
    assert_eq!(marked(&editor), "first|");
    press(&mut editor, "up");
    assert_eq!(marked(&editor), "first|", "there is nothing before it");
    press(&mut editor, "down down");
    assert_eq!(marked(&editor), "third|");
    press(&mut editor, "down");
    assert_eq!(marked(&editor), "draft|");
}

#[test]
fn an_old_prompt_that_was_changed_is_a_text_like_any_other() {
    for change in ["x", "backspace", "ctrl+j", "ctrl+w"] {
        let mut editor = with_history();
        press(&mut editor, "up");
        press(&mut editor, change);
        let changed = editor.raw().to_owned();
        press(&mut editor, "down");
        assert_eq!(editor.raw(), changed, "{change}");
    }
    let mut editor = with_history();
    press(&mut editor, "up");
    editor.paste(" and more");
    press(&mut editor, "down");
    assert_eq!(marked(&editor), "third and more|");
}

#[test]
fn keys_of_ones_own_reach_the_history_from_anywhere() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keybindings.json");
    let own = r#"{"tui.editor.historyPrevious": "f7", "tui.editor.historyNext": "f8"}"#;
    std::fs::write(&file, own).unwrap();
    let (keymap, problems) = Keymap::load(&file);
    assert_eq!(problems, []);
    let mut editor = with_history();
    editor.insert("some\ntext");
    let key = |editor: &mut Editor, key: &str| editor.key(key.parse().unwrap(), &keymap);
    assert!(key(&mut editor, "f7"));
    assert_eq!(marked(&editor), "third|");
    assert!(key(&mut editor, "f8"));
    assert_eq!(marked(&editor), "some\ntext|");
}

#[test]
fn what_comes_back_stands_before_what_is_typed() {
    let mut editor = editor("mi|ne");
    editor.put_back(&["one".into(), "  ".into(), "two".into()]);
    assert_eq!(marked(&editor), "one\n\ntwo\n\nmine|");
    press(&mut editor, "ctrl+-");
    assert_eq!(marked(&editor), "mi|ne");
}
