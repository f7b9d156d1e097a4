//! What is masked, what is not, and that nothing known is left.

use proptest::prelude::*;

use super::*;

fn masked(text: &str) -> String {
    Redactor::new(["known-secret-1"])
        .redact(text)
        .0
        .into_owned()
}

/// Letters and digits that no one would take for a word.
fn random(length: usize) -> String {
    let alphabet = b"aB3dE6gH9jK2mN5pQ8sT1vW4yZ7";
    (0..length)
        .map(|at| char::from(alphabet[(at * 7 + at / 5) % alphabet.len()]))
        .collect()
}

#[test]
fn all_rules_compile() {
    let anchors: usize = rules::RULES.iter().map(|rule| rule.anchors.len()).sum();
    assert_eq!(Finder::new().anchors(), Some(anchors + 1));
}

#[test]
fn a_key_keeps_its_prefix_and_loses_the_rest() {
    let digits = "4".repeat(12);
    for (prefix, rest) in [
        ("sk-ant-", format!("api03-{}", random(40))),
        ("sk-proj-", random(60)),
        ("sk-or-v1-", "0a1b2c3d".repeat(8)),
        ("sk-", random(48)),
        ("ghp_", random(36)),
        ("github_pat_", random(60)),
        ("glpat-", random(20)),
        ("AKIA", "Q3EXAMPLE7ABCDEF".into()),
        ("AIza", random(35)),
        ("ya29.", random(60)),
        ("xoxb-", format!("{digits}-{}", random(24))),
        ("sk_live_", random(24)),
        ("hf_", random(34)),
        ("gsk_", random(52)),
        ("npm_", random(36)),
        (
            "eyJ",
            format!("{}.{}.{}", random(20), random(40), random(43)),
        ),
    ] {
        let text = format!("key: {prefix}{rest}, then");
        assert_eq!(masked(&text), format!("key: {prefix}{MARK}, then"));
    }
}

#[test]
fn headers_assignments_and_addresses_lose_their_secrets() {
    let secret = random(32);
    for (before, after) in [
        ("Authorization: Bearer ", "\n"),
        ("curl -H 'authorization: bearer ", "' x"),
        ("Authorization: Basic ", ""),
        ("DB_PASSWORD=", "\n"),
        ("\"api_key\": \"", "\","),
        ("{\\\"apiKey\\\":\\\"", "\\\"}"),
        ("client_secret: '", "'"),
        ("export AWS_SECRET_ACCESS_KEY=", ""),
        ("postgres://pi:", "@db/x"),
    ] {
        let text = format!("{before}{secret}{after}");
        assert_eq!(masked(&text), format!("{before}{MARK}{after}"));
    }
}

#[test]
fn secret_keys_of_aws_are_no_paths_though_slashes_are_in_them() {
    // The example of the vendor's own pages.
    let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    for before in [
        "AWS_SECRET_ACCESS_KEY=",
        "aws_secret_access_key = ",
        "\"SecretAccessKey\": \"",
    ] {
        let text = format!("{before}{key}\"\n");
        assert_eq!(masked(&text), format!("{before}{MARK}\"\n"));
    }
    let path = "secret_access_key: config/keys/v2.json";
    assert_eq!(masked(path), path);
}

#[test]
fn private_keys_lose_their_body_whole_cut_or_escaped() {
    let body = format!("{}\n{}\n", random(64), random(64));
    let key =
        |name: &str, body: &str, end: &str| format!("x -----BEGIN {name}-----{body}{end} and on");
    for name in ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
        let end = format!("-----END {name}-----");
        let whole = key(name, &format!("\n{body}"), &end);
        assert_eq!(masked(&whole), key(name, MARK, &end));
        let escaped = whole.replace('\n', "\\n");
        assert_eq!(masked(&escaped), key(name, MARK, &end));
    }
    let cut = format!("-----BEGIN PRIVATE KEY-----\n{body}The rest is missing.");
    assert_eq!(
        masked(&cut),
        format!("-----BEGIN PRIVATE KEY-----{MARK}The rest is missing.")
    );
    let odd = "-----BEGIN PRIVATE KEY-----\"é-----BEGIN -----\nsk-";
    assert_eq!(masked(odd), odd);
    let certificate = format!("-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----");
    assert_eq!(masked(&certificate), certificate);
}

#[test]
fn what_only_looks_a_little_like_a_secret_is_let_be() {
    for text in [
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "id 019ab3c4-7d11-7abc-9def-0123456789ab",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        "sha512-9bPz0m1yyQ3qkE0Ww5X4s2kq0ZzHcW1Jt5xkQ2aF7i8YB1n0==",
        "sk-learn-is-not-a-key-at-all-but-a-library",
        "let token = cancellation_token.child_token();",
        "api_key: Option<String>,",
        "password = os.environ[\"DB_PASSWORD_2\"]",
        "const secret = process.env.SECRET_KEY_NUMBER2;",
        "\"totalTokens\": 123456789012345678",
        "max_tokens: 4096, tokenizer: \"cl100k_base_v2_large\"",
        "the bearer authentication-scheme-of-old",
        "see https://example.com:8080/a@b and git@github.com:ada/engine.git",
        "task-force-of-many-people-2024",
        "AKIAisnotakeyatall",
        "eyJust words. and more. and more",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn a_known_secret_is_masked_in_every_way_of_writing_it() {
    let redactor = Redactor::new(["p\"q/r s\\t-12", "lm-studio", "short"]);
    let text = r#"p"q/r s\t-12 p\"q/r s\\t-12 p%22q%2Fr%20s%5Ct-12 lm-studio short"#;
    let (redacted, count) = redactor.redact(text);
    assert_eq!(
        (&*redacted, count),
        (&*format!("{MARK} {MARK} {MARK} lm-studio short"), 3)
    );
}

#[test]
fn masking_twice_is_masking_once() {
    let text = format!("password: {}\nsk-ant-{}", random(20), random(20));
    let once = masked(&text);
    assert_eq!(masked(&once), once);
}

#[test]
fn what_only_begins_like_secrets_again_and_again_does_not_take_for_ever() {
    for anchor in ["token=", "sk-", "bearer ", "-----BEGIN "] {
        let text = anchor.repeat(20_000 / anchor.len());
        assert_eq!(masked(&text), text);
        let secret = random(3_000);
        assert_eq!(
            masked(&format!("token={secret} x")),
            format!("token={MARK} x")
        );
    }
}

proptest! {
    #[test]
    fn no_known_secret_is_in_the_result(
        secrets in prop::collection::vec("(sk-ant-|token=|é)?[a-c\"\\\\1-3]{8,12}", 1..4),
        pieces in prop::collection::vec(("[a-c1-3 :=\"-]{0,6}", 0usize..4), 0..12),
    ) {
        let mut text = String::new();
        for (words, which) in &pieces {
            text.push_str(words);
            text.push_str(secrets.get(*which).map_or("", String::as_str));
        }
        let redactor = Redactor::new(&secrets);
        let (redacted, _) = redactor.redact(&text);
        for secret in &secrets {
            prop_assert!(!redacted.contains(secret.as_str()), "{secret:?} is in {redacted:?}");
        }
    }

    #[test]
    fn any_text_can_be_masked(text in "(sk-|token=|://|-----BEGIN |PRIVATE KEY-----|[a-z0-9\u{e9}@:/\n\"-]){0,40}") {
        masked(&text);
    }
}
