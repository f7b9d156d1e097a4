//! What is said and what comes back.

use base64::Engine;
use serde_json::{Value, json};

use super::{BOTH, conversation, text};
use crate::support::model_server::Turn;
use crate::support::pty::Pty;
use crate::support::{Running, TestPi};

fn said(words: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(role, text): &(&str, &str)| ((*role).to_owned(), (*text).to_owned());
    words.iter().map(own).collect()
}

#[test]
fn the_answer_is_all_of_stdout_and_stderr_is_silent() {
    for model in BOTH {
        let pi = TestPi::new([Turn::new().thinking("Hm.").say("Hello there.")]);
        let ran = pi.run(&["-p", "--model", model, "hi"]);
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr.as_str(), ran.code),
            ("Hello there.\n", "", 0)
        );
        assert_eq!(
            conversation(&pi.server.requests()[0]),
            said(&[("user", "hi")])
        );
    }
}

#[test]
fn several_messages_are_said_one_after_the_other_and_the_last_answer_is_printed() {
    let pi = TestPi::new([Turn::text("One."), Turn::text("Two.")]);
    let ran = pi.run(&["-p", "--model", "oai/scripted", "first", "second"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("Two.\n", 0));
    assert_eq!(
        conversation(&pi.server.requests()[1]),
        said(&[("user", "first"), ("assistant", "One."), ("user", "second")])
    );
}

#[test]
fn standard_input_and_files_come_before_the_first_message() {
    for model in BOTH {
        let pi = TestPi::new([Turn::text("ok"), Turn::text("ok")]);
        pi.write("project/a b.txt", "\u{feff}inner\n");
        pi.write("project/empty.txt", "");
        let args = [
            "-p",
            "--model",
            model,
            "@a b.txt",
            "what?",
            "@empty.txt",
            "and?",
        ];
        let ran = pi.run_with_input(&args, "  from the pipe\n");
        assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
        let file = pi.project().join("a b.txt");
        let first = format!(
            "from the pipe<file name=\"{}\">\ninner\n\n</file>\nwhat?",
            file.display()
        );
        assert_eq!(
            conversation(&pi.server.requests()[1]),
            said(&[("user", &first), ("assistant", "ok"), ("user", "and?")])
        );
    }
}

#[test]
fn standard_input_alone_is_a_prompt_and_needs_no_flag() {
    let pi = TestPi::new([Turn::text("ok")]);
    let ran = pi.run_with_input(&["--model", "oai/scripted"], "just this");
    assert_eq!((ran.stdout.as_str(), ran.code), ("ok\n", 0));
    assert_eq!(
        conversation(&pi.server.requests()[0]),
        said(&[("user", "just this")])
    );
}

#[test]
fn a_picture_goes_with_the_message_in_each_apis_form() {
    let mut png = Vec::new();
    image::RgbImage::from_pixel(2, 2, image::Rgb([250, 10, 10]))
        .write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
        .unwrap();
    let data = base64::engine::general_purpose::STANDARD.encode(&png);
    for model in ["oai/thinker", "ant/thinker"] {
        let pi = TestPi::new([Turn::text("red")]);
        let path = pi.write("project/red.png", &png);
        let ran = pi.run(&[
            "-p",
            "--model",
            model,
            "--thinking",
            "off",
            "@red.png",
            "what?",
        ]);
        assert_eq!((ran.stdout.as_str(), ran.code), ("red\n", 0));
        let words = format!("<file name=\"{}\"></file>\nwhat?", path.display());
        let body = &pi.server.requests()[0].body;
        let messages = body["messages"].as_array().unwrap();
        let mut content = messages.last().unwrap()["content"].clone();
        for block in content.as_array_mut().unwrap() {
            block.as_object_mut().unwrap().remove("cache_control");
        }
        let picture = if model.starts_with("oai") {
            json!({"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{data}")}})
        } else {
            json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}})
        };
        assert_eq!(content, json!([{"type": "text", "text": words}, picture]));
    }
}

