//! Theme files beside the embedded themes.

use std::fs;
use std::path::Path;

use pi::config::{Appearance, Color, Surroundings, ThemePath, Themes, Token};
use serde_json::{Value, json};

/// A theme in which every required role has the colour `all`, with `more` over it.
fn theme(name: &str, all: Value, more: Value) -> String {
    let required = Token::ALL.iter().filter(|token| token.fallback().is_none());
    let mut colors: serde_json::Map<String, Value> = required
        .map(|token| (token.name().to_owned(), all.clone()))
        .collect();
    colors.extend(more.as_object().unwrap().clone());
    let vars =
        json!({"blue": "#0af", "again": "blue", "round": "about", "about": "round", "far": 256});
    json!({"name": name, "vars": vars, "colors": colors}).to_string()
}

/// What is loaded from a directory with one theme file, and what is said without the directory.
fn load(text: &str) -> (Themes, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("mine.json"), text).unwrap();
    load_from(dir.path())
}

fn load_from(dir: &Path) -> (Themes, Vec<String>) {
    let place = ThemePath {
        path: dir.to_path_buf(),
        optional: true,
    };
    let (themes, problems) = Themes::load(&[place]);
    let prefix = format!("{}/", dir.display());
    let said = problems.iter().map(|p| p.to_string().replace(&prefix, ""));
    (themes, said.collect())
}

#[test]
fn a_users_theme_knows_variables_hex_indices_and_the_terminals_own_colour() {
    let more = json!({"accent": "again", "error": 196, "text": "", "success": "#00ff00"});
    let (themes, said) = load(&theme("mine", json!("#102030"), more));
    assert_eq!(said, Vec::<String>::new());
    let mine = themes.find("mine").unwrap();
    assert_eq!(mine.color(Token::Accent), Color::Rgb(0, 170, 255));
    assert_eq!(mine.color(Token::Error), Color::Indexed(196));
    assert_eq!(mine.color(Token::Text), Color::Default);
    assert_eq!(mine.color(Token::Success), Color::Rgb(0, 255, 0));
    assert_eq!(mine.color(Token::MdHr), Color::Rgb(16, 32, 48));
}

#[test]
fn a_theme_from_before_the_later_roles_lends_them_its_older_colours() {
    let (themes, _) = load(&theme(
        "old",
        json!(1),
        json!({"selectedBg": 2, "thinkingXhigh": 3}),
    ));
    let old = themes.find("old").unwrap();
    assert_eq!(old.color(Token::SearchMatchBg), Color::Indexed(2));
    assert_eq!(old.color(Token::ThinkingMax), Color::Indexed(3));
    assert_eq!(old.color(Token::ScrollbarThumb), Color::Indexed(1));
}

#[test]
fn a_bad_theme_is_left_out_and_its_file_and_role_are_named() {
    for (accent, said) in [
        (json!("#12"), "\"#12\" is not a colour like \"#1a2b3c\""),
        (json!("gone"), "there is no variable \"gone\""),
        (
            json!("round"),
            "its variables refer to each other in a circle",
        ),
        (json!("far"), "256 is not between 0 and 255"),
        (json!(true), "should be a string or a number, is a boolean"),
    ] {
        let (themes, found) = load(&theme("m", json!(""), json!({ "accent": accent })));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("mine.json:1:"), "{found:?}");
        assert!(
            found[0].ends_with(&format!(": colors.accent: {said}")),
            "{found:?}"
        );
        assert!(themes.find("m").is_none());
    }
}

#[test]
fn missing_roles_are_all_named_at_once() {
    let (_, said) = load(r#"{"name": "m", "colors": {"accent": 1}}"#);
    assert!(
        said[0].starts_with("mine.json:1:15: colors: colours are missing: border, borderAccent,"),
        "{said:?}"
    );
    assert!(said[0].ends_with("bashMode"), "{said:?}");
}

#[test]
fn a_name_that_is_taken_and_a_file_that_is_not_there_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(
        dir.path().join("a.json"),
        theme("dark", json!(1), json!({})),
    )
    .unwrap();
    let (themes, said) = load_from(dir.path());
    assert_eq!(said, ["a.json: a theme named \"dark\" is there already"]);
    assert_ne!(
        themes.find("dark").unwrap().color(Token::Accent),
        Color::Indexed(1)
    );

    let gone = dir.path().join("gone.json");
    let (_, problems) = Themes::load(&[ThemePath {
        path: gone.clone(),
        optional: false,
    }]);
    assert_eq!(problems.len(), 1);
    let (_, problems) = Themes::load(&[ThemePath {
        path: gone,
        optional: true,
    }]);
    assert_eq!(problems, []);
}

#[test]
fn the_setting_chooses_and_the_terminal_decides_what_is_left_open() {
    let (themes, _) = load(&theme("mine", json!(1), json!({})));
    let name = |setting: Option<&str>, appearance| {
        let around = Surroundings {
            appearance,
            ..Surroundings::default()
        };
        let (theme, unknown) = themes.choose(setting, &around);
        (theme.name.clone(), unknown)
    };
    assert_eq!(name(None, Appearance::Dark), ("dark".into(), None));
    assert_eq!(name(None, Appearance::Light), ("light".into(), None));
    assert_eq!(name(Some("mine"), Appearance::Light), ("mine".into(), None));
    assert_eq!(
        name(Some("light/mine"), Appearance::Dark),
        ("mine".into(), None)
    );
    assert_eq!(
        name(Some("light/mine"), Appearance::Light),
        ("light".into(), None)
    );
    assert_eq!(
        name(Some("lost"), Appearance::Dark),
        ("dark".into(), Some("lost".into()))
    );
}

#[test]
fn the_name_of_the_terminals_own_theme_is_taken() {
    let (themes, said) = load(&theme("system", json!(1), json!({})));
    assert!(themes.find("system").is_none());
    assert!(
        said[0].contains("\"system\" is the theme of the terminal's own"),
        "{said:?}"
    );
}
