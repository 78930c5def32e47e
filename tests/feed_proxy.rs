//! Feeds are fetched through a proxy: it gets addresses that were checked, and no name, login or request of a feed.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use daywire::feeds::fetch::{FetchError, FetchSettings, Fetched, Fetcher};
use daywire::feeds::guard::Guard;
use daywire::feeds::proxy::Proxy;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_rustls::LazyConfigAcceptor;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::support::feed_proxy::{FeedProxy, Way};
use crate::support::feed_server::{FeedServer, path, rss};
use crate::support::program::Program;
use crate::support::tls::{certificate_for, in_front_of};

const PUBLIC: [u8; 4] = [8, 8, 8, 8];
const OTHER: [u8; 4] = [8, 8, 4, 4];
const PRIVATE: [u8; 4] = [10, 0, 0, 1];

/// A fetcher for which all names have these addresses.
fn fetcher(proxy: Proxy, addresses: &[[u8; 4]]) -> Fetcher {
    let addresses = addresses.to_vec();
    let resolve = move |_: String, port: u16| -> futures_util::future::BoxFuture<'static, _> {
        let found = addresses
            .iter()
            .map(|address| SocketAddr::new(Ipv4Addr::from(*address).into(), port));
        let found = found.collect();
        Box::pin(async move { Ok(found) })
    };
    let settings = FetchSettings {
        user_agent: "Daywire-test/1".to_owned(),
        timeout: Duration::from_secs(20),
        connect_timeout: Duration::from_secs(2),
        max_body_bytes: 100_000,
        max_redirects: 5,
        allow: Vec::new(),
        proxy: Some(proxy),
    };
    Fetcher::with_guard(settings, Guard::resolving_by(Vec::new(), Arc::new(resolve)))
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("the address is valid")
}

async fn get(fetcher: &Fetcher, address: &str) -> Result<Fetched, FetchError> {
    fetcher.get(&url(address), None, None).await
}

/// The socket of a server.
fn socket(server: &FeedServer) -> SocketAddr {
    let address = url(&server.feed("")).socket_addrs(|| None).expect("an address");
    address[0]
}

#[tokio::test]
async fn a_proxy_gets_the_checked_address_and_the_server_gets_the_request() {
    let server = FeedServer::start(|_, _| (200, vec![], rss(&["a"]))).await;
    let proxy = FeedProxy::before(socket(&server)).await;
    let fetcher = fetcher(proxy.with_login(), &[PUBLIC]);
    for (address, target, host) in [
        ("http://wire.example/feed?key=abc", "8.8.8.8:80", "wire.example"),
        ("http://wire.example:8080/feed", "8.8.8.8:8080", "wire.example:8080"),
    ] {
        let answer = get(&fetcher, address).await.expect("the feed is fetched");
        assert!(matches!(answer, Fetched::Document(_)), "{answer:?}");
        let asked = proxy.asked().pop().expect("the proxy was asked");
        assert!(asked.starts_with(&format!("connect {target} http/1.1\r\n")), "{asked}");
        assert!(asked.contains(&format!("\r\nhost: {target}\r\n")), "{asked}");
        // "ada:open sesame" in base64, in lower case.
        assert!(
            asked.contains("\r\nproxy-authorization: basic ywrhom9wzw4gc2vzyw1l\r\n"),
            "{asked}"
        );
        assert!(!asked.contains("wire.example") && !asked.contains("key"), "{asked}");
        let request = server.requests().pop().expect("the server was asked");
        assert_eq!(
            (path(&request), &request["host"]),
            ("/feed", &host.parse().expect("a host"))
        );
        assert!(!request.contains_key("proxy-authorization"), "{request:?}");
    }
}

