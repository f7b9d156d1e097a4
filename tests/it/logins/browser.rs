//! Logins with a page in the browser: it calls back, or its address is pasted.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::{Desk, field, form, is_in, is_verifier, knock, openai_token, page};
use crate::support::secure::{Asked, Reply};

const ANTHROPIC: u16 = 53692;
const OPENAI: u16 = 1455;

/// Anthropic's token endpoint.
fn anthropic(asked: &Asked) -> Reply {
    match (asked.host.as_str(), asked.path.as_str()) {
        ("platform.claude.com", "/v1/oauth/token") => Reply::json(
            200,
            json!({"access_token": "sk-ant-oat-new", "refresh_token": "refresh-new", "expires_in": 28800}),
        ),
        _ => Reply::status(404),
    }
}

/// The port of the redirect that the vendor is told.
fn port(redirect: &str) -> u16 {
    reqwest::Url::parse(redirect).unwrap().port().unwrap()
}

#[test]
fn the_browser_comes_back_and_pi_is_logged_in() {
    let desk = Desk::new(anthropic);
    let mut pty = desk.terminal(&["auth", "login", "anthropic"]);
    let url = page(&pty);
    assert_eq!(url.host_str(), Some("claude.ai"));
    assert_eq!(field(&url, "code_challenge_method"), "S256");
    assert_eq!(
        field(&url, "redirect_uri"),
        "http://localhost:53692/callback"
    );
    let state = field(&url, "state");
    let (status, shown) = desk.visit(ANTHROPIC, &format!("/callback?code=the-code&state={state}"));
    assert_eq!(status, 200, "{shown}");
    assert!(shown.contains("goes on there"), "{shown}");
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());

    let asked = desk.vendors.asked();
    assert_eq!(asked.len(), 1);
    let body = asked[0].json();
    assert_eq!(body["grant_type"], "authorization_code");
    assert_eq!(body["code"], "the-code");
    assert_eq!(body["state"], state);
    assert_eq!(body["redirect_uri"], "http://localhost:53692/callback");
    let verifier = body["code_verifier"].as_str().unwrap();
    assert!(is_verifier(verifier, &field(&url, "code_challenge")));
    // The verifier did not go through the browser.
    assert!(!url.as_str().contains(verifier));

    let auth = desk.auth();
    assert_eq!(auth["anthropic"]["type"], "oauth");
    assert_eq!(auth["anthropic"]["access"], "sk-ant-oat-new");
    assert_eq!(auth["anthropic"]["refresh"], "refresh-new");
    assert!(is_in(&auth["anthropic"]["expires"], 28800 - 300));
    let file = fs::metadata(desk.pi.agent().join("auth.json")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let shown = String::from_utf8_lossy(&pty.raw()).into_owned();
    assert!(shown.contains("Logged in to Anthropic"), "{shown}");
    assert!(!shown.contains("sk-ant-oat-new") && !shown.contains("refresh-new"));
}

#[test]
fn a_login_takes_the_place_of_a_credential_and_leaves_the_rest_of_its_entry() {
    let desk = Desk::new(anthropic);
    let rest = json!({"env": {"ANTHROPIC_BASE_URL": "https://ours"}, "later": {"deep": [1]}});
    for credential in [
        json!({"type": "api_key", "key": "of-yesterday"}),
        json!({"type": "oauth", "access": "old", "refresh": "old", "expires": 1, "accountId": "other"}),
    ] {
        let mut entry = credential.as_object().unwrap().clone();
        entry.extend(rest.as_object().unwrap().clone());
        desk.store(&json!({"anthropic": entry}));
        let mut pty = desk.terminal(&["auth", "login", "anthropic"]);
        let state = field(&page(&pty), "state");
        desk.visit(ANTHROPIC, &format!("/callback?code=c&state={state}"));
        assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
        let mut stored = desk.auth()["anthropic"].clone();
        stored.as_object_mut().unwrap().remove("expires").unwrap();
        let mut expected =
            json!({"type": "oauth", "access": "sk-ant-oat-new", "refresh": "refresh-new"});
        let fields = expected.as_object_mut().unwrap();
        fields.extend(rest.as_object().unwrap().clone());
        assert_eq!(stored, expected);
    }
}

