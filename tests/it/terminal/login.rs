//! Connecting a provider and forgetting its key.

use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use pi::ai::oauth::{Face, Method};
use pi::session::Reply;
use pi::tui::keyring::{Answer, Held, Keyring, Provider, Secret, Way};
use pi::tui::msg::{Asked, Effect, Msg};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::program::{SCRIPT, assert_over, say, start_in};
use crate::support::TestPi;
use crate::support::screen::{Screen, model, view};

const NONE: [&str; 0] = [];
const KEY: &str = "sk-very-secret-0123456789";

/// A keyring that remembers what it was given.
struct Ring(Mutex<Vec<String>>, Result<(), String>);

impl Keyring for Ring {
    fn providers(&self) -> Vec<Provider> {
        let provider = |id: &str, name: &str, held, way| Provider {
            id: id.into(),
            name: name.into(),
            held,
            way,
            account: None,
        };
        let told = vec!["Set AZURE_OPENAI_BASE_URL too.".to_owned()];
        vec![
            provider("acme", "Acme Models", Held::Nothing, Way::Key),
            provider("groq", "Groq", Held::Stored, Way::Key),
            provider(
                "cerebras",
                "Cerebras",
                Held::Environment("CEREBRAS_API_KEY".into()),
                Way::Key,
            ),
            provider("azure", "Azure", Held::Nothing, Way::Told(told)),
        ]
    }

    fn store(&self, provider: &str, key: &Secret) -> Result<(), String> {
        let given = format!("{provider} {}", key.expose());
        self.0.lock().unwrap().push(given);
        self.1.clone()
    }

    fn forget(&self, provider: &str) -> Result<Held, String> {
        self.0.lock().unwrap().push(format!("forget {provider}"));
        Ok(Held::Nothing)
    }

    fn log_in(
        &self,
        _: &str,
        _: Method,
        _: Arc<dyn Face>,
        _: CancellationToken,
    ) -> BoxFuture<'static, Result<(), String>> {
        unreachable!("nobody here has an account")
    }

    fn open_page(&self, _: &str) {}
}

/// A terminal whose wishes for keys are answered.
struct Stage {
    screen: Screen,
    ring: Ring,
    sent: Vec<String>,
}

impl Stage {
    fn new(columns: u16, rows: u16) -> Self {
        Stage {
            screen: Screen::new(columns, rows),
            ring: Ring(Mutex::default(), Ok(())),
            sent: Vec::new(),
        }
    }

    fn tell(&mut self, msg: Msg) {
        for effect in self.screen.app.update(msg, 0) {
            // Nothing that may be written down has the key in it.
            let shown = format!("{effect:?}");
            assert!(!shown.contains("secret"), "{shown}");
            match effect {
                Effect::Keys(request) => {
                    let answer = request.ask(&self.ring);
                    self.tell(Msg::Keys(answer));
                }
                Effect::Remember(_) => {}
                _ => self.sent.push(shown),
            }
        }
    }

    fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.tell(Msg::Key(key.parse().unwrap()));
        }
    }

    fn run(&mut self, command: &str) {
        self.tell(Msg::Paste(command.into()));
        self.press("enter");
    }

    fn given(&self) -> Vec<String> {
        self.ring.0.lock().unwrap().clone()
    }

    #[track_caller]
    fn assert_shows(&mut self, wanted: &str) {
        let text = self.screen.text();
        assert!(text.contains(wanted), "no {wanted:?} in\n{text}");
    }
}

