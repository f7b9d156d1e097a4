//! The list of keys: what can be found in it, and what it says of the terminal.

use pi::tui::abilities::{Abilities, Keyboard};
use pi::tui::app::Settings;

use crate::support::screen::{Screen, settings, view};

fn keys(keyboard: Keyboard, columns: u16, rows: u16) -> Screen {
    let settings = Settings {
        abilities: Abilities {
            keyboard,
            ..Abilities::default()
        },
        ..settings()
    };
    let mut screen = Screen::with(view(Vec::new()), settings, columns, rows);
    screen.paste("/hotkeys");
    screen.press("enter");
    screen
}

#[test]
fn keys_are_searched_by_what_they_do_by_their_names_and_by_their_group() {
    let mut screen = keys(Keyboard::Kitty, 70, 24);
    screen.type_text("thinking level");
    let row = screen.row_of("The next thinking level");
    assert!(row.contains("shift+tab"), "{row}");
    assert!(!screen.shows("One character left"));
    screen.press("ctrl+u");
    screen.type_text("ctrl+l");
    assert!(screen.shows("Choose a model"));
    screen.press("ctrl+u");
    screen.paste("qqq");
    assert!(screen.shows("nothing matches; backspace widens"));
    screen.press("backspace backspace backspace");
    assert!(screen.shows("Moving in the editor"));
}

#[test]
fn what_this_terminal_cannot_send_is_marked() {
    let marked = |keyboard| {
        let mut screen = keys(keyboard, 70, 24);
        screen.type_text("new line");
        (screen.row_of("shift+enter"), screen.text())
    };
    let (row, text) = marked(Keyboard::Legacy);
    assert!(row.contains("shift+enter ✗ / ctrl+j"), "{row}");
    assert!(text.contains("this terminal cannot send it"), "{text}");
    let (row, text) = marked(Keyboard::Kitty);
    assert!(row.contains("shift+enter / ctrl+j"), "{row}");
    assert!(!text.contains('✗') && text.contains("kitty protocol"));
    let (row, text) = marked(Keyboard::ModifyOtherKeys);
    assert!(!row.contains('✗') && text.contains("modifyOtherKeys"));
    let (_, text) = marked(Keyboard::Unknown);
    assert!(text.contains("did not say"), "{text}");
}

#[test]
fn on_a_narrow_screen_every_word_can_still_be_read() {
    let mut screen = keys(Keyboard::Legacy, 40, 12);
    screen.type_text("cursorUp");
    let text = screen.text();
    for word in ["One row up;", "first row, an older", "prompt "] {
        assert!(text.contains(word), "{text}");
    }
    screen.press("escape");
    assert!(!screen.shows("One row up"));
}
