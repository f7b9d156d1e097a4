//! AWS Signature Version 4, in headers.
//!
//! Source: "Create a signed AWS API request" in the IAM User Guide; the tests are the vectors that
//! Amazon published. `ring` and the URL's own parser do what there is to compute, so that none of
//! AWS's crates is needed: two dozen of them would come along.

use std::fmt::Write;

use jiff::Timestamp;
use reqwest::Url;
use ring::{digest, hmac};

use super::credentials::Keys;
use crate::ai::message::Millis;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What a signature is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Such as `us-east-1`.
    pub region: String,
    /// Such as `bedrock`.
    pub service: &'static str,
}

/// Signs a POST: adds the time, the session's token and the signature to its headers. Of the other
/// headers only `content-type` is covered: what is between here and there may change the rest.
pub fn sign(
    url: &str,
    headers: &mut Vec<(String, String)>,
    body: &[u8],
    keys: &Keys,
    scope: &Scope,
    now: Millis,
) -> Result<(), String> {
    let url = crate::ai::url::parsed(url)?;
    let time = Time::of(now);
    let own = [
        "authorization",
        "host",
        "x-amz-date",
        "x-amz-security-token",
    ];
    headers.retain(|(name, _)| !own.contains(&name.to_ascii_lowercase().as_str()));
    headers.push(("x-amz-date".into(), time.full.clone()));
    if let Some(token) = &keys.token {
        headers.push(("x-amz-security-token".into(), token.clone()));
    }
    let covered = |name: &str| name == "content-type" || name.starts_with("x-amz-");
    let mut signed: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .filter(|(name, _)| covered(name))
        .collect();
    signed.push(("host".into(), host(&url)));
    let value = authorization("POST", &url, signed, body, keys, scope, &time);
    headers.push(("authorization".into(), value));
    Ok(())
}

/// The moment of a signature, as AWS writes it.
struct Time {
    full: String,
    day: String,
}

impl Time {
    fn of(now: Millis) -> Self {
        let stamp = Timestamp::from_millisecond(now).unwrap_or_default();
        let full = stamp.strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = full.chars().take(8).collect();
        Time { full, day }
    }
}

/// The value of the header `Authorization`; all of `signed` is covered.
fn authorization(
    method: &str,
    url: &Url,
    mut signed: Vec<(String, String)>,
    body: &[u8],
    keys: &Keys,
    scope: &Scope,
    time: &Time,
) -> String {
    signed.sort();
    let names: Vec<&str> = signed.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(";");
    let mut request = format!("{method}\n{}\n{}\n", path(url), query(url));
    for (name, value) in &signed {
        let value: Vec<&str> = value.split_whitespace().collect();
        let _ = writeln!(request, "{name}:{}", value.join(" "));
    }
    let _ = write!(request, "\n{names}\n{}", hex(&sha256(body)));
    let Scope { region, service } = scope;
    let place = format!("{}/{region}/{service}/aws4_request", time.day);
    let text = format!(
        "{ALGORITHM}\n{}\n{place}\n{}",
        time.full,
        hex(&sha256(request.as_bytes()))
    );
    let signature = hex(&mac(&signing_key(keys, scope, &time.day), text.as_bytes()));
    format!(
        "{ALGORITHM} Credential={}/{place}, SignedHeaders={names}, Signature={signature}",
        keys.id
    )
}

fn signing_key(keys: &Keys, scope: &Scope, day: &str) -> Vec<u8> {
    let secret = format!("AWS4{}", keys.secret);
    let parts = [day, &scope.region, scope.service, "aws4_request"];
    parts
        .iter()
        .fold(secret.into_bytes(), |key, part| mac(&key, part.as_bytes()))
}

/// The path, encoded once more than it goes over the wire, as every service but S3 wants it.
fn path(url: &Url) -> String {
    let parts: Vec<String> = url.path().split('/').map(encoded).collect();
    parts.join("/")
}

fn query(url: &Url) -> String {
    let pairs = url.query_pairs();
    let mut pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value)))
        .collect();
    pairs.sort();
    pairs.join("&")
}

