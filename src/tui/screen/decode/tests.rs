//! What bytes mean.

use proptest::prelude::*;

use super::*;
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
    assert!(decoder.is_waiting());
    decoder.give_up();
    assert_eq!(decoder.next(), Some(keys("escape").remove(0)));
    assert!(!decoder.is_waiting());
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

#[test]
fn answers_that_nobody_here_asked_for_are_skipped() {
    check(
        "\x1b[?62;4c\x1b]11;rgb:0/0/0\x07\x1bP>|xterm\x1b\\\x1b[?5u\x1b[0na",
        "a",
    );
    check("\x1b[12;\x1b[Aa", "up a");
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
        prop_assert!(!decoder.is_waiting());
    }
}
