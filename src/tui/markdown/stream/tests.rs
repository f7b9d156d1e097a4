//! What streamed Markdown looks like, and that chunking and widths do not matter.

use proptest::prelude::*;

use super::*;
use crate::config::Themes;
use crate::tui::look::{Depth, Look};
use crate::tui::markdown::Highlighter;

fn look() -> Look {
    Look::new(&Themes::embedded().find("dark").unwrap(), Depth::None)
}

fn drawn(text: &str, chunks: &[usize], width: usize, paint_each: bool) -> Vec<Line<'static>> {
    let look = look();
    let off = Highlighter::off();
    let ink = Ink::new(&look, ratatui::style::Style::new(), &off);
    let mut stream = MarkdownStream::default();
    let mut rest = text;
    for length in chunks.iter().cycle() {
        let end = rest
            .char_indices()
            .nth(*length)
            .map_or(rest.len(), |(at, _)| at);
        stream.push(&rest[..end]);
        rest = &rest[end..];
        if paint_each {
            let rows = stream.rows(width, &ink);
            assert!(rows.iter().all(|row| row.width() <= width));
        }
        if rest.is_empty() {
            break;
        }
    }
    stream.finish();
    stream.rows(width, &ink).to_vec()
}

fn texts(text: &str, width: usize) -> Vec<String> {
    let rows = drawn(text, &[usize::MAX], width, false);
    rows.iter().map(ToString::to_string).collect()
}

#[test]
fn a_fence_shows_its_code_and_not_its_marks() {
    assert_eq!(
        texts("a\n```rust\nfn x() {}\n\n  y\n```\n\nb", 40),
        ["a", "", "  fn x() {}", "", "    y", "", "b"]
    );
}

#[test]
fn lists_nest_and_count() {
    assert_eq!(
        texts("1. one\n   - in\n   - [x] done\n1. two\n\n3. three", 20),
        [
            "1. one",
            "   - in",
            "   - [x] done",
            "2. two",
            "",
            "3. three"
        ]
    );
}

#[test]
fn tables_share_the_width_and_become_lists_where_they_cannot() {
    let table = "| name | what it does |\n|---|--:|\n| a | short |\n| b | a longer text |";
    assert_eq!(
        texts(table, 19),
        [
            "name │ what it does",
            "─────┼─────────────",
            "a    │        short",
            "─────┼─────────────",
            "b    │     a longer",
            "     │         text",
        ]
    );
    assert_eq!(texts(table, 9)[..3], ["name: a", "what it", "does:"]);
}

#[test]
fn links_quotes_and_html_are_shown_as_text() {
    assert_eq!(
        texts("[pi](http://x.y) <http://z.w>", 40),
        ["pi (http://x.y) http://z.w"]
    );
    assert_eq!(texts("> a\n> > b", 20), ["│ a", "│ ", "│ │ b"]);
    assert_eq!(
        texts("<b>x</b>\n\n<div>\ny\n</div>", 20),
        ["<b>x</b>", "", "<div>", "y", "</div>"]
    );
    assert_eq!(
        texts("[a]: http://x.y\n\n[a]", 40),
        ["[a]: http://x.y", "", "a (http://x.y)"]
    );
}

#[test]
fn endless_nesting_is_drawn_flat() {
    let deep = format!("{} x", ">".repeat(5_000));
    let rows = texts(&deep, 80);
    assert!(rows.last().unwrap().ends_with("x"), "{rows:?}");
}

#[test]
fn what_is_finished_is_not_drawn_again() {
    let look = look();
    let off = Highlighter::off();
    let ink = Ink::new(&look, ratatui::style::Style::new(), &off);
    let mut stream = MarkdownStream::default();
    stream.push("one\n\ntwo\n\n```\ncode\n");
    stream.rows(20, &ink);
    let before = stream.drawn.as_ref().unwrap().stable;
    assert_eq!(
        before, 5,
        "two paragraphs, their gaps, and a line of open code"
    );
    stream.push("more\n");
    stream.rows(20, &ink);
    assert_eq!(stream.drawn.as_ref().unwrap().stable, 6);
}

