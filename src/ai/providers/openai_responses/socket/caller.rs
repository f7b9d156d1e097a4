//! Asking over a web socket: a waiting one or a new one, up to the first event of the answer; and what is
//! left behind for the next request.

use std::sync::Arc;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::super::conversation;
use super::Wire;
use crate::ai::failure::Secrets;
use crate::ai::http::{HttpClient, HttpError};
use crate::ai::message::{AssistantMessage, Message};
use crate::ai::model::Model;
use crate::ai::provider::{Request, Transport};
use crate::ai::websocket::Kept;
use crate::ai::websocket::{Continuation, Parked, Unopened};

/// Refusals that a new socket and the whole request get around.
const FORGOTTEN: &str = "previous_response_not_found";
const TOO_MANY: &str = "websocket_connection_limit_reached";

/// The status with which a server changes to a web socket.
const SWITCHED: u16 = 101;

/// One request, and whom it is for.
pub struct Caller {
    pub http: HttpClient,
    pub model: Model,
    pub request: Request,
    pub wire: Wire,
    pub stop: CancellationToken,
    /// Nobody's words are quoted with these, nor logged.
    pub secrets: Secrets,
}

/// How the first event of an answer came, or why it did not.
pub enum First {
    /// Over this socket.
    Event(Box<Parked>, String),
    /// There is no socket to be had, for this reason.
    Nothing(String),
}

impl Caller {
    /// Asks until there is a first event that is an answer to the question.
    pub async fn first(&self) -> First {
        let first = self.once(true).await;
        let Asked::Again(why) = first else {
            return first.settled();
        };
        let why = self.secrets.veiled(&why);
        tracing::debug!(%why, "asking again over a new web socket");
        self.once(false).await.settled()
    }

    /// Asks once. What is found wrong with a waiting socket is no reason to give up.
    async fn once(&self, may_wait: bool) -> Asked {
        let waiting = match (&self.wire.name, may_wait) {
            (Some(name), true) => self.http.remembered::<Kept>().take(name).await,
            _ => None,
        };
        let was_waiting = waiting.is_some();
        let mut parked = match waiting {
            Some(parked) => Box::new(parked),
            None => match self.open().await {
                Ok(parked) => Box::new(parked),
                Err(why) => return Asked::Done(First::Nothing(why)),
            },
        };
        match self.ask(&mut parked).await {
            Ok(text) => match refusal(&text) {
                Some(code) if may_wait && (code == FORGOTTEN || code == TOO_MANY) => {
                    parked.socket.close().await;
                    Asked::Again(code)
                }
                Some(code) if code == TOO_MANY => {
                    parked.socket.close().await;
                    Asked::Done(First::Nothing(code))
                }
                _ => Asked::Done(First::Event(parked, text)),
            },
            // It broke while it waited, and nobody noticed.
            Err(error @ HttpError::Broken { .. }) if was_waiting => Asked::Again(error.to_string()),
            Err(error) => {
                let why = error.to_string();
                self.give_up(&why);
                Asked::Done(First::Nothing(why))
            }
        }
    }

    async fn open(&self) -> Result<Parked, String> {
        let url = &self.wire.events.url;
        let headers = &self.wire.socket_headers;
        let timeouts = self.request.timeouts;
        let opened = self.http.open_socket(url, headers, timeouts, &self.stop);
        let (socket, answered) = opened.await.map_err(|error| {
            let why = error.to_string();
            if !is_of_the_moment(&error) {
                self.give_up(&why);
            }
            why
        })?;
        if let Some(tap) = &self.request.tap {
            tap.after_response(SWITCHED, &answered).await;
        }
        Ok(Parked::new(socket))
    }

    /// Sends the request, or as much of it as is new, and returns the first event.
    async fn ask(&self, parked: &mut Parked) -> Result<String, HttpError> {
        let body = &self.wire.events.body;
        let said = parked.said.take().filter(|_| self.continues());
        let mut message = match said.and_then(|said| said.of(body)) {
            Some(continued) => continued.shorten(body),
            None => body.clone(),
        };
        if let Value::Object(fields) = &mut message {
            fields.retain(|name, _| !self.wire.unsaid.contains(&name.as_str()));
            fields.shift_insert(0, "type".into(), "response.create".into());
        }
        parked.socket.set_idle(self.request.timeouts.idle);
        parked.socket.send(message.to_string(), &self.stop).await?;
        parked.socket.next(&self.stop).await
    }

