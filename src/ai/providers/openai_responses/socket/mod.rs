//! The Responses API over a web socket that is kept open from one request to the next. Every request is a
//! message, every event of its answer another one; the server remembers what was said, so that only what
//! is new goes over it.
//!
//! Its makers: <https://developers.openai.com/api/docs/guides/websocket-mode> and
//! <https://docs.x.ai/developers/advanced-api-usage/websocket-mode>.

mod caller;
mod talk;

use reqwest::Url;

use super::super::exchange::Outgoing;
use super::Events;
use crate::ai::http::HttpClient;
use crate::ai::model::Model;
use crate::ai::provider::Transport;
use crate::ai::websocket::Kept;

pub use talk::run;

/// Whose documentation offers sockets.
const HOSTS: [&str; 2] = ["api.openai.com", "api.x.ai"];

/// A request, ready for either way.
pub struct Wire {
    /// As a request for server-sent events.
    pub events: Outgoing,
    /// The headers that a web socket is opened with; its address is the same.
    pub socket_headers: Vec<(String, String)>,
    /// Fields of the body that have no meaning over a socket.
    pub unsaid: &'static [&'static str],
    /// What a kept socket goes by: address, account and session; `None` when nothing is to be kept.
    pub name: Option<String>,
    /// What reads the answer.
    pub decoder: Events,
}

impl Wire {
    /// Whether sockets were found not to work for this session.
    pub fn is_given_up(&self, http: &HttpClient) -> bool {
        http.remembered::<Kept>().is_given_up(self.remembered_as())
    }

    /// What is remembered of sockets goes by this: the name, or where nothing is kept, the address.
    fn remembered_as(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.events.url)
    }
}

/// Whether a socket is tried: always where that is the choice, and where nothing was chosen at those who
/// are known to offer it.
pub fn is_wanted(model: &Model, transport: Transport) -> bool {
    match transport {
        Transport::Sse => false,
        Transport::WebSocket | Transport::CachedWebSocket => true,
        Transport::Auto => Url::parse(&model.base_url).is_ok_and(|url| {
            url.scheme() == "https" && url.host_str().is_some_and(|host| HOSTS.contains(&host))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_tried_unasked_only_where_it_is_documented() {
        let wanted = |base_url: &str, transport| {
            let base_url = base_url.to_owned();
            is_wanted(
                &Model {
                    base_url,
                    ..Model::default()
                },
                transport,
            )
        };
        for (base_url, offered) in [
            ("https://api.openai.com/v1", true),
            ("https://api.x.ai/v1", true),
            ("http://api.openai.com/v1", false),
            ("https://api.openai.com.example/v1", false),
            ("https://example.com/api.openai.com", false),
            ("nonsense", false),
        ] {
            assert_eq!(wanted(base_url, Transport::Auto), offered, "{base_url}");
            assert!(!wanted(base_url, Transport::Sse));
            assert!(wanted(base_url, Transport::WebSocket));
            assert!(wanted(base_url, Transport::CachedWebSocket));
        }
    }
}