/// As HTTP will send it.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Percent-encodes all but RFC 3986's unreserved characters.
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

fn mac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, bytes).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Amazon's "Signature Version 4 test suite": key, scope and time of every vector.
    fn signed(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let url = Url::parse(&format!("https://example.amazonaws.com{path}")).unwrap();
        let keys = Keys {
            id: "AKIDEXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            token: None,
            expires: None,
        };
        let scope = Scope {
            region: "us-east-1".into(),
            service: "service",
        };
        let fixed = [
            ("host", "example.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
        ];
        let own = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        let headers = fixed.iter().chain(headers).map(own).collect();
        // 2015-08-30 12:36:00.
        let time = Time::of(1_440_938_160_000);
        assert_eq!(time.full, "20150830T123600Z");
        let value = authorization(method, &url, headers, body.as_bytes(), &keys, &scope, &time);
        let (before, signature) = value.split_once("Signature=").unwrap();
        assert!(
            before.starts_with(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders="
            ),
            "{before}"
        );
        signature.to_owned()
    }

    #[test]
    fn amazons_own_vectors_come_out_as_published() {
        // get-vanilla
        assert_eq!(
            signed("GET", "/", &[], ""),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
        // get-vanilla-query-order-key-case
        assert_eq!(
            signed("GET", "/?Param2=value2&Param1=value1", &[], ""),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        );
        // post-vanilla
        assert_eq!(
            signed("POST", "/", &[], ""),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        );
        // post-x-www-form-urlencoded
        assert_eq!(
            signed(
                "POST",
                "/",
                &[("content-type", "application/x-www-form-urlencoded")],
                "Param1=value1"
            ),
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
        );
        // get-header-value-trim
        assert_eq!(
            signed(
                "GET",
                "/",
                &[("my-header1", " value1"), ("my-header2", " \"a   b   c\"")],
                ""
            ),
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
        );
    }

    /// Computed with Amazon's own signer for JavaScript, `@smithy/signature-v4`.
    #[test]
    fn a_path_with_an_arn_in_it_and_a_sessions_token_are_signed_as_amazon_does() {
        let keys = Keys {
            id: "AKIDEXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            token: Some("to/ken+==".into()),
            expires: None,
        };
        let scope = Scope {
            region: "eu-west-3".into(),
            service: "bedrock",
        };
        let arn = "arn:aws:bedrock:eu-west-3:123456789012:application-inference-profile/abc";
        let url = format!(
            "https://bedrock-runtime.eu-west-3.amazonaws.com/model/{}/converse-stream",
            encoded(arn)
        );
        let mut headers = vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("x-team".to_owned(), "not covered".to_owned()),
            ("Authorization".to_owned(), "of somebody else".to_owned()),
        ];
        let body = b"{\"messages\":[]}";
        sign(&url, &mut headers, body, &keys, &scope, 1_440_938_160_000).unwrap();
        let expected = [
            ("Content-Type", "application/json"),
            ("x-team", "not covered"),
            ("x-amz-date", "20150830T123600Z"),
            ("x-amz-security-token", "to/ken+=="),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-3/bedrock/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
                 Signature=536395108b7a1c468f4bc222c8a66a18d330a2206328bd243849112a07664466",
            ),
        ];
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        assert_eq!(headers, expected.map(own));
    }

    #[test]
    fn the_example_of_the_iam_guide_comes_out_as_printed() {
        let keys = Keys {
            id: "AKIDEXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            token: None,
            expires: None,
        };
        let scope = Scope {
            region: "us-east-1".into(),
            service: "iam",
        };
        assert_eq!(
            hex(&signing_key(&keys, &scope, "20150830")),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
        );
        let url =
            Url::parse("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08").unwrap();
        let headers = [
            (
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8",
            ),
            ("host", "iam.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
        ];
        let headers = headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        let time = Time::of(1_440_938_160_000);
        let value = authorization("GET", &url, headers.collect(), b"", &keys, &scope, &time);
        assert_eq!(
            value,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }
}
