//! Logins that have ended: renewed when they are used, by one of many, and never lost.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::Duration;

use futures::future::join_all;
use pi::ai::Clock;
use pi::ai::http::HttpClient;
use pi::config::{AuthError, Env, Paths, Registry, Sources};
use serde_json::{Value, json};

use super::{Desk, now};
use crate::support::secure::{Asked, Reply};

/// A login that has ended, as the reference writes it, with something that pi knows nothing of.
fn ended(refresh: &str) -> Value {
    json!({
        "groq": {"type": "api_key", "key": "gsk"},
        "anthropic": {"type": "oauth", "refresh": refresh, "access": "sk-ant-oat-old", "expires": 1000,
            "email": "ada@example.com", "future": {"deep": [1]}},
    })
}

/// Anthropic's token endpoint, which takes every refresh token once.
fn rotating() -> impl Fn(&Asked) -> Reply + use<> {
    let made = AtomicUsize::new(0);
    move |asked| {
        let serial = made.fetch_add(1, Ordering::Relaxed);
        let expected = format!("refresh-{serial}");
        if asked.json()["refresh_token"] != expected {
            return Reply::json(400, json!({"error": "invalid_grant"}));
        }
        Reply::json(
            200,
            json!({"access_token": format!("sk-ant-oat-{}", serial + 1),
                "refresh_token": format!("refresh-{}", serial + 1), "expires_in": 28800}),
        )
    }
}

/// A whole answer of Anthropic's (their page "Streaming Messages").
fn answer() -> Reply {
    let events = [
        json!({"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "content": [],
            "model": "m", "stop_reason": null, "usage": {"input_tokens": 1, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}),
        json!({"type": "message_stop"}),
    ];
    let text: String = events
        .iter()
        .map(|event| {
            format!(
                "event: {}\ndata: {event}\n\n",
                event["type"].as_str().unwrap()
            )
        })
        .collect();
    Reply::new(200, "text/event-stream", text)
}

/// A door that the test opens.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let open = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(open, |open| !*open).unwrap());
    }
}

/// A vendor that counts what arrives before it answers, and answers once the gate is open.
fn gated(gate: &Gate, arrived: &Arc<(Mutex<usize>, Condvar)>) -> impl Fn(&Asked) -> Reply + use<> {
    let (gate, arrived, tokens) = (gate.clone(), arrived.clone(), rotating());
    move |asked| {
        if asked.host == "api.anthropic.com" {
            return answer();
        }
        *arrived.0.lock().unwrap() += 1;
        arrived.1.notify_all();
        gate.pass();
        tokens(asked)
    }
}

fn wait_for(arrived: &Arc<(Mutex<usize>, Condvar)>, count: usize) {
    let now = arrived.0.lock().unwrap();
    drop(arrived.1.wait_while(now, |now| *now < count).unwrap());
}

const PROMPT: [&str; 5] = ["-p", "--provider", "anthropic", "--no-session", "hi"];

#[test]
fn an_ended_login_is_renewed_and_written_before_it_is_used() {
    let file: Arc<OnceLock<PathBuf>> = Arc::default();
    let (seen, tokens) = (file.clone(), rotating());
    let desk = Desk::new(move |asked| match asked.host.as_str() {
        "platform.claude.com" => tokens(asked),
        "api.anthropic.com" => {
            let on_disk = fs::read_to_string(seen.get().unwrap()).unwrap();
            assert!(
                on_disk.contains("sk-ant-oat-1"),
                "used before it was written"
            );
            answer()
        }
        _ => Reply::status(404),
    });
    desk.store(&ended("refresh-0"));
    file.set(desk.pi.agent().join("auth.json")).unwrap();
    let ran = desk.run(&PROMPT);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("hello\n", 0),
        "{}",
        ran.stderr
    );
    let asked = desk.vendors.asked();
    assert_eq!(
        asked[1].header("authorization"),
        Some("Bearer sk-ant-oat-1")
    );
    let auth = desk.auth();
    assert_eq!(auth["anthropic"]["refresh"], "refresh-1");
    assert_eq!(auth["anthropic"]["email"], "ada@example.com");
    assert_eq!(auth["anthropic"]["future"], json!({"deep": [1]}));
    assert_eq!(auth["groq"], json!({"type": "api_key", "key": "gsk"}));
    let file = fs::metadata(desk.pi.agent().join("auth.json")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    // It is good now: the next run asks for no other.
    assert_eq!(desk.run(&PROMPT).code, 0);
    let renewals = desk.vendors.asked();
    assert_eq!(
        renewals
            .iter()
            .filter(|asked| asked.host == "platform.claude.com")
            .count(),
        1
    );
}

