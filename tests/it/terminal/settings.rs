//! The settings: searched, changed, put in force.

use pi::config::settings::TuiMode;
use pi::session::Reply;
use pi::tui::msg::{Asked, Msg};
use pi::tui::panels::ENTRIES;
use pi::tui::preferences::{Answer, Change, Source};
use pi::tui::wardrobe::Wardrobe;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::support::chosen::{fresh, standing, standing_with};
use crate::support::screen::{Screen, model, settings, view};
use crate::transcript::stage::{assistant, user};

const NONE: [&str; 0] = [];

/// The settings, open, with all of them known.
fn open(columns: u16, rows: u16) -> Screen {
    let mut screen = Screen::new(columns, rows);
    screen.paste("/settings");
    assert_eq!(screen.press("enter"), ["Models -> Settings"]);
    let models = ["big", "small"].map(|id| Arc::new(model(id)));
    let asked = screen.reply(Asked::Settings, Reply::Models(models.into()));
    assert_eq!(asked, ["Prefer(Standing)"]);
    screen.tell(Msg::Preferred(Answer::Standing(Box::new(standing()))));
    screen
}

fn search(screen: &mut Screen, words: &str) {
    screen.press("ctrl+u");
    screen.paste(words);
}

/// The change that a key has asked for.
fn change(asked: &[String]) -> String {
    let [one] = asked else { panic!("{asked:?}") };
    one.clone()
}

fn set(path: &[&str], value: &str) -> String {
    let value: Option<Value> = serde_json::from_str(value).ok();
    let path = path.iter().map(ToString::to_string).collect();
    format!("Prefer(Set({:?}))", vec![Change { path, value }])
}

#[test]
fn every_setting_of_the_panel_is_one_that_the_program_acts_on() {
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/settings.md"));
    let docs = docs.unwrap();
    for entry in ENTRIES {
        let row = docs
            .lines()
            .find(|row| row.starts_with(&format!("| `{}` |", entry.name)));
        let row = row.unwrap_or_else(|| panic!("{} is not documented", entry.name));
        assert!(row.ends_with("| now |"), "{row}");
        assert!(!entry.does().is_empty());
    }
}

#[test]
fn a_setting_is_found_changed_and_said_to_be_saved() {
    for (columns, rows) in [(80, 24), (40, 12)] {
        let mut screen = open(columns, rows);
        search(&mut screen, "hide");
        assert!(screen.row_of("› Hide thinking").contains("false"));
        let asked = screen.press("space");
        assert_eq!(change(&asked), set(&["hideThinkingBlock"], "true"));
        assert!(screen.row_of("› Hide thinking").contains("true"), "at once");
        let changed = pi::tui::app::Settings {
            hide_thinking: true,
            ..settings()
        };
        let changes = vec![Change::of("hideThinkingBlock", Some(json!(true)))];
        let done = Answer::Set(changes, Ok(Box::new(fresh(changed))));
        assert_eq!(screen.tell(Msg::Preferred(done)), ["Prefer(Standing)"]);
        assert!(screen.shows("saved; it holds now"));
    }
}

#[test]
fn values_go_round_both_ways_and_back_to_the_default() {
    let mut screen = open(80, 24);
    search(&mut screen, "double");
    let asked = screen.press("left");
    assert_eq!(change(&asked), set(&["doubleEscapeAction"], "\"none\""));
    let asked = screen.press("right");
    assert_eq!(change(&asked), set(&["doubleEscapeAction"], "\"tree\""));
    let asked = screen.press("delete");
    assert_eq!(change(&asked), set(&["doubleEscapeAction"], ""));
}

#[test]
fn many_values_are_a_list_of_their_own() {
    let mut screen = open(40, 12);
    search(&mut screen, "tree filter");
    assert_eq!(screen.press("enter"), NONE);
    assert!(screen.row_of("› default").contains('✓'));
    screen.press("escape");
    assert!(screen.shows("› Tree filter"), "back in the settings");
    let asked = screen.press("enter end enter");
    assert_eq!(change(&asked), set(&["treeFilterMode"], "\"all\""));
    assert!(screen.row_of("› Tree filter").contains("all"));
}

