//! RPC's commands, and the program that shows how to use them.

use std::process::Command;

use pi::modes::rpc::command::COMMANDS;

use super::{code, page, root};
use crate::support::{Running, TestPi};

#[test]
fn every_command_is_documented_with_its_fields() {
    let page = page("docs/rpc.md");
    let table = page.split("| command | fields |").nth(1).unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let documented: Vec<(String, String)> = rows
        .map(|row| {
            let mut cells = row.split('|').skip(1).map(|cell| cell.trim().to_owned());
            (cells.next().unwrap(), cells.next().unwrap())
        })
        .collect();
    let fields =
        |fields: &[&str]| -> Vec<String> { fields.iter().map(|field| code(field)).collect() };
    let known: Vec<(String, String)> = COMMANDS
        .iter()
        .map(|(name, of_it)| (code(name), fields(of_it).join(" ")))
        .collect();
    assert_eq!(documented, known);
}

#[test]
fn the_example_in_another_language_prints_an_answer() {
    if Command::new("python3").arg("--version").output().is_err() {
        return;
    }
    let pi = TestPi::unconfigured([]);
    pi.write_agent("settings.json", r#"{"defaultProvider": "demo"}"#);
    let mut command = Command::new("python3");
    let own = pi.command::<&str>(&[]);
    let variables = own
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    command
        .arg(root().join("examples/rpc.py"))
        .args([env!("CARGO_BIN_EXE_pi"), "what can you do?"])
        .current_dir(pi.project())
        .env_clear()
        .envs(variables);
    let ran = Running::start(&mut command).finish();
    assert_eq!((ran.stderr.as_str(), ran.code), ("", 0));
    assert!(ran.stdout.contains("demo"), "{}", ran.stdout);
    assert!(ran.stdout.trim_end().ends_with("$0.0000"), "{}", ran.stdout);
}
