//! Models: chosen, taken in and out of the round, thought at a level.

use std::sync::Arc;

use pi::ai::Model;
use pi::ai::local::{Kind, Trouble, servers};
use pi::config::resolve::ScopedModel;
use pi::session::Reply;
use pi::tui::msg::{Asked, Msg};
use pi::tui::preferences::{Answer, Change, Source};
use serde_json::json;

use crate::support::chosen::{fresh, standing_with};
use crate::support::screen::{Screen, model, settings, view};

const NONE: [&str; 0] = [];

fn of(provider: &str, id: &str) -> Arc<Model> {
    Arc::new(Model {
        provider: provider.into(),
        ..model(id)
    })
}

fn all() -> Vec<Arc<Model>> {
    vec![
        of("acme", "big"),
        of("acme", "small"),
        of("zoo", "ape"),
        of("zoo", "bee"),
    ]
}

fn scoped(ids: &[(&str, &str)]) -> Screen {
    let scope = ids.iter().map(|(provider, id)| ScopedModel {
        model: of(provider, id),
        thinking: None,
    });
    let mut view = view(Vec::new());
    view.scope = Arc::new(scope.collect());
    view.scoped = !ids.is_empty();
    Screen::over(view, 80, 24)
}

fn set(name: &str, value: serde_json::Value) -> String {
    let value = Some(value).filter(|value| !value.is_null());
    format!("Prefer(Set({:?}))", vec![Change::of(name, value)])
}

