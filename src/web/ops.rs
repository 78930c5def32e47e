//! Health, and the site's own files.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::error::WebError;
use super::pages::assets::{ICON_SVG, SITE_CSS};
use super::{Shared, Web};
use crate::domain::redact::without_logins;

/// The result of a database check is reused for this long, so that many health checks cost one query.
const MAX_AGE: Duration = Duration::from_secs(2);
/// After this long without an answer the database counts as unavailable.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(3);

/// The last check of the database.
#[derive(Debug, Default)]
pub(super) struct DatabaseCheck(Mutex<Option<(Instant, Option<String>)>>);

impl DatabaseCheck {
    /// Why the database cannot be read or written; `None` if it can.
    async fn trouble(&self, web: &Web) -> Option<String> {
        let mut last = self.0.lock().await;
        if let Some((_, trouble)) = last.as_ref().filter(|(at, _)| at.elapsed() < MAX_AGE) {
            return trouble.clone();
        }
        let store = &web.app.store;
        let look = async {
            store.read().await?.newsletters().await?;
            store.check_writable().await
        };
        let trouble = match timeout(DATABASE_TIMEOUT, look).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!(
                "the database does not answer within {} seconds",
                DATABASE_TIMEOUT.as_secs()
            )),
        };
        *last = Some((Instant::now(), trouble.clone()));
        trouble
    }
}

/// GET `/healthz`: the process is alive.
pub async fn healthz() -> &'static str {
    "alive\n"
}

/// GET `/readyz` of the site: whether the service is ready, without the reasons, which may name a host or a reader.
pub async fn readyz(State(web): Shared) -> Response {
    if reasons(&web).await.is_empty() {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}

/// GET `/readyz` of `http.ops_listen`: if the service is not ready, one line for each reason.
pub async fn readyz_with_reasons(State(web): Shared) -> Response {
    let reasons = reasons(&web).await;
    if reasons.is_empty() {
        return "ready\n".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", reasons.join("\n"))).into_response()
}

/// The answer to other requests while all connections of the site are in use.
pub async fn overloaded() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, "5")],
        "Too many connections are open. Please try again in a few seconds.\n",
    )
        .into_response()
}

async fn reasons(web: &Web) -> Vec<String> {
    let mut reasons = Vec::new();
    reasons.extend(web.database_check.trouble(web).await);
    if let Some(relay) = web.app.health.trouble() {
        let since = relay.since.format("%Y-%m-%dT%H:%M:%SZ");
        reasons.push(format!("relay: {} (since {since})", relay.reason));
    }
    reasons.iter().map(|reason| without_logins(reason)).collect()
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
