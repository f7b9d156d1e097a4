//! Diagrams as they are seen.

use insta::assert_snapshot;
use proptest::prelude::*;
use ratatui::style::Style;

use super::*;
use crate::config::Themes;
use crate::tui::look::{Depth, Look};
use crate::tui::markdown::Highlighter;
use crate::tui::markdown::wrap::row_width;

fn drawn(source: &str, width: usize) -> Option<Vec<Row>> {
    let look = Look::new(&Themes::embedded().find("dark").unwrap(), Depth::None);
    let off = Highlighter::off();
    draw(source, width, &Ink::new(&look, Style::new(), &off))
}

fn show(source: &str, width: usize) -> String {
    let rows = drawn(source, width).unwrap_or_default();
    let text = |row: &Row| row.iter().map(|span| &*span.content).collect::<String>();
    let rows: Vec<String> = rows
        .iter()
        .map(text)
        .map(|row| row.trim_end().to_owned())
        .collect();
    rows.join("\n")
}

#[test]
fn a_flow_goes_down() {
    let source = "graph TD\n  A[Start] --> B{Is it ok?}\n  B -->|yes| C(Done)\n  B -->|no| D[Fix it]\n  D --> B";
    assert_snapshot!(show(source, 60), @r#"
           ┌───────┐
           │ Start │
           └───┬───┘
               │
               │
               ▼
         ╱───────────╲
         │ Is it ok? │
         ╲─────┬─┬───╱
               │ ▲
        ┌──────┴─┼┐
        │        └┼──┐
        │         │  │
       yes       no  │
        │         └┐ │
        ▼          ▼ │
    ╭──────╮  ┌──────┴─┐
    │ Done │  │ Fix it │
    ╰──────╯  └────────┘
    "#);
}

#[test]
fn a_flow_goes_to_the_right_and_down_where_there_is_no_room() {
    let source = "flowchart LR; a[One] --> b[Two] --> c[Three]; a -.-> c";
    assert_snapshot!(show(source, 60), @r#"
               ┌─────┐
            ┌─▶│ Two ├─┐
    ┌─────┐ │  └─────┘ │   ┌───────┐
    │ One ├─┤          └┬─▶│ Three │
    └─────┘ └┄┄┄┄┄┄┄┄┄┄┄┘  └───────┘
    "#);
    assert_snapshot!(show(source, 24), @r#"
       ┌─────┐
       │ One │
       └──┬──┘
       ┌──┴┄┄┐
       ▼     ┆
    ┌─────┐  ┆
    │ Two │  ┆
    └──┬──┘  ┆
       └──┐  ┆
          ├┄┄┘
          ▼
      ┌───────┐
      │ Three │
      └───────┘
    "#);
}

#[test]
fn groups_are_named_below() {
    let source = "graph LR\nsubgraph api [The API]\na & b ==> c\nend\nc --> c";
    assert_snapshot!(show(source, 60), @r#"
    ┌───┐
    │ a ├━┐
    └───┘ ┃   ┌───┐
          └┬━▶│ c │
    ┌───┐  ┃  └───┘
    │ b ├━━┘
    └───┘

    ↺ c
    The API: a, b, c
    "#);
}

#[test]
fn messages_go_between_those_who_take_part() {
    let source = "sequenceDiagram\nparticipant A as Alice\nparticipant B as Bob\nA->>+B: Hello Bob, how are you?\nNote over A,B: they talk\nloop every day\nB-->>-A: Fine\nend\nB->>B: think\nA-xB: bye";
    assert_snapshot!(show(source, 70), @r#"
     ┌───────┐                   ┌─────┐
     │ Alice │                   │ Bob │
     └───┬───┘                   └──┬──┘
         │ Hello Bob, how are you?  │
         ├─────────────────────────▶│
       ┌──────────────────────────────┐
       │          they talk           │
       └─┬──────────────────────────┬─┘
    ┄┄ loop every day ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┼┄┄┄
         │           Fine           │
         │◀┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
    ┄┄ end ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┼┄┄┄
         │                          │ think
         │                          ├──┐
         │                          │◀─┘
         │           bye            │
         ├─────────────────────────×│
         │                          │
    "#);
}

#[test]
fn what_is_not_understood_or_does_not_fit_is_not_drawn() {
    for source in [
        "pie\n\"a\": 1",
        "graph XX\na-->b",
        "graph TD\na --> [",
        "graph TD\na[open --> b",
        "graph TD\nsubgraph x\na",
        "sequenceDiagram\nwhat is this",
        "sequenceDiagram\nloop x\nA->>B: y",
        "",
    ] {
        assert!(drawn(source, 80).is_none(), "{source}");
    }
    assert!(drawn("graph TD\na[a long text]-->b", 9).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_source_is_drawn_within_the_width_or_not_at_all(
        head in prop::sample::select(vec!["graph TD\n", "flowchart LR\n", "sequenceDiagram\n"]),
        pieces in prop::collection::vec(prop::sample::select(vec![
            "A", "B", "C", "D[x y]", "E{漢字}", "F((o))", "-->", "---", "-.->", "==>", "-- t -->", "|t|", "&", "\n",
            "\n", "subgraph s", "end", "->>", "-->>", ": hi", "Note over A,B", "loop", "\"", "👩‍💻", "[", "]", "~~~", ";",
        ]), 0..40),
        width in 1usize..100,
    ) {
        let source = format!("{head}{}", pieces.concat());
        for row in drawn(&source, width).unwrap_or_default() {
            prop_assert!(row_width(&row) <= width);
        }
    }
}
