//! Colours: which theme is worn, on which terminal, and how that changes while pi runs.

use pi::config::{Appearance, Themes};
use pi::tui::abilities::Answer;
use pi::tui::look::Depth;
use pi::tui::msg::Msg;
use pi::tui::wardrobe::Wardrobe;
use ratatui::style::Color;

use super::citizen::{has, start};
use crate::support::TestPi;
use crate::support::model_server::Turn;
use crate::support::screen::{Screen, settings, view};

/// A screen whose setting `theme` is this.
fn wearing(theme: Option<&str>) -> Screen {
    let mut settings = settings();
    settings.wardrobe = Wardrobe::new(
        Themes::embedded(),
        theme.map(str::to_owned),
        Depth::Truecolor,
    );
    settings.look = settings.wardrobe.dress(&settings.abilities);
    let mut screen = Screen::with(view(Vec::new()), settings, 60, 20);
    screen.run("the question");
    screen
}

fn dark(token: pi::config::Token) -> Option<Color> {
    color("dark", token)
}

fn color(theme: &str, token: pi::config::Token) -> Option<Color> {
    match Themes::embedded().find(theme)?.color(token) {
        pi::config::Color::Rgb(r, g, b) => Some(Color::Rgb(r, g, b)),
        _ => None,
    }
}

#[test]
fn without_a_setting_the_theme_follows_the_terminal_between_dark_and_light() {
    let mut screen = wearing(None);
    let text = pi::config::Token::UserMessageText;
    assert_eq!(Some(screen.color_of("the question")), dark(text));
    screen.tell(Msg::Answer(Answer::Scheme(Appearance::Light)));
    assert_eq!(Some(screen.color_of("the question")), color("light", text));
    // What the ground is counts for more than what the desktop is.
    screen.tell(Msg::Answer(Answer::Background((10, 10, 10))));
    assert_eq!(Some(screen.color_of("the question")), dark(text));
}

#[test]
fn a_pair_of_themes_changes_with_the_terminal_and_one_theme_stays() {
    let text = pi::config::Token::UserMessageText;
    for (setting, after) in [
        ("dark/light", "dark"),
        ("light/dark", "light"),
        ("dark", "dark"),
    ] {
        let mut screen = wearing(Some(setting));
        screen.tell(Msg::Answer(Answer::Background((255, 255, 255))));
        assert_eq!(
            Some(screen.color_of("the question")),
            color(after, text),
            "{setting}"
        );
    }
}

#[test]
fn the_system_theme_is_the_terminals_sixteen_until_it_tells_its_colours() {
    let mut screen = wearing(Some("system"));
    screen.type_text("!ls");
    let border = |screen: &mut Screen| screen.color_of("──────");
    assert_eq!(border(&mut screen), Color::Indexed(2));
    screen.tell(Msg::Answer(Answer::Background((40, 42, 54))));
    screen.tell(Msg::Answer(Answer::Palette(2, (80, 250, 123))));
    assert_eq!(border(&mut screen), Color::Rgb(80, 250, 123));
    // A light ground: the same hue, dark enough to be read.
    screen.tell(Msg::Answer(Answer::Background((255, 255, 255))));
    let Color::Rgb(red, green, blue) = border(&mut screen) else {
        panic!("no colour");
    };
    assert!(
        green > red && green > blue && green < 150,
        "{red} {green} {blue}"
    );
}

#[test]
fn another_theme_can_be_worn_and_one_that_is_not_there_is_refused() {
    let mut screen = wearing(Some("dark"));
    let text = pi::config::Token::UserMessageText;
    screen.app.wear("light").unwrap();
    assert_eq!(Some(screen.color_of("the question")), color("light", text));
    let refusal = screen.app.wear("light/harbour").unwrap_err();
    assert_eq!(
        refusal,
        "there is no theme \"harbour\"; there are system, dark, light"
    );
    assert_eq!(Some(screen.color_of("the question")), color("light", text));
}

/// A theme file in which the text of the person's messages has this colour.
fn theme(color: &str) -> String {
    let dark = include_str!("../../../themes/dark.json");
    let named = dark.replace("\"name\": \"dark\"", "\"name\": \"mine\"");
    named.replace(
        "\"userMessageText\": \"ink\"",
        &format!("\"userMessageText\": {color}"),
    )
}

#[test]
fn a_theme_is_seen_as_soon_as_it_is_saved_and_a_mistake_in_it_is_told() {
    let pi = TestPi::new([Turn::text("An answer.")]);
    pi.write_agent("settings.json", r#"{"theme": "mine"}"#);
    pi.write_agent("themes/mine.json", &theme("\"#010203\""));
    let mut pty = start(&pi, &[("COLORTERM", "truecolor")], "true");
    pty.wait_for_text("oai/scripted");
    pty.type_text("my own words\r");
    pty.wait_for_text("An answer.");
    let is_painted = |wanted: (u8, u8, u8)| {
        move |screen: &vt100::Screen| {
            let rows = screen.contents();
            let row = rows.lines().position(|row| row.contains("my own words"));
            row.is_some_and(|row| {
                let row = u16::try_from(row).unwrap();
                (0..10).any(|column| {
                    let cell = screen.cell(row, column).unwrap();
                    let (r, g, b) = wanted;
                    cell.contents() == "m" && cell.fgcolor() == vt100::Color::Rgb(r, g, b)
                })
            })
        }
    };
    pty.wait_for(is_painted((1, 2, 3)));
    pi.write_agent("themes/mine.json", &theme("\"#040506\""));
    pty.wait_for(is_painted((4, 5, 6)));
    pi.write_agent("themes/mine.json", &theme("\"sink\""));
    pty.wait_for_text("there is no variable \"sink\"");
    assert!(
        pty.contents().contains("userMessageText"),
        "{}",
        pty.contents()
    );
    // As editors do it: a new file in the place of the old one.
    let other = pi.write_agent("themes/mine.json.new", &theme("\"#070809\""));
    std::fs::rename(other, pi.agent().join("themes/mine.json")).unwrap();
    pty.wait_for(is_painted((7, 8, 9)));
}

#[test]
fn no_color_means_no_colour() {
    let pi = TestPi::new([Turn::text("An answer.")]);
    let env = [("NO_COLOR", "1"), ("COLORTERM", "truecolor")];
    let mut pty = start(&pi, &env, "true");
    pty.wait_for_text("oai/scripted");
    pty.type_text("a question\r");
    pty.wait_for_text("An answer.");
    for color in ["[38;", "[48;", ";38;", ";48;", "[31m", "[90m"] {
        assert!(!has(&pty, color.as_bytes()), "{color}");
    }
}