#[test]
fn a_login_is_stored_once_whoever_renews_another_one_is_done() {
    let desk = Desk::new(anthropic);
    let mut pty = desk.terminal(&["auth", "login", "anthropic"]);
    let state = field(&page(&pty), "state");
    let mark = desk.pi.agent().join("auth.json.lock");
    fs::create_dir_all(&mark).unwrap();
    desk.visit(ANTHROPIC, &format!("/callback?code=c&state={state}"));
    desk.vendors.wait_for(1);
    // Longer than a short change would be waited for.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    desk.store(
        &json!({"xai": {"type": "oauth", "access": "x", "refresh": "renewed", "expires": 1}}),
    );
    fs::remove_dir(&mark).unwrap();
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    let auth = desk.auth();
    assert_eq!(auth["anthropic"]["refresh"], "refresh-new");
    assert_eq!(auth["xai"]["refresh"], "renewed");
}

#[test]
fn visitors_that_are_not_the_answer_change_nothing() {
    let desk = Desk::new(anthropic);
    let mut pty = desk.terminal(&["auth", "login", "anthropic"]);
    let state = field(&page(&pty), "state");
    // A connection that browsers open in advance, and never use.
    let spare = std::net::TcpStream::connect((desk.host.as_str(), ANTHROPIC)).unwrap();
    let visit = |target: &str| desk.visit(ANTHROPIC, target).0;
    assert_eq!(visit("/favicon.ico"), 404);
    assert_eq!(visit("/callback/../other?code=x"), 404);
    assert_eq!(visit("/callback?code=theirs&state=theirs"), 400);
    assert_eq!(visit("/callback?code=theirs"), 400);
    assert_eq!(visit("/callback?error=access_denied&state=theirs"), 400);
    assert_eq!(visit(&format!("/callback?state={state}")), 400);
    let huge = format!(
        "GET /callback?code={} HTTP/1.1\r\n\r\n",
        "x".repeat(64 * 1024)
    );
    assert_eq!(knock(&desk.host, ANTHROPIC, huge.as_bytes()).0, 431);
    let post = format!("POST /callback?code=x&state={state} HTTP/1.1\r\n\r\n");
    assert_eq!(knock(&desk.host, ANTHROPIC, post.as_bytes()).0, 405);
    assert_eq!(
        knock(&desk.host, ANTHROPIC, b"\x16\x03\x01\0\r\n\r\n").0,
        404
    );
    let (_, mine) = desk.visit(ANTHROPIC, "/callback?state=%3Cscript%3E&code=%1b[2J");
    assert!(!mine.contains("<script>"));
    assert!(desk.vendors.asked().is_empty());
    assert_eq!(visit(&format!("/callback?code=mine&state={state}")), 200);
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    assert_eq!(desk.vendors.asked()[0].json()["code"], "mine");
    drop(spare);
}

#[test]
fn a_no_of_the_person_ends_the_login_in_their_words() {
    let desk = Desk::new(anthropic);
    let mut pty = desk.terminal(&["auth", "login", "anthropic"]);
    let state = field(&page(&pty), "state");
    let target =
        format!("/callback?error=access_denied&error_description=not+today%1b%5b2J&state={state}");
    let (status, shown) = desk.visit(ANTHROPIC, &target);
    assert_eq!(status, 400);
    assert!(shown.contains("not today"), "{shown}");
    assert_eq!(pty.wait_exit(), 1);
    pty.wait_for_text("did not allow the login: not today[2J");
    assert!(!desk.pi.agent().join("auth.json").exists());
}

#[test]
fn a_pasted_address_does_as_well_and_one_of_another_login_does_not() {
    for (state_is_mine, code) in [(true, 0), (false, 1)] {
        let desk = Desk::new(anthropic);
        let mut pty = desk.terminal(&["auth", "login", "anthropic"]);
        let url = page(&pty);
        let state = match state_is_mine {
            true => field(&url, "state"),
            false => "theirs".to_owned(),
        };
        pty.wait_for_text("> ");
        pty.type_text(&format!(
            "http://localhost:53692/callback?code=pasted&state={state}\r"
        ));
        if !state_is_mine {
            // It is asked again, with the reason, a few times.
            pty.wait_for_text("belongs to another login");
            pty.type_text("\r");
            pty.wait_for_text("That cannot be used: paste the whole address");
            pty.type_text("\r\r#theirs\r");
        }
        assert_eq!(pty.wait_exit(), code, "{}", pty.contents());
        assert!(state_is_mine || !pty.contents().contains("fetching the tokens"));
        if state_is_mine {
            assert_eq!(desk.vendors.asked()[0].json()["code"], "pasted");
            assert_eq!(desk.auth()["anthropic"]["access"], "sk-ant-oat-new");
        } else {
            pty.wait_for_text("belongs to another login");
            assert!(desk.vendors.asked().is_empty());
        }
    }
}

