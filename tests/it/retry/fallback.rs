//! Another model goes on where the chosen one cannot.

use pi::agent::AgentEvent;
use pi::ai::script::{Gate, Turn as Scripted};
use pi::session::{Command, Event, Fallback};
use serde_json::{Value, json};

use crate::support::TestPi;
use crate::support::model_server::{End, ModelServer, Turn};
use crate::support::screen::Screen;
use crate::support::talk::Talk;

/// The usual provider `oai`, and `spare` at a server of its own.
fn pair(
    first: impl IntoIterator<Item = Turn>,
    second: impl IntoIterator<Item = Turn>,
) -> (TestPi, ModelServer) {
    let (pi, spare) = (TestPi::unconfigured(first), ModelServer::start(second));
    let provider = |url: String| {
        json!({"baseUrl": url, "api": "openai-completions", "apiKey": "k",
            "models": [{"id": "m"}, {"id": "tiny", "contextWindow": 600}]})
    };
    let models = json!({"providers": {
        "main": provider(pi.server.url_v1()), "spare": provider(spare.url_v1()),
        "locked": {"baseUrl": spare.url_v1(), "api": "openai-completions", "apiKey": "$NOT_SET", "models": [{"id": "m"}]},
    }});
    pi.write_agent("models.json", &models.to_string());
    settings(&pi, json!(["spare/m"]));
    (pi, spare)
}

fn settings(pi: &TestPi, chain: Value) {
    let settings = json!({"fallbackModels": chain,
        "retry": {"baseDelayMs": 1, "maxRetries": 1}, "httpIdleTimeoutMs": 300});
    pi.write_agent("settings.json", &settings.to_string());
}

const ASK: [&str; 4] = ["-p", "--model", "main/m", "hi"];

