//! `keybindings.json` over the defaults.

use std::fs;

use pi::config::{KeyChord, Keymap};

/// A keymap from a file with this text, and what was said about it without the directory.
fn load(text: &str) -> (Keymap, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keybindings.json");
    fs::write(&file, text).unwrap();
    let (keymap, problems) = Keymap::load(&file);
    let prefix = format!("{}/", dir.path().display());
    let said = problems.iter().map(|p| p.to_string().replace(&prefix, ""));
    (keymap, said.collect())
}

fn key(text: &str) -> KeyChord {
    text.parse().unwrap()
}

#[test]
fn without_a_file_the_defaults_hold() {
    let dir = tempfile::tempdir().unwrap();
    let (keymap, problems) = Keymap::load(&dir.path().join("keybindings.json"));
    assert_eq!(problems, []);
    assert!(keymap.matches("app.model.cycleBackward", key("ctrl+shift+p")));
    assert_eq!(keymap.describe("tui.select.cancel"), "escape/ctrl+c");
    assert_eq!(keymap.action_keys("app.session.new"), []);
    assert_eq!(keymap.action_keys("no.such.action"), []);
}

#[test]
fn a_users_keys_replace_the_defaults_of_their_action_only() {
    let (keymap, said) = load(
        r#"{ "$schema": "x", // mine
            "app.model.select": "alt+m",
            "tui.input.newLine": ["shift+enter", "ctrl+n", "shift+enter"],
            "app.suspend": [], }"#,
    );
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(keymap.action_keys("app.model.select"), [key("alt+m")]);
    assert_eq!(keymap.describe("tui.input.newLine"), "shift+enter/ctrl+n");
    assert_eq!(keymap.action_keys("app.suspend"), []);
    assert_eq!(keymap.describe("app.clear"), "ctrl+c");
}

#[test]
fn names_from_before_the_namespaces_still_work_and_yield_to_the_present_ones() {
    let (keymap, said) = load(
        r#"{"expandTools": "f2", "cursorUp": "f3", "tui.editor.cursorUp": "f4", "renameSession": "f5"}"#,
    );
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(keymap.describe("app.tools.expand"), "f2");
    assert_eq!(keymap.describe("tui.editor.cursorUp"), "f4");
    assert_eq!(keymap.describe("app.session.rename"), "f5");
}

#[test]
fn what_cannot_be_understood_is_reported_with_its_line_and_keeps_its_default() {
    let (keymap, said) = load(
        "{\n  \"app.fly\": \"f1\",\n  \"app.clear\": \"ctrl+nose\",\n  \"app.exit\": [\"ctrl+q\", 7]\n}",
    );
    assert_eq!(
        said,
        [
            "keybindings.json:2:3: app.fly: there is no such action",
            "keybindings.json:3:3: app.clear: unknown key \"nose\"",
            "keybindings.json:4:26: app.exit.1: should be a key as a string, is a number",
        ]
    );
    assert_eq!(keymap.describe("app.clear"), "ctrl+c");
    assert_eq!(keymap.describe("app.exit"), "ctrl+q");
}

#[test]
fn one_key_for_two_actions_that_listen_at_the_same_place_is_a_conflict() {
    let (_, said) = load(
        r#"{"app.model.select": "f6", "app.thinking.toggle": ["f7", "f6"], "app.tree.editLabel": "f6"}"#,
    );
    assert_eq!(
        said,
        ["keybindings.json:1:28: app.thinking.toggle: f6 is also the key of app.model.select"]
    );
}

#[test]
fn a_key_of_a_default_that_stands_is_a_conflict_unless_the_defaults_share_it_themselves() {
    let (keymap, said) = load(
        r#"{"app.model.select": ["ctrl+l", "ctrl+t"], "app.models.save": "ctrl+s", "tui.editor.cursorUp": ["up", "ctrl+p"]}"#,
    );
    assert_eq!(
        said,
        ["keybindings.json:1:2: app.model.select: ctrl+t is also the key of app.thinking.toggle"]
    );
    assert_eq!(keymap.describe("app.model.select"), "ctrl+l/ctrl+t");
}

#[test]
fn below_wsl_the_keys_are_those_of_windows_but_for_undo_and_suspend() {
    use pi::config::{Env, Platform};
    for (platform, undo, suspend, follow_up, paste) in [
        (Platform::Unix, "ctrl+-", "ctrl+z", "alt+enter", "ctrl+v"),
        (Platform::Windows, "ctrl+z", "", "ctrl+q", "alt+v/ctrl+v"),
        (Platform::Wsl, "alt+z", "ctrl+z", "ctrl+q", "alt+v/ctrl+v"),
    ] {
        let keymap = Keymap::defaults_on(platform);
        assert_eq!(keymap.describe("tui.editor.undo"), undo);
        assert_eq!(keymap.describe("app.suspend"), suspend);
        assert_eq!(keymap.describe("app.message.followUp"), follow_up);
        assert_eq!(keymap.describe("app.clipboard.pasteImage"), paste);
    }
    let env: Env = [("WSL_DISTRO_NAME", "Ubuntu")].into_iter().collect();
    assert_eq!(Platform::of(&env), Platform::Wsl);
    assert_eq!(Platform::of(&Env::default()), Platform::Unix);
}

#[test]
fn a_broken_file_leaves_the_defaults_and_says_where_it_broke() {
    let (keymap, said) = load("{\n  \"app.clear\": \"f1\",\n  oops\n}");
    assert_eq!(said.len(), 1);
    assert!(
        said[0].starts_with("keybindings.json:3:3: not valid JSON"),
        "{said:?}"
    );
    assert_eq!(keymap.describe("app.clear"), "ctrl+c");
}
