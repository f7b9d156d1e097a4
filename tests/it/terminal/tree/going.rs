//! From the tree to another place: the question about a summary, the way there, and double Escape.

use pi::agent::AgentEvent;
use pi::ai::script::{Gate, Turn};
use pi::config::settings::DoubleEscape;
use pi::session::Event;
use pi::tui::msg::Effect;

use super::*;
use crate::support::talk::{Talk, words_of};

#[test]
fn where_one_is_already_there_is_nowhere_to_go() {
    let mut screen = tree(60, 30);
    // Behind the answer there is its label alone.
    assert_eq!(screen.press("enter"), NONE);
    assert!(screen.shows("you are there already") && !screen.shows("Tree ·"));
}

#[test]
fn before_another_place_is_gone_to_it_is_asked_what_the_model_is_to_know() {
    let mut screen = tree(60, 30);
    assert_eq!(screen.press("up up enter"), NONE);
    assert!(screen.row_of("›").contains("No summary"));
    let sent = r#"Navigate { entry: "q2", summary: Nothing, label: None } -> Navigate("q2")"#;
    assert_eq!(screen.press("enter"), [sent]);
    assert!(!screen.app.is_moving());
    screen.event(Event::Switched);
    let words = Reply::Text(Some("look at the pump".into()));
    screen.reply(Asked::Navigate("q2".into()), words);
    assert_eq!(screen.app.draft(), "look at the pump");
    assert!(screen.shows("say them again, or others"));
}

#[test]
fn escape_leads_back_one_step_at_a_time() {
    let mut screen = Screen::new(60, 30);
    screen.type_text("my draft");
    open(&mut screen, rows());
    screen.press("ctrl+o end enter down down enter");
    assert!(screen.shows("What should the summary look at?"));
    screen.press("escape");
    assert!(screen.shows("Summarise with own instructions"));
    screen.press("escape");
    assert!(screen.shows("· no-tools"), "the tree as it was");
    assert!(screen.row_of("›").contains("529"));
    screen.press("escape");
    assert!(!screen.shows("Tree ·"));
    assert_eq!(screen.app.draft(), "my draft");
}