#[test]
fn a_number_is_typed_and_must_be_one_that_can_be() {
    let mut screen = open(80, 24);
    search(&mut screen, "completions");
    screen.press("enter");
    assert!(screen.shows("Completions shown (3 to 20)"));
    screen.press("backspace");
    screen.type_text("99");
    assert_eq!(screen.press("enter"), NONE);
    assert!(screen.shows("Completions shown must be 3 to 20"));
    screen.press("backspace");
    let asked = screen.press("enter");
    assert_eq!(change(&asked), set(&["autocompleteMaxVisible"], "9"));
}

#[test]
fn a_command_is_typed_and_none_is_the_default() {
    let mut screen = open(80, 24);
    search(&mut screen, "external");
    screen.press("enter");
    screen.type_text("code --wait");
    let asked = screen.press("enter");
    assert_eq!(change(&asked), set(&["externalEditor"], "\"code --wait\""));
    screen.press("enter ctrl+u");
    assert_eq!(change(&screen.press("enter")), set(&["externalEditor"], ""));
}

#[test]
fn a_theme_is_seen_before_it_is_chosen_and_gone_when_it_is_not() {
    let mut screen = open(80, 24);
    let before = screen.color_of("Settings");
    assert_eq!(screen.press("enter"), NONE);
    assert_eq!(screen.press("down"), NONE);
    assert!(screen.shows("› light"));
    assert_ne!(screen.color_of("Theme"), before);
    assert_eq!(screen.press("escape"), NONE);
    assert_eq!(screen.color_of("Settings"), before);
    let asked = screen.press("enter down enter");
    assert_eq!(change(&asked), set(&["theme"], "\"light\""));
    let mut wardrobe = Wardrobe::default();
    wardrobe.wear("light").unwrap();
    let worn = pi::tui::app::Settings {
        wardrobe,
        ..settings()
    };
    let mut fresh = fresh(worn);
    fresh.redress = true;
    let changes = vec![Change::of("theme", Some(json!("light")))];
    screen.tell(Msg::Preferred(Answer::Set(changes, Ok(Box::new(fresh)))));
    assert_ne!(screen.color_of("Settings"), before, "it is worn");
}

#[test]
fn where_a_value_comes_from_is_said() {
    let mut screen = open(80, 24);
    let project = ("editorPaddingX", json!(2), Source::Project);
    let flag = ("theme", json!("mine"), Source::Run("--use-theme".into()));
    let odd = ("retry.maxRetries", json!("many"), Source::User);
    screen.tell(Msg::Preferred(standing_with(&[project, flag, odd])));
    assert!(screen.row_of("› Theme").contains("mine"));
    assert!(screen.shows("from --use-theme, which wins over the files in this run"));
    search(&mut screen, "padding");
    assert!(screen.row_of("› Editor padding").contains('2'));
    assert!(screen.shows("from the project's .pi/settings.json"));
    search(&mut screen, "maxRetries");
    assert!(screen.row_of("› Retries").contains("none"), "no nonsense");
}

#[test]
fn a_refusal_is_said_and_the_truth_is_asked_for() {
    let mut screen = open(80, 24);
    search(&mut screen, "auto-compact");
    screen.press("space");
    let changes = vec![Change::of("compaction.enabled", Some(json!(false)))];
    let refused = Answer::Set(changes, Err("settings.json:3:1: not valid JSON".into()));
    assert_eq!(screen.tell(Msg::Preferred(refused)), ["Prefer(Standing)"]);
    assert!(screen.shows("settings.json:3:1: not valid JSON"));
}

#[test]
fn a_model_gets_a_level_of_its_own() {
    let mut screen = open(80, 24);
    search(&mut screen, "per model");
    screen.press("enter");
    screen.type_text("small");
    screen.press("enter");
    assert!(screen.shows("How hard small thinks"));
    let asked = screen.press("down down enter");
    let path = ["modelThinkingLevels", "acme/small"];
    assert_eq!(change(&asked), set(&path, "\"low\""));
}

