//! Logging in with an account from the terminal: the ways, the page and the code, the question that the
//! browser may answer first, and the models at the end.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use pi::ai::oauth::{self, Method};
use pi::tui::keyring::{Answer, Held, LoginNews, Provider, Purpose, Way};
use pi::tui::msg::{Effect, Msg};
use serde_json::{Value, json};

use crate::support::TestPi;
use crate::support::pty::Pty;
use crate::support::screen::Screen;
use crate::support::secure::{Reply, Vendors};

const PAGE: &str = "https://login.example/authorize?state=abc&challenge=def";

/// A terminal that lists two providers, one with a key alone and one with an account.
struct Stage {
    screen: Screen,
    effects: Vec<String>,
}

impl Stage {
    fn new(columns: u16, rows: u16) -> Self {
        let mut stage = Stage {
            screen: Screen::new(columns, rows),
            effects: Vec::new(),
        };
        let provider = |id: &str, name: &str, way| Provider {
            id: id.into(),
            name: name.into(),
            held: Held::Nothing,
            way,
            account: oauth::account(id),
        };
        let providers = vec![
            provider("anthropic", "Anthropic", Way::Key),
            provider("groq", "Groq", Way::Key),
            provider("openai-codex", "OpenAI Codex", Way::Account),
        ];
        let purpose = Purpose::Connect(String::new());
        stage.tell(Msg::Keys(Answer::Providers(purpose, providers)));
        stage
    }

    fn tell(&mut self, msg: Msg) {
        for effect in self.screen.app.update(msg, 0) {
            if !matches!(effect, Effect::Remember(_)) {
                self.effects.push(format!("{effect:?}"));
            }
        }
    }

    fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.tell(Msg::Key(key.parse().unwrap()));
        }
    }

    fn hear(&mut self, news: LoginNews) {
        self.tell(Msg::Login(news));
    }

    #[track_caller]
    fn assert_shows(&mut self, wanted: &str) {
        let text = self.screen.text();
        assert!(text.contains(wanted), "no {wanted:?} in\n{text}");
    }
}

fn page() -> LoginNews {
    LoginNews::Shown(oauth::News::Page {
        url: PAGE.into(),
        advice: "Log in there.".into(),
    })
}

fn question() -> LoginNews {
    LoginNews::Asked(oauth::Question::Code {
        example: "http://localhost/callback?code=…".into(),
        listening: true,
        whole: false,
    })
}

