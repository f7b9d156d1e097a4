//! What was chosen and cannot do what is asked: told, and put right without leaving.

use super::{SCRIPT, assert_over, say, start, start_in};
use crate::support::TestPi;
use crate::support::model_server::Turn;

#[test]
fn models_without_a_key_begin_with_the_reason_and_one_of_them() {
    let pi = TestPi::new([]);
    let flags = ["--models", "openai/gpt-5"];
    let mut pty = start_in(&pi, SCRIPT, &flags, (100, 24));
    pty.wait_for_text("no API key for openai");
    pty.wait_for_text("openai/gpt-5");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    assert_eq!(pi.server.requests().len(), 0);
}

#[test]
fn a_picture_that_the_model_does_not_see_is_told_once() {
    let pi = TestPi::new([Turn::text("Seen nothing.")]);
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(1, 1)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    pi.write("project/red.png", png.into_inner());
    let mut pty = start(&pi, &["@red.png", "what?"]);
    pty.wait_for_text("Seen nothing.");
    let told = pty.contents().matches("reads no pictures").count();
    assert_eq!(told, 1, "{}", pty.contents());
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}

#[test]
fn a_provider_that_was_taken_out_of_models_json_is_said_to_be_gone() {
    let pi = TestPi::new([]);
    let mut pty = start(&pi, &[]);
    pty.wait_for_text("oai/scripted");
    pi.write_agent("models.json", r#"{"providers": {}}"#);
    say(&mut pty, "/reload");
    pty.wait_for_text("Reloaded");
    say(&mut pty, "hi");
    pty.wait_for_text("there is no provider \"oai\" any more");
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
}
