//! Slash commands and their popup.

use crate::support::screen::Screen;

const NONE: [&str; 0] = [];

#[test]
fn a_command_is_completed_and_run() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("/mo");
    assert!(screen.row_of("Choose a model").starts_with(" › /model"));
    assert_eq!(screen.press("tab"), NONE);
    assert_eq!(screen.app.draft(), "/model ");
    screen.type_text("op");
    assert_eq!(screen.press("enter"), ["Models -> Models"]);
    assert_eq!(screen.app.draft(), "");
}

#[test]
fn enter_runs_what_is_selected_unless_it_wants_more() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("/mo");
    assert_eq!(screen.press("enter"), ["Models -> Models"]);
    screen.type_text("/na");
    assert_eq!(screen.press("enter"), NONE);
    assert_eq!(screen.app.draft(), "/name ");
    screen.type_text("my work");
    assert_eq!(
        screen.press("enter"),
        [r#"SetName("my work") -> Prompt("/name my work")"#]
    );
    screen.type_text("/name");
    assert_eq!(screen.press("enter"), NONE);
    assert!(screen.shows("this session has no name"));
    assert_eq!(screen.app.draft(), "");
}

#[test]
fn the_popup_is_walked_with_arrows_and_closed_with_escape() {
    let mut screen = Screen::new(60, 20);
    screen.type_text("/");
    assert!(screen.row_of("›").contains("/model"));
    screen.press("up");
    assert!(screen.row_of("›").contains("/quit"));
    assert!(!screen.shows("/model"), "five are shown");
    screen.press("down down");
    assert!(screen.row_of("›").contains("/thinking"));
    screen.press("escape");
    assert!(!screen.shows("›"));
    assert_eq!(screen.app.draft(), "/");
    screen.type_text("q");
    assert!(screen.row_of("›").contains("/quit"));
    assert_eq!(screen.press("enter"), ["Quit"]);
}

#[test]
fn on_a_small_screen_the_popup_shows_what_is_selected() {
    let mut screen = Screen::new(20, 5);
    screen.type_text("/");
    assert!(screen.shows("› /model"));
    screen.press("down");
    assert!(screen.shows("› /thinking"));
}

#[test]
fn an_unknown_command_stays_where_it_was_typed() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("/nonsense really");
    assert_eq!(screen.press("enter"), NONE);
    assert!(screen.shows("there is no command /nonsense"));
    assert_eq!(screen.app.draft(), "/nonsense really");
}

#[test]
fn a_path_is_no_command() {
    let mut screen = Screen::new(60, 16);
    screen.type_text("/etc/hosts what is in it");
    let sent = screen.press("enter");
    assert!(sent[0].starts_with("Prompt"), "{sent:?}");
}

#[test]
fn commands_do_what_they_say() {
    let mut screen = Screen::new(60, 16);
    for (typed, sent) in [
        ("/session", "Stats -> Stats"),
        ("/thinking low", "SetThinking(Low)"),
        ("/login", r#"Keys(Providers(Connect("")))"#),
        ("/login groq", r#"Keys(Providers(Connect("groq")))"#),
        ("/logout", r#"Keys(Providers(Forget("")))"#),
        ("/debug", "Report"),
        ("/quit", "Quit"),
    ] {
        screen.paste(typed);
        assert_eq!(screen.press("enter"), [sent], "{typed}");
    }
    screen.paste("/thinking hardly");
    assert_eq!(screen.press("enter"), NONE);
    assert!(screen.shows("\"hardly\" is no thinking level"));
    for (typed, shown) in [("/help", "Commands"), ("/hotkeys", "Keys")] {
        screen.paste(typed);
        assert_eq!(screen.press("enter"), NONE);
        assert!(screen.shows(shown), "{typed}");
        screen.press("escape");
        assert!(!screen.shows("escape closes"));
    }
}

#[test]
fn keys_of_the_app_do_what_they_say() {
    let mut screen = Screen::new(60, 16);
    for (key, sent) in [
        ("ctrl+l", "Models -> Models"),
        ("ctrl+p", "CycleModel { forward: true }"),
        ("shift+ctrl+p", "CycleModel { forward: false }"),
        ("shift+tab", "CycleThinking"),
        ("ctrl+z", "Suspend"),
    ] {
        assert_eq!(screen.press(key), [sent], "{key}");
    }
    assert_eq!(screen.press("ctrl+v"), ["ReadClipboard"]);
}
