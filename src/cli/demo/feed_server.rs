//! Serves the demo's feeds over HTTP, as news sites would.

use std::net::Ipv4Addr;
use std::path::Path;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use tokio::task::JoinHandle;
use url::Url;

use super::sample::{sample_feed, second_feed};
use crate::clock::Clock;

/// Feeds that can be read at addresses.
pub struct FeedServer {
    /// Where; at least one.
    pub urls: Vec<Url>,
    /// The name under which the demo was given this feed.
    pub name: String,
    server: Option<JoinHandle<()>>,
}

impl FeedServer {
    /// Serves the sample and a second source, or the given file alone; an address needs no server.
    pub async fn start(feed: Option<&str>) -> anyhow::Result<Self> {
        let now = Clock::System.now();
        let contents = match feed {
            None => vec![sample_feed(now).into_bytes(), second_feed(now).into_bytes()],
            Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
                return Ok(Self {
                    urls: vec![
                        Url::parse(url).map_err(|error| anyhow::anyhow!("--feed: {url} is no address: {error}"))?,
                    ],
                    name: url.to_owned(),
                    server: None,
                });
            }
            Some(file) => vec![super::super::read_file(Path::new(file))?],
        };
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let mut urls = Vec::new();
        let mut router = Router::new();
        for (content, path) in contents.into_iter().zip(["/feed", "/second"]) {
            urls.push(Url::parse(&format!("http://{}{path}", listener.local_addr()?))?);
            let answer = move || {
                let content = content.clone();
                async move { ([(header::CONTENT_TYPE, "application/octet-stream")], content) }
            };
            router = router.route(path, get(answer));
        }
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the demo's feed is not served any more");
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
