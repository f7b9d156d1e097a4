//! One request to a vendor's login server, and its reply as JSON. What was sent in confidence is taken
//! out of whatever the server says of it.

use reqwest::Url;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::means::TIMEOUTS;
use super::{LoginError, Means, Tokens};
use crate::ai::failure::{MAX_BODY, vendor_message};
use crate::ai::http::{HttpError, Method};
use crate::ai::message::Millis;
use crate::ai::url::form;

/// No reply is longer; Copilot's list of models is the longest.
const REPLY_LIMIT: usize = 4 * 1024 * 1024;
/// How much of a server's words is shown.
const WORDS: usize = 240;
/// How much of a page's.
const TITLE: usize = 60;
/// How long tokens last, in seconds, where nobody says.
pub(super) const HOUR: f64 = 3600.0;

/// Fields that everybody may know.
const PUBLIC: [&str; 7] = [
    "client_id",
    "code_challenge_method",
    "grant_type",
    "redirect_uri",
    "referrer",
    "resource",
    "scope",
];

/// A request under way.
#[derive(Clone)]
pub(super) struct Call<'a> {
    pub vendor: &'static str,
    /// What is asked for, behind "refused".
    pub doing: &'static str,
    method: Method,
    url: &'a str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    secrets: Vec<String>,
}

/// What came back.
#[derive(Clone)]
pub(super) struct Reply {
    pub vendor: &'static str,
    pub doing: &'static str,
    pub status: u16,
    /// `Null` when it is no JSON.
    pub json: Value,
    /// How long the server asks to be left alone.
    pub retry_after: Option<String>,
    /// Whose page came instead of JSON, and its title.
    page: Option<String>,
    secrets: Vec<String>,
}

impl<'a> Call<'a> {
    /// A GET.
    pub fn get(vendor: &'static str, doing: &'static str, url: &'a str) -> Self {
        Call {
            vendor,
            doing,
            method: Method::GET,
            url,
            headers: vec![("accept".to_owned(), "application/json".to_owned())],
            body: Vec::new(),
            secrets: Vec::new(),
        }
    }

    /// A POST of a form. Every value that is not public counts as a secret.
    pub fn form(
        vendor: &'static str,
        doing: &'static str,
        url: &'a str,
        fields: &[(&str, &str)],
    ) -> Self {
        let mut call = Call::get(vendor, doing, url);
        call.method = Method::POST;
        call.body = form(fields).into_bytes();
        let secret = fields.iter().filter(|(name, _)| !PUBLIC.contains(name));
        call.secrets = secret.map(|(_, value)| (*value).to_owned()).collect();
        call.header("content-type", "application/x-www-form-urlencoded")
    }

    /// A POST of a JSON object. Every text in it that is not public counts as a secret.
    pub fn json(vendor: &'static str, doing: &'static str, url: &'a str, body: &Value) -> Self {
        let mut call = Call::get(vendor, doing, url);
        call.method = Method::POST;
        call.body = body.to_string().into_bytes();
        let fields = body.as_object().into_iter().flatten();
        let secret = fields.filter(|(name, _)| !PUBLIC.contains(&name.as_str()));
        let texts = secret.filter_map(|(_, value)| value.as_str());
        call.secrets = texts.map(str::to_owned).collect();
        call.header("content-type", "application/json")
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Says who asks.
    pub fn bearer(mut self, token: &str) -> Self {
        self.secrets.push(token.to_owned());
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Sends it; any status is a reply.
    pub async fn send(self, means: &Means, stop: &CancellationToken) -> Result<Reply, LoginError> {
        let (vendor, doing) = (self.vendor, self.doing);
        let failed = |source| match source {
            HttpError::Aborted => LoginError::Cancelled,
            source => LoginError::Http {
                vendor,
                doing,
                source,
            },
        };
        let sending = means.http.send(
            self.method,
            self.url,
            &self.headers,
            self.body,
            TIMEOUTS,
            stop,
        );
        let mut response = sending.await.map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > REPLY_LIMIT {
                let what = "it does not end".to_owned();
                return Err(LoginError::Answer {
                    vendor,
                    doing,
                    what,
                });
            }
        }
        let json = serde_json::from_slice(&body).unwrap_or_default();
        let is_page = json == Value::Null && body.trim_ascii_start().starts_with(b"<");
        Ok(Reply {
            vendor,
            doing,
            status: response.status,
            json,
            page: is_page.then(|| page(self.url, &body)),
            retry_after: response.header("retry-after").map(str::to_owned),
            secrets: self.secrets,
        })
    }

    /// Sends it; anything but success is an error.
    pub async fn done(self, means: &Means, stop: &CancellationToken) -> Result<Reply, LoginError> {
        let reply = self.send(means, stop).await?;
        match reply.is_ok() {
            true => Ok(reply),
            false => Err(reply.refused()),
        }
    }
}

impl Reply {
    /// Whether the server said yes.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A text that has to be there.
    pub fn text(&self, name: &str) -> Result<&str, LoginError> {
        text(&self.json, name).ok_or_else(|| self.lacks(name))
    }

    /// A positive number that has to be there.
    pub fn number(&self, name: &str) -> Result<f64, LoginError> {
        let number = number(&self.json, name).filter(|number| *number > 0.0);
        number.ok_or_else(|| self.lacks(name))
    }