#[test]
fn without_a_browser_here_anthropic_shows_a_code_to_paste() {
    let desk = Desk::new(anthropic);
    let mut pty = desk.terminal(&["auth", "login", "anthropic", "--no-browser"]);
    let url = page(&pty);
    let redirect = "https://platform.claude.com/oauth/code/callback";
    assert_eq!(field(&url, "redirect_uri"), redirect);
    pty.wait_for_text("> ");
    pty.type_text(&format!("shown-code#{}\r", field(&url, "state")));
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    let body = desk.vendors.asked()[0].json();
    assert_eq!(body["code"], "shown-code");
    assert_eq!(body["redirect_uri"], redirect);
}

#[test]
fn a_busy_port_is_told_and_anthropic_takes_another_one() {
    let desk = Desk::new(anthropic);
    let _busy = TcpListener::bind((desk.host.as_str(), ANTHROPIC)).unwrap();
    let mut pty = desk.terminal(&["auth", "login", "anthropic"]);
    let url = page(&pty);
    let port = port(&field(&url, "redirect_uri"));
    assert_ne!(port, ANTHROPIC);
    let target = format!("/callback?code=c&state={}", field(&url, "state"));
    assert_eq!(desk.visit(port, &target).0, 200);
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
}

#[test]
fn where_only_one_port_will_do_and_it_is_busy_the_address_is_pasted() {
    let desk = Desk::new(openai);
    let _busy = TcpListener::bind((desk.host.as_str(), OPENAI)).unwrap();
    let mut pty = desk.terminal(&["auth", "login", "openai-codex"]);
    let url = page(&pty);
    pty.wait_for_text("Something else listens on");
    pty.wait_for_text("> ");
    pty.type_text(&format!(
        "http://localhost:1455/auth/callback?code=c&state={}\r",
        field(&url, "state")
    ));
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    assert_eq!(desk.auth()["openai-codex"]["accountId"], "account-1");
}

fn openai(asked: &Asked) -> Reply {
    match (asked.host.as_str(), asked.path.as_str()) {
        ("auth.openai.com", "/oauth/token") => Reply::json(
            200,
            json!({"access_token": openai_token("account-1"), "refresh_token": "r1", "expires_in": 864_000}),
        ),
        ("auth.openai.com", "/api/accounts/oauth/token") => Reply::json(
            200,
            json!({"access_token": "direct-token", "refresh_token": "r2", "id_token": "id",
                "expires_in": 3600, "scope": "openid chatgpt.tokens.use.direct"}),
        ),
        _ => Reply::status(404),
    }
}

#[test]
fn codex_is_logged_in_with_its_account() {
    let desk = Desk::new(openai);
    let mut pty = desk.terminal(&["auth", "login", "openai-codex"]);
    let url = page(&pty);
    assert_eq!(url.host_str(), Some("auth.openai.com"));
    assert_eq!(field(&url, "codex_cli_simplified_flow"), "true");
    assert_eq!(field(&url, "originator"), "pi");
    let target = format!("/auth/callback?code=c%2B1&state={}", field(&url, "state"));
    assert_eq!(desk.visit(OPENAI, &target).0, 200);
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    let asked = &desk.vendors.asked()[0];
    assert_eq!(form(asked, "code"), "c+1");
    assert_eq!(
        form(asked, "redirect_uri"),
        "http://localhost:1455/auth/callback"
    );
    assert!(is_verifier(
        &form(asked, "code_verifier"),
        &field(&url, "code_challenge")
    ));
    let entry = &desk.auth()["openai-codex"];
    assert_eq!(entry["accountId"], "account-1");
    assert!(is_in(&entry["expires"], 864_000));
}

#[test]
fn a_chatgpt_subscription_opens_the_api_with_a_client_of_its_own() {
    let desk = Desk::new(openai);
    desk.pi
        .write_agent("settings.json", "{\n  // mine\n  \"theme\": \"dark\"\n}\n");
    let mut pty = desk.terminal(&["auth", "login", "openai"]);
    let url = page(&pty);
    assert_eq!(field(&url, "client_id"), "dynamic_agent_client");
    let state = field(&url, "state");
    let target = format!("/auth/callback?code=c&state={state}&client_id=issued-1");
    assert_eq!(desk.visit(OPENAI, &target).0, 200);
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    assert_eq!(form(&desk.vendors.asked()[0], "client_id"), "issued-1");
    let entry = &desk.auth()["openai"];
    assert_eq!(entry["access"], "direct-token");
    assert_eq!(entry["clientId"], "issued-1");
    assert_eq!(
        entry["scopes"],
        json!(["openid", "chatgpt.tokens.use.direct"])
    );
    // The installation is named once, in the settings, and towards nobody else.
    let settings = fs::read_to_string(desk.pi.agent().join("settings.json")).unwrap();
    let host = field(&url, "ext_agent_host_id");
    let id = host.strip_prefix("urn:uuid:").unwrap();
    assert!(
        settings.contains(&format!("\"deviceId\": \"{id}\"")),
        "{settings}"
    );
    assert!(settings.contains("// mine"));
}

