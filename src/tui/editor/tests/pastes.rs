//! Large pastes are one step of the caret on the screen and whole in what is sent.

use super::*;

fn lines(count: usize) -> String {
    let lines: Vec<String> = (1..=count).map(|line| format!("line {line}")).collect();
    lines.join("\n")
}

fn rows(editor: &mut Editor) -> Vec<String> {
    let (width, height) = (editor.width, editor.page);
    let area = ratatui::layout::Rect::new(0, 0, width, height);
    let mut buffer = ratatui::buffer::Buffer::empty(area);
    editor.draw(area, &mut buffer, Default::default(), Default::default());
    let row = |y| {
        (0..width)
            .map(|x| buffer[(x, y)].symbol())
            .collect::<String>()
    };
    let rows: Vec<String> = (0..height).map(row).collect();
    rows.iter().map(|row| row.trim_end().to_owned()).collect()
}

#[test]
fn ten_lines_stay_and_eleven_become_a_marker() {
    let mut editor = editor("|");
    editor.paste(&lines(10));
    assert_eq!(editor.raw(), lines(10));
    editor.clear();
    editor.resize(40, 1);
    editor.insert("see ");
    editor.paste(&lines(11));
    assert_eq!(rows(&mut editor), ["see [paste #1 +11 lines]"]);
    assert_eq!(editor.text(), format!("see {}", lines(11)));
}

#[test]
fn a_thousand_characters_stay_and_one_more_becomes_a_marker() {
    let mut editor = editor("|");
    editor.paste(&"ü".repeat(1000));
    assert_eq!(editor.raw().len(), 2000);
    editor.clear();
    editor.resize(40, 1);
    editor.paste(&"ü".repeat(1001));
    assert_eq!(rows(&mut editor), ["[paste #1 1001 chars]"]);
}

#[test]
fn a_marker_is_one_step_and_one_word() {
    let mut editor = editor("|");
    editor.insert("a");
    editor.paste(&lines(20));
    editor.insert("b");
    press(&mut editor, "left left");
    assert_eq!(editor.caret(), 1);
    press(&mut editor, "alt+right");
    assert_eq!(editor.caret(), editor.raw().len() - 1);
    press(&mut editor, "ctrl+w");
    assert_eq!(editor.text(), "ab");
    press(&mut editor, "ctrl+y");
    assert_eq!(editor.text(), format!("a{}b", lines(20)));
    press(&mut editor, "backspace ctrl+-");
    assert_eq!(editor.text(), format!("a{}b", lines(20)));
}

#[test]
fn markers_count_up_and_expand_when_taken_and_again_from_the_history() {
    let mut editor = editor("|");
    editor.resize(80, 1);
    editor.paste(&lines(12));
    editor.insert(" and ");
    editor.paste(&"x".repeat(2000));
    assert_eq!(
        rows(&mut editor),
        ["[paste #1 +12 lines] and [paste #2 2000 chars]"]
    );
    let whole = format!("{} and {}", lines(12), "x".repeat(2000));
    assert_eq!(editor.take(), whole);
    assert_eq!(editor.text(), "");
    press(&mut editor, "up");
    assert_eq!(
        rows(&mut editor),
        ["[paste #1 +12 lines] and [paste #2 2000 chars]"]
    );
    assert_eq!(editor.take(), whole);
}

#[test]
fn line_ends_of_any_kind_are_line_ends_and_controls_are_not_kept() {
    let mut editor = editor("|");
    editor.paste("a\r\nb\rc\n\x1b[31md\x07\x00\te\u{9b}f");
    // Those above `~` stay, and cannot be seen.
    assert_eq!(editor.text(), "a\nb\nc\n[31md\te\u{9b}f");
    editor.resize(20, 4);
    assert!(rows(&mut editor)[3].ends_with("e\u{fffd}f"));
}

#[test]
fn text_that_looks_like_a_stand_in_is_none() {
    let mut editor = editor("|");
    editor.paste(&lines(11));
    let stand_in = editor.raw().to_owned();
    editor.clear();
    editor.resize(40, 1);
    editor.paste(&format!("a{stand_in}b"));
    assert_eq!(editor.text(), format!("a{stand_in}b"));
    assert_eq!(rows(&mut editor), ["[paste #2 3 chars]"]);
    editor.clear();
    editor.insert(&stand_in);
    assert_eq!(editor.text(), "\u{fffd}");
}

#[test]
fn line_ends_that_a_terminal_sends_as_keys_are_line_ends() {
    let mut editor = editor("|");
    editor.paste("a\u{1b}[106;5ub\u{1b}[105;5uc\u{1b}[77;5ud\u{1b}[999;5u\u{1b}[12");
    assert_eq!(editor.text(), "a\nb\tc\nd[999;5u[12");
}

#[test]
fn a_path_is_set_apart_from_the_word_before_it() {
    for (before, pasted, wanted) in [
        ("see", "/tmp/a.png", "see /tmp/a.png"),
        ("see ", "/tmp/a.png", "see /tmp/a.png"),
        ("(", "~/a", "(~/a"),
        ("v1", ".2", "v1 .2"),
        ("a", "b", "ab"),
    ] {
        let mut editor = editor("|");
        editor.insert(before);
        editor.paste(pasted);
        assert_eq!(editor.text(), wanted);
    }
}

#[test]
fn what_was_pasted_and_comes_back_is_its_marker_again() {
    let mut editor = editor("|");
    editor.resize(60, 1);
    editor.insert("look: ");
    editor.paste(&lines(30));
    editor.insert(" there");
    let marked = ["look: [paste #1 +30 lines] there"];
    // The external editor gives it back.
    let whole = editor.text();
    editor.replace(&whole);
    assert_eq!(rows(&mut editor), marked);
    // It was sent, and refused, or taken back from the queue.
    assert_eq!(editor.take(), whole);
    editor.put_back(std::slice::from_ref(&whole));
    assert_eq!(rows(&mut editor), marked);
    assert_eq!(editor.text(), whole);
    // What was changed in it is the person's own.
    editor.replace(&whole.replace("line 7", "line seven"));
    assert!(editor.text().contains("line seven") && editor.raw().contains("line 30"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_character_of_a_paste_is_lost(text in "(\\PC|[\n\t\u{7f}\u{80}-\u{9f}\u{202e}\u{10f000}-\u{10f003}]){0,40}", times in 1usize..60) {
        let text = text.repeat(times);
        let mut editor = editor("|");
        editor.paste(&text);
        proptest::prop_assert_eq!(editor.text(), text.clone());
        let taken = editor.take();
        proptest::prop_assert_eq!(&taken, &text);
        editor.put_back(&[taken]);
        let wanted = if text.trim().is_empty() { String::new() } else { text };
        proptest::prop_assert_eq!(editor.text(), wanted);
    }
}

#[test]
fn a_megabyte_on_one_line_is_pasted_and_put_back_as_a_marker() {
    let mut editor = editor("|");
    let big = "y".repeat(1 << 20);
    editor.put_back(std::slice::from_ref(&big));
    assert_eq!(editor.raw().chars().count(), 1);
    assert_eq!(editor.take(), big);
    editor.insert(&big);
    assert_eq!(editor.raw().chars().count(), 1);
    editor.replace(&big);
    assert_eq!(editor.take(), big);
}