#[test]
fn a_key_is_typed_unseen_stored_and_the_models_are_offered() {
    let mut stage = Stage::new(60, 20);
    stage.run("/login");
    stage.assert_shows("Connect a provider");
    assert!(stage.screen.row_of("Groq").contains("✓ auth.json · groq"));
    assert!(stage.screen.row_of("Cerebras").contains("CEREBRAS_API_KEY"));
    stage.press("a c m e enter");
    stage.assert_shows("The key for Acme Models");
    stage.tell(Msg::Paste(format!("  {KEY} \n")));
    stage.assert_shows(&"•".repeat(KEY.len()));
    assert!(!stage.screen.shows("secret"));
    stage.press("enter");
    assert_eq!(stage.given(), [format!("acme {KEY}")]);
    assert_eq!(stage.sent, [r#"Send(Models, Connected("acme"))"#]);
    stage.assert_shows("the key for Acme Models is stored");
    let mut other = model("other");
    other.provider = "groq".into();
    let models = [model("big"), model("small"), other].map(Arc::new);
    let asked = Asked::Connected("acme".into());
    stage.tell(Msg::Reply(asked, Reply::Models(models.into())));
    stage.assert_shows("Acme Models is connected");
    assert!(stage.screen.shows("small") && !stage.screen.shows("other"));
    stage.press("down enter");
    assert!(stage.sent[1].contains(r#"SetModel { provider: "acme", id: "small" }"#));
}

#[test]
fn what_is_no_key_is_refused_and_every_step_back_leads_to_the_one_before() {
    let mut stage = Stage::new(60, 20);
    stage.run("/login acme");
    stage.assert_shows("The key for Acme Models");
    stage.press("enter");
    stage.assert_shows("a key is needed; nothing was typed");
    stage.press("space enter");
    stage.assert_shows("nothing was typed");
    stage.tell(Msg::Paste("one\ntwo".into()));
    stage.press("enter");
    stage.assert_shows("a key is one line");
    stage.press("ctrl+u x y backspace");
    assert!(stage.screen.shows("│•  "));
    stage.press("escape");
    stage.assert_shows("Connect a provider");
    stage.press("a z u r e enter");
    stage.assert_shows("Set AZURE_OPENAI_BASE_URL too.");
    stage.press("escape");
    assert_eq!(stage.given(), NONE);
    assert_eq!(stage.sent, NONE);
}

#[test]
fn a_key_that_is_being_typed_is_nowhere_else() {
    let mut stage = Stage::new(60, 20);
    stage.run("/login acme");
    stage.press("s e c r e t");
    assert_eq!(stage.screen.app.unsent(), "");
    // Neither leaving nor the editor's memory brings it up.
    stage.press("escape escape ctrl+y ctrl+- up up");
    assert!(!stage.screen.shows("secret"));
    assert!(!stage.screen.app.unsent().contains("secret"));
    let report = stage.screen.app.report(60, 20);
    assert!(!report.contains("secret"), "{report}");
}

#[test]
fn a_key_that_is_typed_behind_the_command_is_kept_nowhere() {
    let mut stage = Stage::new(60, 20);
    stage.tell(Msg::Paste("/login acme secret".into()));
    assert_eq!(stage.screen.app.unsent(), "", "no file has it");
    stage.press("enter escape escape up");
    assert_eq!(stage.screen.app.draft(), "");
    stage.press("ctrl+r");
    assert!(!stage.screen.shows("secret"), "{}", stage.screen.text());
    stage.press("escape ctrl+- ctrl+y");
    assert_eq!(stage.screen.app.draft(), "");
}

#[test]
fn a_key_that_is_typed_behind_the_command_is_not_printed_at_the_end() {
    let pi = TestPi::new([]);
    let mut pty = start_in(&pi, SCRIPT, &["--model", "oai/scripted"], (80, 24));
    pty.wait_for_text("oai/scripted");
    pty.type_text("/login anthropic sk-hidden");
    pty.wait_for_text("sk-hidden");
    let pid = std::fs::read_to_string(pi.home().join("pid")).unwrap();
    // SAFETY: a plain system call on a process that this test started and that runs.
    assert_eq!(
        unsafe { libc::kill(pid.trim().parse().unwrap(), libc::SIGTERM) },
        0
    );
    assert_over(&pi, &mut pty, 143);
    assert!(!pty.contents().contains("sk-hidden"), "{}", pty.contents());
}

#[test]
fn a_key_that_cannot_be_stored_says_why_and_one_without_models_too() {
    let mut stage = Stage::new(60, 20);
    stage.ring.1 = Err("auth.json: cannot be written".into());
    stage.run("/login acme");
    stage.press("k enter");
    stage.assert_shows("The key for Acme Models was not stored");
    stage.assert_shows("auth.json: cannot");
    let asked = Asked::Connected("acme".into());
    stage.tell(Msg::Reply(asked, Reply::Models(Vec::new())));
    stage.assert_shows("pi knows no model of it");
}

#[test]
fn a_stored_key_is_forgotten_once_it_was_confirmed() {
    let mut stage = Stage::new(60, 20);
    stage.run("/logout");
    stage.assert_shows("Forget a key");
    assert!(!stage.screen.shows("Acme"), "there is nothing to forget");
    stage.press("enter");
    stage.assert_shows("Forget the key for Groq?");
    stage.press("down enter");
    assert_eq!(stage.given(), NONE);
    stage.run("/logout");
    stage.press("enter enter");
    assert_eq!(stage.given(), ["forget groq"]);
    stage.assert_shows("the key for Groq is forgotten");
    stage.sent.clear();
    stage.run("/login acme secret");
    stage.press("escape escape");
    assert_eq!(
        stage.sent, NONE,
        "a key in the wrong place is not kept either"
    );
    stage.run("/logout");
    stage.press("c e r enter");
    stage.assert_shows("Unset CEREBRAS_API_KEY");
}

#[test]
fn a_name_that_no_provider_has_is_said_to_be_none_above_the_list() {
    for size in [(60, 20), (40, 12)] {
        let mut stage = Stage::new(size.0, size.1);
        stage.run("/login nosuch");
        stage.assert_shows("There is no provider of that name.");
        stage.assert_shows("Acme Models");
        stage.press("escape");
        stage.run("/login grox");
        stage.assert_shows("mean groq?");
        stage.press("enter");
        stage.assert_shows("The key for Groq");
        stage.press("escape escape");
        // By its name, too.
        stage.run("/login GROQ");
        stage.assert_shows("The key for Groq");
        stage.press("escape escape");
        stage.run("/logout nosuch");
        stage.assert_shows("No provider of that name is");
        stage.assert_shows("Cerebras");
        stage.press("escape");
        stage.run("/logout acme");
        stage.assert_shows("Acme Models is not connected");
        stage.run("/logout groq");
        stage.assert_shows("Forget the key for Groq?");
    }
}

#[test]
fn the_model_that_answers_loses_its_key_with_a_warning() {
    let mut screen = Screen::over(view(Vec::new()), 60, 20);
    screen.tell(Msg::Keys(Answer::Forgotten(
        "acme".into(),
        Ok(Held::Nothing),
    )));
    assert!(screen.shows("big cannot answer any more"));
    let held = Held::Environment("ACME_KEY".into());
    screen.tell(Msg::Keys(Answer::Forgotten("acme".into(), Ok(held))));
    assert!(screen.shows("comes from ACME_KEY now"));
}

#[test]
fn everything_can_be_done_on_a_small_screen_and_with_the_mouse() {
    let mut stage = Stage::new(40, 12);
    stage.run("/login");
    let place = stage.screen.place_of("Acme Models");
    let press = pi::tui::mouse::MouseAct::Press(pi::tui::mouse::Button::Left);
    stage.tell(Msg::Mouse(pi::tui::mouse::Mouse {
        act: press,
        column: place.0,
        row: place.1,
        shift: false,
        alt: false,
        ctrl: false,
    }));
    stage.assert_shows("The key for Acme Models");
    stage.tell(Msg::Paste("x".repeat(200)));
    stage.assert_shows("••••");
    stage.press("enter");
    assert_eq!(stage.given().len(), 1);
}

#[test]
fn a_provider_is_connected_in_the_program_and_the_key_is_in_its_file_alone() {
    let pi = TestPi::unconfigured([]);
    let mut pty = start_in(&pi, SCRIPT, &[], (80, 24));
    pty.wait_for_text("Connect a provider");
    pty.type_text("\r");
    pty.wait_for_text("Anthropic");
    pty.type_text("groq\r");
    pty.wait_for_text("The key for Groq");
    pty.type_text(KEY);
    pty.wait_for_text("•••••");
    pty.type_text("\r");
    pty.wait_for_text("Groq is connected");
    pty.type_text("\r");
    pty.wait_for_text("groq/openai");
    let file = pi.agent().join("auth.json");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let auth: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(auth["groq"]["type"], "api_key");
    assert_eq!(auth["groq"]["key"], KEY);
    say(&mut pty, "/debug");
    pty.wait_for_text("pi-debug.log");
    say(&mut pty, "/logout");
    pty.wait_for_text("Forget a key");
    pty.type_text("\r");
    pty.wait_for_text("Forget the key for Groq?");
    pty.type_text("\r");
    pty.wait_for_text("is forgotten");
    let auth: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(auth.as_object().unwrap().len(), 0);
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    // Neither the screen nor any file that is left has it.
    let raw = pty.raw();
    assert!(memchr::memmem::find(&raw, KEY.as_bytes()).is_none());
    for entry in walk(&pi.agent()) {
        let bytes = std::fs::read(&entry).unwrap();
        let found = memchr::memmem::find(&bytes, KEY.as_bytes());
        assert!(found.is_none(), "{}", entry.display());
    }
}

fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(walk(&path)),
            false => files.push(path),
        }
    }
    files
}

#[test]
fn what_was_said_in_passing_goes_when_something_else_is_told_or_sent() {
    let mut stage = Stage::new(60, 20);
    let stored =
        |provider: &str, done: Result<(), String>| Msg::Keys(Answer::Stored(provider.into(), done));
    stage.tell(stored("acme", Ok(())));
    stage.assert_shows("is stored");
    stage.tell(stored("groq", Err("no room".into())));
    stage.assert_shows("was not stored: no room");
    assert!(!stage.screen.shows("is stored"));
    stage.tell(stored("acme", Ok(())));
    stage.assert_shows("is stored");
    stage.run("hello");
    assert!(!stage.screen.shows("is stored"));
}
