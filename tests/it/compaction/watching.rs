//! What somebody sees who follows the conversation on a screen.

use pi::ai::script::Turn;
use pi::config::Themes;
use pi::tui::look::{Depth, Look};
use pi::tui::transcript::{Setup, Transcript};

use super::stage::{Talk, summary};

fn rows(transcript: &mut Transcript) -> Vec<String> {
    let look = Look::new(&Themes::embedded().find("dark").unwrap(), Depth::Truecolor);
    let rows = transcript.viewport(60, 40, &look);
    let text = rows.iter().map(|row| row.to_string().trim().to_owned());
    text.filter(|row| !row.is_empty()).collect()
}

#[tokio::test]
async fn the_summary_stands_where_it_was_made_and_all_before_it_stays_to_be_looked_at() {
    let turns = [
        Turn::text("first answer").usage(6_000, 20),
        Turn::text("second answer").usage(15_000, 20),
        summary("what was"),
        Turn::text("third answer").usage(900, 20),
    ];
    let mut talk = Talk::new(16_384, turns);
    let mut transcript = Transcript::new(talk.session.view().history.clone(), Setup::default());
    let mut seen = talk.ask("first").await;
    seen.extend(talk.ask("second").await);
    seen.extend(talk.ask("third").await);
    for event in &seen {
        transcript.apply(event);
    }
    let shown = rows(&mut transcript);
    assert_eq!(
        shown,
        [
            "first",
            "first answer",
            "second",
            "second answer",
            "[compaction] Compacted from 15,020 tokens (ctrl+o to",
            "expand)",
            "third",
            "third answer",
        ]
    );
    // What is on disk by now is let go of, and reads the same.
    assert!(transcript.settle(talk.session.view().history.clone()));
    assert_eq!(rows(&mut transcript), shown);
    // A face that comes later, or rebuilds, sees the same too.
    let mut later = Transcript::new(talk.session.view().history.clone(), Setup::default());
    assert_eq!(rows(&mut later), shown);
    // Whoever opens the file sees what the model sees.
    assert_eq!(talk.told().len(), 5);
    assert_eq!(talk.session.view().history.len(), 7);
}

#[tokio::test]
async fn a_compaction_that_failed_is_told_in_the_transcript() {
    let mut talk = Talk::new(16_384, super::filling());
    talk.provider.push(Turn::error("no such model"));
    let mut transcript = Transcript::new(talk.session.view().history.clone(), Setup::default());
    let mut seen = talk.ask("first").await;
    seen.extend(talk.ask("second").await);
    for event in &seen {
        transcript.apply(event);
    }
    let shown = rows(&mut transcript).join(" ");
    assert!(shown.contains("Automatic compaction failed"), "{shown}");
    assert!(shown.contains("no such model"), "{shown}");
    assert!(transcript.settle(talk.session.view().history.clone()));
}
