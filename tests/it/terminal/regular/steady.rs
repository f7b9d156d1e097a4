//! What streams is written once: nothing that has scrolled away changes while the model answers.

use std::sync::Arc;

use pi::agent::{AgentEvent, Outcome};
use pi::ai::Delta;
use pi::config::{Theme, Themes};
use pi::session::{Event, Level};
use pi::tui::look::{Depth, Look};
use pi::tui::msg::Msg;
use pi::tui::screen::{Painter, Rows};
use pi::tui::transcript::MOST;
use serde_json::json;

use super::bench::Bench;
use super::grid::{Grid, Reflowing};
use crate::support::screen::{settings, view};
use crate::transcript::stage::{Stage, assistant, look, user};

fn text(bench: &mut Bench, text: &str) {
    let text = text.into();
    bench.screen.agent(AgentEvent::MessageUpdate {
        delta: Delta::Text { index: 0, text },
    });
}

fn start(bench: &mut Bench, id: &str) {
    bench.screen.agent(AgentEvent::ToolStart {
        id: id.into(),
        name: "bash".into(),
        args: Arc::new(json!({ "command": format!("run {id}") })),
    });
}

fn end(bench: &mut Bench, id: &str, output: &str) {
    bench.screen.agent(AgentEvent::ToolEnd {
        id: id.into(),
        name: "bash".into(),
        outcome: Arc::new(Outcome::text(output)),
        duration: None,
    });
}

fn lines(count: usize) -> String {
    (1..=count).map(|line| format!("line {line}\n")).collect()
}

#[test]
fn a_long_answer_goes_to_the_scrollback_row_by_row() {
    let mut bench = Bench::new(60, 12);
    bench.paint();
    bench.screen.run("tell me all");
    bench.screen.stream("");
    for row in 0..200 {
        text(&mut bench, &format!("Paragraph {row} says this.\n\n"));
        bench.screen.now += 100;
        bench.paint();
    }
    text(&mut bench, "```\n");
    for row in 0..200 {
        text(&mut bench, &format!("code {row}\n"));
        bench.paint();
    }
    assert_eq!(bench.begun, 0);
    assert_eq!(bench.above(), ["$ ls", "engine", "$ pi"]);
    // The block moves down with every row and is not written again.
    assert!(bench.bytes < 400 * 200, "{}", bench.bytes);
}

#[test]
fn a_table_that_grows_beyond_the_screen_waits_for_its_end() {
    let mut bench = Bench::new(60, 12);
    bench.screen.run("a table");
    bench.screen.stream("| a | b |\n| --- | --- |\n");
    for row in 0..40 {
        let wide = "x".repeat(row % 30);
        text(&mut bench, &format!("| {row} | {wide} |\n"));
        bench.paint();
    }
    let seen = bench.grids[0].rows().join("\n");
    assert!(
        seen.contains("rows above are still being written"),
        "{seen}"
    );
    assert!(seen.contains(" 39 │ xxxxxxxxx\n"), "{seen}");
    text(&mut bench, "\nAnd on.\n\nMore.");
    bench.paint();
    assert_eq!(bench.begun, 0);
    let seen = bench.grids[0].rows().join("\n");
    for row in 0..40 {
        assert_eq!(seen.matches(&format!("\n {row:<2} │")).count(), 1, "{seen}");
    }
}

#[test]
fn a_command_that_runs_long_does_not_hold_up_what_is_below_it() {
    let mut bench = Bench::new(60, 12);
    bench.screen.run("work");
    start(&mut bench, "slow");
    bench.paint();
    for call in 0..30 {
        let id = format!("call-{call}");
        start(&mut bench, &id);
        bench.screen.now += 1500;
        bench.screen.tell(Msg::Tick);
        bench.paint();
        end(&mut bench, &id, "done");
        bench.paint();
    }
    // It stands in the scrollback as it was, and all that came after it below.
    assert_eq!(bench.begun, 0);
    let seen = bench.grids[0].rows().join("\n");
    assert!(seen.contains("• $ run slow"), "{seen}");
    assert!(seen.contains("✓ $ run call-3\n"), "{seen}");
    end(&mut bench, "slow", "at last");
    bench.paint();
    assert_eq!(bench.begun, 1);
    let seen = bench.grids[0].rows().join("\n");
    assert!(seen.contains("✓ $ run slow\n   at last\n"), "{seen}");
    bench.screen.agent(AgentEvent::AgentEnd {
        messages: Vec::new(),
        will_retry: false,
    });
    bench.screen.event(Event::Settled { aborted: false });
    bench.assert_settled();
}

#[test]
fn folding_what_has_scrolled_away_writes_it_all_again_and_folding_nothing_does_not() {
    let mut bench = Bench::new(60, 12);
    bench.screen.run("no tools here");
    bench.paint();
    bench.screen.press("ctrl+o");
    bench.paint();
    assert_eq!(bench.begun, 0);
    start(&mut bench, "one");
    end(&mut bench, "one", &lines(100));
    bench.screen.event(Event::Notice {
        level: Level::Info,
        text: "a word".into(),
    });
    bench.paint();
    assert!(bench.grids[1].rows().join("\n").contains("line 50\n"));
    bench.screen.press("ctrl+o");
    bench.paint();
    assert_eq!(bench.begun, 1);
    assert!(!bench.grids[1].rows().join("\n").contains("line 50\n"));
}