#[test]
fn while_the_summary_is_written_it_says_so_and_escape_stops_it_and_leads_back_to_the_tree() {
    let mut screen = tree(60, 30);
    screen.press("home enter down down enter");
    screen.type_text("the bugs");
    let sent = r#"Navigate { entry: "q1", summary: Summary { instructions: Some("the bugs"), replace: false }, label: None } -> Navigate("q1")"#;
    assert_eq!(screen.press("enter"), [sent]);
    screen.now = 2_000;
    screen.tell(Msg::Tick);
    let row = screen.row_of("Summarising the branch…");
    assert!(row.ends_with("2s · escape stops"), "{row}");
    assert!(screen.app.is_moving());
    open(&mut screen, rows());
    screen.press("home enter");
    assert!(screen.row_of("╰").contains("stop it first"));
    screen.press("escape");
    assert_eq!(screen.press("escape"), ["TakeQueue -> Queue", "Abort"]);
    assert!(screen.shows("Stopping…"));
    let asked = screen.reply(
        Asked::Navigate("q1".into()),
        Reply::Cancelled("aborted".into()),
    );
    assert_eq!(asked, [r#"Shape -> Tree(Some("q1"))"#]);
    assert!(!screen.app.is_moving() || screen.shows("nothing has changed"));
    screen.reply(Asked::Tree(Some("q1".into())), Reply::Outline(rows()));
    assert!(screen.row_of("›").contains("begin the engine"));
}

#[test]
fn the_question_can_be_skipped() {
    let mut settings = settings();
    settings.skip_summary = true;
    let mut screen = Screen::with(view(Vec::new()), settings, 60, 30);
    open(&mut screen, rows());
    let sent = screen.press("home enter");
    assert!(
        sent[0].starts_with(r#"Navigate { entry: "q1", summary: Nothing"#),
        "{sent:?}"
    );
}

#[test]
fn while_the_model_is_at_work_the_tree_can_be_looked_at_and_not_left_for_another_place() {
    let mut screen = Screen::new(40, 12);
    screen.agent(AgentEvent::AgentStart);
    open(&mut screen, rows());
    assert_eq!(screen.press("home enter"), NONE);
    assert!(
        screen.row_of("╰").contains("the model is at w"),
        "{}",
        screen.text()
    );
    screen.event(Event::Settled { aborted: true });
    screen.press("enter");
    assert!(screen.shows("No summary"));
}

fn twice(action: DoubleEscape, pause: i64) -> Vec<String> {
    let mut settings = settings();
    settings.double_escape = action;
    let mut screen = Screen::with(view(Vec::new()), settings, 60, 30);
    screen.now = 10_000;
    assert_eq!(screen.press("escape"), NONE);
    screen.now += pause;
    screen.press("escape")
}

#[test]
fn a_double_escape_does_what_the_settings_say() {
    assert_eq!(twice(DoubleEscape::Tree, 499), [OUTLINE]);
    assert_eq!(twice(DoubleEscape::Tree, 500), NONE);
    assert_eq!(twice(DoubleEscape::Fork, 0), ["ForkPoints -> ForkPoints"]);
    assert_eq!(twice(DoubleEscape::None, 0), NONE);
}

#[test]
fn an_escape_with_words_in_the_editor_or_one_that_stops_something_does_not_count() {
    let mut screen = Screen::new(60, 30);
    screen.type_text("words");
    assert_eq!(screen.press("escape escape"), NONE);
    screen.press("ctrl+c");
    screen.agent(AgentEvent::AgentStart);
    assert_eq!(screen.press("escape").len(), 2);
    screen.event(Event::Settled { aborted: true });
    assert_eq!(screen.press("escape"), NONE);
    assert_eq!(screen.press("escape"), [OUTLINE]);
    assert_eq!(screen.press("escape"), NONE, "and not a third time");
}

/// Sends what the screen asks for to the conversation, until nothing more comes of it.
async fn play(screen: &mut Screen, talk: &Talk, keys: &str) {
    for key in keys.split_whitespace() {
        let chord = key.parse().unwrap();
        let mut effects = screen.app.update(Msg::Key(chord), screen.now);
        while let Some(effect) = effects.pop() {
            let Effect::Send(command, asked) = effect else {
                panic!("{effect:?}");
            };
            let reply = talk.session.send(command).await;
            effects.extend(screen.app.update(Msg::Reply(asked, reply), screen.now));
        }
    }
}

#[tokio::test]
async fn in_a_real_session_one_goes_back_says_something_else_and_returns_with_a_summary() {
    let gate = Gate::new();
    let mut talk = Talk::new([
        Turn::text("one"),
        Turn::text("two"),
        Turn::text("other"),
        Turn::text("It was about another thing.").wait(&gate),
    ]);
    gate.open();
    for words in ["first", "second"] {
        talk.say(words);
        talk.settled().await;
    }
    let mut screen = Screen::new(70, 30);
    play(&mut screen, &talk, "escape escape").await;
    assert!(
        screen.row_of("›").contains("assistant: two"),
        "{}",
        screen.text()
    );
    play(&mut screen, &talk, "up shift+l b e f o r e enter").await;
    assert!(screen.row_of("›").contains("[before] user: second"));
    play(&mut screen, &talk, "enter enter").await;
    assert_eq!(screen.app.draft(), "second");
    screen.press("ctrl+c");
    talk.say("something else");
    talk.settled().await;
    assert_eq!(
        talk.asked(2),
        ["user first", "assistant one", "user something else"]
    );
    play(&mut screen, &talk, "escape escape").await;
    let text = panel(&mut screen);
    assert_eq!(text[1..3], ["  • user: first", "  • assistant: one"]);
    assert!(text[3].contains("├⊟ • user: something else"), "{text:?}");
    assert!(text[4].contains("assistant: other") && text[4].starts_with('›'));
    assert!(text[5].contains("└⊟ [before] user: second"), "{text:?}");
    play(&mut screen, &talk, "end enter down enter").await;
    let history = talk.session.view().history.clone();
    let shown = (0..history.len()).map(|at| words_of(&history.message(at).unwrap()));
    let shown: Vec<String> = shown.collect();
    assert_eq!(
        shown[..4],
        [
            "user first",
            "assistant one",
            "user second",
            "assistant two"
        ]
    );
    assert_eq!(shown[4], "branchSummary");
}

#[tokio::test]
async fn a_summary_that_is_stopped_in_a_real_session_leaves_everything_as_it_was() {
    let gate = Gate::new();
    let mut talk = Talk::new([Turn::text("one"), Turn::new().say("never said").wait(&gate)]);
    talk.say("first");
    talk.settled().await;
    let mut screen = Screen::new(70, 30);
    play(&mut screen, &talk, "escape escape").await;
    assert_eq!(screen.press("home enter down"), NONE);
    let enter = Msg::Key("enter".parse().unwrap());
    let mut effects = screen.app.update(enter, screen.now);
    let Some(Effect::Send(command, asked)) = effects.pop() else {
        panic!("nowhere to go");
    };
    let reply = talk.session.send(command);
    gate.reached().await;
    assert!(screen.shows("Summarising the branch…"));
    play(&mut screen, &talk, "escape").await;
    let effects = screen
        .app
        .update(Msg::Reply(asked, reply.await), screen.now);
    let [Effect::Send(command, asked)] = &effects[..] else {
        panic!("{effects:?}");
    };
    let reply = talk.session.send(command.clone()).await;
    let msg = Msg::Reply(asked.clone(), reply);
    let mut effects = screen.app.update(msg, screen.now);
    while let Some(Effect::Send(command, asked)) = effects.pop() {
        let reply = talk.session.send(command).await;
        effects = screen.app.update(Msg::Reply(asked, reply), screen.now);
    }
    assert!(screen.row_of("›").contains("user: first"));
    assert!(screen.shows("nothing has changed"));
    assert_eq!(talk.session.view().history.len(), 2);
}
