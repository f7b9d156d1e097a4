//! How requests find their way: proxies, loopback, TLS.

use futures::StreamExt;
use pi::ai::http::{HttpClient, Proxies};
use pi::ai::providers::provider_for;
use pi::ai::{AssistantMessage, Delta};

use super::{OPENAI, done, hello, model};
use crate::support::model_server::{ModelServer, Turn};

async fn through(proxies: Proxies, base_url: &str) -> AssistantMessage {
    let provider = provider_for(OPENAI, &HttpClient::new(proxies)).unwrap();
    let stream = provider.stream(&model(OPENAI, base_url), hello(), Default::default());
    done(&stream.collect::<Vec<Delta>>().await)
}

#[tokio::test]
async fn a_proxy_is_asked_for_hosts_that_are_not_excepted() {
    for all in [false, true] {
        let proxy = ModelServer::start([Turn::text("through the proxy")]);
        let url = Some(proxy.url().replace("http://", "http://user:pass@"));
        let proxies = Proxies {
            http: url.clone().filter(|_| !all),
            all: url.filter(|_| all),
            none: Some("other.invalid,127.0.0.1".into()),
            loopback: true,
            ..Proxies::default()
        };
        let message = through(proxies.clone(), "http://model.invalid/v1").await;
        assert_eq!(message.to_text(), "through the proxy");
        let seen = &proxy.requests()[0];
        assert_eq!(seen.path, "http://model.invalid/v1/chat/completions");
        assert_eq!(
            seen.header("proxy-authorization"),
            Some("Basic dXNlcjpwYXNz")
        );

        let server = ModelServer::start([Turn::text("direct")]);
        let message = through(proxies, &server.url_v1()).await;
        assert_eq!(message.to_text(), "direct");
        assert_eq!(proxy.requests().len(), 1);
    }
}

#[tokio::test]
async fn loopback_is_proxied_only_when_told() {
    let server = ModelServer::start([Turn::text("direct")]);
    let proxy = ModelServer::start([Turn::text("through the proxy")]);
    let mut proxies = Proxies {
        http: Some(proxy.url()),
        ..Proxies::default()
    };
    let message = through(proxies.clone(), &server.url_v1()).await;
    assert_eq!(message.to_text(), "direct");
    proxies.loopback = true;
    let message = through(proxies, &server.url_v1()).await;
    assert_eq!(message.to_text(), "through the proxy");
}

#[tokio::test]
async fn a_proxy_that_makes_no_sense_is_told_without_its_secrets() {
    let proxies = Proxies {
        all: Some("http://user:hush@[oops".into()),
        ..Proxies::default()
    };
    let message = through(proxies, "http://model.invalid").await;
    let error = message.error_message.unwrap();
    assert_eq!(error, "acme: the proxy's URL is not valid");
}

#[tokio::test]
async fn tls_where_there_is_none_is_told() {
    let server = ModelServer::start([]);
    let url = server.url_v1().replace("http:", "https:");
    let message = through(Proxies::default(), &url).await;
    let error = message.error_message.unwrap();
    assert!(
        error.starts_with("acme: cannot connect to 127.0.0.1:"),
        "{error}"
    );
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_proxy_that_nobody_is_at_is_named_without_its_secrets() {
    let closed = std::net::TcpListener::bind("127.9.9.8:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let proxies = Proxies {
        https: Some(format!("http://user:hush@{address}")),
        ..Proxies::default()
    };
    let message = through(proxies, "https://model.invalid/v1").await;
    let error = message.error_message.unwrap();
    let said = format!(
        "acme: cannot connect to model.invalid through the proxy {address}, by HTTPS_PROXY: "
    );
    assert!(error.starts_with(&said), "{error}");
    assert!(
        !error.contains("hush") && !error.contains("Is the server running"),
        "{error}"
    );
}
