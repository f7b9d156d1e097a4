//! A model that refuses a context for its length.

use pi::ai::StopReason;
use pi::ai::script::Turn;
use pi::session::{Command, Event, Reason};
use serde_json::json;

use super::stage::{Talk, compacted, names, summary};

const REFUSED: &str = "anthropic answered 400: prompt is too long: 213462 tokens > 200000 maximum";

fn refused() -> Turn {
    Turn::error(REFUSED)
}

fn ends(events: &[std::sync::Arc<Event>]) -> Vec<(bool, Option<String>)> {
    let ends = events.iter().filter_map(|event| match &**event {
        Event::CompactionEnd {
            reason: Reason::Overflow,
            will_retry,
            error,
            ..
        } => Some((*will_retry, error.clone())),
        _ => None,
    });
    ends.collect()
}

#[tokio::test]
async fn a_refused_context_is_compacted_and_the_request_sent_once_more() {
    let turns = [
        Turn::text("first answer").usage(900, 10),
        refused(),
        summary("what was"),
        Turn::text("second answer"),
    ];
    let mut talk = Talk::new(16_384, turns);
    talk.ask("first").await;
    let seen = talk.ask("second thing to be done").await;
    let order: Vec<&str> = names(&seen)
        .into_iter()
        .filter(|name| name.starts_with("agent_") || name.starts_with("compaction"))
        .collect();
    assert_eq!(
        order,
        [
            "agent_start",
            "agent_end",
            "compaction_start",
            "compaction_end",
            "agent_start",
            "agent_end"
        ]
    );
    assert_eq!(ends(&seen), [(true, None)]);
    // The refused answer is not sent along, and nothing is said twice.
    assert_eq!(
        talk.asked(3),
        ["summary of \"what was\"", "user second thing to be done"]
    );
    let asked_for: Vec<_> = talk
        .told()
        .into_iter()
        .filter(|line| line == "user second thing to be done")
        .collect();
    assert_eq!(asked_for.len(), 1);
}

#[tokio::test]
async fn a_context_that_is_refused_twice_ends_the_run_with_one_clear_message() {
    let turns = [
        Turn::text("first answer").usage(900, 10),
        refused(),
        summary("what was"),
        refused(),
    ];
    let mut talk = Talk::new(16_384, turns);
    talk.ask("first").await;
    let seen = talk.ask("second thing to be done").await;
    let ends = ends(&seen);
    assert_eq!(ends.len(), 2);
    let last = ends[1].1.clone().unwrap();
    assert!(last.contains("/model") && last.contains("/new"), "{last}");
    assert_eq!(talk.provider.remaining(), 0);
}

#[tokio::test]
async fn a_refused_context_of_which_nothing_can_go_says_what_to_do() {
    let mut talk = Talk::new(16_384, [refused()]);
    let seen = talk.ask("hi").await;
    let ends = ends(&seen);
    assert_eq!(ends.len(), 1);
    let why = ends[0].1.clone().unwrap();
    assert!(why.contains("/model"), "{why}");
}

#[tokio::test]
async fn results_that_do_not_fit_by_themselves_are_summarised_with_the_rest() {
    let turns = [
        Turn::tool("c1", "fetch", json!({"bytes": 48_000})).usage(1_000, 10),
        refused(),
        summary("it fetched a lot"),
        Turn::text("done"),
    ];
    let mut talk = Talk::new(16_384, turns);
    talk.session.send(Command::SetAutoCompaction(true)).await;
    let seen = talk.ask("fetch it").await;
    let done = compacted(&seen).unwrap();
    assert!(done.summary.contains("it fetched a lot"));
    // Nothing was said before that turn, and nothing is said of it.
    assert!(done.summary.starts_with("**Turn Context"), "{done:?}");
    let last = talk.asked(3);
    assert_eq!(last.len(), 1, "{last:?}");
    assert_eq!(talk.told().last().unwrap(), "assistant done");
}

#[tokio::test]
async fn at_least_half_of_what_can_go_gives_way_to_a_refusal() {
    let turns = [
        Turn::text(&"a".repeat(8_000)).usage(2_100, 10),
        Turn::text(&"b".repeat(8_000)).usage(4_200, 10),
        refused(),
        summary("what was"),
        Turn::text("third answer"),
    ];
    let mut talk = Talk::new(8_192, turns);
    talk.ask("first").await;
    talk.ask("second").await;
    let seen = talk.ask("third").await;
    assert_eq!(ends(&seen), [(true, None)]);
    let done = compacted(&seen).unwrap();
    assert_eq!(done.summary, "what was");
    assert!(done.tokens_after < done.tokens_before * 2 / 3, "{done:?}");
    let asked = talk.asked(4);
    assert_eq!(asked[..2], ["summary of \"what was\"", "user second"]);
    assert_eq!((asked.len(), asked[3].as_str()), (4, "user third"));
}

#[tokio::test]
async fn a_summary_that_saves_nothing_is_told_and_changes_nothing() {
    let turns = [
        Turn::text("first answer").usage(900, 10),
        refused(),
        summary(&"and so on ".repeat(50)),
        Turn::text("never"),
    ];
    let mut talk = Talk::new(16_384, turns);
    talk.ask("first").await;
    let seen = talk.ask("second thing to be done").await;
    let ends = ends(&seen);
    assert_eq!(ends.len(), 1);
    let why = ends[0].1.clone().unwrap();
    assert!(why.contains("no shorter") && why.contains("/new"), "{why}");
    assert!(talk.entries("compaction").is_empty());
    assert_eq!(talk.provider.remaining(), 1);
}

#[tokio::test]
async fn an_answer_without_room_for_a_word_counts_as_a_refusal() {
    let turns = [
        Turn::text("first answer").usage(900, 10),
        Turn::new().usage(16_380, 0).stop_reason(StopReason::Length),
        summary("what was"),
        Turn::text("second answer"),
    ];
    let mut talk = Talk::new(16_384, turns);
    talk.ask("first").await;
    let seen = talk.ask("second thing to be done").await;
    assert_eq!(ends(&seen), [(true, None)]);
    assert_eq!(
        talk.asked(3),
        ["summary of \"what was\"", "user second thing to be done"]
    );
}

#[tokio::test]
async fn with_automatic_compaction_off_a_refusal_is_an_answer_that_failed() {
    let mut talk = Talk::new(16_384, [Turn::text("first answer"), refused()]);
    talk.session.send(Command::SetAutoCompaction(false)).await;
    talk.ask("first").await;
    let seen = talk.ask("second thing to be done").await;
    assert_eq!(ends(&seen), []);
    assert_eq!(talk.provider.requests().len(), 2);
}

#[tokio::test]
async fn a_run_that_went_on_after_a_refusal_recovers_from_the_next_one_too() {
    let fetch = |id: &str| Turn::tool(id, "fetch", json!({"bytes": 2_000}));
    let turns = [
        fetch("c1"),
        fetch("c2"),
        refused(),
        summary("how it began"),
        fetch("c3"),
        fetch("c4"),
        refused(),
        summary("how it went on"),
        Turn::text("done"),
    ];
    let mut talk = Talk::new(16_384, turns);
    let seen = talk.ask("fetch all of it").await;
    assert_eq!(ends(&seen), [(true, None), (true, None)]);
    assert_eq!(talk.told().last().unwrap(), "assistant done");
}
