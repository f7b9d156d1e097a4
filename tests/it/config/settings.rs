//! `settings.json`, the user's and the project's.

use std::fs;
use std::time::Duration;

use pi::ai::ThinkingLevel;
use pi::config::settings::{DefaultTrust, QueueMode, Transport, TuiMode};
use pi::config::{Scope, Settings};
use serde_json::json;

use super::{Home, read};

const USER: &str = ".pi/agent/settings.json";
const PROJECT: &str = "work/.pi/settings.json";

fn load(home: &Home, trusted: bool) -> (Settings, Vec<String>) {
    let (settings, problems) = Settings::load(&home.paths(), trusted);
    (settings, home.said(&problems))
}

#[test]
fn without_files_the_defaults_hold() {
    let (settings, said) = load(&Home::new(), true);
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(settings, Settings::default());
    assert_eq!(settings.compaction.reserve_tokens, 16_384);
    assert_eq!(settings.http_idle_timeout, Duration::from_secs(300));
    assert_eq!(settings.tui_mode, TuiMode::Fullscreen);
    assert_eq!(settings.max_repeated_tool_calls, 5);
    assert_eq!(settings.max_turns, None);
    assert!(!settings.enable_install_telemetry);
}

#[test]
fn the_projects_file_lies_over_the_users_field_by_field() {
    let home = Home::new();
    home.write(
        USER,
        r#"{"theme": "dark", "compaction": {"enabled": false, "reserveTokens": 1},
            "retry": {"maxRetries": 7, "provider": {"maxRetries": 2}}, "skills": ["a"], "thinkingBudgets": {"low": 1, "high": 2}}"#,
    );
    home.write(
        PROJECT,
        r#"{ // mine
            "compaction": {"reserveTokens": 2},
            "retry": {"provider": {"timeoutMs": 9}}, "skills": ["b"], "thinkingBudgets": {"low": 3}, }"#,
    );
    let (settings, said) = load(&home, true);
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(settings.theme.as_deref(), Some("dark"));
    assert!(!settings.compaction.enabled);
    assert_eq!(settings.compaction.reserve_tokens, 2);
    assert_eq!(settings.retry.max_retries, 7);
    assert_eq!(settings.retry.provider_max_retries, 2);
    assert_eq!(
        settings.retry.provider_timeout,
        Some(Duration::from_millis(9))
    );
    assert_eq!(settings.skills.user, ["a"]);
    assert_eq!(settings.skills.project, Some(vec!["b".to_owned()]));
    let budgets = [(ThinkingLevel::Low, 3), (ThinkingLevel::High, 2)];
    assert_eq!(settings.thinking_budgets, budgets.into());
}

#[test]
fn a_project_that_is_not_trusted_has_no_say_and_some_things_are_never_its_business() {
    let home = Home::new();
    home.write(
        PROJECT,
        r#"{"theme": "light", "defaultProjectTrust": "always", "httpProxy": "http://evil"}"#,
    );
    assert_eq!(load(&home, false).0, Settings::default());
    let (settings, _) = load(&home, true);
    assert_eq!(settings.theme.as_deref(), Some("light"));
    assert_eq!(settings.default_project_trust, DefaultTrust::Ask);
    assert_eq!(settings.http_proxy, None);
}

#[test]
fn a_field_of_the_wrong_type_costs_that_field_and_is_reported_with_its_line() {
    let home = Home::new();
    home.write(USER, "{\n  \"steeringMode\": \"all\",\n  \"theme\": 7,\n  \"retry\": {\n    \"maxRetries\": -1\n  }\n}");
    home.write(PROJECT, "{\"steeringMode\": \"sometimes\"}");
    let (settings, said) = load(&home, true);
    assert_eq!(
        said,
        [
            "work/.pi/settings.json:1:2: steeringMode: should be one of \"one-at-a-time\", \"all\", is \"sometimes\"",
            ".pi/agent/settings.json:3:3: theme: should be a string, is 7",
            ".pi/agent/settings.json:5:5: retry.maxRetries: should be a number that is not negative, is -1",
        ]
    );
    assert_eq!(settings.steering_mode, QueueMode::All);
    assert_eq!(settings.theme, None);
    assert_eq!(settings.retry.max_retries, 3);
}

#[test]
fn names_of_earlier_versions_still_count() {
    let home = Home::new();
    home.write(
        USER,
        r#"{"queueMode": "all", "websockets": true, "retry": {"maxDelayMs": 5},
            "skills": {"enableSkillCommands": false, "customDirectories": ["s"]}}"#,
    );
    let (settings, said) = load(&home, true);
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(settings.steering_mode, QueueMode::All);
    assert_eq!(settings.transport, Transport::Websocket);
    assert_eq!(
        settings.retry.provider_max_retry_delay,
        Duration::from_millis(5)
    );
    assert!(!settings.enable_skill_commands);
    assert_eq!(settings.skills.user, ["s"]);
}

