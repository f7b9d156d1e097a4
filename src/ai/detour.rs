//! Which proxy a request went through, for the words of its failure: where it is, without its credentials,
//! and who says so. The client itself decides; where it is not plain what it decided, nothing is said.

use std::net::IpAddr;

use reqwest::Url;

use super::http::{Proxies, host_of};

/// The proxy for a URL, as `127.0.0.1:8080, by HTTPS_PROXY`.
pub(super) fn of(proxies: &Proxies, url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_matches(['[', ']']).to_lowercase();
    if is_direct(proxies, &host) {
        return None;
    }
    let (own, variable) = match url.scheme() {
        "https" => (&proxies.https, "HTTPS_PROXY"),
        _ => (&proxies.http, "HTTP_PROXY"),
    };
    let said = |proxy: &Option<String>| proxy.clone().filter(|proxy| !proxy.is_empty());
    let (proxy, by) = match said(own) {
        Some(proxy) if proxies.is_setting => (proxy, "httpProxy in settings.json"),
        Some(proxy) => (proxy, variable),
        None => (said(&proxies.all)?, "ALL_PROXY"),
    };
    let parsed = Url::parse(&proxy).ok().filter(Url::has_host);
    let parsed = parsed.or_else(|| Url::parse(&format!("http://{proxy}")).ok())?;
    Some(format!("{}, by {by}", host_of(&parsed)))
}

/// Whether a host is reached directly, or may be.
fn is_direct(proxies: &Proxies, host: &str) -> bool {
    let ip: Option<IpAddr> = host.parse().ok();
    let is_loopback = host == "localhost" || ip.is_some_and(|ip| ip.is_loopback());
    if is_loopback && !proxies.loopback {
        return true;
    }
    let list = proxies.none.as_deref().unwrap_or_default().to_lowercase();
    list.split(',').map(str::trim).any(|excepted| {
        let domain = excepted.trim_start_matches('.');
        let is_below = || {
            let front = host.strip_suffix(domain);
            front.is_some_and(|front| front.ends_with('.'))
        };
        // A net of addresses is not looked into.
        let is_net = ip.is_some() && excepted.contains('/');
        excepted == "*" || is_net || !domain.is_empty() && (host == domain || is_below())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_is_named_with_who_says_so_and_without_its_password() {
        let proxies = Proxies {
            https: Some("http://user:hush@proxy:8080/".into()),
            all: Some("other:1".into()),
            none: Some("near.example, .inner, 10.0.0.0/8".into()),
            ..Proxies::default()
        };
        let named = |proxies: &Proxies, url: &str| of(proxies, &Url::parse(url).unwrap());
        let secure = |host: &str| named(&proxies, &format!("https://{host}/v1"));
        assert_eq!(
            secure("api.example").as_deref(),
            Some("proxy:8080, by HTTPS_PROXY")
        );
        for direct in [
            "near.example",
            "a.near.example",
            "x.inner",
            "10.1.2.3",
            "localhost",
            "[::1]",
        ] {
            assert_eq!(secure(direct), None, "{direct}");
        }
        let plain = named(&proxies, "http://api.example");
        assert_eq!(plain.as_deref(), Some("other:1, by ALL_PROXY"));
        let set = Proxies {
            is_setting: true,
            ..proxies
        };
        assert_eq!(
            named(&set, "https://api.example").as_deref(),
            Some("proxy:8080, by httpProxy in settings.json")
        );
        assert_eq!(named(&Proxies::default(), "https://api.example"), None);
    }
}
