//! What bytes mean.

use proptest::prelude::*;

use super::*;
use crate::config::Appearance;
use crate::tui::mouse::{Button, MouseAct};

fn decode(bytes: &[u8]) -> Vec<Input> {
    let mut decoder = Decoder::default();
    decoder.feed(bytes);
    drain(&mut decoder)
}

fn drain(decoder: &mut Decoder) -> Vec<Input> {
    let mut inputs: Vec<_> = std::iter::from_fn(|| decoder.next()).collect();
    decoder.give_up();
    inputs.extend(std::iter::from_fn(|| decoder.next()));
    inputs
}

fn keys(names: &str) -> Vec<Input> {
    let key = |name: &str| Input::Key(name.parse().unwrap());
    names
        .split(' ')
        .filter(|name| !name.is_empty())
        .map(key)
        .collect()
}

#[track_caller]
fn check(bytes: &str, names: &str) {
    assert_eq!(decode(bytes.as_bytes()), keys(names), "{bytes:?}");
}

#[test]
fn every_encoding_of_a_key_is_understood() {
    for (bytes, names) in [
        ("aZ é", "a shift+z space é"),
        ("\x01\x1a\x08\x7f", "ctrl+a ctrl+z ctrl+h backspace"),
        ("\r\n\t\0", "enter ctrl+j tab ctrl+space"),
        ("\x1c\x1d\x1e\x1f", "ctrl+\\ ctrl+] ctrl+^ ctrl+-"),
        (
            "\x1b\r\x1bb\x1b\x7f\x1b\x1d",
            "alt+enter alt+b alt+backspace ctrl+alt+]",
        ),
        ("\x1bB\x1bé", "alt+shift+b alt+é"),
        (
            "\x1b[Z\x1b[1;2A\x1b[1;5D\x1b[1;6B",
            "shift+tab shift+up ctrl+left ctrl+shift+down",
        ),
        (
            "\x1bOA\x1b[A\x1bOP\x1b[15~\x1b[24~\x1b[[A",
            "up up f1 f5 f12 f1",
        ),
        (
            "\x1b[3~\x1b[3;5~\x1b[5~\x1b[6~\x1b[H\x1bOF",
            "delete ctrl+delete pageUp pageDown home end",
        ),
        (
            "\x1b\x1b[A\x1b[3^\x1b[3@\x1b[a",
            "alt+up ctrl+delete ctrl+shift+delete shift+up",
        ),
        // The kitty protocol.
        (
            "\x1b[13;2u\x1b[27u\x1b[127;5u",
            "shift+enter escape ctrl+backspace",
        ),
        (
            "\x1b[112:80;6u\x1b[112;6u\x1b[106;5u",
            "ctrl+shift+p ctrl+shift+p ctrl+j",
        ),
        (
            "\x1b[1079::112;5u\x1b[45;5u\x1b[99;9u",
            "ctrl+p ctrl+- super+c",
        ),
        ("\x1b[47:63;6u\x1b[57414u\x1b[57400u", "ctrl+? enter 1"),
        ("\x1b[97;5:2u\x1b[97;5:3u\x1b[1;1:3A\x1b[57441;2u", "ctrl+a"),
        // modifyOtherKeys.
        (
            "\x1b[27;2;13~\x1b[27;6;80~\x1b[27;5;106~",
            "shift+enter ctrl+shift+p ctrl+j",
        ),
        (
            "\x1b[27;2;65~\x1b[27;2;47~\x1b[27;2;32~",
            "shift+a / shift+space",
        ),
    ] {
        check(bytes, names);
    }
}

#[test]
fn an_escape_alone_is_the_escape_key_once_nothing_follows() {
    let mut decoder = Decoder::default();
    decoder.feed(b"\x1b");
    assert_eq!(decoder.next(), None);
    assert_eq!(decoder.half(), Some(Half::Key));
    decoder.give_up();
    assert_eq!(decoder.next(), Some(keys("escape").remove(0)));
    assert_eq!(decoder.half(), None);
    check("\x1b\x1b", "escape escape");
    check("\x1b[", "alt+[");
}

#[test]
fn a_key_may_come_in_pieces() {
    let mut decoder = Decoder::default();
    let mut inputs = Vec::new();
    for byte in "\x1b[1;5Aé\x1bOB\u{1f600}".bytes() {
        decoder.feed(&[byte]);
        inputs.extend(std::iter::from_fn(|| decoder.next()));
    }
    assert_eq!(inputs, keys("ctrl+up é down \u{1f600}"));
}

#[test]
fn a_paste_is_one_input_whatever_is_in_it() {
    let paste = |text: &str| Input::Paste(text.to_owned());
    let bytes = b"\x1b[200~one\r\ntwo\rthree\x1b[A \xff\x1b[201~x";
    let pasted = paste("one\ntwo\nthree\x1b[A \u{fffd}");
    assert_eq!(decode(bytes), [vec![pasted.clone()], keys("x")].concat());
    let mut decoder = Decoder::default();
    let mut inputs = Vec::new();
    for byte in bytes {
        decoder.feed(&[*byte]);
        inputs.extend(std::iter::from_fn(|| decoder.next()));
    }
    assert_eq!(inputs, [vec![pasted], keys("x")].concat());
}