#[test]
fn a_picture_becomes_a_note_for_a_model_that_reads_none() {
    let pi = TestPi::new([Turn::text("ok")]);
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(1, 1)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    pi.write("project/red.png", png.into_inner());
    let ran = pi.run(&["-p", "--model", "oai/scripted", "@red.png", "what?"]);
    assert_eq!(ran.code, 0);
    let told = ran.stderr.lines().filter(|line| line.contains("picture"));
    let told: Vec<&str> = told.collect();
    assert_eq!(told.len(), 1, "{}", ran.stderr);
    assert!(
        told[0].starts_with("warning: oai/scripted reads no pictures: the picture is not sent"),
        "{told:?}"
    );
    let body = &pi.server.requests()[0].body;
    let last = body["messages"].as_array().unwrap().last().unwrap();
    assert!(
        text(&last["content"]).contains("image was left out"),
        "{last}"
    );
    assert!(!body.to_string().contains("base64"), "{body}");
}

#[test]
fn what_a_pipe_or_a_device_holds_is_attached_or_refused_but_never_lost() {
    let pi = TestPi::new([Turn::text("ok")]);
    let mut command = std::process::Command::new("bash");
    command
        .args([
            "-c",
            "\"$0\" -p --model oai/scripted @<(printf inner) 'what?'",
            env!("CARGO_BIN_EXE_pi"),
        ])
        .current_dir(pi.project())
        .env("HOME", pi.home());
    let ran = Running::start(&mut command).finish();
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("ok\n", 0),
        "{}",
        ran.stderr
    );
    let said = &conversation(&pi.server.requests()[0])[0].1;
    assert!(said.contains("\ninner\n</file>\nwhat?"), "{said}");

    let ran = pi.run(&["-p", "--model", "oai/scripted", "@/dev/zero", "what?"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(
        ran.stderr.contains("could not attach /dev/zero"),
        "{}",
        ran.stderr
    );
}

#[test]
fn in_a_terminal_an_answer_steers_nothing_and_loses_no_words() {
    let answer = "answer \u{1b}]0;evil then text that matters \u{1b}[2J\u{202e}end";
    let pi = TestPi::new([Turn::text(answer), Turn::text(answer)]);
    let args = ["-p", "--model", "oai/scripted", "hi"];
    let home = ("HOME".to_owned(), pi.home().display().to_string());
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_pi"));
    let mut pty = Pty::spawn(binary, &args, vec![home], &pi.project(), 80, 24);
    assert_eq!(pty.wait_exit(), 0);
    assert_eq!(
        String::from_utf8(pty.raw()).unwrap(),
        "answer 0;evil then text that matters end\r\n"
    );
    // A file gets what the model said.
    assert_eq!(pi.run(&args).stdout, format!("{answer}\n"));
}

#[test]
fn a_file_that_is_not_there_ends_it_before_anything_is_said() {
    let pi = TestPi::new([]);
    let ran = pi.run(&["-p", "--model", "oai/scripted", "@gone.txt", "what?"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 1));
    assert!(ran.stderr.contains("gone.txt"), "{}", ran.stderr);
    assert_eq!(pi.server.requests().len(), 0);
    assert_eq!(pi.sessions().len(), 0);
}

#[test]
fn a_fresh_machine_lists_the_files_through_the_tool() {
    let pi = TestPi::unconfigured([]);
    pi.write("project/engine.rs", "fn main() {}\n");
    let ran = pi.run(&["-p", "list the files here"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("engine.rs"), "{}", ran.stdout);
    let roles: Vec<Value> = pi
        .messages()
        .iter()
        .map(|message| message["role"].clone())
        .collect();
    assert_eq!(roles, ["user", "assistant", "toolResult", "assistant"]);
}

#[test]
fn the_first_request_is_no_longer_than_the_references() {
    let pi = TestPi::new([Turn::text("ok"), Turn::text("ok")]);
    for model in BOTH {
        let ran = pi.run(&["-p", "-nc", "--no-session", "--model", model, "hi"]);
        assert_eq!(ran.code, 0);
        let bytes = pi.server.requests().last().unwrap().raw_body.len();
        println!("the first request to {model}: {bytes} bytes; the reference's: 5,400");
        assert!(bytes <= 5_400, "{model}: {bytes}");
    }
}

#[test]
fn two_providers_at_one_server_are_told_apart_by_their_paths() {
    let pi = TestPi::new([Turn::text("ok"), Turn::text("ok")]);
    for model in BOTH {
        pi.run(&["-p", "--no-session", "--model", model, "hi"]);
    }
    let paths: Vec<String> = pi.server.requests().into_iter().map(|r| r.path).collect();
    assert_eq!(paths, ["/v1/chat/completions", "/v1/messages"]);
}
