//! Everything is read again: settings, keys, themes, models, what the model is told.

use pi::session::Reply;
use pi::tui::msg::{Asked, Msg};
use pi::tui::preferences::{Answer, Reloaded};
use serde_json::json;

use super::program::{SCRIPT, assert_over, say, start, start_in};
use crate::support::TestPi;
use crate::support::chosen::fresh;
use crate::support::model_server::{ModelServer, Turn};
use crate::support::screen::{Screen, settings};

#[test]
fn one_notice_says_what_is_different_and_what_is_wrong() {
    let mut screen = Screen::new(80, 24);
    screen.type_text("draft");
    let answer = Answer::Reloaded(Box::new(Reloaded {
        fresh: fresh(settings()),
        news: vec!["settings: theme".into(), "keys: app.clear".into()],
        problems: vec!["keybindings.json:2:3: nonsense".into()],
    }));
    screen.tell(Msg::Preferred(answer));
    for said in [
        "Reloaded.",
        "settings: theme",
        "keys: app.clear",
        "not right: keybindings.json:2:3: nonsense",
        "draft",
    ] {
        assert!(screen.shows(said), "{said} in\n{}", screen.text());
    }
}

#[test]
fn a_run_is_not_pulled_from_under() {
    let mut screen = Screen::new(80, 24);
    screen.run("go");
    screen.paste("/reload");
    assert_eq!(screen.press("enter"), [""; 0]);
    assert!(screen.shows("the model is at work"));
}

