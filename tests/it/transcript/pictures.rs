//! Pictures: shown where the terminal can, and a line that says what they are where it cannot.

use std::io::Cursor;
use std::sync::{Arc, mpsc};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};
use insta::assert_snapshot;
use pi::ai::SharedMessage;
use pi::ai::message::{Body, Content, Message, UserMessage};
use pi::tui::markdown::Manner;
use pi::tui::pictures::{PLACEHOLDER, Pictures, Protocol, Way, transmission};
use pi::tui::transcript::Setup;
use ratatui::text::Line;

use super::stage::Stage;

fn picture(width: u32, height: u32, format: ImageFormat) -> Content {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::new(width, height)
        .write_to(&mut bytes, format)
        .unwrap();
    Content::Image {
        data: STANDARD.encode(bytes.into_inner()),
        mime_type: format.to_mime_type().into(),
    }
}

fn prompt(picture: Content) -> Vec<SharedMessage> {
    let content = Body::Blocks(vec![Content::text("look"), picture]);
    vec![Arc::new(Message::User(UserMessage {
        content,
        timestamp: 0,
    }))]
}

fn showing(messages: Vec<SharedMessage>, on_ready: impl Fn() + Send + Sync + 'static) -> Stage {
    let way = Way::Said(Protocol::Kitty);
    let pictures = Pictures::new(20, way, Arc::new(on_ready));
    let manner = Manner {
        pictures: Some(pictures),
        ..Manner::default()
    };
    let setup = Setup {
        manner,
        ..Setup::default()
    };
    Stage::with(Arc::new(messages), setup)
}

/// The rows with cells of a picture, and how many.
fn shown(stage: &mut Stage) -> Vec<(usize, Line<'static>)> {
    let cells = |line: &Line<'_>| line.to_string().matches(PLACEHOLDER).count();
    let rows = stage.lines().into_iter().map(|line| (cells(&line), line));
    rows.filter(|(cells, _)| *cells > 0).collect()
}

#[test]
fn a_picture_is_named_where_it_cannot_be_shown() {
    let mut stage = Stage::over(Arc::new(prompt(picture(300, 200, ImageFormat::Png))));
    assert_snapshot!(stage.text(), @r#"
    look
    [image: png 300×200, 1.7KB]
    "#);
    let broken = Content::Image {
        data: "\u{1b}]0;x\u{7}".into(),
        mime_type: "image/\u{1b}[2Jpng".into(),
    };
    let mut stage = showing(prompt(broken), || {});
    assert_snapshot!(stage.text(), @r#"
    look
    [image: png, 3B]
    "#);
}

#[test]
fn a_picture_stands_among_the_rows_and_is_sent_once() {
    let mut stage = showing(prompt(picture(301, 200, ImageFormat::Png)), || {});
    let rows = shown(&mut stage);
    assert_eq!(
        rows.iter().map(|(cells, _)| *cells).collect::<Vec<_>>(),
        [20; 7]
    );
    assert!(rows.iter().all(|(_, row)| row.width() == 44));

    let span = rows[0]
        .1
        .spans
        .iter()
        .find(|span| span.content.starts_with(PLACEHOLDER));
    let (text, color) = (
        span.unwrap().content.clone(),
        span.unwrap().style.fg.unwrap(),
    );
    let sent = transmission(&text, color).unwrap();
    assert!(sent.starts_with("\u{1b}_Ga=T,U=1,q=2,f=100,"), "{sent:?}");
    assert!(sent.contains("c=20,r=7,"), "{sent:?}");
    assert_eq!(transmission(&text, color), None, "once is enough");

    stage.width = 14;
    assert_eq!(shown(&mut stage)[0].0, 12, "as wide as there is room");
    let sent = transmission(&text, color).unwrap();
    assert!(
        sent.contains("a=p,") && sent.len() < 60,
        "its new size alone: {sent:?}"
    );

    stage.height = 3;
    stage.transcript.to_top();
    assert_eq!(shown(&mut stage).len(), 1, "cut off where the window ends");
}

#[test]
fn a_picture_of_another_kind_is_shown_once_it_was_converted() {
    let (ready, is_ready) = mpsc::channel();
    let messages = prompt(picture(90, 180, ImageFormat::Jpeg));
    let mut stage = showing(messages, move || ready.send(()).unwrap());
    assert!(
        stage.text().contains("[image: jpeg 90×180, "),
        "{}",
        stage.text()
    );
    is_ready.recv().unwrap();
    assert_eq!(shown(&mut stage).len(), 10);
}