#[test]
fn a_login_that_cannot_be_renewed_says_what_to_do_and_stays() {
    let desk = Desk::new(|asked| {
        let token = asked.json()["refresh_token"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let why = format!("{token} was used before");
        Reply::json(
            400,
            json!({"error": "invalid_grant", "error_description": why}),
        )
    });
    desk.store(&ended("refresh-of-the-past"));
    let before = fs::read(desk.pi.agent().join("auth.json")).unwrap();
    let ran = desk.run(&PROMPT);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr
            .contains("the login to anthropic could not be renewed"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("/login anthropic"), "{}", ran.stderr);
    assert!(
        !ran.stderr.contains("refresh-of-the-past"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        desk.vendors.asked().len(),
        1,
        "there is no use in trying again"
    );
    assert_eq!(fs::read(desk.pi.agent().join("auth.json")).unwrap(), before);
}

#[test]
fn processes_that_need_a_login_at_once_renew_it_once() {
    let (gate, arrived) = (Gate::default(), Arc::default());
    let desk = Desk::new(gated(&gate, &arrived));
    desk.store(&ended("refresh-0"));
    let check = ["auth", "check", "--provider", "anthropic", "--credentials"];
    let all: Vec<_> = (0..4).map(|_| desk.spawn(&check)).collect();
    wait_for(&arrived, 1);
    gate.open();
    for running in all {
        let ran = running.finish();
        assert_eq!(
            (ran.stdout.as_str(), ran.code),
            ("sk-ant-oat-1\n", 0),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(desk.vendors.asked().len(), 1);
    assert!(!desk.pi.agent().join("auth.json.lock").exists());
}

#[test]
fn a_pi_that_was_killed_while_it_renewed_is_in_nobodys_way() {
    let (gate, arrived) = (Gate::default(), Arc::default());
    let desk = Desk::new(gated(&gate, &arrived));
    desk.store(&ended("refresh-0"));
    let check = ["auth", "check", "--provider", "anthropic"];
    // Also where nothing that it makes is for others: its mark has to be known for one of pi's.
    let mut command = desk.command(&check);
    // SAFETY: umask only sets a number of the new process.
    unsafe {
        std::os::unix::process::CommandExt::pre_exec(&mut command, || {
            libc::umask(0o077);
            Ok(())
        });
    }
    let killed = crate::support::Running::start(&mut command);
    wait_for(&arrived, 1);
    killed.kill();
    drop(killed);
    let mark = fs::metadata(desk.pi.agent().join("auth.json.lock")).unwrap();
    assert_eq!(mark.permissions().mode() & 0o777, 0o710);
    assert_eq!(desk.auth(), ended("refresh-0"));
    // The vendor has rotated for somebody who is gone; a new one says so, and at once.
    gate.open();
    desk.vendors.wait_for(1);
    let ran = desk.run(&check);
    assert_eq!((ran.stdout.as_str(), ran.code), ("invalid\n", 2));
    assert!(ran.stderr.contains("/login anthropic"), "{}", ran.stderr);
    assert!(!desk.pi.agent().join("auth.json.lock").exists());
}

#[test]
fn a_signal_that_ends_pi_auth_does_not_lose_a_renewed_login() {
    for (signal, args) in [
        (libc::SIGTERM, &["print-bearer-token"][..]),
        (libc::SIGINT, &["check", "--credentials"]),
    ] {
        let (gate, arrived) = (Gate::default(), Arc::default());
        let desk = Desk::new(gated(&gate, &arrived));
        desk.store(&ended("refresh-0"));
        let whose = &["--provider", "anthropic"][..];
        let running = desk.spawn(&[&["auth"], args, whose].concat());
        wait_for(&arrived, 1);
        running.signal(signal);
        gate.open();
        let ran = running.finish();
        // The answer may come before the signal is heard.
        let is_ended = ran.code == 128 + signal && ran.stdout.is_empty();
        let is_done = ran.code == 0 && ran.stdout == "sk-ant-oat-1\n";
        assert!(is_ended || is_done, "{}: {}", ran.code, ran.stdout);
        assert_eq!(desk.auth()["anthropic"]["refresh"], "refresh-1");
        assert!(!desk.pi.agent().join("auth.json.lock").exists());
    }
}

#[test]
fn neither_an_abort_nor_the_end_of_pi_loses_a_renewed_login() {
    let (gate, arrived) = (Gate::default(), Arc::default());
    let desk = Desk::new(gated(&gate, &arrived));
    desk.store(&ended("refresh-0"));
    let args = ["--mode", "rpc", "--provider", "anthropic", "--no-session"];
    let mut pi = crate::support::Running::start(&mut desk.command(&args));
    pi.say("{\"type\":\"prompt\",\"message\":\"hi\"}\n");
    wait_for(&arrived, 1);
    pi.say("{\"id\":\"1\",\"type\":\"abort\"}\n");
    // The turn ends at once; the renewal does not.
    pi.wait_for("\"agent_end\"");
    pi.end_input();
    assert_eq!(desk.auth(), ended("refresh-0"));
    gate.open();
    let ran = pi.finish();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(desk.auth()["anthropic"]["refresh"], "refresh-1");
    for secret in ["refresh-0", "refresh-1", "sk-ant-oat"] {
        assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret));
    }
}

/// Kimi's token endpoint without TLS, for a registry in this process: each answer has the number of the
/// request in it.
struct Kimi {
    url: String,
    asked: Arc<AtomicUsize>,
    status: Arc<AtomicU16>,
}

impl Kimi {
    fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let status = Arc::new(AtomicU16::new(status));
        let (count, now) = (asked.clone(), status.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).unwrap() <= 2 {
                        break;
                    }
                    if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                }
                stream.read_exact(&mut vec![0; length]).unwrap();
                let serial = count.fetch_add(1, Ordering::SeqCst) + 1;
                let body = json!({"access_token": format!("access-{serial}"),
                    "refresh_token": format!("refresh-{serial}"), "expires_in": 900, "error": "x"});
                let body = body.to_string();
                let status = now.load(Ordering::SeqCst);
                let head = format!(
                    "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                let mut out = stream.into_inner();
                out.write_all((head + &body).as_bytes()).unwrap();
            }
        });
        Kimi { url, asked, status }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// A registry whose Kimi login has ended.
    fn registry(&self, home: &tempfile::TempDir) -> Registry {
        let paths = self.paths(home);
        fs::create_dir_all(paths.agent_dir()).unwrap();
        fs::write(paths.auth(), login("access-0", 0).to_string()).unwrap();
        Registry::load(Sources::new(&paths, self.env(home), Clock::new(now))).0
    }

    fn env(&self, home: &tempfile::TempDir) -> Env {
        let home = home.path().to_str().unwrap();
        [("HOME", home), ("KIMI_CODE_OAUTH_HOST", &self.url)]
            .into_iter()
            .collect()
    }

    fn paths(&self, home: &tempfile::TempDir) -> Paths {
        Paths::new(&self.env(home), home.path())
    }
}

