//! Serves the demo's feeds over HTTP on loopback, as news sites do.

use std::net::Ipv4Addr;
use std::path::Path;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use tokio::task::JoinHandle;
use url::Url;

use super::sample::{sample_feed, second_feed};
use crate::cli::files;
use crate::clock::Clock;

/// The demo's feeds. The server ends when this is dropped.
pub(crate) struct FeedServer {
    /// The addresses of the feeds; at least one.
    pub(crate) urls: Vec<Url>,
    /// What errors call the feed: its address or file as given, or `the sample feed`.
    pub(crate) name: String,
    server: Option<JoinHandle<()>>,
}

impl FeedServer {
    /// Serves the sample and a second source, or only the given file. A given http(s) address is used as it is, without a server.
    pub(crate) async fn start(feed: Option<&str>) -> anyhow::Result<Self> {
        let now = Clock::System.now();
        let contents = match feed {
            None => vec![sample_feed(now).into_bytes(), second_feed(now).into_bytes()],
            Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
                return Ok(Self {
                    urls: vec![
                        Url::parse(url).map_err(|error| anyhow::anyhow!("--feed: {url} is not an address: {error}"))?,
                    ],
                    name: url.to_owned(),
                    server: None,
                });
            }
            Some(file) => vec![files::read(Path::new(file))?],
        };
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let mut urls = Vec::new();
        let mut router = Router::new();
        for (content, path) in contents.into_iter().zip(["/feed", "/second"]) {
            urls.push(Url::parse(&format!("http://{}{path}", listener.local_addr()?))?);
            let respond = move || {
                let content = content.clone();
                async move { ([(header::CONTENT_TYPE, "application/octet-stream")], content) }
            };
            router = router.route(path, get(respond));
        }
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "demo feed server failed");
            }
        });
        Ok(Self {
            urls,
            name: feed.unwrap_or("the sample feed").to_owned(),
            server: Some(server),
        })
    }
}

impl Drop for FeedServer {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}