#[test]
fn formulas_are_drawn_in_unicode_and_money_is_not() {
    let show = |text: &str| texts(text, 60).join("/");
    assert_eq!(show("so $x^2 + \\alpha$ and \\(y_1\\)"), "so x² + α and y₁");
    for plain in [
        "costs $5 and $6, or $7/$8",
        "set $HOME to $PATH or $A/$B",
        "`$x^2$` and $ x $ and $5",
        "$unclosed",
    ] {
        assert_eq!(show(plain), plain.replace('`', ""));
    }
    assert_eq!(
        show("then\n$$\na_1 = b\n- c_2\n$$\nend"),
        "then//  a₁ = b - c₂//end"
    );
    assert_eq!(show("\\[\n\\frac{1}{2}\n\\]"), "  ½");
    assert_eq!(show("    $x^2$"), "  $x^2$", "code is code");
    assert_eq!(show("- so $a_b * c_d$"), "- so a_b * c_d");
    assert!(show("| $a|b$ | c |\n|---|---|\n| $x^2$ | d |").contains("x²"));
}

#[test]
fn a_diagram_is_drawn_as_it_comes_and_its_code_where_it_cannot_be() {
    let text = "see\n\n```mermaid\ngraph LR\na --> b\n```\n\nend";
    let rows = texts(text, 40).join("/");
    assert!(rows.contains("│ a ├──▶│ b │"), "{rows}");
    let open = drawn(&text[..36], &[5], 40, true);
    assert!(
        open.iter().any(|row| row.to_string().contains("├──▶│ b")),
        "{open:?}"
    );
    assert_eq!(texts("```mermaid\npie\n```", 40), ["  pie"]);
    assert_eq!(
        texts("- ```mermaid\n  graph LR\n  a --> b\n  ```", 40)[1],
        "  │ a ├──▶│ b │"
    );
}

/// Markdown-like text: pieces that mean something next to each other.
fn markdown() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "word ",
        "two words",
        "\n",
        "\n\n",
        "# ",
        "- ",
        "1. ",
        "2) ",
        "  ",
        "    ",
        "\t",
        "> ",
        "```",
        "```rs\n",
        "~~~",
        "`code`",
        "**bold**",
        "*",
        "_",
        "| a | b |\n",
        "|---|---|\n",
        "---\n",
        "===\n",
        "<div>",
        "<!--",
        "-->",
        "[x](y)",
        "[x]: y\n",
        "[x]",
        "\r\n",
        "漢字",
        "👩‍💻",
        "e\u{301}",
        "\u{1b}[31m",
        "\u{1b}]0;",
        "\u{7}",
        "~~s~~",
        "$",
        "$x^2$",
        "$$",
        "\\(",
        "\\)",
        "\\[",
        "\\]",
        "\\frac{a}{b}",
        "https://a.example/b",
        "src/a.rs:3",
        "```mermaid\n",
        "graph TD\n",
        "A-->B\n",
        "- [ ] ",
        "[^1]",
        "[^1]: ",
        "&amp;",
        "\\",
        "<pre>",
        "</pre>",
        "\u{202e}",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn however_it_is_chunked_the_rows_are_the_same(
        text in markdown(),
        chunks in prop::collection::vec(1usize..9, 1..6),
        width in 1usize..60,
    ) {
        let whole = drawn(&text, &[usize::MAX], width, false);
        prop_assert_eq!(&drawn(&text, &chunks, width, true), &whole);
        for row in &whole {
            prop_assert!(row.width() <= width, "{:?}", row);
            prop_assert!(!row.to_string().contains(char::is_control), "{:?}", row);
        }
    }

    #[test]
    fn any_text_fits_any_width(text in "\\PC{0,60}", width in 1usize..=200) {
        for row in drawn(&text, &[usize::MAX], width, false) {
            prop_assert!(row.width() <= width, "{:?}", row);
        }
    }
}