fn login(access: &str, expires: i64) -> Value {
    json!({"kimi-coding": {"type": "oauth", "access": access, "refresh": "refresh-0", "expires": expires}})
}

async fn key(registry: &Registry) -> Result<Option<String>, AuthError> {
    let model = registry.models_of("kimi-coding")[0].clone();
    let auth = registry.auth_for(&model, &HttpClient::default()).await;
    auth.map(|auth| auth.api_key)
}

#[tokio::test]
async fn requests_at_once_in_one_process_renew_once() {
    let (kimi, home) = (Kimi::start(200), tempfile::tempdir().unwrap());
    let registry = kimi.registry(&home);
    let keys = join_all((0..20).map(|_| key(&registry))).await;
    assert!(
        keys.iter().all(|key| *key == Ok(Some("access-1".into()))),
        "{keys:?}"
    );
    assert_eq!(kimi.asked(), 1);
    // What was renewed is masked as what was read.
    assert!(registry.secrets().contains(&"refresh-1".to_owned()));
}

#[tokio::test]
async fn a_mark_of_the_reference_is_waited_for_and_its_tokens_are_used() {
    let (kimi, home) = (Kimi::start(200), tempfile::tempdir().unwrap());
    let registry = kimi.registry(&home);
    let auth = kimi.paths(&home).auth();
    let mark = auth.with_file_name("auth.json.lock");
    fs::create_dir(&mark).unwrap();
    let mut waiting = std::pin::pin!(key(&registry));
    let early = tokio::time::timeout(Duration::from_millis(300), &mut waiting).await;
    assert!(early.is_err(), "it did not wait: {early:?}");
    fs::write(
        &auth,
        login("of-the-reference", now() + 3_600_000).to_string(),
    )
    .unwrap();
    fs::remove_dir(&mark).unwrap();
    assert_eq!(waiting.await, Ok(Some("of-the-reference".into())));
    assert_eq!(kimi.asked(), 0);
}

