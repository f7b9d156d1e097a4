//! Pictures by what the terminal turns out to be.

use std::io::Cursor;
use std::path::Path;
use std::sync::{Arc, mpsc};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};
use pi::ai::message::{Body, Content, Message, UserMessage};
use pi::config::settings::TuiMode;
use pi::tui::abilities::Answer;
use pi::tui::app::Settings;
use pi::tui::markdown::Manner;
use pi::tui::msg::Msg;
use pi::tui::pictures::{Pictures, Protocol, Way, is_drawn_over};

use super::citizen::has;
use crate::support::TestPi;
use crate::support::pty::Pty;
use crate::support::screen::{Screen, settings, view};

/// Of so many pixels, and of a colour that no other test has.
fn png(width: u32, height: u32, red: u8) -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(width, height, image::Rgb([red, 0, 0]));
    picture.write_to(&mut png, ImageFormat::Png).unwrap();
    png.into_inner()
}

/// A conversation with a picture of 90 by 90 pixels, and what tells that it can be shown.
fn showing(way: Way, red: u8) -> (Screen, mpsc::Receiver<()>) {
    let picture = Content::Image {
        data: STANDARD.encode(png(90, 90, red)),
        mime_type: "image/png".into(),
    };
    let prompt = Message::User(UserMessage {
        content: Body::Blocks(vec![Content::text("look"), picture]),
        timestamp: 0,
    });
    let (ready, is_ready) = mpsc::channel();
    let on_ready = Arc::new(move || ready.send(()).unwrap_or_default());
    let settings = Settings {
        manner: Manner {
            pictures: Some(Pictures::new(60, way, on_ready)),
            ..Manner::default()
        },
        ..settings()
    };
    (Screen::with(view(vec![prompt]), settings, 60, 30), is_ready)
}

/// Columns and rows of the cells over which something is drawn.
fn drawn(screen: &mut Screen) -> (usize, usize) {
    let buffer = screen.paint();
    let rows = buffer.content.chunks(usize::from(buffer.area.width));
    let cells = rows.map(|row| {
        row.iter()
            .filter(|cell| is_drawn_over(cell.symbol()))
            .count()
    });
    let cells: Vec<_> = cells.filter(|cells| *cells > 0).collect();
    (cells.first().copied().unwrap_or_default(), cells.len())
}

#[test]
fn a_picture_appears_once_the_terminal_has_said_that_it_shows_sixels() {
    let (mut screen, ready) = showing(Way::Found { between: false }, 1);
    assert!(screen.shows("[image: png 90×90, "), "{}", screen.text());
    screen.tell(Msg::Answer(Answer::CellSize(10, 20)));
    assert!(screen.shows("[image: png 90×90, "));
    screen.tell(Msg::Answer(Answer::Attributes { sixel: true }));
    assert!(screen.shows("[image: png 90×90, "), "while it is made");
    ready.recv().unwrap();
    assert_eq!(drawn(&mut screen), (9, 5), "in cells of 10 by 20 pixels");
    assert!(!screen.shows("[image:"));
}

#[test]
fn the_regular_mode_and_what_is_printed_have_words_instead_of_what_would_be_drawn() {
    let (mut screen, ready) = showing(Way::Said(Protocol::Iterm2), 2);
    screen.paint();
    ready.recv().unwrap();
    assert_eq!(drawn(&mut screen), (10, 5));
    screen.app.set_mode(TuiMode::Regular);
    assert!(screen.shows("[image: png 90×90, "));
    screen.app.set_mode(TuiMode::Fullscreen);
    assert_eq!(drawn(&mut screen), (10, 5));
    screen.app.prepare_print();
    assert!(screen.shows("[image: png 90×90, "));
}

#[test]
fn the_program_draws_the_picture_that_was_attached() {
    let pi = TestPi::new([]);
    std::fs::write(pi.project().join("red.png"), png(90, 90, 3)).unwrap();
    let home = pi.home().display().to_string();
    let env = [
        ("HOME".to_owned(), home),
        ("PI_IMAGE_PROTOCOL".to_owned(), "sixel".to_owned()),
    ];
    let args = ["--model", "oai/scripted", "@red.png", "look"];
    let program = Path::new(env!("CARGO_BIN_EXE_pi"));
    let pty = Pty::spawn(program, &args, env.to_vec(), &pi.project(), 80, 24);
    pty.wait_for_raw(|raw| memchr::memmem::find(raw, b"\x1bP0;1;0q\"1;1;90;90").is_some());
    assert!(!has(&pty, "\u{10eef0}".as_bytes()), "its cells are blank");
}