#[tokio::test]
async fn a_private_address_is_refused_before_the_proxy_is_asked() {
    let proxy = FeedProxy::start(|_| Way::Answer("HTTP/1.1 200 OK\r\n\r\n")).await;
    for addresses in [&[PRIVATE][..], &[PUBLIC, PRIVATE]] {
        let refused = get(&fetcher(proxy.with_login(), addresses), "https://wire.example/feed").await;
        assert!(matches!(refused, Err(FetchError::Refused(_))), "{refused:?}");
    }
    let refused = get(&fetcher(proxy.with_login(), &[PUBLIC]), "http://127.0.0.1/feed").await;
    assert!(matches!(refused, Err(FetchError::Refused(_))), "{refused:?}");
    assert_eq!(proxy.asked(), [""; 0]);

    let server = FeedServer::start(|_, _| (302, vec![("location", "http://10.0.0.1/".into())], String::new())).await;
    let proxy = FeedProxy::before(socket(&server)).await;
    let refused = get(&fetcher(proxy.with_login(), &[PUBLIC]), "http://wire.example/feed").await;
    assert!(matches!(refused, Err(FetchError::Refused(_))), "{refused:?}");
    assert_eq!(proxy.asked().len(), 1, "not for the redirect");
}

#[tokio::test]
async fn an_error_names_the_proxy_and_neither_its_password_nor_the_feed() {
    let unused = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let closed = unused.local_addr().expect("the socket is bound");
    drop(unused);
    for (way, reason) in [
        (
            Way::Answer("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
            "asks for another login (407)",
        ),
        (
            Way::Answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nhere"),
            "opens no way to the server (403 Forbidden)",
        ),
        (Way::Answer("+OK POP3 ready\r\n"), "gives no answer that can be read"),
        (Way::Answer(""), "gives no answer that can be read"),
        (Way::Never, "gives no answer within 2 s"),
        (Way::To(closed), "gives no answer that can be read"),
    ] {
        let proxy = FeedProxy::start(move |_| way.clone()).await;
        let fetcher = fetcher(proxy.with_login(), &[PUBLIC, OTHER]);
        let error = get(&fetcher, "https://wire.example/feed?key=abc").await;
        let error = error.expect_err("there is no tunnel").to_string();
        assert!(
            error.starts_with(&format!("the proxy {} {reason}", proxy.address)),
            "{error}"
        );
        assert!(error.ends_with("; check feeds.proxy"), "{error}");
        for hidden in ["sesame", "ada", "wire.example", "abc"] {
            assert!(!error.contains(hidden), "{error}");
        }
        assert_eq!(
            proxy.asked().len(),
            1,
            "{reason}: it would say the same for another address"
        );
    }
    let missing = Proxy::parse(&format!("http://{closed}")).expect("the address is valid");
    let error = get(&fetcher(missing, &[PUBLIC]), "http://wire.example/feed").await;
    let error = error.expect_err("nothing listens there").to_string();
    assert!(
        error.starts_with(&format!("the proxy {closed} cannot be reached: ")),
        "{error}"
    );
}

#[tokio::test]
async fn another_address_of_a_server_is_tried_if_the_proxy_cannot_reach_the_first() {
    let server = FeedServer::start(|_, _| (200, vec![], rss(&["a"]))).await;
    let to = socket(&server);
    let proxy = FeedProxy::start(move |address| match address {
        "8.8.8.8:80" => Way::Answer("HTTP/1.1 503 Service Unavailable\r\n\r\n"),
        _ => Way::To(to),
    })
    .await;
    let fetched = get(
        &fetcher(proxy.with_login(), &[PUBLIC, OTHER]),
        "http://wire.example/feed",
    )
    .await;
    assert!(matches!(fetched, Ok(Fetched::Document(_))), "{fetched:?}");
    assert_eq!(proxy.asked().len(), 2);
}

#[tokio::test]
async fn tls_inside_the_tunnel_is_for_the_name_of_the_feed() {
    let (tls, _) = certificate_for("wire.example", None);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let proxy = FeedProxy::before(listener.local_addr().expect("the socket is bound")).await;
    let names: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
    let seen = Arc::clone(&names);
    let serving = tokio::spawn(async move {
        let (socket, _) = listener.accept().await.expect("the proxy connects");
        let start = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), socket);
        let start = start.await.expect("the fetcher begins with TLS");
        let name = start.client_hello().server_name().map(str::to_owned);
        seen.lock().expect("no thread panicked with the lock").push(name);
        // The fetcher does not trust the certificate.
        let _ = start.into_stream(tls).await;
    });
    let error = get(&fetcher(proxy.with_login(), &[PUBLIC]), "https://wire.example/feed").await;
    let error = error.expect_err("nobody vouches for the certificate");
    assert!(
        matches!(&error, FetchError::Connection(reason) if reason.contains("certificate")),
        "{error}"
    );
    serving.await.expect("the server does not panic");
    assert!(
        proxy.asked()[0].starts_with("connect 8.8.8.8:443 "),
        "{:?}",
        proxy.asked()
    );
    assert_eq!(
        *names.lock().expect("no thread panicked with the lock"),
        [Some("wire.example".to_owned())]
    );
}

