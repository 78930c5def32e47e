//! The fetcher with servers that redirect, compress, refuse, break off and never end, over real sockets.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use daywire::feeds::fetch::{Download, FetchError, FetchSettings, Fetched, Fetcher};
use daywire::feeds::guard::Allowed;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

/// A server on loopback that responds with the bytes that `answer` makes of the head of a request.
struct Server {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Server {
    async fn start(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let address = listener.local_addr().expect("the socket is bound");
        let requests = Arc::new(AtomicUsize::new(0));
        let (counter, answer) = (Arc::clone(&requests), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let answer = Arc::clone(&answer);
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        match socket.read_u8().await {
                            Ok(byte) => head.push(byte),
                            Err(_) => return,
                        }
                    }
                    // A client that has read enough closes the connection.
                    let _ = socket.write_all(&answer(&String::from_utf8_lossy(&head))).await;
                    let _ = socket.shutdown().await;
                });
            }
        });
        Self { address, requests }
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).expect("the address is valid")
    }

    fn fetcher(&self) -> Fetcher {
        Fetcher::new(settings(&[&self.address.to_string()]))
    }
}

fn settings(allow: &[&str]) -> FetchSettings {
    FetchSettings {
        user_agent: "Daywire-test/1 (+https://news.example)".to_owned(),
        timeout: Duration::from_secs(20),
        connect_timeout: Duration::from_secs(5),
        max_body_bytes: 100_000,
        max_redirects: 5,
        allow: allow
            .iter()
            .map(|entry| Allowed::parse(entry).expect("the host is valid"))
            .collect(),
        proxy: None,
    }
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("writing to memory succeeds");
    encoder.finish().expect("writing to memory succeeds")
}

fn body(fetched: Fetched) -> Vec<u8> {
    match fetched {
        Fetched::Document(download) => download.bytes,
        other => panic!("expected a document: {other:?}"),
    }
}

/// Responds to `/N` with a redirect to `/N-1`, and to `/0` with a document.
fn countdown(status: &'static str) -> impl Fn(&str) -> Vec<u8> {
    move |head| {
        let number = head
            .split([' ', '/'])
            .find_map(|part| part.parse::<usize>().ok())
            .unwrap_or(0);
        match number {
            0 => answer("200 OK", b"<rss/>"),
            number => answer(&format!("{status}\r\nLocation: /{}#part", number - 1), b""),
        }
    }
}

#[tokio::test]
async fn five_redirects_are_followed_and_a_sixth_is_not() {
    let server = Server::start(countdown("302 Found")).await;
    let fetched = server
        .fetcher()
        .get(&server.url("/5"), None, None)
        .await
        .expect("five redirects are allowed");
    assert_eq!(server.requests.load(Ordering::SeqCst), 6);
    let Fetched::Document(Download {
        final_url,
        moved_permanently_to,
        ..
    }) = fetched
    else {
        panic!("a document was served")
    };
    assert_eq!((final_url, moved_permanently_to), (server.url("/0"), None));

    let error = server
        .fetcher()
        .get(&server.url("/6"), None, None)
        .await
        .expect_err("six redirects are too many");
    assert!(matches!(error, FetchError::TooManyRedirects(5)), "{error}");
}

#[tokio::test]
async fn a_feed_has_moved_only_if_every_redirect_was_permanent() {
    let server = Server::start(|head| match head.split(' ').nth(1) {
        Some("/old") => answer("301 Moved Permanently\r\nLocation: /new", b""),
        Some("/new") => answer("308 Permanent Redirect\r\nLocation: /newest", b""),
        Some("/mixed") => answer("301 Moved Permanently\r\nLocation: /away", b""),
        Some("/away") => answer("307 Temporary Redirect\r\nLocation: /old", b""),
        _ => answer("200 OK\r\nCache-Control: public, MAX-AGE=\"3600\"", b"here"),
    })
    .await;
    for (path, moved) in [("/old", Some("/newest")), ("/mixed", None), ("/newest", None)] {
        let fetched = server
            .fetcher()
            .get(&server.url(path), None, None)
            .await
            .expect("the document is fetched");
        let Fetched::Document(Download {
            final_url,
            moved_permanently_to,
            max_age,
            ..
        }) = fetched
        else {
            panic!("a document was served")
        };
        assert_eq!(final_url, server.url("/newest"));
        assert_eq!(moved_permanently_to, moved.map(|path| server.url(path)), "{path}");
        assert_eq!(max_age, Some(Duration::from_hours(1)));
    }
}

