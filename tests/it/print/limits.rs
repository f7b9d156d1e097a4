//! Pictures enter the conversation as small as the model's `inputLimits` want them.

use base64::Engine;
use serde_json::{Value, json};

use crate::support::TestPi;
use crate::support::model_server::Turn;

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(width, height)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    png.into_inner()
}

/// The sizes of all pictures in a request.
fn sizes(body: &Value) -> Vec<(u32, u32)> {
    let body = body.to_string();
    body.split("data:image/png;base64,")
        .skip(1)
        .map(|rest| {
            let data = rest.split('"').next().unwrap();
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(data)
                .unwrap();
            let picture = image::load_from_memory(&bytes).unwrap();
            (picture.width(), picture.height())
        })
        .collect()
}

#[test]
fn attached_and_read_pictures_are_made_as_small_as_the_model_wants_them() {
    let turns = || {
        [
            Turn::tool("read", json!({"path": "tall.png"})),
            Turn::text("seen"),
        ]
    };
    let pi = TestPi::new(turns());
    let models = |limits: Value| {
        json!({"providers": {"oai": {"baseUrl": pi.server.url_v1(), "api": "openai-completions", "apiKey": "k", "models": [
            {"id": "small", "input": ["text", "image"], "inputLimits": limits}]}}})
    };
    pi.write_agent(
        "models.json",
        &models(json!({"images": {"resize": {"maxWidth": 100, "maxHeight": 50}}})).to_string(),
    );
    pi.write("project/wide.png", png(400, 100));
    pi.write("project/tall.png", png(100, 200));
    let ran = pi.run(&["-p", "--model", "oai/small", "@wide.png", "what?"]);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("seen\n", 0),
        "{}",
        ran.stderr
    );
    assert_eq!(sizes(&pi.server.requests()[1].body), [(100, 25), (25, 50)]);
}

#[test]
fn pictures_stay_as_they_are_where_that_is_set() {
    let pi = TestPi::new([Turn::text("seen")]);
    pi.write_agent("settings.json", r#"{"images": {"autoResize": false}}"#);
    pi.write_agent(
        "models.json",
        &json!({"providers": {"oai": {"baseUrl": pi.server.url_v1(), "api": "openai-completions", "apiKey": "k", "models": [
            {"id": "small", "input": ["text", "image"], "inputLimits": {"images": {"resize": {"maxWidth": 100}}}}]}}})
        .to_string(),
    );
    pi.write("project/wide.png", png(400, 100));
    let ran = pi.run(&["-p", "--model", "oai/small", "@wide.png", "what?"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(sizes(&pi.server.requests()[0].body), [(400, 100)]);
}
