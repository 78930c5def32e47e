//! A publisher's server: answers as it is told, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use tokio::task::JoinHandle;

/// What to answer: status, headers and body. Status 0: nothing, ever.
pub type FeedAnswer = (u16, Vec<(&'static str, String)>, String);

/// Answers on a loopback port until it is dropped.
pub struct FeedServer {
    url: String,
    asked: Arc<Mutex<Vec<HeaderMap>>>,
    task: JoinHandle<()>,
}

impl FeedServer {
    /// Answers each request by `answer`, which is given its headers, with its path as `x-path`, and how many were before it.
    pub async fn start(answer: impl Fn(&HeaderMap, usize) -> FeedAnswer + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked: Arc<Mutex<Vec<HeaderMap>>> = Arc::default();
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        let handler = move |uri: Uri, mut headers: HeaderMap| {
            headers.insert("x-path", uri.path().parse().expect("a path is visible ASCII"));
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            async move {
                let (status, fields, body) = {
                    let mut log = log.lock().expect("no test panicked here");
                    let told = answer(&headers, log.len());
                    log.push(headers);
                    told
                };
                if status == 0 {
                    std::future::pending::<()>().await;
                }
                let mut headers = HeaderMap::new();
                for (name, value) in fields {
                    headers.insert(name, value.parse().expect("a header"));
                }
                (StatusCode::from_u16(status).expect("a status"), headers, body)
            }
        };
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, Router::new().fallback(handler)).await;
        });
        Self { url, asked, task }
    }

    /// The address of a feed on it.
    pub fn feed(&self, path: &str) -> String {
        format!("{}/{path}", self.url)
    }

    /// The headers of every request so far.
    pub fn asked(&self) -> Vec<HeaderMap> {
        self.asked.lock().expect("no test panicked here").clone()
    }
}

impl Drop for FeedServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The path that a request is for.
pub fn path(headers: &HeaderMap) -> &str {
    headers["x-path"].to_str().expect("it is visible ASCII")
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
