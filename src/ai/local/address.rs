//! Where a server is: the usual port of loopback, or what its variable or `models.json` says.

use std::net::IpAddr;

use reqwest::Url;

use super::kind::Kind;

/// A server that may be there.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// What is expected there.
    pub kind: Kind,
    /// Its address, without a slash or `/v1` at the end.
    pub url: String,
    /// Whether the person has said where it is.
    pub is_named: bool,
    /// What it is shown once it asks for a key, if anything.
    pub api_key: Option<String>,
    /// How much context it gives models that say nothing of it (`OLLAMA_CONTEXT_LENGTH`).
    pub usual_context: Option<u64>,
}

impl Server {
    /// Where chat completions are asked for.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.url)
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        let url = Url::parse(&self.url).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        let bare = host.trim_matches(['[', ']']);
        host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("kind", &self.kind)
            .field("url", &self.url)
            .field("api_key", &self.api_key.as_ref().map(|_| "…"))
            .finish_non_exhaustive()
    }
}

/// Where a kind of server may be; `variable` looks a variable up. Nowhere when its variable makes no sense.
pub fn servers(kind: Kind, variable: impl Fn(&str) -> Option<String>) -> Vec<Server> {
    servers_at(kind, None, variable)
}

/// The same where an address may be `written` down, which comes before variables.
pub fn servers_at(
    kind: Kind,
    written: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Vec<Server> {
    let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let api_key = kind.key_variable().and_then(set);
    let usual_context = match kind {
        Kind::Ollama => set("OLLAMA_CONTEXT_LENGTH").and_then(|text| text.trim().parse().ok()),
        _ => None,
    };
    let said = match written {
        Some(url) => Some(named(url, kind)),
        None => said(kind, &variable).map(|(_, url)| url),
    };
    let is_named = said.is_some();
    let urls: Vec<String> = match said {
        Some(url) => url.into_iter().collect(),
        None => {
            let usual = kind.ports().iter();
            usual
                .map(|port| format!("http://127.0.0.1:{port}"))
                .collect()
        }
    };
    urls.into_iter()
        .map(|url| Server {
            kind,
            url,
            is_named,
            api_key: api_key.clone(),
            usual_context,
        })
        .collect()
}

/// The variable that is set for a kind of server and makes no sense, so that it is looked for nowhere.
pub fn astray(kind: Kind, variable: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    match said(kind, &variable) {
        Some((name, None)) => Some(name),
        _ => None,
    }
}

/// The variable that says where a kind of server is, and what that comes to.
fn said(
    kind: Kind,
    variable: &impl Fn(&str) -> Option<String>,
) -> Option<(&'static str, Option<String>)> {
    let mut names = kind.host_variables().iter();
    let (name, host) = names.find_map(|name| {
        let value = variable(name).filter(|value| !value.trim().is_empty())?;
        Some((*name, value))
    })?;
    let url = match kind {
        Kind::Ollama => ollama(&host),
        _ => named(&host, kind),
    };
    Some((name, url))
}

/// `OLLAMA_HOST` as Ollama itself reads it (`envconfig.Host` in github.com/ollama/ollama): scheme, host and
/// port may each be missing; a port that is none is the usual one. What a server listens on everywhere
/// is reached at loopback.
fn ollama(host: &str) -> Option<String> {
    let text = host.trim().trim_matches(['"', '\'']).trim();
    let (scheme, rest, usual) = match text.split_once("://") {
        Some(("http", rest)) => ("http", rest, 80),
        Some(("https", rest)) => ("https", rest, 443),
        Some(_) => return None,
        None => ("http", text, 11434),
    };
    let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = split_port(place);
    let port = port.and_then(|port| port.parse().ok()).unwrap_or(usual);
    address(scheme, host, port, path)
}

/// A URL, or a host with or without a port.
fn named(text: &str, kind: Kind) -> Option<String> {
    let text = text.trim().trim_matches(['"', '\'']).trim();
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => (scheme, rest),
        Some(_) => return None,
        None => ("http", text),
    };
    let has_scheme = rest.len() < text.len();
    let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = split_port(place);
    let usual = match (has_scheme, scheme) {
        (true, "https") => 443,
        (true, _) => 80,
        (false, _) => kind.ports().first().copied().unwrap_or(80),
    };
    let port = match port {
        Some(port) => port.parse().ok()?,
        None => usual,
    };
    address(scheme, host, port, path)
}

/// `host:port`, `[::1]:port`, `host`, `:port`, or an IPv6 address as it is.
fn split_port(place: &str) -> (&str, Option<&str>) {
    if place.parse::<IpAddr>().is_ok() || place.ends_with(']') {
        return (place, None);
    }
    match place.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (place, None),
    }
}