#[test]
fn the_wheel_the_buttons_and_the_focus_are_inputs() {
    let bytes = b"\x1b[<64;1;1M\x1b[<65;10;2M\x1b[<0;1;1M\x1b[<36;5;9M\x1b[<0;5;9m\x1b[<66;1;1M\x1b[<35;1;1M\x1b[I\x1b[O\x1b[M !!";
    let mouse = |act, column, row, shift| {
        Input::Mouse(Mouse {
            act,
            column,
            row,
            shift,
            alt: false,
            ctrl: false,
        })
    };
    let wanted = [
        mouse(MouseAct::Wheel(-1), 0, 0, false),
        mouse(MouseAct::Wheel(1), 9, 1, false),
        mouse(MouseAct::Press(Button::Left), 0, 0, false),
        mouse(MouseAct::Drag(Button::Left), 4, 8, true),
        mouse(MouseAct::Release(Button::Left), 4, 8, false),
        Input::FocusGained,
        Input::FocusLost,
    ];
    assert_eq!(decode(bytes), wanted);
}

fn answers(bytes: &str) -> Vec<Answer> {
    let answer = |input| match input {
        Input::Answer(answer) => answer,
        other => panic!("{other:?}"),
    };
    decode(bytes.as_bytes()).into_iter().map(answer).collect()
}

#[test]
fn the_terminals_answers_are_told_from_keys() {
    for (bytes, answer) in [
        ("\x1b[?5u", Answer::KittyKeyboard(5)),
        ("\x1b[>4;2m", Answer::ModifyOtherKeys(2)),
        ("\x1b[?62;4;22c", Answer::Attributes { sixel: true }),
        ("\x1b[?64c", Answer::Attributes { sixel: false }),
        (
            "\x1bP>|foot(1.21.0)\x1b\\",
            Answer::Name("foot(1.21.0)".into()),
        ),
        (
            "\x1b]10;rgb:ffff/8080/0000\x07",
            Answer::Foreground((255, 128, 0)),
        ),
        ("\x1b]11;rgb:f/0/8\x1b\\", Answer::Background((255, 0, 136))),
        (
            "\x1b]11;rgba:1e1e/2020/2222/ffff\x07",
            Answer::Background((30, 32, 34)),
        ),
        ("\x1b]11;#102030\x07", Answer::Background((16, 32, 48))),
        (
            "\x1b]4;15;rgb:ff/fe/fd\x07",
            Answer::Palette(15, (255, 254, 253)),
        ),
        ("\x1b]7501;?\x1b\\", Answer::Watched),
        ("\x1b[?2026;2$y", Answer::Synchronized(true)),
        ("\x1b[?2026;0$y", Answer::Synchronized(false)),
        ("\x1b[6;20;10t", Answer::CellSize(10, 20)),
        ("\x1b[?997;1n", Answer::Scheme(Appearance::Dark)),
        ("\x1b[?997;2n", Answer::Scheme(Appearance::Light)),
    ] {
        assert_eq!(answers(bytes), [answer], "{bytes:?}");
    }
}

#[test]
fn an_answer_that_comes_late_and_in_pieces_is_never_typed() {
    let mut decoder = Decoder::default();
    let mut inputs = Vec::new();
    for piece in [
        "\x1b]1",
        "1;rgb:0c0c/0c",
        "0c/0c0c\x1b",
        "\\x\x1b[?6",
        "2;22",
        "cy",
    ] {
        decoder.feed(piece.as_bytes());
        inputs.extend(std::iter::from_fn(|| decoder.next()));
        if !piece.ends_with(['x', 'y']) {
            assert_eq!(decoder.half(), Some(Half::Sequence), "{piece:?}");
        }
    }
    let told = [
        Input::Answer(Answer::Background((12, 12, 12))),
        keys("x").remove(0),
        Input::Answer(Answer::Attributes { sixel: false }),
        keys("y").remove(0),
    ];
    assert_eq!(inputs, told);
}

#[test]
fn what_is_no_answer_that_is_known_is_skipped() {
    check(
        "\x1b]52;c;eA==\x07\x1bP1+r\x1b\\\x1b[?4;1$y\x1b[0n\x1b_Gi=31;OK\x1b\\\x1b]11;rgb:g/0/0\x07\x1b]4;300;rgb:0/0/0\x07a",
        "a",
    );
    check("\x1b[12;\x1b[Aa", "up a");
    check("\x1b]11;rgb:\x1b[Aa", "up a");
    // Without a digit behind it, it is a key.
    check("\x1b]x\x1bPx", "alt+] x alt+shift+p x");
}

proptest! {
    #[test]
    fn any_bytes_are_allowed_and_none_gets_stuck(chunks in prop::collection::vec("[\\x1b\\[O0-9;:~uM<A-Ca\u{9b}é]{0,12}", 0..6)) {
        let mut decoder = Decoder::default();
        for chunk in &chunks {
            decoder.feed(chunk.as_bytes());
            while decoder.next().is_some() {}
        }
        drain(&mut decoder);
        prop_assert_eq!(decoder.half(), None);
    }
}