#[tokio::test]
async fn a_redirect_into_a_private_network_is_refused_before_a_connection() {
    let private = Server::start(|_| answer("200 OK", b"secret")).await;
    let port = private.address.port();
    for location in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("//2130706433:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let head = format!("302 Found\r\nLocation: {location}");
        let server = Server::start(move |_| answer(&head, b"")).await;
        let error = server
            .fetcher()
            .get(&server.url("/"), None, None)
            .await
            .expect_err("the target is private");
        assert!(matches!(error, FetchError::Refused(_)), "{location}: {error}");
    }
    assert_eq!(private.requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_private_address_is_refused_unless_it_is_allowed() {
    let server = Server::start(|_| answer("200 OK", b"fine")).await;
    let strict = Fetcher::new(settings(&[]));
    let error = strict
        .get(&server.url("/"), None, None)
        .await
        .expect_err("loopback is private");
    assert!(matches!(error, FetchError::Refused(_)), "{error}");
    assert_eq!(server.requests.load(Ordering::SeqCst), 0);

    let by_name = Fetcher::new(settings(&["localhost"]));
    let url = Url::parse(&format!("http://localhost:{}/", server.address.port())).expect("the address is valid");
    assert_eq!(
        body(by_name.get(&url, None, None).await.expect("the name is allowed")),
        b"fine"
    );
}

#[tokio::test]
async fn validators_of_a_document_are_returned_and_sent_with_the_next_request() {
    let server = Server::start(|head| {
        let head = head.to_ascii_lowercase();
        let known = head.contains("if-none-match: \"v1\"") && head.contains("if-modified-since: thu, 01 jan 2026");
        if known {
            return answer("304 Not Modified", b"");
        }
        answer(
            "200 OK\r\nETag: \"v1\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/xml",
            b"<rss/>",
        )
    })
    .await;
    let first = server
        .fetcher()
        .get(&server.url("/"), None, None)
        .await
        .expect("the document is fetched");
    let Fetched::Document(Download {
        etag,
        last_modified,
        content_type,
        ..
    }) = first
    else {
        panic!("a document was served")
    };
    assert_eq!(content_type.as_deref(), Some("text/xml"));
    let again = server
        .fetcher()
        .get(&server.url("/"), etag.as_deref(), last_modified.as_deref())
        .await;
    assert_eq!(again.expect("the query succeeds"), Fetched::NotModified);
}

#[tokio::test]
async fn a_document_that_is_gone_differs_from_one_that_is_missing() {
    let server = Server::start(|head| match head.split(' ').nth(1) {
        Some("/gone") => answer("410 Gone", b""),
        _ => answer("404 Not Found", b""),
    })
    .await;
    assert_eq!(
        server
            .fetcher()
            .get(&server.url("/gone"), None, None)
            .await
            .expect("the query succeeds"),
        Fetched::Gone
    );
    let error = server
        .fetcher()
        .get(&server.url("/missing"), None, None)
        .await
        .expect_err("404 is a failure");
    assert!(
        matches!(&error, FetchError::Status { status, .. } if status.as_u16() == 404),
        "{error}"
    );
    assert_eq!(error.retry_after(), None);
}

#[tokio::test]
async fn retry_after_is_read_in_seconds_and_as_a_date() {
    let server = Server::start(|head| match head.split(' ').nth(1) {
        Some("/seconds") => answer("429 Too Many Requests\r\nRetry-After: 120", b""),
        Some("/date") => {
            let dates = "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nRetry-After: Thu, 01 Jan 2026 01:00:00 GMT";
            answer(&format!("503 Service Unavailable\r\n{dates}"), b"")
        }
        _ => answer("429 Too Many Requests\r\nRetry-After: 99999999999999", b""),
    })
    .await;
    for (path, seconds) in [("/seconds", 120), ("/date", 3_600), ("/forever", 30 * 24 * 3_600)] {
        let error = server
            .fetcher()
            .get(&server.url(path), None, None)
            .await
            .expect_err("the server refuses");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)), "{path}");
    }
}

#[tokio::test]
async fn bodies_are_limited_after_decompression() {
    let server = Server::start(|head| match head.split(' ').nth(1) {
        Some("/small") => answer("200 OK\r\nContent-Encoding: gzip", &gzip(b"<rss/>")),
        Some("/exact") => answer("200 OK", &vec![b' '; 100_000]),
        Some("/bomb") => answer("200 OK\r\nContent-Encoding: gzip", &gzip(&vec![0; 50_000_000])),
        _ => b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
            .iter()
            .copied()
            .chain(vec![b' '; 100_001])
            .collect(),
    })
    .await;
    let get = async |path: &str| server.fetcher().get(&server.url(path), None, None).await;
    assert_eq!(
        body(get("/small").await.expect("a small document is fetched")),
        b"<rss/>"
    );
    assert_eq!(
        body(get("/exact").await.expect("a document of the maximum size is fetched")).len(),
        100_000
    );
    for path in ["/bomb", "/endless"] {
        let error = get(path).await.expect_err("the document is too large");
        assert!(matches!(error, FetchError::TooLarge(100_000)), "{path}: {error}");
    }
}

