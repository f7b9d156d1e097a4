//! Logins with a code to type.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{Desk, form, is_in, openai_token, page};
use crate::support::secure::{Asked, Reply};

/// What a device's token endpoint says to the first question, the second, …; the last again and again.
fn in_turn(turns: Vec<Reply>) -> impl Fn() -> Reply {
    let next = AtomicUsize::new(0);
    move || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        turns[at.min(turns.len() - 1)].clone()
    }
}

fn error(word: &str) -> Reply {
    Reply::json(400, json!({"error": word}))
}

/// A vendor that follows RFC 8628.
fn xai(turns: Vec<Reply>) -> impl Fn(&Asked) -> Reply {
    let turn = in_turn(turns);
    move |asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("auth.x.ai", "/oauth2/device/code") => Reply::json(
            200,
            json!({"device_code": "device-secret", "user_code": "ABCD-1234", "interval": 1, "expires_in": 3,
                "verification_uri": "https://x.ai/device", "verification_uri_complete": "https://x.ai/device?user_code=ABCD-1234"}),
        ),
        ("auth.x.ai", "/oauth2/token") => turn(),
        _ => Reply::status(404),
    }
}

#[test]
fn a_code_is_shown_and_once_it_is_typed_pi_is_logged_in() {
    let tokens = json!({"access_token": "xai-access", "refresh_token": "xai-refresh"});
    let slow = Reply::json(400, json!({"error": "slow_down", "interval": 1}));
    let turns = vec![slow, Reply::json(200, tokens)];
    let desk = Desk::new(xai(turns));
    let mut pty = desk.terminal(&["auth", "login", "xai"]);
    assert_eq!(
        page(&pty).as_str(),
        "https://x.ai/device?user_code=ABCD-1234"
    );
    pty.wait_for_text("type this code: ABCD-1234");
    pty.wait_for_text("The code is good for 3 seconds.");
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    let asked = desk.vendors.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(form(&asked[2], "device_code"), "device-secret");
    assert!(!String::from_utf8_lossy(&pty.raw()).contains("device-secret"));
    let entry = &desk.auth()["xai"];
    assert_eq!(entry["access"], "xai-access");
    // The vendor did not say how long it lasts.
    assert!(is_in(&entry["expires"], 3600 - 300));
}

#[test]
fn a_no_a_code_that_ended_and_one_that_nobody_typed_say_what_they_are() {
    for (word, said) in [
        ("access_denied", "xAI did not allow the login"),
        ("expired_token", "nobody logged in at xAI in time"),
        ("authorization_pending", "nobody logged in at xAI in time"),
        (
            "server_error",
            "xAI refused whether the code was typed with status 400",
        ),
    ] {
        let desk = Desk::new(xai(vec![error(word)]));
        let mut pty = desk.terminal(&["auth", "login", "xai"]);
        assert_eq!(pty.wait_exit(), 1);
        pty.wait_for_text(said);
        assert!(!desk.pi.agent().join("auth.json").exists());
    }
}

#[test]
fn a_page_that_is_no_page_is_not_shown() {
    let desk = Desk::new(|_| {
        Reply::json(
            200,
            json!({"device_code": "d", "user_code": "u", "expires_in": 60, "verification_uri": "file:///bin/sh"}),
        )
    });
    let mut pty = desk.terminal(&["auth", "login", "xai"]);
    assert_eq!(pty.wait_exit(), 1);
    pty.wait_for_text("verification_uri is missing");
}

#[test]
fn a_web_page_in_place_of_an_answer_is_said_to_be_one() {
    for (status, said) in [
        (
            200,
            "the answer of xAI to a code to type is not what it should be: with status 200 auth.x.ai/oauth2/device/code \
             sent a web page (\"Hotel Wi-Fi\"), not JSON",
        ),
        (
            403,
            "xAI refused a code to type with status 403: auth.x.ai/oauth2/device/code sent a web page (\"Hotel Wi-Fi\"), \
             not JSON",
        ),
    ] {
        let desk = Desk::new(move |_| {
            Reply::new(
                status,
                "text/html",
                "<html><title>Hotel\nWi-Fi</title><p>Welcome",
            )
        });
        let mut pty = desk.terminal(&["auth", "login", "xai"]);
        assert_eq!(pty.wait_exit(), 1);
        let shown: String = pty
            .contents()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(shown.contains(said), "{shown}");
    }
}

/// GitHub and Copilot, on any domain.
fn github(asked: &Asked) -> Reply {
    match asked.path.as_str() {
        "/login/device/code" => Reply::json(
            200,
            json!({"device_code": "d", "user_code": "WXYZ-9876", "interval": 1, "expires_in": 60,
                "verification_uri": format!("https://{}/login/device", asked.host)}),
        ),
        "/login/oauth/access_token" => Reply::json(200, json!({"access_token": "gho-github"})),
        "/copilot_internal/v2/token" => Reply::json(
            200,
            json!({"token": "tid=1;proxy-ep=proxy.business.githubcopilot.com;k=v", "expires_at": super::now() / 1000 + 1800}),
        ),
        "/models" => Reply::json(
            200,
            json!({"data": [
                {"id": "claude-opus-5.5", "model_picker_enabled": true, "policy": {"state": "unconfigured"}},
                {"id": "gpt-6.1-sol", "model_picker_enabled": true},
                {"id": "off", "model_picker_enabled": true, "policy": {"state": "disabled"}},
                {"id": "hidden"},
                {"id": "mute", "model_picker_enabled": true, "capabilities": {"supports": {"tool_calls": false}}},
            ]}),
        ),
        path if path.ends_with("/policy") => Reply::json(200, json!({})),
        _ => Reply::status(404),
    }
}

