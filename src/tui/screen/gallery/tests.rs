//! What a terminal is sent for a conversation with a picture, frame by frame.

use std::io::Cursor;
use std::sync::{Arc, mpsc};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, Rgba, RgbaImage};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::super::frames::Frames;
use crate::ai::SharedMessage;
use crate::ai::message::{Body, Content, Message, UserMessage};
use crate::config::Themes;
use crate::tui::look::{Depth, Look};
use crate::tui::markdown::Manner;
use crate::tui::pictures::{Pictures, Protocol, Way, decode_sixels};
use crate::tui::transcript::{Setup, Transcript};

const SIZE: (u16, u16) = (30, 12);
/// The picture in cells: 90 by 72 pixels are ten columns and four rows.
const ROWS: usize = 4;

/// Red, but for a blue line where its third row begins.
fn picture() -> RgbaImage {
    RgbaImage::from_fn(90, 72, |_, y| match y {
        36 => Rgba([0, 0, 255, 255]),
        _ => Rgba([255, 0, 0, 255]),
    })
}

/// The rows of a conversation with this picture, once it can be shown.
fn conversation(protocol: Protocol) -> Vec<Line<'static>> {
    let mut png = Cursor::new(Vec::new());
    picture().write_to(&mut png, ImageFormat::Png).unwrap();
    let picture = Content::Image {
        data: STANDARD.encode(png.into_inner()),
        mime_type: "image/png".into(),
    };
    let after: Vec<String> = (1..=9).map(|row| format!("row {row}")).collect();
    let messages = [
        vec![Content::text("before"), picture],
        vec![Content::text(after.join("\n\n"))],
    ];
    let message = |content| -> SharedMessage {
        Arc::new(Message::User(UserMessage {
            content: Body::Blocks(content),
            timestamp: 0,
        }))
    };
    let messages: Vec<SharedMessage> = messages.into_iter().map(message).collect();
    let (ready, is_ready) = mpsc::channel();
    let on_ready = Arc::new(move || ready.send(()).unwrap_or_default());
    let pictures = Pictures::new(60, Way::Said(protocol), on_ready);
    let manner = Manner {
        pictures: Some(pictures),
        ..Manner::default()
    };
    let setup = Setup {
        manner,
        ..Setup::default()
    };
    let look = Look::new(&Themes::embedded().find("dark").unwrap(), Depth::Truecolor);
    let mut transcript = Transcript::new(Arc::new(messages), setup);
    let mut rows = || transcript.viewport(SIZE.0, 60, &look);
    // Another test may have made it ready.
    if rows().iter().any(|row| row.to_string().contains("[image:")) {
        is_ready.recv().unwrap();
    }
    let rows = rows().into_iter();
    rows.skip_while(|row| !row.to_string().contains("before"))
        .collect()
}

struct Terminal {
    frames: Frames,
    rows: Vec<Line<'static>>,
    grid: vt100::Parser,
}

impl Terminal {
    fn new(protocol: Protocol) -> Self {
        Terminal {
            frames: Frames::new(SIZE),
            rows: conversation(protocol),
            grid: vt100::Parser::new(12.try_into().unwrap(), 30.try_into().unwrap(), 0),
        }
    }

