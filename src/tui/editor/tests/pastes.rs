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
    assert_eq!(editor.text(), "a\nb\nc\n[31md\tef");
}

#[test]
fn text_that_looks_like_a_stand_in_is_none() {
    let mut editor = editor("|");
    editor.paste(&lines(11));
    let stand_in = editor.raw().to_owned();
    editor.clear();
    editor.paste(&stand_in);
    assert_eq!(editor.text(), "\u{fffd}");
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