#[test]
fn the_ways_of_an_account_are_offered_and_a_key_where_there_is_one() {
    let mut stage = Stage::new(70, 20);
    stage.press("a n t h enter");
    stage.assert_shows("How to connect Anthropic");
    stage.assert_shows(Method::Browser.label());
    stage.assert_shows(Method::Paste.label());
    stage.press("down down enter");
    stage.assert_shows("The key for Anthropic");
    stage.press("escape");
    stage.press("c o d e x enter");
    stage.assert_shows(Method::Device.label());
    assert!(!stage.screen.shows("type an API key"));
    stage.press("down enter");
    assert_eq!(stage.effects, [r#"LogIn("openai-codex", Device)"#]);
    stage.assert_shows("Log in to OpenAI Codex");
}

#[test]
fn the_page_is_shown_and_copied_and_the_pasted_code_is_in_nothing_that_is_written_down() {
    for size in [(80, 24), (40, 12)] {
        let mut stage = Stage::new(size.0, size.1);
        stage.press("a n t h enter enter");
        assert_eq!(stage.effects, [r#"LogIn("anthropic", Browser)"#]);
        stage.hear(page());
        stage.assert_shows("https://login.example/");
        stage.press("ctrl+x");
        assert_eq!(stage.effects[1], format!("Copy({PAGE:?})"));
        stage.hear(question());
        stage.assert_shows("Log in in the browser");
        stage.tell(Msg::Paste("  the-secret-code \n".into()));
        stage.assert_shows("the-secret-code");
        stage.press("enter");
        assert_eq!(stage.effects[2], "AnswerLogin(Typed(…))");
        assert!(!stage.screen.shows("the-secret-code"));
        stage.hear(LoginNews::Ended("anthropic".into(), Ok(())));
        stage.assert_shows("logged in to Anthropic");
        assert_eq!(stage.effects[3], r#"Send(Models, Connected("anthropic"))"#);
    }
}

#[test]
fn the_browser_may_answer_first_and_what_failed_is_told() {
    let mut stage = Stage::new(80, 24);
    stage.press("a n t h enter enter");
    stage.hear(page());
    stage.hear(question());
    stage.hear(LoginNews::TakenBack);
    let word = "Checking the answer…";
    stage.hear(LoginNews::Shown(oauth::News::Progress(word.into())));
    stage.assert_shows(word);
    assert!(!stage.screen.shows("Log in in the browser"));
    // Nothing is asked: what is typed goes nowhere.
    stage.press("x enter");
    let why = "Anthropic refused the tokens with status 400";
    stage.hear(LoginNews::Ended("anthropic".into(), Err(why.into())));
    stage.assert_shows("No login to Anthropic: Anthropic refused the tokens");
    assert_eq!(stage.effects.len(), 1);
}

#[test]
fn a_code_to_type_is_shown_with_its_page_and_escape_gives_up() {
    let mut stage = Stage::new(40, 12);
    stage.press("c o d e x enter down enter");
    stage.hear(LoginNews::Shown(oauth::News::Device {
        code: "ABCD-1234".into(),
        url: "https://login.example/device".into(),
        lasts: Some(Duration::from_secs(900)),
    }));
    stage.assert_shows("ABCD-1234");
    stage.assert_shows("https://login.example/device");
    stage.assert_shows("It is good for 15");
    stage.press("ctrl+x escape");
    assert_eq!(stage.effects[1..], [r#"Copy("ABCD-1234")"#, "StopLogin"]);
    stage.assert_shows("Connect a provider");
}

#[test]
fn a_long_page_scrolls_under_its_question_and_the_key_that_copies_is_named() {
    let mut stage = Stage::new(40, 12);
    stage.press("a n t h enter enter");
    let url = format!("https://login.example/{}/the-end", "0123456789".repeat(40));
    stage.hear(LoginNews::Shown(oauth::News::Page {
        url,
        advice: "Log in there.".into(),
    }));
    stage.assert_shows("ctrl+x copies");
    stage.hear(question());
    for keys in ["pageDown pageDown pageDown pageDown", "pageUp down down"] {
        stage.assert_shows("ctrl+x copies");
        stage.assert_shows("Log in in the browser");
        stage.assert_shows("https://login.example/");
        stage.press(keys);
        assert!(!stage.screen.shows("https://login.example/"));
        stage.press("pageDown pageDown pageDown pageDown pageDown pageDown");
        stage.assert_shows("Log in there.");
        stage.assert_shows("Log in in the browser");
        stage.press("pageUp pageUp pageUp pageUp pageUp pageUp pageUp pageUp pageUp");
    }
    // Why it is asked again is at the top, also for who has scrolled down.
    stage.press("pageDown pageDown x enter");
    let why = "There is no code in what was pasted";
    stage.hear(LoginNews::Shown(oauth::News::Progress(why.into())));
    stage.hear(question());
    stage.assert_shows("There is no code");
    stage.assert_shows("Log in in the browser");
}

fn start(pi: &TestPi, vendors: &Vendors, args: &[&str]) -> Pty {
    let home = pi.home().display().to_string();
    let ca = vendors.ca_file().display().to_string();
    let env = [
        ("HOME", home),
        ("HTTPS_PROXY", vendors.proxy_url()),
        ("SSL_CERT_FILE", ca),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value));
    let binary = Path::new(env!("CARGO_BIN_EXE_pi"));
    Pty::spawn(binary, args, env.into(), &pi.project(), 90, 30)
}

#[test]
fn offline_an_account_is_refused_with_the_reason() {
    let vendors = Vendors::start(|_| Reply::status(500));
    let pi = TestPi::unconfigured([]);
    let mut pty = start(&pi, &vendors, &["--offline"]);
    pty.wait_for_text("Connect a provider");
    pty.type_text("\r");
    pty.wait_for_text("Anthropic");
    pty.type_text("xai");
    pty.wait_for_text("xAI");
    pty.type_text("\r");
    pty.wait_for_text("How to connect xAI");
    pty.type_text("\r");
    pty.wait_for_text("No login to xAI: pi is offline (PI_OFFLINE or --offline)");
    assert!(vendors.asked().is_empty());
    pty.type_text("/quit\r");
    assert_eq!(pty.wait_exit(), 0);
}

#[test]
fn a_login_goes_through_in_the_program_and_its_models_answer() {
    let asked = Mutex::new(0);
    let vendors = Vendors::start(move |request| match request.path.as_str() {
        "/oauth2/device/code" => Reply::json(
            200,
            json!({"device_code": "dev-1", "user_code": "WXYZ-7", "expires_in": 600,
                "verification_uri": "https://accounts.x.ai/device", "interval": 1}),
        ),
        "/oauth2/token" => {
            let mut asked = asked.lock().unwrap();
            *asked += 1;
            match *asked {
                1 => Reply::json(400, json!({"error": "authorization_pending"})),
                _ => Reply::json(
                    200,
                    json!({"access_token": "acc-secret-1", "refresh_token": "ref-secret-1",
                        "expires_in": 3600}),
                ),
            }
        }
        _ => Reply::status(500),
    });
    let pi = TestPi::unconfigured([]);
    let mut pty = start(&pi, &vendors, &[]);
    pty.wait_for_text("Connect a provider");
    pty.type_text("\r");
    pty.wait_for_text("Anthropic");
    pty.type_text("xai");
    pty.wait_for_text("xAI");
    pty.type_text("\r");
    pty.wait_for_text("How to connect xAI");
    pty.type_text("\r");
    pty.wait_for_text("WXYZ-7");
    pty.wait_for_text("xAI is connected");
    pty.type_text("\r");
    pty.wait_for_text("xai/grok");
    pty.type_text("/quit\r");
    assert_eq!(pty.wait_exit(), 0);
    let file = std::fs::read(pi.agent().join("auth.json")).unwrap();
    let auth: Value = serde_json::from_slice(&file).unwrap();
    assert_eq!(auth["xai"]["type"], "oauth");
    assert_eq!(auth["xai"]["refresh"], "ref-secret-1");
    let raw = pty.raw();
    for secret in ["acc-secret-1", "ref-secret-1", "dev-1"] {
        assert!(memchr::memmem::find(&raw, secret.as_bytes()).is_none());
    }
    assert_eq!(vendors.asked().len(), 3);
    assert!(
        vendors
            .asked()
            .iter()
            .all(|asked| asked.host == "auth.x.ai")
    );
}
