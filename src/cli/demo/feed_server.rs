//! Serves the demo's feed over HTTP, as a news site would.

use std::net::Ipv4Addr;
use std::path::Path;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use tokio::task::JoinHandle;
use url::Url;

use super::sample::sample_feed;
use crate::clock::Clock;

/// A feed that can be read at an address.
pub struct FeedServer {
    /// Where.
    pub url: Url,
    /// What whoever started the demo calls it.
    pub name: String,
    server: Option<JoinHandle<()>>,
}

impl FeedServer {
    /// Serves the sample, or the given file; an address needs no server.
    pub async fn start(feed: Option<&str>) -> anyhow::Result<Self> {
        let content = match feed {
            None => sample_feed(Clock::System.now()).into_bytes(),
            Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
                return Ok(Self {
                    url: Url::parse(url).map_err(|error| anyhow::anyhow!("--feed: {url} is no address: {error}"))?,
                    name: url.to_owned(),
                    server: None,
                });
            }
            Some(file) => super::super::read_file(Path::new(file))?,
        };
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = Url::parse(&format!("http://{}/feed", listener.local_addr()?))?;
        let router = Router::new().route(
            "/feed",
            get(move || {
                let content = content.clone();
                async move { ([(header::CONTENT_TYPE, "application/octet-stream")], content) }
            }),
        );
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the demo's feed is not served any more");
            }
        });
        Ok(Self {
            url,
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