fn raw(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes(), body].concat()
}

/// The received part of a document, and why it is incomplete.
fn parts(fetched: Fetched) -> (Vec<u8>, Option<String>) {
    match fetched {
        Fetched::Document(download) => (download.bytes, download.incomplete),
        other => panic!("expected a document: {other:?}"),
    }
}

#[tokio::test]
async fn an_incomplete_body_is_kept_with_the_reason() {
    let server = Server::start(|head| match head.split(' ').nth(1) {
        Some("/short") => raw("200 OK\r\nContent-Length: 100", b"<rss>"),
        Some("/chunks") => raw("200 OK\r\nTransfer-Encoding: chunked", b"5\r\n<rss>\r\n"),
        Some("/chunk") => raw("200 OK\r\nTransfer-Encoding: chunked", b"5\r\n<rss>\r\nnonsense\r\n"),
        Some("/part") => answer("206 Partial Content", b"<rss>"),
        Some("/gzip") => answer("200 OK\r\nContent-Encoding: gzip", &gzip(b"<rss>")[..20]),
        Some("/whole") => raw("200 OK\r\nTransfer-Encoding: chunked", b"5\r\n<rss>\r\n0\r\n\r\n"),
        _ => raw("200 OK\r\nContent-Length: 100", b""),
    })
    .await;
    let get = async |path: &str| server.fetcher().get(&server.url(path), None, None).await;
    for (path, word) in [
        ("/short", "after 5 bytes"),
        ("/chunks", "after 5 bytes"),
        ("/chunk", "after 5 bytes"),
        ("/part", "206"),
    ] {
        let (bytes, incomplete) = parts(get(path).await.expect("the beginning is kept"));
        assert_eq!(bytes, b"<rss>", "{path}");
        assert!(
            incomplete.as_ref().is_some_and(|why| why.contains(word)),
            "{path}: {incomplete:?}"
        );
    }
    let (bytes, incomplete) = parts(get("/gzip").await.expect("the beginning is kept"));
    assert!(b"<rss>".starts_with(&bytes) && incomplete.is_some_and(|why| why.contains("gzip")));
    assert_eq!(
        parts(get("/whole").await.expect("the document is fetched")),
        (b"<rss>".to_vec(), None)
    );
    assert!(matches!(get("/nothing").await, Err(FetchError::Connection(_))));
}

#[tokio::test]
async fn the_beginning_of_a_body_is_kept_at_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let address = listener.local_addr().expect("the socket is bound");
    let serving = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("the fetcher connects");
        let mut request = vec![0; 4096];
        let _ = socket.read(&mut request).await;
        let _ = socket.write_all(&raw("200 OK\r\nContent-Length: 100", b"<rss>")).await;
        std::future::pending::<()>().await;
    });
    let mut settings = settings(&[&address.to_string()]);
    settings.timeout = Duration::from_secs(1);
    let url = Url::parse(&format!("http://{address}/")).expect("the address is valid");
    let fetched = Fetcher::new(settings)
        .get(&url, None, None)
        .await
        .expect("the beginning is kept");
    let (bytes, incomplete) = parts(fetched);
    assert_eq!(bytes, b"<rss>");
    assert!(incomplete.is_some_and(|why| why.contains("within 1 s")));
    serving.abort();
}

#[tokio::test]
async fn all_names_of_the_gzip_encoding_are_decoded() {
    let members = [gzip(b"<rss>"), gzip(b"</rss>")].concat();
    let server = Server::start(move |head| {
        let name = head
            .split(['/', ' '])
            .find(|part| part.contains("zip") || *part == "none");
        match name {
            Some("none") | None => answer("200 OK", &members),
            Some(name) => answer(&format!("200 OK\r\ncontent-encoding:  {name} "), &members),
        }
    })
    .await;
    for path in ["/none", "/gzip", "/GZIP", "/x-gzip", "/gzip,gzip"] {
        let fetched = server.fetcher().get(&server.url(path), None, None).await.expect(path);
        assert_eq!(parts(fetched), (b"<rss></rss>".to_vec(), None), "{path}");
    }
    let unknown = Server::start(|_| answer("200 OK\r\nContent-Encoding: br", b"\x8b\x02\x80\x01")).await;
    let error = unknown
        .fetcher()
        .get(&unknown.url("/"), None, None)
        .await
        .expect_err("the encoding is unknown");
    assert!(matches!(&error, FetchError::Encoding(name) if name == "br"), "{error}");
}