#[test]
fn what_cannot_be_used_is_answered_with_what_can_and_the_browser_is_still_heard() {
    let desk = Desk::new(openai);
    let mut pty = desk.terminal(&["auth", "login", "openai"]);
    let url = page(&pty);
    let state = field(&url, "state");
    let back = "http://127.0.0.1:1455/auth/callback";
    let pasted = [
        "a-bare-code".to_owned(),
        format!("{back}?code=c&client_id=issued-1"),
        format!("{back}?code=c&state={state}"),
        // The page itself, not the one that it leads to.
        url.to_string(),
    ];
    for text in pasted {
        pty.wait_for_text("> ");
        let before = pty.raw().len();
        pty.type_text(&format!("{text}\r"));
        pty.wait_for_raw(|raw| {
            let new = String::from_utf8_lossy(&raw[before..]).into_owned();
            new.contains("That cannot be used")
                && new.contains("not the code alone")
                && new.ends_with("> ")
        });
    }
    assert!(desk.vendors.asked().is_empty());
    // An answer without its client is none in the browser either.
    let bare = format!("/auth/callback?code=c&state={state}");
    assert_eq!(desk.visit(OPENAI, &bare).0, 400);
    let whole = format!("{bare}&client_id=issued-1");
    assert_eq!(desk.visit(OPENAI, &whole).0, 200);
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    assert_eq!(desk.auth()["openai"]["clientId"], "issued-1");
}

#[test]
fn a_pasted_code_that_the_vendor_does_not_take_is_asked_for_again() {
    let by_code = |asked: &Asked| match asked.body.contains("right") {
        true => match asked.host.as_str() {
            "openrouter.ai" => Reply::json(200, json!({"key": "sk-or-made"})),
            "platform.claude.com" => anthropic(asked),
            _ => openai(asked),
        },
        false => Reply::json(
            400,
            json!({"error": "invalid_grant", "error_description": "unknown code"}),
        ),
    };
    for args in [
        &["openai-codex"][..],
        &["anthropic"],
        &["anthropic", "--no-browser"],
        &["openrouter"],
    ] {
        let desk = Desk::new(by_code);
        let all: Vec<&str> = ["auth", "login"].iter().chain(args).copied().collect();
        let mut pty = desk.terminal(&all);
        page(&pty);
        pty.wait_for_text("> ");
        pty.type_text("the wrong thing\r");
        pty.wait_for_text("with status 400: unknown code. Try again: paste the whole address");
        pty.type_text("right\r");
        assert_eq!(pty.wait_exit(), 0, "{args:?}: {}", pty.contents());
        assert_eq!(desk.vendors.asked().len(), 2);
        assert_eq!(desk.auth()[args[0]]["type"], "oauth");
    }
}

#[test]
fn a_login_that_is_given_up_leaves_the_settings_alone() {
    let desk = Desk::new(openai);
    let mut pty = desk.terminal(&["auth", "login", "openai"]);
    let url = page(&pty);
    assert!(field(&url, "ext_agent_host_id").starts_with("urn:uuid:"));
    pty.wait_for_text("> ");
    pty.type_text("\u{3}");
    assert_eq!(pty.wait_exit(), 1, "{}", pty.contents());
    let settings = fs::read_to_string(desk.pi.agent().join("settings.json"));
    assert!(!settings.unwrap_or_default().contains("deviceId"));
}

