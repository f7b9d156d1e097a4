//! An open web socket: whole text messages out and in. Pings are answered while it is read; nothing
//! larger than [`MAX_EVENT`] is accepted; dropping it closes the connection.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::Upgraded;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

use crate::ai::http::{HttpError, within};
use crate::ai::sse::MAX_EVENT;

/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_millis(20);

/// An open web socket.
pub struct Socket {
    stream: WebSocketStream<Upgraded>,
    host: String,
    idle: Duration,
}

impl Socket {
    pub(super) async fn new(stream: Upgraded, host: String, idle: Duration) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_EVENT))
            .max_frame_size(Some(MAX_EVENT));
        let stream = WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await;
        Socket { stream, host, idle }
    }

    /// Sets how long a message is waited for; zero is for ever.
    pub fn set_idle(&mut self, idle: Duration) {
        self.idle = idle;
    }

    /// Sends one text message.
    pub async fn send(&mut self, text: String, stop: &CancellationToken) -> Result<(), HttpError> {
        let sending = self.stream.send(Message::text(text));
        within(self.idle, &self.host, stop, sending)
            .await?
            .map_err(|error| self.broken(&error))
    }

    /// The next message. Its end, however it comes about, is an error.
    pub async fn next(&mut self, stop: &CancellationToken) -> Result<String, HttpError> {
        // Pings are no answer: the time runs on through them.
        let reading = async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Text(text))) => return Ok(text.as_str().to_owned()),
                    Some(Ok(Message::Binary(bytes))) => {
                        return Ok(String::from_utf8_lossy(&bytes).into_owned());
                    }
                    Some(Ok(Message::Close(frame))) => return Err(farewell(frame.as_ref())),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(words(&error)),
                    None => return Err(farewell(None)),
                }
            }
        };
        let read = within(self.idle, &self.host, stop, reading).await?;
        read.map_err(|cause| HttpError::Broken {
            host: self.host.clone(),
            cause,
        })
    }

    /// Waits, answering pings, until the socket is of no use any more. What comes meanwhile belongs to
    /// an answer that is over.
    pub(super) async fn until_closed(&mut self) {
        while let Some(Ok(message)) = self.stream.next().await {
            if message.is_close() {
                return;
            }
        }
    }

    /// Whether anything comes back for a ping within `limit`. What comes belongs to no answer.
    pub(super) async fn answers(&mut self, limit: Duration) -> bool {
        let asking = async {
            self.stream.send(Message::Ping("there?".into())).await?;
            self.stream.next().await.transpose()
        };
        match tokio::time::timeout(limit, asking).await {
            Ok(Ok(Some(message))) => !message.is_close(),
            Ok(Ok(None) | Err(_)) | Err(_) => false,
        }
    }

    /// Says farewell, if that is possible at once, and closes.
    pub async fn close(mut self) {
        let frame = CloseFrame {
            code: CloseCode::Normal,
            reason: "done".into(),
        };
        // Late or broken: it is closed all the same.
        let _ = tokio::time::timeout(FAREWELL, self.stream.close(Some(frame))).await;
    }

    fn broken(&self, error: &Error) -> HttpError {
        HttpError::Broken {
            host: self.host.clone(),
            cause: words(error),
        }
    }
}

fn words(error: &Error) -> String {
    match error {
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => farewell(None),
        Error::Io(error) => error.to_string(),
        Error::Capacity(_) => format!("the server sent a message of more than {MAX_EVENT} bytes"),
        other => other.to_string(),
    }
}

/// Says why the server closed.
fn farewell(frame: Option<&CloseFrame>) -> String {
    let Some(frame) = frame else {
        return "the server closed the web socket without a reason".into();
    };
    let code = u16::from(frame.code);
    let mut text = format!("the server closed the web socket with {code}");
    if let Some(meaning) = meaning(code) {
        text.push_str(&format!(" ({meaning})"));
    }
    let reason = frame.reason.as_str().trim();
    if !reason.is_empty() {
        text.push_str(&format!(": {reason}"));
    }
    text
}

/// What a close code means (RFC 6455, section 7.4.1, and IANA's registry of them).
fn meaning(code: u16) -> Option<&'static str> {
    Some(match code {
        1000 => "done",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "kind of data not accepted",
        1007 => "data not valid",
        1008 => "against its policy",
        1009 => "message too big",
        1010 => "an extension is missing",
        1011 => "internal error",
        1012 => "restarting",
        1013 => "try again later",
        1014 => "bad gateway",
        3000 => "not authorised",
        3003 => "forbidden",
        3008 => "timeout",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_codes_are_said_in_words() {
        let say = |code: u16, reason: &'static str| {
            farewell(Some(&CloseFrame {
                code: code.into(),
                reason: reason.into(),
            }))
        };
        assert_eq!(
            say(1009, ""),
            "the server closed the web socket with 1009 (message too big)"
        );
        assert_eq!(
            say(4321, " so it is "),
            "the server closed the web socket with 4321: so it is"
        );
    }
}
