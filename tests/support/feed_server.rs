//! A publisher's HTTP server. The test decides its responses; the server records the requests.

use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::task::JoinHandle;

/// Status, headers and body of a response. With status 0 the server never responds.
pub type FeedAnswer = (u16, Vec<(&'static str, String)>, String);

/// A response whose body may be any bytes, and may be incomplete.
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Whether the server closes the connection after `body`, before the response is complete.
    pub breaks_off: bool,
}

impl From<FeedAnswer> for Reply {
    fn from((status, headers, body): FeedAnswer) -> Self {
        Self {
            status,
            headers,
            body: body.into_bytes(),
            breaks_off: false,
        }
    }
}

/// Listens on a loopback port until it is dropped.
pub struct FeedServer {
    url: String,
    requests: Arc<Mutex<Vec<HeaderMap>>>,
    task: JoinHandle<()>,
}

impl FeedServer {
    /// Responds with what `answer` returns for the headers of a request and the number of earlier requests. The header `x-path`
    /// holds the path; see [`path`].
    pub async fn start(answer: impl Fn(&HeaderMap, usize) -> FeedAnswer + Send + Sync + 'static) -> Self {
        Self::start_with(move |headers, before| answer(headers, before).into()).await
    }

    /// [`start`](Self::start) with responses that may be incomplete.
    pub async fn start_with(answer: impl Fn(&HeaderMap, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a loopback port is free");
        let url = format!("http://{}", listener.local_addr().expect("the socket is bound"));
        let requests: Arc<Mutex<Vec<HeaderMap>>> = Arc::default();
        let (log, answer) = (Arc::clone(&requests), Arc::new(answer));
        let handler = move |uri: Uri, mut headers: HeaderMap| {
            headers.insert("x-path", uri.path().parse().expect("a path is visible ASCII"));
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            async move {
                let reply = {
                    let mut log = log.lock().expect("no thread panicked with the lock");
                    let reply = answer(&headers, log.len());
                    log.push(headers);
                    reply
                };
                if reply.status == 0 {
                    std::future::pending::<()>().await;
                }
                let mut headers = HeaderMap::new();
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
                for (name, value) in reply.headers {
                    headers.insert(name, value.parse().expect("the header value is valid"));
                }
                let body = if reply.breaks_off {
                    Body::from_stream(broken_off(reply.body))
                } else {
                    Body::from(reply.body)
                };
                (
                    StatusCode::from_u16(reply.status).expect("the status is valid"),
                    headers,
                    body,
                )
            }
        };
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, Router::new().fallback(handler)).await;
        });
        Self { url, requests, task }
    }

    /// The address of a path on the server.
    pub fn feed(&self, path: &str) -> String {
        format!("{}/{path}", self.url)
    }

    /// The headers of every request so far.
    pub fn requests(&self) -> Vec<HeaderMap> {
        self.requests.lock().expect("no thread panicked with the lock").clone()
    }
}

impl Drop for FeedServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A body that fails after `bytes`, so that the server closes the connection.
fn broken_off(bytes: Vec<u8>) -> impl Stream<Item = io::Result<Vec<u8>>> + Send {
    let failure = async {
        // The server sends the bytes that it has only while the body is pending.
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        Err(io::Error::other("the test breaks off the response"))
    };
    stream::once(async { Ok(bytes) }).chain(stream::once(failure))
}

/// The path of a request.
pub fn path(headers: &HeaderMap) -> &str {
    headers["x-path"].to_str().expect("the path is visible ASCII")
}

/// An RSS document with an item for each mark.
pub fn rss(marks: &[&str]) -> String {
    let items: Vec<_> = marks
        .iter()
        .map(|mark| format!("<item><title>Item {mark}</title><link>https://wire.example/{mark}</link></item>"))
        .collect();
    format!(
        "<rss version=\"2.0\"><channel><title>Wire</title>{}</channel></rss>",
        items.concat()
    )
}