#[test]
fn keys_that_have_changed_hold_at_once() {
    let mut screen = Screen::new(80, 24);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keybindings.json");
    std::fs::write(&file, r#"{"app.model.select": "ctrl+q"}"#).unwrap();
    let changed = pi::tui::app::Settings {
        keymap: pi::config::Keymap::load(&file).0,
        quiet: false,
        ..settings()
    };
    let answer = Answer::Reloaded(Box::new(Reloaded {
        fresh: fresh(changed),
        news: Vec::new(),
        problems: Vec::new(),
    }));
    screen.tell(Msg::Preferred(answer));
    assert!(screen.shows("Reloaded; nothing is different."));
    assert!(screen.shows("ctrl+q"), "the header names it");
    assert_eq!(screen.press("ctrl+q"), ["Models -> Models"]);
}

#[test]
fn the_conversation_goes_by_it_too() {
    let mut screen = Screen::new(80, 24);
    let mut fresh = fresh(settings());
    fresh.scope = Some(Vec::new());
    let answer = Answer::Reloaded(Box::new(Reloaded {
        fresh,
        news: Vec::new(),
        problems: Vec::new(),
    }));
    assert_eq!(screen.tell(Msg::Preferred(answer)), ["SetScope([])"]);
    screen.reply(Asked::Renewed, Reply::Done);
}

#[test]
fn what_is_written_while_pi_runs_holds_after_a_reload() {
    let pi = TestPi::new([Turn::text("First."), Turn::text("Second.")]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    say(&mut pty, "one?");
    pty.wait_for_text("First.");
    pi.write("project/AGENTS.md", "Always answer in rhyme.");
    pi.write_agent("settings.json", r#"{"defaultTools": ["read"]}"#);
    pi.write_agent(
        "keybindings.json",
        r#"{"app.tools.expand": "ctrl+y", "no.such": "a"}"#,
    );
    say(&mut pty, "/reload");
    pty.wait_for_text("settings: defaultTools");
    pty.wait_for_text("keys: app.tools.expand");
    pty.wait_for_text("AGENTS.md");
    pty.wait_for_text("there is no such action");
    say(&mut pty, "two?");
    pty.wait_for_text("Second.");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let requests = pi.server.requests();
    let (first, second) = (&requests[0].raw_body, &requests[1].raw_body);
    assert!(!first.contains("in rhyme") && second.contains("in rhyme"));
    let has_bash = |body: &str| body.contains(r#""name":"bash""#);
    assert!(has_bash(first) && !has_bash(second));
}

#[test]
fn a_setting_that_is_changed_in_the_terminal_is_in_the_file_with_what_else_was_there() {
    let pi = TestPi::new([]);
    let file = pi.write_agent("settings.json", "{\n  // mine\n  \"unknown\": 1\n}\n");
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    say(&mut pty, "/settings auto-compact");
    pty.wait_for_text("› Auto-compact");
    pty.wait_for_text("the default");
    pty.send(b" ");
    pty.wait_for_text("saved; it holds now");
    pty.send(b"\x1b");
    pty.wait_for(|screen| !screen.contents().contains("Auto-compact"));
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("// mine") && text.contains("\"unknown\": 1"));
    let read = pi::config::jsonc::Document::parse("x".as_ref(), text).unwrap();
    assert_eq!(read.root()["compaction"]["enabled"], false);
}

#[test]
fn the_round_that_is_chosen_is_the_one_that_is_cycled() {
    let pi = TestPi::new([]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    say(&mut pty, "/scoped-models");
    pty.wait_for_text("Models to cycle through");
    // None of them, then two.
    pty.send(b"\x18");
    pty.wait_for_text("0/4");
    pty.type_text("thinker");
    pty.wait_for_text("/ thinker");
    pty.send(b"\x01");
    pty.wait_for_text("2/4");
    pty.send(b"\x13");
    pty.wait_for_text("saved to the settings");
    pty.send(b"\x1b");
    pty.wait_for(|screen| !screen.contents().contains("Models to cycle"));
    for expected in ["oai/thinker", "ant/thinker", "oai/thinker"] {
        pty.send(b"\x10");
        pty.wait_for_text(&format!("{expected} ·"));
    }
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    let saved = std::fs::read_to_string(pi.agent().join("settings.json")).unwrap();
    let saved = pi::config::jsonc::Document::parse("x".as_ref(), saved).unwrap();
    let models = saved.root()["enabledModels"].clone();
    assert_eq!(models, serde_json::json!(["oai/thinker", "ant/thinker"]));
}

/// The usual `models.json`, with the first provider at this server and more models of it.
fn models(pi: &TestPi, server: &ModelServer, more: &[&str]) {
    let own = ["scripted", "thinker"].iter().chain(more);
    let own: Vec<_> = own.map(|id| json!({"id": id})).collect();
    let models = json!({"providers": {"oai": {"baseUrl": server.url_v1(),
        "api": "openai-completions", "apiKey": "k", "models": own}}});
    pi.write_agent("models.json", &models.to_string());
}

#[test]
fn the_model_in_use_is_where_the_file_says_after_a_reload_and_after_a_look_at_the_models() {
    let pi = TestPi::new([Turn::text("First."), Turn::text("Third.")]);
    let other = ModelServer::start([Turn::text("Second.")]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    say(&mut pty, "one?");
    pty.wait_for_text("First.");
    models(&pi, &other, &[]);
    say(&mut pty, "/reload");
    pty.wait_for_text("Reloaded");
    say(&mut pty, "two?");
    pty.wait_for_text("Second.");
    models(&pi, &pi.server, &["newest"]);
    say(&mut pty, "/model");
    pty.wait_for_text("newest");
    pty.send(b"\x1b");
    pty.wait_for(|screen| !screen.contents().contains("newest"));
    say(&mut pty, "three?");
    pty.wait_for_text("Third.");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    assert_eq!((pi.server.requests().len(), other.requests().len()), (2, 1));
}

#[test]
fn a_model_that_nobody_lists_goes_with_its_provider() {
    let pi = TestPi::new([]);
    let other = ModelServer::start([Turn::text("Here.")]);
    let mut pty = start_in(&pi, SCRIPT, &["--model", "oai/unlisted"], (80, 24));
    pty.wait_for_text("oai/unlisted");
    models(&pi, &other, &[]);
    say(&mut pty, "/reload");
    pty.wait_for_text("Reloaded");
    say(&mut pty, "who?");
    pty.wait_for_text("Here.");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    assert_eq!(other.requests()[0].body["model"], "unlisted");
}

#[test]
fn the_round_of_the_settings_has_the_models_that_a_reload_brings() {
    let pi = TestPi::new([Turn::text("Here.")]);
    pi.write_agent("settings.json", r#"{"enabledModels": ["oai/*"]}"#);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    models(&pi, &pi.server, &["third"]);
    say(&mut pty, "/reload");
    pty.wait_for_text("models: +oai/third");
    pty.send(b"\x10\x10");
    say(&mut pty, "who?");
    pty.wait_for_text("Here.");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    assert_eq!(pi.server.requests()[0].body["model"], "third");
}
