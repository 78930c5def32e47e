//! Health, and the site's own files.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::error::WebError;
use super::pages::assets::{ICON_SVG, SITE_CSS};

/// GET `/healthz`: the process is alive.
pub async fn healthz() -> &'static str {
    "alive\n"
}

/// GET `/readyz`: able to serve; if not, 503 and a line for each reason.
pub async fn readyz(State(web): Shared) -> Response {
    let mut trouble = Vec::new();
    let database = async { web.app.store.read().await?.newsletters().await };
    if let Err(error) = database.await {
        trouble.push(error.to_string());
    }
    if let Some(relay) = web.app.health.trouble() {
        trouble.push(format!(
            "relay: {} (since {})",
            relay.reason,
            relay.since.format("%Y-%m-%dT%H:%M:%SZ")
        ));
    }
    if trouble.is_empty() {
        return "ready\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", trouble.join("\n"))).into_response()
}

/// GET `/assets/{name}`
pub async fn asset(Path(name): Path<String>) -> Result<Response, WebError> {
    let (kind, content) = match name.as_str() {
        "site.css" => ("text/css; charset=utf-8", SITE_CSS),
        "icon.svg" => ("image/svg+xml", ICON_SVG),
        _ => return Err(WebError::NotFound),
    };
    Ok((
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "public, max-age=300"),
        ],
        content,
    )
        .into_response())
}
