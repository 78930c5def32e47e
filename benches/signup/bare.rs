//! The handler to compare with: it waits as long as every answer to a sign-up takes at least, and redirects.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::response::Redirect;
use axum::routing::post;

/// Serves until the process is killed.
pub fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        Ok(axum::serve(listener, Router::new().route("/api/v1/subscriptions", post(wait))).await?)
    })
}

async fn wait(_: Bytes) -> Redirect {
    tokio::time::sleep(Duration::from_millis(60)).await;
    Redirect::to("/subscribe/sent")
}