#[test]
fn a_default_model_is_two_settings_at_once() {
    let mut screen = open(80, 24);
    search(&mut screen, "default model");
    screen.press("enter");
    screen.type_text("small");
    let asked = change(&screen.press("enter"));
    let changes = [("defaultProvider", "acme"), ("defaultModel", "small")];
    let changes = changes.map(|(name, value)| Change::of(name, Some(json!(value))));
    assert_eq!(asked, format!("Prefer(Set({:?}))", changes.to_vec()));
}

#[test]
fn the_list_is_walked_clicked_and_says_when_nothing_matches() {
    let mut screen = open(40, 12);
    screen.press("end");
    let last = ENTRIES.last().unwrap().label;
    assert!(screen.shows(&format!("› {last}")));
    screen.press("pageUp home");
    assert!(screen.shows("› Theme"));
    search(&mut screen, "auto-compact");
    let asked = screen.click("Auto-compact");
    assert_eq!(change(&asked), set(&["compaction", "enabled"], "false"));
    search(&mut screen, "zzzz");
    assert!(screen.shows("nothing matches"));
    assert_eq!(screen.press("enter space left delete escape"), NONE);
    assert!(!screen.shows("Settings"));
}

#[test]
fn what_a_command_is_followed_by_is_searched() {
    let mut screen = Screen::new(60, 20);
    screen.paste("/settings steer");
    screen.press("enter");
    screen.reply(Asked::Settings, Reply::Models(Vec::new()));
    assert!(screen.shows("› Steering messages"));
    assert!(screen.shows("reading the settings…"));
    assert_eq!(screen.press("enter space"), NONE, "nothing is known yet");
}

#[test]
fn settings_are_put_in_force_without_losing_the_draft() {
    let mut screen = Screen::new(60, 20);
    screen.type_text("draft");
    let (column, _) = screen.place_of("draft");
    let wide = pi::tui::app::Settings {
        padding: 3,
        ..settings()
    };
    let changes = vec![Change::of("editorPaddingX", Some(json!(3)))];
    screen.tell(Msg::Preferred(Answer::Set(
        changes,
        Ok(Box::new(fresh(wide))),
    )));
    assert_eq!(screen.place_of("draft").0, column + 3);
}

fn hold(
    screen: &mut Screen,
    name: &str,
    value: Value,
    settings: pi::tui::app::Settings,
) -> Vec<String> {
    let changes = vec![Change::of(name, Some(value))];
    let answer = Answer::Set(changes, Ok(Box::new(fresh(settings))));
    screen.tell(Msg::Preferred(answer))
}

#[test]
fn another_mode_is_asked_for_once_and_only_when_it_is_another() {
    let mut screen = open(80, 24);
    search(&mut screen, "terminal mode");
    let asked = screen.press("enter");
    assert_eq!(change(&asked), set(&["tuiMode"], "\"regular\""));
    let regular = pi::tui::app::Settings {
        mode: TuiMode::Regular,
        ..settings()
    };
    let asked = hold(&mut screen, "tuiMode", json!("regular"), regular.clone());
    assert_eq!(asked, ["Mode(Regular)", "Prefer(Standing)"]);
    let asked = hold(&mut screen, "timestamps", json!(true), regular);
    assert_eq!(asked, ["Prefer(Standing)"]);
    let asked = hold(&mut screen, "tuiMode", json!("fullscreen"), settings());
    assert_eq!(asked, ["Mode(Fullscreen)", "Prefer(Standing)"]);
}

#[test]
fn the_transcript_stands_at_the_edge_without_its_padding() {
    let mut screen = Screen::over(
        view(vec![
            user("a question"),
            assistant(vec![pi::ai::Content::text("an answer")]),
        ]),
        60,
        20,
    );
    let columns =
        |screen: &mut Screen| ["a question", "an answer"].map(|text| screen.place_of(text).0);
    assert_eq!(columns(&mut screen), [1, 1]);
    let bare = pi::tui::app::Settings {
        padded: false,
        ..settings()
    };
    assert_eq!(hold(&mut screen, "outputPad", json!(0), bare), NONE);
    assert_eq!(columns(&mut screen), [0, 0]);
    hold(&mut screen, "outputPad", json!(1), settings());
    assert_eq!(columns(&mut screen), [1, 1]);
}