#[test]
fn copilot_is_logged_in_on_a_companys_own_domain() {
    let desk = Desk::new(github);
    let mut pty = desk.terminal(&["auth", "login", "github-copilot"]);
    pty.wait_for_text("Domain of your company");
    pty.type_text("https://company.ghe.com/login\r");
    assert_eq!(page(&pty).as_str(), "https://company.ghe.com/login/device");
    pty.wait_for_text("WXYZ-9876");
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    let asked = desk.vendors.asked();
    let places: Vec<String> = asked
        .iter()
        .map(|asked| format!("{} {}{}", asked.method, asked.host, asked.path))
        .collect();
    assert_eq!(
        places[..4],
        [
            "POST company.ghe.com/login/device/code",
            "POST company.ghe.com/login/oauth/access_token",
            "GET api.company.ghe.com/copilot_internal/v2/token",
            "GET api.business.githubcopilot.com/models",
        ]
    );
    assert_eq!(asked[2].header("authorization"), Some("Bearer gho-github"));
    let entry = &desk.auth()["github-copilot"];
    assert_eq!(entry["refresh"], "gho-github");
    assert_eq!(entry["enterpriseUrl"], "company.ghe.com");
    assert!(is_in(&entry["expires"], 1800 - 300));
    assert!(
        entry["availableModelIds"]
            .as_array()
            .unwrap()
            .contains(&json!("gpt-6.1-sol"))
    );
    assert!(
        !entry["availableModelIds"]
            .as_array()
            .unwrap()
            .contains(&json!("off"))
    );
}

#[test]
fn what_is_no_domain_is_asked_for_again() {
    let desk = Desk::new(github);
    let mut pty = desk.terminal(&["auth", "login", "github-copilot"]);
    pty.wait_for_text("> ");
    pty.type_text("our company\r");
    pty.wait_for_text("That is no domain; one looks like company.ghe.com");
    pty.type_text("company.ghe.com\r");
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    assert_eq!(
        desk.auth()["github-copilot"]["enterpriseUrl"],
        "company.ghe.com"
    );
}

#[test]
fn copilot_without_a_domain_is_githubs_own() {
    let desk = Desk::new(github);
    let mut pty = desk.terminal(&["auth", "login", "github-copilot"]);
    pty.wait_for_text("Domain of your company");
    pty.type_text("\r");
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    assert_eq!(desk.vendors.asked()[0].host, "github.com");
    assert_eq!(desk.auth()["github-copilot"]["enterpriseUrl"], json!(null));
}

#[test]
fn codex_has_a_code_to_type_where_there_is_no_browser() {
    let polls = in_turn(vec![
        Reply::status(403),
        Reply::json(
            200,
            json!({"authorization_code": "made", "code_verifier": "theirs"}),
        ),
    ]);
    let desk = Desk::new(move |asked| match asked.path.as_str() {
        "/api/accounts/deviceauth/usercode" => Reply::json(
            200,
            json!({"device_auth_id": "id", "user_code": "CODE-X", "interval": "1"}),
        ),
        "/api/accounts/deviceauth/token" => polls(),
        "/oauth/token" => Reply::json(
            200,
            json!({"access_token": openai_token("account-2"), "refresh_token": "r", "expires_in": 600}),
        ),
        _ => Reply::status(404),
    });
    let mut pty = desk.terminal(&["auth", "login", "openai-codex", "--no-browser"]);
    assert_eq!(page(&pty).as_str(), "https://auth.openai.com/codex/device");
    pty.wait_for_text("CODE-X");
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    let last = desk.vendors.asked().pop().unwrap();
    assert_eq!(form(&last, "code"), "made");
    assert_eq!(form(&last, "code_verifier"), "theirs");
    assert_eq!(desk.auth()["openai-codex"]["accountId"], "account-2");
}

#[test]
fn kimi_and_meta_are_logged_in() {
    let desk = Desk::new(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("auth.kimi.com", "/api/oauth/device_authorization")
        | ("auth.meta.com", "/oidc/device/authorization/") => Reply::json(
            200,
            json!({"device_code": "d", "user_code": "U", "interval": 1, "expires_in": 60,
                    "verification_uri": "https://v/d", "verification_uri_complete": "https://v/d?c=U"}),
        ),
        ("auth.kimi.com", "/api/oauth/token") => Reply::json(
            200,
            json!({"access_token": "kimi-access", "refresh_token": "kimi-refresh", "expires_in": 900}),
        ),
        ("auth.meta.com", "/oidc/device/token/") => {
            Reply::json(200, json!({"access_token": "who-i-am"}))
        }
        ("api.meta.ai", "/muse-code/key")
            if asked.header("authorization") == Some("Bearer who-i-am") =>
        {
            Reply::json(200, json!({"api_key": "a-days-key"}))
        }
        _ => Reply::status(404),
    });
    for provider in ["kimi-coding", "meta"] {
        let mut pty = desk.terminal(&["auth", "login", provider]);
        assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    }
    let auth = desk.auth();
    assert_eq!(auth["kimi-coding"]["access"], "kimi-access");
    assert!(is_in(&auth["kimi-coding"]["expires"], 900));
    assert_eq!(auth["meta"]["access"], "a-days-key");
    assert_eq!(auth["meta"]["refresh"], "who-i-am");
    assert!(is_in(&auth["meta"]["expires"], 86_400));
}