    /// Lets the socket wait for the request after `answer`.
    pub async fn keep(&self, mut parked: Parked, answer: &AssistantMessage) {
        match &self.wire.name {
            Some(name) => {
                parked.said = self.said(answer);
                self.http.remembered::<Kept>().put(name, parked);
            }
            None => parked.socket.close().await,
        }
    }

    /// What the server remembers after `answer`.
    fn said(&self, answer: &AssistantMessage) -> Option<Continuation> {
        let id = answer.response_id.as_deref()?;
        if !self.continues() {
            return None;
        }
        let request = Request {
            messages: vec![Arc::new(Message::Assistant(answer.clone()))],
            ..self.request.clone()
        };
        let mut items = conversation(&self.model, &request);
        // Results are not the server's: these stand in for those to come.
        items.retain(|item| item["type"] != "function_call_output");
        Some(Continuation::new(&self.wire.events.body, id, &items))
    }

    /// Whether only what is new is sent over a socket that is kept.
    fn continues(&self) -> bool {
        self.request.transport != Transport::WebSocket
    }

    /// Remembers that sockets do not work for this session.
    pub fn give_up(&self, why: &str) {
        if self.stop.is_cancelled() {
            return;
        }
        let why = self.secrets.veiled(why);
        tracing::debug!(%why, "web sockets are given up");
        let name = self.wire.remembered_as();
        self.http.remembered::<Kept>().give_up(name);
    }
}

enum Asked {
    Done(First),
    /// To be asked again, for this reason.
    Again(String),
}

impl Asked {
    fn settled(self) -> First {
        match self {
            Asked::Done(first) => first,
            Asked::Again(why) => First::Nothing(why),
        }
    }
}

/// Whether there is no socket for a reason that will pass or has nothing to do with sockets.
fn is_of_the_moment(error: &Unopened) -> bool {
    match error {
        Unopened::Refused(status) => matches!(status, 401 | 408 | 429 | 500 | 502..=504),
        // Nobody there, or nobody to be trusted: so it is for every request.
        Unopened::Unreachable(error) => matches!(error, HttpError::Connect { .. }),
    }
}

/// The code of the error that an event is, if it is one.
fn refusal(text: &str) -> Option<String> {
    let event: Value = serde_json::from_str(text).ok()?;
    let error = match event["type"].as_str()? {
        "error" => &event["error"],
        "response.failed" => &event["response"]["error"],
        _ => return None,
    };
    let code = error["code"].as_str().or(event["code"].as_str());
    code.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_sockets_are_to_blame_for_is_held_against_them() {
        let host = || "chatgpt.com".to_owned();
        let cause = String::new;
        let connect = HttpError::Connect {
            host: host(),
            cause: cause(),
            refused: true,
        };
        let broken = HttpError::Broken {
            host: host(),
            cause: cause(),
        };
        assert!(is_of_the_moment(&Unopened::Unreachable(connect)));
        assert!(!is_of_the_moment(&Unopened::Unreachable(broken)));
        assert!(is_of_the_moment(&Unopened::Refused(429)));
        assert!(!is_of_the_moment(&Unopened::Refused(404)));
    }

    #[test]
    fn refusals_are_known_by_their_code_wherever_it_stands() {
        let code = |text: &str| refusal(text);
        let nested = r#"{"type":"error","error":{"code":"a"}}"#;
        assert_eq!(code(nested).as_deref(), Some("a"));
        let flat = r#"{"type":"error","code":"b","message":"no"}"#;
        assert_eq!(code(flat).as_deref(), Some("b"));
        let failed = r#"{"type":"response.failed","response":{"error":{"code":"c"}}}"#;
        assert_eq!(code(failed).as_deref(), Some("c"));
        for other in [r#"{"type":"response.created","code":"d"}"#, "[]", "{", "7"] {
            assert_eq!(code(other), None, "{other}");
        }
    }
}