#[apply(on_both_databases)]
async fn the_program_fetches_feeds_through_the_proxy_of_its_settings(app: TestApp) {
    app.daily().await;
    let server = FeedServer::start(|_, _| (200, vec![], rss(&["one", "two"]))).await;
    let stop = CancellationToken::new();
    let (tls, certificate) = certificate_for("localhost", None);
    let front = in_front_of(socket(&server), tls, stop.clone()).await;
    let proxy = FeedProxy::before(front).await;
    let program = Program::of(&app);
    let roots = program.file("roots.pem", certificate);
    let password = program.file("password", "open sesame\n");
    let program = program
        .with("SSL_CERT_FILE", &roots)
        .with("DAYWIRE_FEEDS__ALLOW", "localhost")
        .with("DAYWIRE_FEEDS__PROXY", &format!("http://ada@{}", proxy.address))
        .with("DAYWIRE_FEEDS__PROXY_PASSWORD_FILE", &password);
    let address = format!("https://localhost:{}/feed", front.port());
    let added = program.json(&["feed", "add", &address, "--newsletter", "daily"]);
    let id = added["id"].as_str().expect("the document has an id");
    let fetched = program.json(&["feed", "fetch", "--feed", id]);
    assert_eq!(fetched[0]["new"], json!(2), "{fetched}");
    let asked = proxy.asked();
    assert_eq!(asked.len(), 2);
    for head in asked {
        assert!(
            head.contains(&format!(":{} ", front.port())) && !head.contains("localhost"),
            "{head}"
        );
        assert!(
            head.contains("proxy-authorization: basic ywrhom9wzw4gc2vzyw1l"),
            "{head}"
        );
    }

    // A proxy that does not work is the trouble of all feeds, so it is named.
    let program = program.with("DAYWIRE_FEEDS__PROXY", "http://ada@127.0.0.1:9");
    let ran = program.run(&["feed", "fetch", "--json"]);
    let reason = ran.json()[0]["error"]
        .as_str()
        .expect("the feed has an error")
        .to_owned();
    assert!(
        reason.starts_with("the proxy 127.0.0.1:9 cannot be reached"),
        "{reason}"
    );
    assert!(!ran.err.contains("sesame") && !ran.out.contains("sesame"));

    let both = program.with("DAYWIRE_FEEDS__PROXY", "http://ada:x@127.0.0.1:9");
    let refused = both.run(&["feed", "list"]);
    assert!(
        refused.reason().contains("feeds.proxy_password_file"),
        "{}",
        refused.err
    );
    let wrong = both.with("DAYWIRE_FEEDS__PROXY", "socks5://ada:sesame@127.0.0.1:9");
    let refused = wrong.run(&["feed", "list"]);
    assert!(refused.reason().contains("feeds.proxy") || refused.reason().contains("FEEDS__PROXY"));
    assert!(!refused.err.contains("sesame"), "{}", refused.err);
    stop.cancel();
}