#[tokio::test]
async fn malformed_header_lines_and_other_2xx_statuses_are_accepted() {
    let server = Server::start(|head| match head.split(' ').nth(1) {
        Some("/fold") => answer("200 OK\r\nX-Policy: a\r\n b\r\n\tc\r\nETag: \"1\"", b"<rss/>"),
        Some("/name") => answer("200 OK\r\nX Odd Name: 1\r\nX-\u{c4}: 2\r\nETag: \"1\"", b"<rss/>"),
        Some("/space") => answer("200 OK\r\nETag : \"1\"", b"<rss/>"),
        Some("/colon") => answer("200 OK\r\nno colon at all\r\n: no name\r\nETag: \"1\"", b"<rss/>"),
        Some("/203") => answer("203 Non-Authoritative Information\r\nETag: \"1\"", b"<rss/>"),
        Some("/201") => answer("201 Created\r\nETag: \"1\"", b"<rss/>"),
        _ => raw("204 No Content", b""),
    })
    .await;
    for path in ["/fold", "/name", "/space", "/colon", "/203", "/201"] {
        let fetched = server.fetcher().get(&server.url(path), None, None).await.expect(path);
        assert!(
            matches!(&fetched, Fetched::Document(download) if download.bytes == b"<rss/>" && download.incomplete.is_none() && download.etag.as_deref() == Some("\"1\"")),
            "{path}: {fetched:?}"
        );
    }
    let error = server
        .fetcher()
        .get(&server.url("/204"), None, None)
        .await
        .expect_err("204 has no document");
    assert!(
        matches!(&error, FetchError::Status { status, .. } if status.as_u16() == 204),
        "{error}"
    );
}

#[tokio::test]
async fn a_cookie_is_sent_only_within_one_fetch() {
    let server = Server::start(|head| {
        if head.contains("ok=1") {
            return answer("200 OK", b"<rss/>");
        }
        answer("302 Found\r\nLocation: /feed\r\nSet-Cookie: ok=1; Path=/", b"")
    })
    .await;
    let fetcher = server.fetcher();
    for requests in [2, 4] {
        let document = fetcher
            .get(&server.url("/feed"), None, None)
            .await
            .expect("the document is fetched");
        assert_eq!(body(document), b"<rss/>");
        assert_eq!(server.requests.load(Ordering::SeqCst), requests);
    }
}

#[tokio::test]
async fn an_address_allowed_for_one_feed_is_refused_as_the_redirect_of_another() {
    let private = Server::start(|_| answer("200 OK", b"secret")).await;
    let to = private.url("/secret");
    let feed = Server::start(move |_| answer(&format!("302 Found\r\nLocation: {to}"), b"")).await;
    for allowed in ["127.0.0.0/8", "127.0.0.1"] {
        let fetcher = Fetcher::new(settings(&[allowed]));
        let error = fetcher
            .get(&feed.url("/"), None, None)
            .await
            .expect_err("the target was not added");
        assert!(matches!(error, FetchError::Refused(_)), "{error}");
        assert!(error.to_string().contains("add that address itself"), "{error}");
    }
    assert_eq!(private.requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_304_is_accepted_only_for_a_conditional_request() {
    let server = Server::start(|_| raw("304 Not Modified", b"")).await;
    let get = async |etag| server.fetcher().get(&server.url("/"), etag, None).await;
    assert!(matches!(get(None).await, Err(FetchError::NotModifiedUnasked)));
    assert!(matches!(get(Some("\"1\"")).await, Ok(Fetched::NotModified)));
}

#[tokio::test]
async fn a_server_that_never_responds_causes_a_timeout() {
    // The kernel accepts the connection and the request, but no program reads them.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let address = silent.local_addr().expect("the socket is bound");
    let mut settings = settings(&[&address.to_string()]);
    settings.timeout = Duration::from_millis(100);
    let url = Url::parse(&format!("http://{address}/")).expect("the address is valid");
    let error = Fetcher::new(settings)
        .get(&url, None, None)
        .await
        .expect_err("the server does not respond");
    assert!(matches!(error, FetchError::TimedOut(_)), "{error}");
}

#[tokio::test]
async fn a_response_that_is_not_http_and_a_redirect_without_a_target_are_errors_with_a_reason() {
    let server = Server::start(|head| match head.split(' ').nth(1) {
        Some("/nowhere") => answer("302 Found", b""),
        Some("/bad") => answer("302 Found\r\nLocation: http://[", b""),
        _ => b"+OK POP3 ready\r\n".to_vec(),
    })
    .await;
    let get = async |path: &str| {
        server
            .fetcher()
            .get(&server.url(path), None, None)
            .await
            .expect_err("a failure")
    };
    assert!(matches!(get("/nowhere").await, FetchError::BadRedirect));
    assert!(matches!(get("/bad").await, FetchError::BadRedirect));
    let error = get("/pop3").await;
    assert!(
        matches!(error, FetchError::Connection(_)) && !error.to_string().contains("127.0.0.1"),
        "{error}"
    );
}
