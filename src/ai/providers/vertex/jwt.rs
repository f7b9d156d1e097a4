//! The signed statement with which a service account asks for a token: a JSON Web Token, RS256.
//!
//! Sources: RFC 7519, RFC 7523, and "Using OAuth 2.0 for server to server applications" of Google's
//! identity pages.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::credentials::Account;

/// What the token may be used for.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// Seconds that the statement holds.
const LIFETIME: i64 = 3600;

/// The statement of `account` for the token endpoint `audience`, made at `now` (seconds). `Err` says
/// what is wrong with the key.
pub fn signed(account: &Account, audience: &str, now: i64) -> Result<String, String> {
    let pair = key_pair(&account.private_key)?;
    let mut header = json!({"alg": "RS256", "typ": "JWT"});
    if let Some(id) = &account.private_key_id {
        header["kid"] = json!(id);
    }
    let claims = json!({
        "iss": account.client_email,
        "scope": SCOPE,
        "aud": audience,
        "iat": now,
        "exp": now + LIFETIME,
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let statement = format!("{}.{}", part(&header), part(&claims));
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        statement.as_bytes(),
        &mut signature,
    )
    .map_err(|_| "it cannot sign".to_owned())?;
    Ok(format!("{statement}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The key in a PEM text, PKCS#8 or PKCS#1.
fn key_pair(pem: &str) -> Result<RsaKeyPair, String> {
    let lines = pem.lines().map(str::trim);
    let body: String = lines.filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD
        .decode(body)
        .map_err(|_| "it is no PEM".to_owned())?;
    let pair = match pem.contains("BEGIN RSA PRIVATE KEY") {
        true => RsaKeyPair::from_der(&der),
        false => RsaKeyPair::from_pkcs8(&der),
    };
    pair.map_err(|error| error.to_string())
}