#[test]
fn a_broken_file_counts_as_empty_is_reported_with_its_place_and_never_overwritten() {
    let home = Home::new();
    let broken = "{\n  \"theme\": \"dark\"\n  \"quietStartup\": true\n}";
    let file = home.write(USER, broken);
    let (settings, said) = load(&home, true);
    assert_eq!(settings, Settings::default());
    let place = ".pi/agent/settings.json:2:18: not valid JSON: expected comma";
    assert_eq!(said, [place]);
    let refused = Settings::write(&home.paths(), Scope::User, "theme", Some(json!("light")));
    assert_eq!(home.said(&[refused.unwrap_err()]), [place]);
    assert_eq!(read(&file), broken);
}

#[test]
fn writing_one_setting_leaves_comments_order_and_unknown_keys_as_they_were() {
    let home = Home::new();
    let file = home.write(USER, "{\n  // chosen with care\n  \"zeta\": {\"of\": [\"another\", \"program\"]},\n  \"theme\": \"dark\"\n}\n");
    let paths = home.paths();
    Settings::write(&paths, Scope::User, "theme", Some(json!("light"))).unwrap();
    Settings::write(
        &paths,
        Scope::User,
        "compaction.enabled",
        Some(json!(false)),
    )
    .unwrap();
    assert_eq!(
        read(&file),
        "{\n  // chosen with care\n  \"zeta\": {\"of\": [\"another\", \"program\"]},\n  \"theme\": \"light\",\n  \"compaction\": {\n    \"enabled\": false\n  }\n}\n"
    );
    Settings::write(&paths, Scope::User, "theme", None).unwrap();
    assert_eq!(load(&home, true).0.theme, None);
    let left: Vec<_> = fs::read_dir(file.parent().unwrap())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left, ["settings.json"]);
}

#[test]
fn settings_that_belong_together_change_together_or_not_at_all() {
    let home = Home::new();
    let paths = home.paths();
    let both = |second: &str| {
        let changes = [("theme", Some(json!("light"))), (second, Some(json!("x")))];
        Settings::write_all(&paths, Scope::User, &changes)
    };
    let file = home.write(USER, "{\n  \"retry\": 1\n}\n");
    assert!(both("retry.maxRetries").is_err());
    assert_eq!(read(&file), "{\n  \"retry\": 1\n}\n");
    both("shellPath").unwrap();
    assert_eq!(
        read(&file),
        "{\n  \"retry\": 1,\n  \"theme\": \"light\",\n  \"shellPath\": \"x\"\n}\n"
    );
}

#[test]
fn a_file_that_another_program_keeps_locked_is_left_alone_and_the_lock_is_named() {
    let home = Home::new();
    let file = home.write(USER, "{}\n");
    let mark = file.with_file_name("settings.json.lock");
    fs::create_dir(&mark).unwrap();
    let refused = Settings::write(&home.paths(), Scope::User, "theme", Some(json!("light")));
    let said = refused.unwrap_err().to_string();
    assert!(
        said.contains("another process holds the lock") && said.contains("settings.json.lock"),
        "{said}"
    );
    assert_eq!(read(&file), "{}\n");
    assert!(mark.is_dir());
}

#[test]
fn many_writers_at_once_lose_nothing() {
    let home = Home::new();
    let paths = home.paths();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let paths = &paths;
            scope.spawn(move || {
                for round in 0..5 {
                    let name = format!("k{writer}x{round}");
                    let write = || Settings::write(paths, Scope::User, &name, Some(json!(round)));
                    // On a slow disk one may have to ask again, and is told so.
                    assert!((0..20).any(|_| write().is_ok()));
                }
            });
        }
    });
    let text = read(&home.path(USER));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value.as_object().unwrap().len(), 40);
}

#[cfg(unix)]
#[test]
fn a_settings_file_that_is_a_link_stays_a_link() {
    let home = Home::new();
    let real = home.write("dotfiles/settings.json", "{}\n");
    fs::create_dir_all(home.path(".pi/agent")).unwrap();
    std::os::unix::fs::symlink(&real, home.path(USER)).unwrap();
    Settings::write(&home.paths(), Scope::User, "theme", Some(json!("light"))).unwrap();
    assert!(home.path(USER).is_symlink());
    assert_eq!(read(&real), "{\n  \"theme\": \"light\"\n}\n");
}

#[test]
fn what_is_set_for_one_model_is_merged_number_by_number() {
    let home = Home::new();
    home.write(
        USER,
        r#"{"compaction": {"modelOverrides": {
            "a/big": {"reserveTokens": 400000, "keepRecentTokens": 1}, "a/odd": {"reserveTokens": -1},
            "a/none": 3}}}"#,
    );
    home.write(
        PROJECT,
        r#"{"compaction": {"reserveTokens": 9, "modelOverrides": {"a/big": {"keepRecentTokens": 2}}}}"#,
    );
    let (settings, said) = load(&home, true);
    let overrides = &settings.compaction.model_overrides;
    let big = overrides["a/big"];
    assert_eq!(
        (big.reserve_tokens, big.keep_recent_tokens),
        (Some(400_000), Some(2))
    );
    assert_eq!(overrides.len(), 1);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().any(|said| said.contains("reserveTokens")));
}
