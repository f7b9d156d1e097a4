//! Windows of every size: a conversation goes on and on in each, and compacts now and then.

use pi::ai::script::Turn;
use pi::config::settings::{CompactionOverride, CompactionSettings};

use super::stage::{Stage, Talk, compacted, names, summary};

/// Talks for so long that the window is filled many times, by a model that counts its tokens as they are
/// estimated; returns how many exchanges there were and how many compactions.
async fn long_talk(window: u64) -> (usize, usize) {
    let mut talk = Talk::new(window, []);
    let (mut exchanges, mut compactions) = (0, 0);
    let mut context = 500;
    let words = (window / 10) as usize;
    while compactions < 3 && exchanges < 60 {
        // An exchange is a twentieth of the window.
        context += window / 20;
        talk.provider
            .push(Turn::text(&"y".repeat(words)).usage(context, window / 40));
        for _ in 0..2 {
            talk.provider.push(summary(&"s".repeat(400)));
        }
        let seen = talk.ask(&"x".repeat(words)).await;
        exchanges += 1;
        match compacted(&seen) {
            Some(done) => {
                compactions += 1;
                assert!(done.tokens_after < done.tokens_before, "{window}");
                context = 500 + done.tokens_after;
            }
            None => assert!(
                !names(&seen).contains(&"compaction_start"),
                "{window}: {:?}",
                seen.last_chunk::<2>()
            ),
        }
        // The summaries that nobody asked for.
        talk.provider.clear();
    }
    (exchanges, compactions)
}

#[tokio::test]
async fn no_window_compacts_after_every_answer_and_none_runs_over() {
    for window in [4_096, 8_192, 16_384, 32_768, 200_000] {
        let (exchanges, compactions) = long_talk(window).await;
        assert_eq!(compactions, 3, "{window}");
        // A tenth of the window is the summary and what surrounds it; a quarter at most is kept.
        assert!(exchanges >= 3 * 8, "{window}: {exchanges} exchanges");
    }
}

#[tokio::test]
async fn a_window_that_is_not_known_never_compacts_by_itself() {
    let mut talk = Talk::new(
        0,
        [Turn::text("one").usage(9_000_000, 1), Turn::text("two")],
    );
    talk.ask("first").await;
    let seen = talk.ask("second").await;
    assert!(!names(&seen).contains(&"compaction_start"));
}

#[tokio::test]
async fn what_is_set_for_one_model_holds_for_it() {
    let mut settings = CompactionSettings::default();
    let own = CompactionOverride {
        reserve_tokens: Some(100_000),
        keep_recent_tokens: None,
    };
    settings
        .model_overrides
        .insert("script/scripted".into(), own);
    let stage = Stage {
        settings,
        ..Stage::of(200_000)
    };
    let turns = [
        Turn::text("one").usage(90_000, 10),
        Turn::text("two").usage(100_000, 10),
        summary("what was"),
    ];
    let mut talk = Talk::on(stage, turns);
    assert!(compacted(&talk.ask("first").await).is_none());
    assert!(compacted(&talk.ask("second").await).is_some());
}
