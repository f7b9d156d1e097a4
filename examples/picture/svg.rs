//! A terminal's grid as SVG: a rectangle for each stretch of ground, a text for each stretch of letters,
//! stretched to its cells so that every font keeps the columns.

use std::fmt::Write;

use vt100::{Cell, Color, Parser};

const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 18.0;
const MARGIN: f32 = 12.0;
const PAPER: &str = "#18181e";
const INK: &str = "#d4d4d4";

/// What the terminal shows.
pub fn of(terminal: &Parser) -> String {
    let screen = terminal.screen();
    let (rows, columns) = screen.size();
    let (rows, columns) = (u16::from(rows), u16::from(columns));
    let width = f32::from(columns) * WIDTH + 2.0 * MARGIN;
    let height = f32::from(rows) * HEIGHT + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"14\">\n<rect width=\"{width:.0}\" height=\"{height:.0}\" rx=\"8\" fill=\"{PAPER}\"/>\n"
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let Some(cell) = screen.cell(row, column) else {
                break;
            };
            let style = Style::of(cell);
            let start = column;
            let mut text = String::new();
            while column < columns
                && let Some(cell) = screen.cell(row, column)
                && (cell.is_wide_continuation() || Style::of(cell) == style)
            {
                if !cell.is_wide_continuation() {
                    text.push_str(if cell.has_contents() {
                        cell.contents()
                    } else {
                        " "
                    });
                }
                column += 1;
            }
            stretch(&mut svg, row, start, column - start, &style, &text);
        }
    }
    if !screen.hide_cursor() {
        let (row, column) = screen.cursor_position();
        let (x, y) = place(row, column);
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{INK}\" opacity=\"0.6\"/>"
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn place(row: u16, column: u16) -> (f32, f32) {
    (
        MARGIN + f32::from(column) * WIDTH,
        MARGIN + f32::from(row) * HEIGHT,
    )
}

fn stretch(svg: &mut String, row: u16, column: u16, cells: u16, style: &Style, text: &str) {
    let (x, y) = place(row, column);
    let width = f32::from(cells) * WIDTH;
    if style.ground != PAPER {
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{HEIGHT}\" fill=\"{}\"/>",
            style.ground
        );
    }
    let shown = text.trim_end();
    if shown.trim().is_empty() {
        return;
    }
    let blank = text.len() - text.trim_end().len();
    let width = f32::from(cells) * WIDTH - blank as f32 * WIDTH;
    let weight = if style.is_bold {
        " font-weight=\"bold\""
    } else {
        ""
    };
    let slant = if style.is_italic {
        " font-style=\"italic\""
    } else {
        ""
    };
    let clean = shown
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let baseline = y + 13.5;
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{baseline:.1}\" fill=\"{}\"{weight}{slant} textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{clean}</text>",
        style.ink
    );
}

#[derive(PartialEq)]
struct Style {
    ink: String,
    ground: String,
    is_bold: bool,
    is_italic: bool,
}

impl Style {
    fn of(cell: &Cell) -> Self {
        let (mut ink, mut ground) = (color(cell.fgcolor(), INK), color(cell.bgcolor(), PAPER));
        if cell.inverse() {
            std::mem::swap(&mut ink, &mut ground);
        }
        Style {
            ink,
            ground,
            is_bold: cell.bold(),
            is_italic: cell.italic(),
        }
    }
}

fn color(color: Color, default: &str) -> String {
    match color {
        Color::Default => default.to_owned(),
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        // The program was told that the terminal has all colours; these are close enough.
        Color::Idx(index) => format!("hsl({} 50% 60%)", u32::from(index) * 360 / 256),
    }
}