#[test]
fn openrouter_gives_a_key_that_does_not_end() {
    let desk = Desk::new(|asked| match (asked.host.as_str(), asked.path.as_str()) {
        ("openrouter.ai", "/api/v1/auth/keys") => Reply::json(200, json!({"key": "sk-or-made"})),
        _ => Reply::status(404),
    });
    let mut pty = desk.terminal(&["auth", "login", "openrouter"]);
    let url = page(&pty);
    let callback = reqwest::Url::parse(&field(&url, "callback_url")).unwrap();
    assert_eq!(callback.host_str(), Some(desk.host.as_str()));
    let port = callback.port().unwrap();
    assert_eq!(
        desk.visit(port, "/oauth/callback/guessed?code=theirs").0,
        404
    );
    assert_eq!(
        desk.visit(port, &format!("{}?code=mine", callback.path()))
            .0,
        200
    );
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    let body = desk.vendors.asked()[0].json();
    assert_eq!(body["code"], "mine");
    let challenge = field(&url, "code_challenge");
    assert!(is_verifier(
        body["code_verifier"].as_str().unwrap(),
        &challenge
    ));
    assert_eq!(
        desk.auth()["openrouter"],
        json!({"type": "oauth", "access": "sk-or-made", "refresh": "", "expires": 9_007_199_254_740_991_i64})
    );
}

#[test]
fn what_the_vendor_refuses_is_told_without_what_was_sent() {
    let desk = Desk::new(|asked| {
        let code = asked.json()["code"].as_str().unwrap_or_default().to_owned();
        let why = format!("the code {code} is spent\u{1b}]0;x\u{7}");
        Reply::json(
            400,
            json!({"error": "invalid_grant", "error_description": why}),
        )
    });
    let mut pty = desk.terminal(&["auth", "login", "anthropic"]);
    let state = field(&page(&pty), "state");
    let target = format!("/callback?code=a-secret-code-1&state={state}");
    assert_eq!(desk.visit(ANTHROPIC, &target).0, 200);
    assert_eq!(pty.wait_exit(), 1);
    pty.wait_for_text("refused the code of the login with status 400: the code … is spent");
    assert!(!String::from_utf8_lossy(&pty.raw()).contains("a-secret-code-1"));
    assert!(!desk.pi.agent().join("auth.json").exists());
}

#[test]
fn giving_up_closes_the_port_and_stores_nothing() {
    for key in ["\u{3}", "\u{4}"] {
        let desk = Desk::new(anthropic);
        let mut pty = desk.terminal(&["auth", "login", "anthropic"]);
        page(&pty);
        pty.wait_for_text("> ");
        pty.type_text(key);
        assert_eq!(pty.wait_exit(), 1, "{}", pty.contents());
        pty.wait_for_text("the login was cancelled");
        assert!(!desk.pi.agent().join("auth.json").exists());
        TcpListener::bind((desk.host.as_str(), ANTHROPIC)).unwrap();
    }
}

#[test]
fn the_page_opens_by_itself_where_there_is_a_screen() {
    let desk = Desk::new(anthropic);
    let opened = desk.pi.home().join("opened");
    let script = format!(
        "#!/bin/sh\nprintf '%s' \"$1\" > '{0}.new'\nmv '{0}.new' '{0}'\n",
        opened.display()
    );
    let program = desk.pi.write("bin/xdg-open", script);
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut env = desk.variables();
    env.push((
        "PATH".into(),
        format!("{}:{path}", program.parent().unwrap().display()),
    ));
    env.push(("DISPLAY".into(), ":9".into()));
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_pi"));
    let mut pty = crate::support::pty::Pty::spawn(
        binary,
        &["auth", "login", "anthropic"],
        env,
        &desk.pi.project(),
        200,
        60,
    );
    let url = page(&pty);
    pty.wait_for_text("It should open in your browser");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !opened.exists() {
        assert!(std::time::Instant::now() < until, "nothing was opened");
        std::thread::yield_now();
    }
    assert_eq!(fs::read_to_string(&opened).unwrap(), url.as_str());
    pty.type_text("\u{3}");
    pty.wait_exit();
}

#[test]
fn a_code_that_the_network_lost_is_asked_for_again_and_nothing_is_said_before_it_is_known() {
    let lost = std::sync::atomic::AtomicBool::new(false);
    let desk = Desk::new(
        move |asked| match lost.swap(true, std::sync::atomic::Ordering::SeqCst) {
            true => anthropic(asked),
            false => Reply::hang_up(),
        },
    );
    let mut pty = desk.terminal(&["auth", "login", "anthropic"]);
    page(&pty);
    pty.wait_for_text("> ");
    pty.type_text("the-code\r");
    pty.wait_for_text("It may still be good: paste the whole address");
    pty.type_text("the-code\r");
    assert_eq!(pty.wait_exit(), 0, "{}", pty.contents());
    let said = String::from_utf8_lossy(&pty.raw()).into_owned();
    assert!(!said.contains("fetching the tokens"), "{said}");
    assert_eq!(desk.auth()["anthropic"]["type"], "oauth");
}