#[test]
fn another_theme_writes_everything_again_in_its_colours() {
    let mut stage = Stage::new(vec![user("a question"), assistant(vec![])]);
    let mut tail = |look: &Look| stage.transcript.tail(40, look, 10, false);
    let first = tail(&look(Depth::Truecolor));
    assert!(first.again && !first.lasting.is_empty());
    let same = tail(&look(Depth::Truecolor));
    assert!(!same.again && same.lasting.is_empty());
    let other = tail(&look(Depth::Indexed));
    assert!(other.again);
    assert_eq!(other.lasting.len(), first.lasting.len());
    assert_ne!(other.lasting, first.lasting);
}

/// The theme that is worn, in another's colours.
pub fn saved(colors: &str) -> Theme {
    let mut theme = (*Themes::embedded().find(colors).unwrap()).clone();
    theme.name = "dark".into();
    theme
}

#[test]
fn a_theme_that_is_saved_anew_is_seen_in_what_has_scrolled_away() {
    let mut bench = Bench::over(view(vec![user("one"), user("two")]), 60, 12);
    bench.paint();
    // The first file has what is worn already.
    for (theme, begun) in [("dark", 0), ("light", 1), ("light", 1)] {
        bench.screen.tell(Msg::Theme(Ok(saved(theme))));
        bench.paint();
        assert_eq!(bench.begun, begun);
    }
    bench.assert_settled();
}

#[test]
fn what_the_terminal_does_here_is_left_to_it() {
    let mut bench = Bench::over(view(vec![user("one")]), 60, 12);
    for keys in ["ctrl+shift+f", "ctrl+c / p r o m p t s enter"] {
        bench.screen.press(keys);
        bench.paint();
        let seen = bench.grids[0].rows().join("\n");
        assert!(seen.contains("the terminal scrolls and searches"), "{seen}");
    }
}

#[test]
fn the_model_that_answers_may_change_without_writing_the_header_again() {
    let mut settings = settings();
    settings.quiet = false;
    let mut bench = Bench::with(view(Vec::new()), settings, 80, 20);
    bench.paint();
    let model = Arc::new(crate::support::screen::model("small"));
    bench.screen.view.model = model.clone();
    bench.screen.event(Event::ModelChanged(model));
    bench.paint();
    assert_eq!(bench.begun, 0);
    assert!(bench.grids[0].rows().join("\n").contains("acme/small"));
}

#[test]
fn a_session_that_is_watched_grows_at_its_end() {
    let mut said = vec![user("one"), user("two")];
    let mut bench = Bench::over(view(said.clone()), 60, 12);
    bench.paint();
    for row in 0..20 {
        said.push(user(&format!("more {row}")));
        bench.screen.view = view(said.clone());
        bench.screen.event(Event::Switched);
        bench.paint();
    }
    assert_eq!(bench.begun, 0);
    bench.assert_settled();
}

#[test]
fn another_session_takes_the_place_of_the_one_before() {
    let mut bench = Bench::over(view(vec![user("one"), user("two")]), 60, 12);
    bench.paint();
    bench.screen.view = view(vec![user("three")]);
    bench.screen.event(Event::Switched);
    bench.paint();
    assert_eq!(bench.begun, 1);
    assert!(!bench.grids[0].rows().join("\n").contains("two"));
    bench.assert_settled();
}

#[test]
fn of_a_very_long_session_the_last_rows_are_printed_and_the_first_say_where_the_others_are() {
    let said = (0..6000).map(|at| user(&format!("prompt {at}"))).collect();
    let mut stage = Stage::new(said);
    let tail = stage.transcript.tail(40, &look(Depth::None), 10, false);
    assert_eq!(tail.lasting.len(), MOST + 1);
    let mut painter = Painter::default();
    let mut grid = Reflowing::new(40, 12);
    grid.feed(painter.paint(
        (40, 12),
        Rows {
            lasting: tail.lasting,
            ..Rows::default()
        },
    ));
    let seen = grid.rows();
    assert_eq!(seen[0], "… earlier rows are not printed again; t…");
    assert_eq!(seen.last().unwrap(), " prompt 5999");
    // And it goes on as any other.
    stage.message(user("prompt 6000"));
    let tail = stage.transcript.tail(40, &look(Depth::None), 10, false);
    assert!(!tail.again);
    assert_eq!(tail.lasting.len(), 2);
}

#[test]
fn panels_and_a_long_draft_fit_on_the_screen_and_leave_it_as_it_was() {
    for (columns, rows) in [(80, 24), (40, 12), (20, 5), (20, 2), (20, 1)] {
        let mut bench = Bench::over(view(vec![user("one"), user("two")]), columns, rows);
        bench.paint();
        bench.screen.type_text("/hotkeys");
        bench.paint();
        bench.screen.press("enter");
        bench.paint();
        bench.screen.press("escape");
        bench.paint();
        bench.screen.paste(&lines(9));
        bench.paint();
        bench.screen.press("ctrl+c");
        bench.assert_settled();
        assert_eq!(bench.begun, 0);
        assert_eq!(bench.above(), ["$ ls", "engine", "$ pi"]);
    }
}

#[test]
fn page_keys_are_the_editors_where_the_terminal_scrolls() {
    let mut bench = Bench::new(60, 24);
    bench.screen.paste("a\nb\nc");
    bench.paint();
    let before = bench.frame().caret;
    bench.screen.press("pageup");
    let after = bench.frame().caret;
    assert!(before.is_some() && before != after, "{before:?}");
}
