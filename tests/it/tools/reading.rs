//! `read` on real files and pictures.

use base64::Engine;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use pi::agent::Outcome;
use pi::ai::Content;
use pi::tools::{DEFAULT_TOOLS, ToolOptions};
use serde_json::json;

use super::{Bench, text};

#[tokio::test]
async fn a_file_is_read_from_a_line_on_with_a_hint_on_how_to_go_on() {
    let bench = Bench::new();
    bench.file("a", "one\ntwo\nthree\n");
    assert_eq!(
        bench.ok("read", json!({ "path": "a" })).await,
        "one\ntwo\nthree\n"
    );
    assert_eq!(
        bench
            .ok("read", json!({ "path": "a", "offset": 2, "limit": 1 }))
            .await,
        "two\n\n[2 more lines in the file. Go on with offset=3.]"
    );
    assert_eq!(
        bench.err("read", json!({ "path": "a", "offset": 9 })).await,
        "Line 9 is past the end of a, which has 4 lines."
    );
}

#[tokio::test]
async fn a_long_file_is_cut_at_two_thousand_lines() {
    let bench = Bench::new();
    let lines: Vec<String> = (1..=4500).map(|n| format!("line {n}")).collect();
    bench.file("long", lines.join("\n"));
    let outcome = bench
        .call("read", json!({ "path": "long", "offset": 2 }))
        .await;
    let expected = format!(
        "{}\n\n[Lines 2-2001 of 4500 shown. Go on with offset=2002.]",
        lines[1..2001].join("\n")
    );
    assert_eq!(text(&outcome), expected);
    let facts = &outcome.details.unwrap()["truncation"];
    assert_eq!(facts["truncatedBy"], "lines");
    assert_eq!(facts["totalLines"], 4499);
    let rest = bench
        .ok("read", json!({ "path": "long", "offset": 4002 }))
        .await;
    assert_eq!(rest, lines[4001..].join("\n"));
}

#[tokio::test]
async fn a_line_that_is_too_long_is_told_with_a_way_to_see_it() {
    let bench = Bench::new();
    bench.file("it's big", "x".repeat(60_000));
    let said = bench.ok("read", json!({ "path": "it's big" })).await;
    assert_eq!(
        said,
        r"[Line 1 has 58.6KB, over the limit of 50.0KB. See its start with bash: sed -n '1p' 'it'\''s big' | head -c 51200]"
    );
}

#[tokio::test]
async fn what_is_no_text_is_told_and_not_shown() {
    let bench = Bench::new();
    bench.file("program", b"\x7fELF\x02\x00\x00");
    assert!(
        bench
            .ok("read", json!({ "path": "program" }))
            .await
            .contains("binary")
    );
    std::fs::create_dir(bench.path("dir")).unwrap();
    assert!(
        bench
            .err("read", json!({ "path": "dir" }))
            .await
            .contains("directory")
    );
    assert!(
        bench
            .err("read", json!({ "path": "/dev/zero" }))
            .await
            .contains("regular")
    );
    assert_eq!(
        bench.err("read", json!({ "path": "nope" })).await,
        "Cannot read nope: no such file."
    );
    bench.file("latin1", b"caf\xe9\n");
    assert_eq!(
        bench.ok("read", json!({ "path": "latin1" })).await,
        "caf\u{fffd}\n"
    );
}

#[tokio::test]
async fn a_name_is_found_as_macos_spells_it() {
    let bench = Bench::new();
    for (real, asked) in [
        ("Shot at 10.15\u{202f}AM.txt", "Shot at 10.15 AM.txt"),
        ("Capture d\u{2019}e\u{301}cran.txt", "Capture d'écran.txt"),
        ("@types.txt", "@types.txt"),
    ] {
        bench.file(real, "found");
        assert_eq!(bench.ok("read", json!({ "path": asked })).await, "found");
    }
}