#[tokio::test]
async fn tokens_that_another_process_renewed_are_masked_once_they_are_used() {
    let (kimi, home) = (Kimi::start(200), tempfile::tempdir().unwrap());
    let registry = kimi.registry(&home);
    let newer = login("of-another", now() + 3_600_000).to_string();
    let newer = newer.replace("refresh-0", "refresh-of-another");
    fs::write(kimi.paths(&home).auth(), newer).unwrap();
    assert_eq!(key(&registry).await, Ok(Some("of-another".into())));
    assert_eq!(kimi.asked(), 0);
    let secrets = registry.secrets();
    for token in ["of-another", "refresh-of-another"] {
        assert!(secrets.contains(&token.to_owned()), "{secrets:?}");
    }
}

#[tokio::test]
async fn whoever_logged_out_meanwhile_is_logged_out() {
    let (kimi, home) = (Kimi::start(200), tempfile::tempdir().unwrap());
    let registry = kimi.registry(&home);
    fs::write(kimi.paths(&home).auth(), "{}").unwrap();
    assert!(matches!(
        key(&registry).await,
        Err(AuthError::Missing { .. })
    ));
    assert_eq!(kimi.asked(), 0);
}

#[tokio::test]
async fn a_server_that_stumbles_is_asked_again_and_the_login_stays() {
    let (kimi, home) = (Kimi::start(503), tempfile::tempdir().unwrap());
    let registry = kimi.registry(&home);
    let error = key(&registry).await.unwrap_err();
    assert!(
        matches!(
            error,
            AuthError::Renewal {
                is_final: false,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(kimi.asked(), 3);
    let stored = fs::read_to_string(kimi.paths(&home).auth()).unwrap();
    assert_eq!(stored, login("access-0", 0).to_string());
}

#[tokio::test]
async fn tokens_that_cannot_be_written_are_good_until_they_can() {
    let (kimi, home) = (Kimi::start(200), tempfile::tempdir().unwrap());
    let registry = kimi.registry(&home);
    let paths = kimi.paths(&home);
    let obstacle = obstacle(&paths);
    assert_eq!(key(&registry).await, Ok(Some("access-1".into())));
    assert_eq!(key(&registry).await, Ok(Some("access-1".into())));
    assert_eq!(kimi.asked(), 1);
    fs::remove_dir(&obstacle).unwrap();
    assert_eq!(key(&registry).await, Ok(Some("access-1".into())));
    let stored = fs::read_to_string(paths.auth()).unwrap();
    assert!(stored.contains("refresh-1"), "{stored}");
}

/// Where the new `auth.json` would be prepared there is a directory, until it is removed.
fn obstacle(paths: &Paths) -> PathBuf {
    let name = format!(".auth.json.{}.tmp", std::process::id());
    let obstacle = paths.agent_dir().join(name);
    fs::create_dir(&obstacle).unwrap();
    obstacle
}

#[tokio::test]
async fn tokens_that_could_not_be_written_outlive_a_renewal_that_fails_and_are_written_at_the_end()
{
    let (kimi, home) = (Kimi::start(200), tempfile::tempdir().unwrap());
    let registry = kimi.registry(&home);
    let paths = kimi.paths(&home);
    let obstacle = obstacle(&paths);
    assert_eq!(key(&registry).await, Ok(Some("access-1".into())));
    kimi.status.store(503, Ordering::SeqCst);
    let (hour, http) = (3_600_000, HttpClient::default());
    let longer = registry.fresh_tokens("kimi-coding", hour, &http).await;
    assert!(matches!(longer, Err(AuthError::Renewal { .. })));
    kimi.status.store(200, Ordering::SeqCst);
    let asked = kimi.asked();
    assert_eq!(key(&registry).await, Ok(Some("access-1".into())));
    assert_eq!(kimi.asked(), asked);
    fs::remove_dir(&obstacle).unwrap();
    registry.renewals().settle(Duration::from_secs(60)).await;
    let stored = fs::read_to_string(paths.auth()).unwrap();
    assert!(stored.contains("refresh-1"), "{stored}");
}

#[tokio::test]
async fn tokens_that_could_not_be_written_do_not_replace_a_newer_login() {
    let (kimi, home) = (Kimi::start(200), tempfile::tempdir().unwrap());
    let registry = kimi.registry(&home);
    let paths = kimi.paths(&home);
    let obstacle = obstacle(&paths);
    assert_eq!(key(&registry).await, Ok(Some("access-1".into())));
    fs::remove_dir(&obstacle).unwrap();
    let newer = login("of-another", now() + 3_600_000).to_string();
    let newer = newer.replace("refresh-0", "refresh-of-another");
    fs::write(paths.auth(), &newer).unwrap();
    registry.renewals().settle(Duration::from_secs(60)).await;
    assert_eq!(fs::read_to_string(paths.auth()).unwrap(), newer);
}

/// A login that has long to go, as somebody wrote it.
fn good(access: &str) -> Value {
    json!({"anthropic": {"type": "oauth", "refresh": "r", "access": access, "expires": 4_000_000_000_000_i64}})
}

/// Anthropic, who knows only the new token; meanwhile `written` is what another process writes.
fn moved_on(file: &Arc<OnceLock<PathBuf>>, written: &'static str) -> Desk {
    let file = file.clone();
    Desk::new(move |asked| {
        if asked.header("authorization") == Some("Bearer sk-ant-oat-new") {
            return answer();
        }
        fs::write(file.get().unwrap(), good(written).to_string()).unwrap();
        let error = json!({"type": "authentication_error", "message": "OAuth token has expired"});
        Reply::json(401, json!({"type": "error", "error": error}))
    })
}

#[test]
fn a_login_that_another_process_renewed_is_used_when_the_old_token_is_refused() {
    let file: Arc<OnceLock<PathBuf>> = Arc::default();
    let desk = moved_on(&file, "sk-ant-oat-new");
    desk.store(&good("sk-ant-oat-old"));
    file.set(desk.pi.agent().join("auth.json")).unwrap();
    let ran = desk.run(&PROMPT);
    assert_eq!(
        (ran.stdout.as_str(), ran.code),
        ("hello\n", 0),
        "{}",
        ran.stderr
    );
    let asked = desk.vendors.asked();
    let tokens: Vec<_> = asked
        .iter()
        .map(|asked| asked.header("authorization").unwrap())
        .collect();
    assert_eq!(tokens, ["Bearer sk-ant-oat-old", "Bearer sk-ant-oat-new"]);
}

#[test]
fn a_refused_login_is_tried_once_where_the_file_has_no_other_and_twice_at_most() {
    for (written, times) in [("sk-ant-oat-old", 1), ("sk-ant-oat-wrong-too", 2)] {
        let file: Arc<OnceLock<PathBuf>> = Arc::default();
        let desk = moved_on(&file, written);
        desk.store(&good("sk-ant-oat-old"));
        file.set(desk.pi.agent().join("auth.json")).unwrap();
        let ran = desk.run(&PROMPT);
        assert_eq!(ran.code, 1);
        assert!(ran.stderr.contains("401"), "{}", ran.stderr);
        assert_eq!(desk.vendors.asked().len(), times);
    }
}