/// The ids of the scope that the session is told of.
fn told(asked: &[String]) -> Vec<String> {
    let [one] = asked else { panic!("{asked:?}") };
    assert!(one.starts_with("SetScope("), "{one}");
    let ids = one.split("Model { id: \"").skip(1);
    ids.map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

#[test]
fn what_there_is_to_know_of_a_model_is_shown() {
    let mut screen = Screen::new(80, 24);
    let mut dear = model("dear");
    dear.name = "A Dear One".into();
    dear.cost.input = 3.0;
    dear.cost.output = 15.0;
    let models = vec![of("acme", "big"), Arc::new(dear)];
    screen.reply(Asked::Models, Reply::Models(models));
    screen.press("down");
    assert!(screen.row_of("› dear").contains("acme · 200k"));
    assert!(screen.shows("A Dear One · $3 in, $15 out per million · 200k in, 1.0k out · thinks"));
}

#[test]
fn the_current_model_comes_first_then_the_default_and_either_can_be_found() {
    let mut screen = Screen::new(40, 12);
    screen.reply(Asked::Models, Reply::Models(all()));
    let provider = ("defaultProvider", json!("zoo"), Source::User);
    let id = ("defaultModel", json!("bee"), Source::User);
    screen.tell(Msg::Preferred(standing_with(&[provider, id])));
    assert!(screen.row_of("› big").contains('✓'));
    let text = screen.text();
    let order = ["big ✓", "bee · default", "small"].map(|text_| text.find(text_).unwrap());
    assert!(order.is_sorted(), "{text}");
    screen.paste("default");
    assert!(screen.shows("› bee · default"));
}

#[test]
fn a_model_that_is_named_outright_is_taken_at_once() {
    let mut screen = Screen::new(60, 20);
    for name in ["zoo/bee", "bee"] {
        screen.paste(&format!("/model {name}"));
        screen.press("enter");
        assert_eq!(
            screen.reply(Asked::Models, Reply::Models(all())),
            [r#"SetModel { provider: "zoo", id: "bee" }"#]
        );
    }
}

#[test]
fn the_round_is_shown_first_and_tab_shows_all() {
    let mut screen = scoped(&[("zoo", "bee"), ("acme", "big")]);
    screen.reply(Asked::Models, Reply::Models(all()));
    assert!(screen.shows("all | scoped") && screen.shows("2/2"));
    assert!(screen.shows("› big ✓") && !screen.shows("small"));
    screen.press("tab");
    assert!(screen.shows("4/4") && screen.shows("small"));
}

#[test]
fn a_model_is_made_the_default() {
    let mut screen = Screen::new(60, 20);
    screen.reply(Asked::Models, Reply::Models(all()));
    screen.paste("ape");
    let changes = ["defaultProvider", "defaultModel"]
        .into_iter()
        .zip(["zoo", "ape"])
        .map(|(name, value)| Change::of(name, Some(json!(value))));
    let changes: Vec<Change> = changes.collect();
    assert_eq!(
        screen.press("ctrl+s"),
        [
            r#"SetModel { provider: "zoo", id: "ape" }"#.to_owned(),
            format!("Prefer(Set({changes:?}))")
        ]
    );
    screen.tell(Msg::Preferred(Answer::Set(
        changes,
        Ok(Box::new(fresh(settings()))),
    )));
    assert!(screen.shows("zoo/ape is the default now"));
}

#[test]
fn the_demo_alone_says_that_nothing_is_connected() {
    let mut screen = Screen::new(60, 20);
    let demo = Arc::new(pi::ai::demo::model());
    screen.reply(Asked::Models, Reply::Models(vec![demo.clone()]));
    assert!(screen.shows("no model is connected; /login connects one"));
    screen.press("escape");
    screen.reply(Asked::ScopedModels, Reply::Models(vec![demo]));
    assert!(screen.shows("no model is connected; /login connects one"));
    assert_eq!(screen.press("enter ctrl+p alt+up"), NONE);
}

#[test]
fn models_are_taken_out_of_the_round_and_in_again() {
    for (columns, rows) in [(80, 24), (40, 12)] {
        let mut screen = Screen::new(columns, rows);
        screen.paste("/scoped-models");
        assert_eq!(screen.press("enter"), ["Models -> ScopedModels"]);
        screen.reply(Asked::ScopedModels, Reply::Models(all()));
        assert!(screen.shows("› ✓ big"), "{}", screen.text());
        let asked = screen.press("enter");
        assert_eq!(told(&asked), ["small", "ape", "bee"]);
        assert!(screen.shows("not saved") && screen.shows("3/4"));
        // It stands behind the others now, out.
        screen.paste("big");
        assert!(screen.shows("›   big"));
        assert_eq!(told(&screen.press("enter")), NONE, "all again");
        assert!(screen.shows("› ✓ big"));
    }
}

#[test]
fn the_round_has_an_order_and_is_saved_when_asked() {
    let mut screen = scoped(&[("zoo", "bee"), ("acme", "big")]);
    screen.reply(Asked::ScopedModels, Reply::Models(all()));
    assert!(screen.shows("› ✓ bee"));
    assert_eq!(screen.press("alt+up"), NONE, "it is the first");
    let asked = screen.press("alt+down");
    assert_eq!(told(&asked), ["big", "bee"]);
    assert!(screen.shows("› ✓ bee"), "it stays selected");
    let saved = set("enabledModels", json!(["acme/big", "zoo/bee"]));
    assert_eq!(screen.press("ctrl+s"), [saved]);
    let changes = vec![Change::of("enabledModels", None)];
    screen.tell(Msg::Preferred(Answer::Set(
        changes,
        Ok(Box::new(fresh(settings()))),
    )));
    assert!(screen.shows("saved to the settings") && !screen.shows("not saved"));
}

#[test]
fn a_provider_goes_in_and_out_as_a_whole() {
    let mut screen = scoped(&[("zoo", "bee")]);
    screen.reply(Asked::ScopedModels, Reply::Models(all()));
    let asked = screen.press("ctrl+p");
    assert_eq!(told(&asked), ["bee", "ape"]);
    let asked = screen.press("ctrl+p");
    assert_eq!(told(&asked), NONE);
    // None of them is not all of them where it is shown.
    assert!(screen.shows("0/4"));
}

#[test]
fn what_is_typed_says_which_are_taken_in_and_out_together() {
    let mut screen = scoped(&[("zoo", "bee")]);
    screen.reply(Asked::ScopedModels, Reply::Models(all()));
    screen.paste("acme/");
    let asked = screen.press("ctrl+a");
    let mut ids = told(&asked);
    ids.sort();
    assert_eq!(ids, ["bee", "big", "small"]);
    screen.press("ctrl+u");
    screen.paste("bee");
    let asked = screen.press("ctrl+x");
    assert!(!told(&asked).contains(&"bee".to_owned()));
    screen.press("ctrl+u");
    assert_eq!(told(&screen.press("ctrl+a")), NONE);
    assert!(screen.shows(" all · "));
    assert_eq!(screen.press("ctrl+s"), [set("enabledModels", json!(null))]);
}

#[test]
fn names_that_mean_nothing_now_are_kept_until_they_are_taken_out() {
    let mut screen = scoped(&[("zoo", "bee")]);
    screen.reply(Asked::ScopedModels, Reply::Models(all()));
    let Answer::Standing(mut standing) = standing_with(&[]) else {
        unreachable!()
    };
    standing.unmatched = vec!["gone/model".into()];
    screen.tell(Msg::Preferred(Answer::Standing(standing)));
    assert!(screen.row_of("✓ gone/model").contains("not available"));
    let saved = set("enabledModels", json!(["zoo/bee", "gone/model"]));
    assert_eq!(screen.press("ctrl+s"), [saved]);
    screen.press("down");
    let asked = screen.press("enter");
    assert_eq!(told(&asked), ["bee"]);
    assert!(!screen.shows("gone/model"));
}

#[test]
fn levels_say_what_they_are_and_one_is_made_the_default() {
    for (columns, rows) in [(80, 24), (40, 12)] {
        let mut screen = Screen::new(columns, rows);
        screen.paste("/thinking");
        assert_eq!(screen.press("enter"), ["Prefer(Standing)"]);
        let level = ("defaultThinkingLevel", json!("low"), Source::User);
        screen.tell(Msg::Preferred(standing_with(&[level])));
        assert!(screen.row_of("› high").contains('✓'), "{}", screen.text());
        screen.press("up up");
        let row = screen.row_of("› low");
        assert!(row.contains("≤ 2.0k tokens") && (columns < 80 || row.contains("default")));
        assert_eq!(
            screen.press("ctrl+s"),
            [
                "SetThinking(Low)".to_owned(),
                set("defaultThinkingLevel", json!("low"))
            ]
        );
    }
}

#[test]
fn a_level_that_the_settings_give_a_model_is_what_is_changed() {
    let mut screen = Screen::new(80, 24);
    screen.paste("/thinking");
    screen.press("enter");
    let own = json!({"acme/big": "minimal"});
    let own = ("modelThinkingLevels", own, Source::User);
    let budgets = ("thinkingBudgets", json!({"high": 40_000}), Source::User);
    screen.tell(Msg::Preferred(standing_with(&[own, budgets])));
    assert!(screen.row_of("› high").contains("≤ 40k tokens"));
    assert!(screen.row_of("minimal").contains("default"));
    let change = Change {
        path: vec!["modelThinkingLevels".into(), "acme/big".into()],
        value: Some(json!("high")),
    };
    let kept = screen.press("ctrl+s");
    assert_eq!(kept[1], format!("Prefer(Set({:?}))", vec![change]));
}

#[test]
fn a_level_that_is_none_is_refused_with_those_there_are() {
    let mut screen = Screen::new(80, 24);
    screen.paste("/thinking hardly");
    assert_eq!(screen.press("enter"), NONE);
    assert!(screen.shows("there are off, minimal, low, medium, high"));
    screen.paste("/thinking LOW");
    assert_eq!(screen.press("enter"), ["SetThinking(Low)"]);
}

#[test]
fn what_local_servers_have_joins_the_open_list_and_the_selection_stays() {
    let mut screen = Screen::new(60, 20);
    let asked = screen.reply(Asked::Models, Reply::Models(all()));
    assert!(
        asked.contains(&"LocalModels -> LocalModels".to_owned()),
        "{asked:?}"
    );
    screen.press("down down");
    assert!(screen.shows("› ape"));
    let mut poet = Model::clone(&of("ollama", "poet"));
    poet.compat.insert("supportsTools".into(), json!(false));
    let mut with_local = all();
    with_local.push(Arc::new(poet));
    screen.reply(
        Asked::LocalModels,
        Reply::LocalModels(with_local, Vec::new()),
    );
    assert!(screen.shows("› ape") && screen.shows("5/5"));
    assert!(screen.row_of("poet").contains("ollama · no tools · 200k"));
    screen.paste("poet");
    assert!(screen.shows("runs locally") || screen.shows("no tools"));
    assert_eq!(
        screen.press("enter"),
        [r#"SetModel { provider: "ollama", id: "poet" }"#]
    );
    // An answer that comes when the list is gone opens nothing.
    screen.reply(Asked::LocalModels, Reply::LocalModels(all(), Vec::new()));
    assert!(!screen.shows("Choose a model"));
}

#[test]
fn the_model_of_a_server_that_is_gone_stays_in_the_list_and_is_marked() {
    let server = servers(Kind::Ollama, |_| None).remove(0);
    let poet = Arc::new(Model {
        base_url: server.base_url(),
        ..Model::clone(&of("ollama", "poet"))
    });
    for (columns, rows) in [(80, 24), (40, 12)] {
        let mut view = view(Vec::new());
        view.model = poet.clone();
        let mut screen = Screen::over(view, columns, rows);
        let demo = vec![Arc::new(pi::ai::demo::model())];
        screen.reply(Asked::Models, Reply::Models(demo.clone()));
        assert!(screen.row_of("poet").contains("✓") && screen.shows("2/2"));
        assert!(!screen.shows("does not answer"));
        let gone = vec![(server.clone(), Trouble::Nobody)];
        screen.reply(Asked::LocalModels, Reply::LocalModels(demo, gone));
        assert!(screen.row_of("› poet").contains("does not answer"));
        assert!(screen.shows("Ollama at http://127.0.0.1:11434"));
        assert!(!screen.shows("no model is connected"));
        // It is there again.
        let back = Reply::LocalModels(vec![poet.clone()], Vec::new());
        screen.reply(Asked::LocalModels, back);
        assert!(screen.shows("1/1") && !screen.shows("does not answer"));
    }
}

#[test]
fn models_that_have_what_is_typed_as_it_stands_come_before_those_with_its_letters() {
    let mut screen = Screen::new(80, 24);
    let models = vec![
        of("zoo", "o-p-u-s"),
        of("acme", "claude-opus"),
        of("acme", "open-plus"),
    ];
    screen.reply(Asked::Models, Reply::Models(models));
    screen.paste("opus");
    assert!(screen.shows("› claude-opus") && screen.shows("3/3"));
}

#[test]
fn a_name_that_nothing_in_the_list_has_is_looked_for_at_local_servers_and_a_reason_is_told() {
    let mut screen = Screen::new(60, 20);
    screen.paste("/model poet");
    screen.press("enter");
    let asked = screen.reply(Asked::Models, Reply::Models(all()));
    assert_eq!(asked, [r#"FindModel("poet") -> NamedModel"#]);
    assert!(!screen.shows("Choose a model"));
    let found = Reply::Models(vec![of("ollama", "poet:latest")]);
    assert_eq!(
        screen.reply(Asked::NamedModel, found),
        [r#"SetModel { provider: "ollama", id: "poet:latest" }"#]
    );
    // Once it is in the list, it is the only one too.
    screen.paste("/model poe");
    screen.press("enter");
    let mut with_local = all();
    with_local.push(of("ollama", "poet:latest"));
    assert_eq!(
        screen.reply(Asked::Models, Reply::Models(with_local)),
        [r#"SetModel { provider: "ollama", id: "poet:latest" }"#]
    );
    let why = Reply::Refused("no API key for poets: set POETS_API_KEY".into());
    assert_eq!(screen.reply(Asked::NamedModel, why), NONE);
    assert!(screen.shows("no API key for poets"));
}
