//! Prompt caches that are missed, as the person hears of them.

use pi::ai::script::Turn;
use pi::session::{Command, Event, Reply};

use crate::support::talk::Talk;

/// A conversation whose second answer paid again for 60,000 tokens.
fn turns() -> [Turn; 3] {
    [
        Turn::text("one").usage(1_000, 10).cached(0, 79_000),
        Turn::text("two").usage(60_500, 10).cached(20_000, 0),
        Turn::text("three").usage(500, 10).cached(80_500, 0),
    ]
}

async fn notices(talk: &mut Talk) -> Vec<String> {
    let events = talk.settled().await;
    let text = |event: &std::sync::Arc<Event>| match &**event {
        Event::Notice { text, .. } => Some(text.clone()),
        _ => None,
    };
    events.iter().filter_map(text).collect()
}

#[tokio::test]
async fn a_missed_cache_is_told_behind_the_answer_that_paid_for_it() {
    let mut talk = Talk::with(turns(), |setup| setup.cache_notices = true);
    talk.say("a");
    assert_eq!(notices(&mut talk).await, [""; 0]);
    talk.say("b");
    let told = notices(&mut talk).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("the prompt cache was missed: 60k tokens were billed again"),
        "{told:?}"
    );
    talk.say("c");
    assert_eq!(notices(&mut talk).await, [""; 0]);
}

#[tokio::test]
async fn nobody_is_told_who_did_not_ask_for_it() {
    let mut talk = Talk::new(turns());
    for text in ["a", "b", "c"] {
        talk.say(text);
        assert_eq!(notices(&mut talk).await, [""; 0]);
    }
}

#[tokio::test]
async fn what_a_compaction_cut_away_is_no_miss() {
    let mut all = turns().to_vec();
    all.insert(1, Turn::text("a summary").usage(1, 1));
    let mut talk = Talk::with(all, |setup| {
        setup.cache_notices = true;
        setup.compaction.keep_recent_tokens = 0;
    });
    talk.say(&"a long story ".repeat(1_000));
    notices(&mut talk).await;
    let compact = Command::Compact { instructions: None };
    let reply = talk.session.send(compact).await;
    assert!(matches!(reply, Reply::Compacted(_)), "{reply:?}");
    talk.say("b");
    let told = notices(&mut talk).await;
    assert!(!told.iter().any(|text| text.contains("cache")), "{told:?}");
}