#[tokio::test]
async fn a_picture_is_known_by_its_content_and_sent_as_it_is() {
    let bench = Bench::new();
    for (format, mime_type) in [
        (ImageFormat::Png, "image/png"),
        (ImageFormat::Jpeg, "image/jpeg"),
        (ImageFormat::Gif, "image/gif"),
        (ImageFormat::WebP, "image/webp"),
    ] {
        let bytes = encoded(40, 30, format);
        bench.file("picture.txt", &bytes);
        let outcome = bench.call("read", json!({ "path": "picture.txt" })).await;
        assert_eq!(text(&outcome), format!("Image file [{mime_type}]"));
        let (sent, sent_type) = picture(&outcome);
        assert_eq!((sent, sent_type.as_str()), (bytes, mime_type));
    }
}

#[tokio::test]
async fn a_large_picture_is_made_smaller() {
    let bench = Bench::new();
    bench.file("wide.png", encoded(3000, 60, ImageFormat::Png));
    let outcome = bench.call("read", json!({ "path": "wide.png" })).await;
    assert!(text(&outcome).contains("2000x40, in the file 3000x60: multiply coordinates by 1.50"));
    let (sent, sent_type) = picture(&outcome);
    assert_eq!(sent_type, "image/png");
    let small = image::load_from_memory(&sent).unwrap();
    assert_eq!((small.width(), small.height()), (2000, 40));

    let whole = Bench::with(ToolOptions {
        resize_images: false,
        ..ToolOptions::default()
    });
    let bytes = encoded(2100, 10, ImageFormat::Png);
    whole.file("wide.png", &bytes);
    let outcome = whole.call("read", json!({ "path": "wide.png" })).await;
    assert_eq!(picture(&outcome).0, bytes);
}

#[tokio::test]
async fn a_damaged_picture_is_left_out() {
    let bench = Bench::new();
    let mut bytes = encoded(100, 100, ImageFormat::Png);
    bytes.truncate(60);
    bench.file("torn.png", bytes);
    let outcome = bench.call("read", json!({ "path": "torn.png" })).await;
    assert_eq!(outcome.content.len(), 1);
    assert!(text(&outcome).contains("Left out"));
}

#[tokio::test]
async fn a_file_far_larger_than_what_is_shown_is_not_kept_in_memory() {
    let bench = Bench::new();
    let path = bench.file("sparse", "first\n");
    let file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    let mut lines = std::io::BufWriter::new(file);
    for _ in 0..200_000 {
        std::io::Write::write_all(&mut lines, b"another line of the file\n").unwrap();
    }
    drop(lines);
    let said = bench
        .ok("read", json!({ "path": "sparse", "limit": 1 }))
        .await;
    assert_eq!(
        said,
        "first\n\n[200001 more lines in the file. Go on with offset=2.]"
    );
}

#[test]
fn what_the_model_is_told_of_the_default_tools_is_short() {
    let bench = Bench::new();
    let names: Vec<&str> = bench
        .tools
        .iter()
        .map(|tool| tool.spec().name.as_str())
        .collect();
    assert_eq!(
        names,
        ["read", "bash", "edit", "write", "grep", "find", "ls"]
    );
    let told: usize = bench
        .tools
        .iter()
        .map(|tool| tool.spec())
        .filter(|spec| DEFAULT_TOOLS.contains(&spec.name.as_str()))
        .map(|spec| {
            let parts = json!([spec.name, spec.description, *spec.parameters]);
            parts.to_string().len()
        })
        .sum();
    assert!(told <= 1800, "{told} bytes");
}

fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let pixels = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 7]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(pixels)
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

fn picture(outcome: &Outcome) -> (Vec<u8>, String) {
    let found = outcome.content.iter().find_map(|content| match content {
        Content::Image { data, mime_type } => Some((data, mime_type)),
        _ => None,
    });
    let (data, mime_type) = found.unwrap();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(data)
        .unwrap();
    (bytes, mime_type.clone())
}