fn address(scheme: &str, host: &str, port: u16, path: &str) -> Option<String> {
    let host = match host.trim_matches(['[', ']']) {
        "" | "0.0.0.0" | "::" => "127.0.0.1".to_owned(),
        host if host.contains(':') => format!("[{host}]"),
        host => host.to_owned(),
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix("v1").unwrap_or(path).trim_matches('/');
    let mut url = format!("{scheme}://{host}:{port}");
    if !path.is_empty() {
        url = format!("{url}/{path}");
    }
    let is_sound = Url::parse(&url).is_ok_and(|url| url.username().is_empty());
    let is_plain = !url.contains(['?', '#', '@']) && !url.chars().any(char::is_control);
    (is_sound && is_plain).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(kind: Kind, set: &[(&str, &str)]) -> Vec<String> {
        let look = |name: &str| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let all = servers(kind, look);
        all.into_iter().map(|server| server.url).collect()
    }

    #[test]
    fn without_a_variable_the_usual_ports_of_loopback_are_asked() {
        assert_eq!(urls(Kind::Ollama, &[]), ["http://127.0.0.1:11434"]);
        let both = ["http://127.0.0.1:8080", "http://127.0.0.1:9931"];
        assert_eq!(urls(Kind::LlamaCpp, &[]), both);
        assert_eq!(urls(Kind::LmStudio, &[]), ["http://127.0.0.1:1234"]);
        assert_eq!(
            urls(Kind::Vllm, &[("VLLM_BASE_URL", " ")]),
            ["http://127.0.0.1:8000"]
        );
    }

    #[test]
    fn ollamas_variable_is_read_in_all_its_forms() {
        for (host, url) in [
            ("127.0.0.1", "http://127.0.0.1:11434"),
            ("127.0.0.1:9000", "http://127.0.0.1:9000"),
            (":9000", "http://127.0.0.1:9000"),
            ("0.0.0.0", "http://127.0.0.1:11434"),
            ("0.0.0.0:9000", "http://127.0.0.1:9000"),
            ("[::]:9000", "http://127.0.0.1:9000"),
            ("::1", "http://[::1]:11434"),
            ("[::1]", "http://[::1]:11434"),
            ("[::1]:9000", "http://[::1]:9000"),
            ("box.lan", "http://box.lan:11434"),
            ("http://box.lan", "http://box.lan:80"),
            ("https://box.lan", "https://box.lan:443"),
            ("http://box.lan:9000/", "http://box.lan:9000"),
            ("https://box.lan/ollama/", "https://box.lan:443/ollama"),
            ("box.lan:nonsense", "http://box.lan:11434"),
            ("box.lan:70000", "http://box.lan:11434"),
            (" \"box.lan:9000\" ", "http://box.lan:9000"),
        ] {
            assert_eq!(
                urls(Kind::Ollama, &[("OLLAMA_HOST", host)]),
                [url],
                "{host}"
            );
        }
        for nonsense in ["ftp://box", "a b", "user@box", "box?x#y", "\u{1b}[2J"] {
            let none: [&str; 0] = [];
            assert_eq!(
                urls(Kind::Ollama, &[("OLLAMA_HOST", nonsense)]),
                none,
                "{nonsense:?}"
            );
        }
    }

    #[test]
    fn the_others_take_a_base_url_with_or_without_v1() {
        let at = |url: &str| urls(Kind::LlamaCpp, &[("LLAMA_BASE_URL", url)]);
        assert_eq!(at("http://10.0.0.5:9931/v1/"), ["http://10.0.0.5:9931"]);
        assert_eq!(at("https://box.lan"), ["https://box.lan:443"]);
        assert_eq!(at("box.lan"), ["http://box.lan:8080"]);
        let studio = urls(Kind::LmStudio, &[("LMSTUDIO_HOST", "box.lan:4321")]);
        assert_eq!(studio, ["http://box.lan:4321"]);
    }

    #[test]
    fn a_key_goes_with_its_server_and_is_never_printed() {
        let look = |name: &str| (name == "LLAMA_API_KEY").then(|| "secret-of-llama".to_owned());
        let found = servers(Kind::LlamaCpp, look);
        assert_eq!(found[0].api_key.as_deref(), Some("secret-of-llama"));
        assert!(!format!("{found:?}").contains("secret-of-llama"));
        assert!(found[0].is_loopback());
        assert!(servers(Kind::Vllm, look)[0].api_key.is_none());
    }
}