    /// What is sent for a frame with these rows at its top, painted over by `over`.
    fn sent(&mut self, from: usize, over: impl FnOnce(&mut Frame)) -> String {
        let rows = self.rows.iter().skip(from).take(10);
        let bytes = self.frames.next(|frame| {
            for (y, row) in (0..).zip(rows) {
                frame.render_widget(row, Rect::new(0, y, SIZE.0, 1));
            }
            over(frame);
        });
        self.grid.process(bytes);
        let private = |char| ('\u{10eeee}'..='\u{10ffff}').contains(&char);
        assert!(!self.grid.screen().contents().contains(private));
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    fn scrolled_to(&mut self, from: usize) -> String {
        self.sent(from, |_| {})
    }

    /// The row of the conversation in which the picture begins.
    fn top(&self) -> usize {
        let text = |row: &Line<'_>| row.to_string();
        let is_part = |row: &Line<'_>| text(row).contains(['\u{10eeef}', '\u{10eef0}']);
        self.rows.iter().position(is_part).unwrap()
    }
}

/// Where on the screen pictures are drawn, and with what.
fn drawn(sent: &str) -> Vec<((usize, usize), String)> {
    let (file, sixels) = ("\x1b]1337;File=", "\x1bP0;1;0q");
    let mut found = Vec::new();
    for (at, _) in sent.match_indices(file).chain(sent.match_indices(sixels)) {
        let place = sent[..at].rsplit("\x1b[").next().unwrap();
        let (row, column) = place.strip_suffix('H').unwrap().split_once(';').unwrap();
        let end = sent[at..].find(['\x07', '\\']).unwrap();
        let place = (row.parse().unwrap(), column.parse().unwrap());
        found.push((place, sent[at..=at + end].to_owned()));
    }
    found
}

/// The colours of the first pixels of the rows that are drawn.
fn colors(drawing: &str) -> Vec<[u32; 3]> {
    if drawing.starts_with("\x1bP") {
        let pixels = decode_sixels(drawing);
        let mut rows: Vec<_> = pixels.iter().filter(|((x, _), _)| *x == 0).collect();
        rows.sort();
        return rows.iter().map(|(_, color)| **color).collect();
    }
    let (_, png) = drawing.trim_end_matches('\x07').split_once(':').unwrap();
    let png = image::load_from_memory(&STANDARD.decode(png).unwrap()).unwrap();
    let png = png.to_rgb8();
    let percent = |part: u8| u32::from(part) * 100 / 255;
    let column = (0..png.height()).map(|y| png.get_pixel(0, y).0.map(percent));
    column.collect()
}

const RED: [u32; 3] = [100, 0, 0];
const BLUE: [u32; 3] = [0, 0, 100];
const PROTOCOLS: [Protocol; 2] = [Protocol::Iterm2, Protocol::Sixel];

#[test]
fn a_picture_is_drawn_once_and_again_where_it_has_moved() {
    for protocol in PROTOCOLS {
        let mut terminal = Terminal::new(protocol);
        let top = terminal.top();
        let sent = terminal.scrolled_to(0);
        let first = drawn(&sent);
        let [(place, drawing)] = &first[..] else {
            panic!("{sent:?}");
        };
        assert_eq!(place.0, top + 1, "{protocol:?}");
        let colors = colors(drawing);
        assert_eq!(colors.len(), 72, "{protocol:?}");
        assert_eq!((colors[35], colors[36], colors[37]), (RED, BLUE, RED));
        assert!(sent.starts_with("\x1b[?2026h") && sent.ends_with("\x1b[?2026l"));

        assert_eq!(terminal.scrolled_to(0), "", "nothing has changed");
        let other = |frame: &mut Frame| frame.render_widget("word", Rect::new(0, 11, 30, 1));
        let sent = terminal.sent(0, other);
        assert!(sent.contains("word") && drawn(&sent).is_empty(), "{sent:?}");

        let sent = terminal.sent(1, other);
        let place = (place.0 - 1, place.1);
        assert_eq!(drawn(&sent), [(place, drawing.clone())], "{protocol:?}");
        let moves = ['S', 'T']
            .iter()
            .any(|way| sent.contains(&format!("\x1b[1{way}")));
        assert!(!moves, "the terminal does not move rows with it: {sent:?}");
    }
}

#[test]
fn a_picture_that_is_cut_shows_the_rows_that_are_there() {
    for protocol in PROTOCOLS {
        let mut terminal = Terminal::new(protocol);
        let top = terminal.top();
        let above = drawn(&terminal.scrolled_to(top + 2));
        assert_eq!(above.len(), 1, "{protocol:?}");
        assert_eq!(above[0].0.0, 1);
        let colors_above = colors(&above[0].1);
        assert_eq!(colors_above.len(), 36, "two rows of four");
        assert_eq!(colors_above[..2], [BLUE, RED], "the third row is the first");
        if protocol == Protocol::Iterm2 {
            assert!(above[0].1.contains("width=10;height=2;"), "{above:?}");
        }
        assert_eq!(drawn(&terminal.scrolled_to(top + ROWS)), [], "gone");

        let panel = |frame: &mut Frame| {
            for y in top as u16 + 3..12 {
                frame.render_widget("panel".to_owned() + &" ".repeat(25), Rect::new(0, y, 30, 1));
            }
        };
        let below = drawn(&terminal.sent(0, panel));
        assert_eq!(colors(&below[0].1).len(), 54, "three rows of four");
    }
}

#[test]
fn a_picture_ends_where_something_covers_it_and_comes_back() {
    for protocol in PROTOCOLS {
        let mut terminal = Terminal::new(protocol);
        let first = drawn(&terminal.scrolled_to(0));
        let cover = |frame: &mut Frame| {
            let area = frame.area();
            frame.render_widget(ratatui::widgets::Clear, area);
            frame.render_widget("panel", area);
        };
        let sent = terminal.sent(0, cover);
        assert_eq!(drawn(&sent), [], "{protocol:?}");
        assert!(!sent.contains('X'), "every blank is written: {sent:?}");
        assert_eq!(terminal.grid.screen().contents().trim(), "panel");
        assert_eq!(drawn(&terminal.scrolled_to(0)), first, "{protocol:?}");
    }
}

#[test]
fn a_picture_is_drawn_again_when_its_cells_were_written_again() {
    for protocol in PROTOCOLS {
        let mut terminal = Terminal::new(protocol);
        let first = drawn(&terminal.scrolled_to(0));
        let top = terminal.top() as u16;
        let selected = |frame: &mut Frame| {
            let row = Rect::new(0, top, 30, 1);
            frame.buffer_mut().set_style(row, Style::new().reversed());
        };
        assert_eq!(drawn(&terminal.sent(0, selected)), first, "{protocol:?}");
        terminal.frames.renew(SIZE);
        assert_eq!(drawn(&terminal.sent(0, selected)), first, "{protocol:?}");
    }
}

#[test]
fn nothing_is_drawn_into_the_last_row_of_the_screen() {
    for protocol in PROTOCOLS {
        let mut terminal = Terminal::new(protocol);
        let rows = terminal.rows.clone();
        let top = terminal.top();
        let low = |frame: &mut Frame| {
            for (y, row) in (12 - ROWS as u16..).zip(&rows[top..top + ROWS]) {
                frame.render_widget(row, Rect::new(0, y, 30, 1));
            }
        };
        let sent = drawn(&terminal.sent(rows.len(), low));
        assert_eq!(colors(&sent[0].1).len(), 54, "{protocol:?}");
    }
}