#[test]
fn what_waiting_does_not_mend_another_model_answers_with_a_notice() {
    let quota = json!({"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}});
    let cases = [
        vec![
            Turn::status(529, "overloaded"),
            Turn::status(529, "overloaded"),
        ],
        vec![Turn::status(500, "broken"), Turn::status(503, "broken")],
        // Longer than pi waits: nothing is tried again first.
        vec![Turn::status(429, "slow down").header("retry-after", "7200")],
        vec![Turn::json(429, quota)],
    ];
    for turns in cases {
        let asked = turns.len();
        let (pi, spare) = pair(turns, [Turn::text("from the spare")]);
        let ran = pi.run(&ASK);
        assert_eq!(
            (ran.stdout.as_str(), ran.code),
            ("from the spare\n", 0),
            "{}",
            ran.stderr
        );
        assert_eq!(
            (pi.server.requests().len(), spare.requests().len()),
            (asked, 1)
        );
        let told = ran
            .stderr
            .lines()
            .filter(|line| line.contains("spare/m goes on"));
        assert_eq!(told.count(), 1, "{}", ran.stderr);
        let kept = pi.messages();
        let by: Vec<&str> = kept[1..]
            .iter()
            .map(|it| it["provider"].as_str().unwrap())
            .collect();
        assert_eq!(by.last(), Some(&"spare"));
        assert!(by[..by.len() - 1].iter().all(|by| *by == "main"));
    }
}

#[test]
fn the_next_prompt_is_the_chosen_models_again_also_after_a_resume() {
    let down = || Turn::status(500, "down");
    let (pi, spare) = pair([down(), down(), Turn::text("back")], [Turn::text("spare")]);
    pi.run(&ASK);
    let ran = pi.run(&["-p", "-c", "and now?"]);
    assert_eq!(ran.stdout, "back\n", "{}", ran.stderr);
    assert_eq!(spare.requests().len(), 1);
    let changes = pi.session();
    let changes = changes
        .iter()
        .filter(|entry| entry["type"] == "model_change");
    let to: Vec<&str> = changes
        .map(|entry| entry["provider"].as_str().unwrap())
        .collect();
    assert_eq!(to, ["main", "main"]);
}

#[test]
fn when_both_are_down_one_message_names_both() {
    let down = |words: &'static str| [Turn::status(500, words), Turn::status(500, words)];
    let (pi, _spare) = pair(down("main is ill"), down("spare is ill"));
    let ran = pi.run(&ASK);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    let errors: Vec<&str> = ran
        .stderr
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    let [error] = errors[..] else {
        panic!("{}", ran.stderr);
    };
    for words in ["main/m", "main is ill", "spare/m", "spare is ill"] {
        assert!(error.contains(words), "no {words:?} in {error}");
    }
}

#[test]
fn who_could_not_be_asked_is_named_with_the_reason() {
    let down = || [Turn::status(500, "ill"), Turn::status(500, "ill")];
    let (pi, _spare) = pair(down(), down());
    settings(
        &pi,
        json!(["spare/m", "locked/m", "spare/tiny", "nobody/x"]),
    );
    let ran = pi.run(&["-p", "--model", "main/m", &"word ".repeat(2_000)]);
    for words in [
        "none of the models can answer: main/m (",
        "; spare/m (",
        "; locked/m (no key)",
        "; spare/tiny (no room for this conversation)",
        "; nobody/x (no such model can be used)",
    ] {
        assert!(ran.stderr.contains(words), "no {words:?} in {}", ran.stderr);
    }
}

#[test]
fn refusals_and_bad_keys_are_told_and_nobody_else_is_asked() {
    for status in [400, 401, 403, 404] {
        let (pi, spare) = pair([Turn::status(status, "no")], [Turn::text("never")]);
        let ran = pi.run(&ASK);
        assert_eq!((ran.code, spare.requests().len()), (1, 0), "{status}");
    }
}

#[test]
fn models_without_a_key_or_without_room_are_passed_over() {
    let down = || Turn::status(500, "down");
    let (pi, spare) = pair([down(), down(), down(), down()], [Turn::text("whole")]);
    settings(
        &pi,
        json!(["main/m", "locked/m", "spare/tiny", "spare/m:high"]),
    );
    let words = "word ".repeat(2_000);
    let ran = pi.run(&["-p", "--model", "main/m", &words]);
    assert_eq!(ran.stdout, "whole\n", "{}", ran.stderr);
    assert_eq!(spare.requests()[0].body["model"], "m");
    settings(&pi, json!(["locked/m"]));
    let ran = pi.run(&["-p", "--model", "main/m", "hi"]);
    assert!(
        ran.stderr
            .contains("no model of fallbackModels can go on: locked/m (no key)"),
        "{}",
        ran.stderr
    );
}

#[test]
fn half_an_answer_is_kept_and_not_said_to_the_next_model() {
    let broken = || {
        Turn::text("half of an answer")
            .cut_at(620)
            .ending(End::Reset)
    };
    let (pi, spare) = pair([broken(), broken()], [Turn::text("whole")]);
    let ran = pi.run(&ASK);
    assert_eq!(ran.stdout, "whole\n", "{}", ran.stderr);
    let said = spare.requests()[0].raw_body.clone();
    assert!(!said.contains("half of"), "{said}");
    let kept = pi.messages();
    assert!(
        kept[1]["content"][0]["text"]
            .as_str()
            .unwrap()
            .starts_with("half")
    );
    assert_eq!(kept.len(), 4);
}

#[test]
fn programs_are_told_who_goes_on_and_that_nobody_is_left() {
    let down = || Turn::status(500, "down");
    let (pi, _spare) = pair([down(), down()], [down(), down()]);
    let ran = pi.run(&["--mode", "json", "--model", "main/m", "hi"]);
    let lines = ran.json_lines();
    let of = |name: &str| -> Vec<Value> {
        let found = lines.iter().filter(|line| line["type"] == name);
        found.cloned().collect()
    };
    let to = &of("model_fallback")[0];
    assert_eq!(to["from"], json!({"provider": "main", "modelId": "m"}));
    assert_eq!(to["to"], json!({"provider": "spare", "modelId": "m"}));
    assert!(to["errorMessage"].as_str().unwrap().contains("500"));
    let end = &of("model_fallback_exhausted")[0];
    let failed: Vec<&str> = end["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["provider"].as_str().unwrap())
        .collect();
    assert_eq!(failed, ["main", "spare"]);
    let goes_on: Vec<bool> = of("agent_end")
        .iter()
        .map(|end| end["willRetry"].as_bool().unwrap())
        .collect();
    assert_eq!(goes_on, [true, true, true, false]);
}

/// A conversation whose first model fails for want of quota, with `own/small` behind it.
fn talk(turns: impl IntoIterator<Item = Scripted>) -> Talk {
    Talk::with(turns, |setup| {
        setup.fallback = vec!["own/small".into(), "own/thinker:low".into()];
    })
}

fn falls_to(event: &Event) -> Option<String> {
    match event {
        Event::Fallback(Fallback::To { to, .. }) => Some(to.id.clone()),
        _ => None,
    }
}

fn answered_by(event: &Event) -> Option<String> {
    match event {
        Event::Agent(AgentEvent::MessageEnd { message }) => {
            Some(message.as_assistant()?.model.clone())
        }
        _ => None,
    }
}

#[tokio::test]
async fn the_screen_names_who_answers_until_the_run_is_over() {
    let out = || Scripted::error("You exceeded your current quota");
    let gate = Gate::new();
    let held = Scripted::new().wait(&gate).say("ok");
    let mut talk = talk([out(), out(), held, Scripted::text("again")]);
    let chosen = talk.session.view().model.id.clone();
    talk.say("hi");
    let before = talk
        .until(|event| falls_to(event).as_deref() == Some("thinker"))
        .await;
    assert_eq!(talk.session.view().model.id, "thinker");
    gate.open();
    let seen = talk.settled().await;
    assert!(seen.iter().all(|event| falls_to(event).is_none()));
    assert_eq!(talk.session.view().model.id, chosen);
    talk.say("and now?");
    let last = talk.settled().await;
    let all = before.iter().chain(&seen).chain(&last);
    let asked: Vec<String> = all.filter_map(|event| answered_by(event)).collect();
    assert_eq!(
        asked,
        [chosen.as_str(), "small", "thinker", chosen.as_str()]
    );
}

#[tokio::test]
async fn a_model_that_is_chosen_while_another_one_fails_is_asked_next_and_not_blamed() {
    let gate = Gate::new();
    let out = Scripted::new()
        .wait(&gate)
        .fail("You exceeded your current quota");
    let mut talk = talk([out, Scripted::text("ok")]);
    let choose = |id: &str| Command::SetModel {
        provider: "own".into(),
        id: id.into(),
    };
    talk.session.send(choose("small")).await;
    talk.say("hi");
    gate.reached().await;
    talk.session.send(choose("thinker")).await;
    gate.open();
    let seen = talk.settled().await;
    let told = seen.iter().find_map(|event| match &**event {
        Event::Fallback(Fallback::To { from, to, .. }) => Some((from.id.clone(), to.id.clone())),
        _ => None,
    });
    assert_eq!(told, Some(("small".into(), "thinker".into())));
    let asked: Vec<String> = seen.iter().filter_map(|event| answered_by(event)).collect();
    assert_eq!(asked, ["small", "thinker"]);
    assert_eq!(talk.session.view().model.id, "thinker");
}

#[tokio::test]
async fn a_chosen_model_that_is_described_anew_does_not_end_the_standing_in() {
    let gate = Gate::new();
    let out = Scripted::new().fail("You exceeded your current quota");
    let held = Scripted::new()
        .wait(&gate)
        .call("1", "read", json!({"path": "none"}));
    let mut talk = Talk::with([out, held, Scripted::text("ok")], |setup| {
        setup.fallback = vec!["own/thinker".into()];
    });
    let (provider, id) = ("own".into(), "small".into());
    let choose = Command::SetModel { provider, id };
    talk.session.send(choose).await;
    talk.say("hi");
    gate.reached().await;
    let file = talk.home.path().join(".pi/agent/models.json");
    let models = std::fs::read_to_string(&file).unwrap();
    let models = models.replace(r#""small""#, r#""small", "contextWindow": 50000"#);
    std::fs::write(&file, models).unwrap();
    talk.session.send(Command::Models).await;
    assert_eq!(talk.session.view().model.id, "thinker");
    gate.open();
    let seen = talk.settled().await;
    let asked: Vec<String> = seen.iter().filter_map(|event| answered_by(event)).collect();
    assert_eq!(asked, ["small", "thinker", "thinker"]);
    let chosen = talk.session.view().model.clone();
    assert_eq!(
        (chosen.id.as_str(), chosen.context_window),
        ("small", 50_000)
    );
}

#[tokio::test]
async fn escape_ends_a_run_that_another_model_has_taken_over() {
    let out = Scripted::error("You exceeded your current quota");
    let mut talk = talk([out, Scripted::new().say("I beg").stall()]);
    talk.say("hi");
    talk.until(|event| falls_to(event).is_some()).await;
    talk.session.send(Command::Abort).await;
    let seen = talk.settled().await;
    assert!(matches!(
        &**seen.last().unwrap(),
        Event::Settled { aborted: true }
    ));
    assert!(seen.iter().all(|event| falls_to(event).is_none()));
    assert!(!talk.session.view().running);
}

#[test]
fn the_terminal_says_who_goes_on_and_shows_no_control_sequence() {
    let named = |provider: &str| {
        std::sync::Arc::new(pi::ai::Model {
            provider: provider.into(),
            ..pi::ai::script::model()
        })
    };
    let event = || {
        Event::Fallback(Fallback::To {
            from: named("main"),
            to: named("spare"),
            error: "\u{1b}[31mbroken\u{7}".into(),
        })
    };
    let mut screen = Screen::new(80, 24);
    screen.event(event());
    assert!(screen.text().contains("goes on") && screen.text().contains("spare/"));
    // Grids have no escapes in their cells: what is left of one would be shown as text.
    assert!(screen.text().contains("broken") && !screen.text().contains("[31m"));
}