    /// The tokens of an OAuth reply, which count as ended `margin` before they do. A vendor that sends no
    /// new refresh token leaves the one from `before` good. After a renewal, one that does not say how long
    /// they last (RFC 6749, 5.1 only recommends it) has rotated them all the same: an hour is assumed.
    pub fn tokens(
        &self,
        before: Option<&Tokens>,
        margin: Millis,
        means: &Means,
    ) -> Result<Tokens, LoginError> {
        let lasts = match (self.number("expires_in"), before) {
            (Ok(seconds), _) => seconds,
            (Err(_), Some(_)) => HOUR,
            (Err(error), None) => return Err(error),
        };
        self.tokens_for(lasts, before, margin, means)
    }

    /// The same for tokens that last for so many seconds, whatever the reply says.
    pub fn tokens_for(
        &self,
        seconds: f64,
        before: Option<&Tokens>,
        margin: Millis,
        means: &Means,
    ) -> Result<Tokens, LoginError> {
        let access = self.text("access_token")?;
        let refresh = match (text(&self.json, "refresh_token"), before) {
            (Some(refresh), _) => refresh,
            (None, Some(before)) => &before.refresh,
            (None, None) => return Err(self.lacks("refresh_token")),
        };
        Ok(Tokens::new(access, refresh, means.end_of(seconds, margin)))
    }

    /// The error that a field is missing.
    pub fn lacks(&self, name: &str) -> LoginError {
        if let Some(page) = &self.page {
            let page = plain(page, &self.secrets);
            return self.wrong(format!("with status {} {page}", self.status));
        }
        self.wrong(format!("{name} is missing"))
    }

    /// The error that the reply makes no sense.
    pub fn wrong(&self, what: impl Into<String>) -> LoginError {
        LoginError::Answer {
            vendor: self.vendor,
            doing: self.doing,
            what: what.into(),
        }
    }

    /// The error that the server refused.
    pub fn refused(self) -> LoginError {
        let error = &self.json["error"];
        let code = error
            .as_str()
            .or(error["code"].as_str())
            .unwrap_or_default();
        let words = text(&self.json, "error_description")
            .or(error["message"].as_str())
            .or_else(|| text(&self.json, "message"))
            .or_else(|| text(&self.json, "detail"))
            .or(self.page.as_deref())
            .unwrap_or(code);
        LoginError::Refused {
            vendor: self.vendor,
            doing: self.doing,
            status: self.status,
            why: plain(words, &self.secrets),
            ended: matches!(self.status, 401 | 403) || code == "invalid_grant",
        }
    }
}

/// That a web page came from this address.
fn page(url: &str, body: &[u8]) -> String {
    let place = Url::parse(url).ok().and_then(|url| {
        let host = url.host_str()?;
        Some(format!("{host}{}", url.path()))
    });
    let beginning = &body[..body.len().min(MAX_BODY)];
    let words = vendor_message(&String::from_utf8_lossy(beginning)).unwrap_or_default();
    let words: String = words.chars().take(TITLE).collect();
    format!(
        "{} sent a web page ({words:?}), not JSON: is a proxy or a network's log-in page in between?",
        place.as_deref().unwrap_or("the server")
    )
}

/// A text that says something.
pub(super) fn text<'a>(json: &'a Value, name: &str) -> Option<&'a str> {
    json.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// A finite number, also one that is written as a text.
pub(super) fn number(json: &Value, name: &str) -> Option<f64> {
    let value = json.get(name)?;
    let number = value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

/// An address with these fields as its query.
pub(super) fn with_query(url: &str, fields: &[(&str, &str)]) -> String {
    match Url::parse(url) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(fields);
            url.into()
        }
        Err(_) => url.to_owned(),
    }
}

/// A server's words: one short line without control characters, and without what was sent.
pub(super) fn plain(words: &str, secrets: &[String]) -> String {
    let mut words = words.to_owned();
    // Short values (`code`, `pi`) are words of every sentence.
    for secret in secrets.iter().filter(|secret| secret.len() >= 12) {
        words = words.replace(secret.as_str(), "…");
    }
    let line: String = words
        .chars()
        .map(|char| if char.is_whitespace() { ' ' } else { char })
        .filter(|char| !char.is_control())
        .take(WORDS)
        .collect();
    line.trim().to_owned()
}

#[cfg(test)]
impl Reply {
    /// A yes with this body.
    pub fn of(json: Value) -> Self {
        Reply {
            vendor: "V",
            doing: "it",
            status: 200,
            json,
            retry_after: None,
            page: None,
            secrets: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ai::clock::Clock;
    use crate::ai::http::HttpClient;

    #[test]
    fn a_rotated_token_without_an_end_is_kept_for_an_hour() {
        let means = Means::new(HttpClient::default(), Clock::fixed(1000));
        let before = Tokens::new("a0", "r0", 0);
        for end in [json!(null), json!(0), json!("soon")] {
            let reply =
                Reply::of(json!({"access_token": "a1", "refresh_token": "r1", "expires_in": end}));
            let fresh = reply.tokens(Some(&before), 500, &means).unwrap();
            assert_eq!(fresh, Tokens::new("a1", "r1", 3_600_500));
            // Of a login nothing is lost yet.
            assert!(reply.tokens(None, 500, &means).is_err());
        }
    }

    #[test]
    fn what_was_sent_is_not_repeated() {
        let sent = ["refresh-token-1".to_owned(), "pi".to_owned()];
        assert_eq!(
            plain("pi sent\u{7}\r\nrefresh-token-1\u{1b}[31m", &sent),
            "pi sent  …[31m"
        );
    }
}
