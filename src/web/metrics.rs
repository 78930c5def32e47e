//! The page `/metrics` for Prometheus and programs like it.
//!
//! On `http.ops_listen` everybody who reaches that address may read it, unless the settings name a token or networks. On `http.listen`
//! it exists only if they do.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout};

use super::client::known_client;
use super::state::{Shared, Web};
use crate::app::App;
use crate::domain::ids::IssueId;
use crate::metrics::{Format, RecipientsLeft};
use crate::schedule::longest_wait;
use crate::store::StoreError;
use crate::store::waiting::IssueInDelivery;

/// What the gauges show of the database is read again after this time.
const MAX_AGE: Duration = Duration::from_secs(5);
/// After this long without an answer the database counts as unavailable.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the recipients that are left may be counted. Prometheus waits for ten seconds by default.
const COUNT_TIMEOUT: Duration = Duration::from_secs(4);
/// The most issues whose recipients are counted. More are hardly ever sent at the same time.
const MAX_ISSUES: usize = 50;

/// GET `/metrics` of `http.listen`.
pub(super) async fn of_site(State(web): Shared, request: Request) -> Response {
    if web.app.config.metrics.is_set() {
        answer(&web, request).await
    } else {
        (
            StatusCode::NOT_FOUND,
            "The settings permit nobody to read metrics here.\n",
        )
            .into_response()
    }
}

/// GET `/metrics` of `http.ops_listen`.
pub(super) async fn of_ops(State(web): Shared, request: Request) -> Response {
    answer(&web, request).await
}

async fn answer(web: &Web, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let access = &web.app.config.metrics;
    if access.is_set() && !is_allowed(web, &parts) {
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
        let text = "Send the token of metrics.token, or add your network to metrics.allow.\n";
        return (StatusCode::UNAUTHORIZED, challenge, text).into_response();
    }
    let accepted = parts.headers.get_all(header::ACCEPT).iter();
    let mut accepted = accepted.filter_map(|value| value.to_str().ok());
    let format = if accepted.any(|types| types.contains("application/openmetrics-text")) {
        Format::OpenMetrics
    } else {
        Format::Prometheus
    };
    // One request at a time reads the database and writes the text, so that no text shows half of a reading.
    let mut read_at = web.app.metrics.stored.read_at.lock().await;
    web.app.metrics.stored.set_pools(&web.app.store.pools());
    if read_at.is_none_or(|at| at.elapsed() >= MAX_AGE) {
        read(web).await;
        *read_at = Some(Instant::now());
    }
    match web.app.metrics.text(format) {
        Ok((media_type, text)) => ([(header::CONTENT_TYPE, media_type)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics not written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn is_allowed(web: &Web, parts: &Parts) -> bool {
    let access = &web.app.config.metrics;
    // A proxy that is not trusted hides its client, who may be anybody.
    let is_near =
        known_client(parts, web).is_some_and(|client| access.allow.iter().any(|network| network.contains(&client)));
    is_near
        || access.token.as_ref().is_some_and(|token| {
            // Hashes, because comparing the texts takes longer the more characters are right.
            let sent = bearer(parts).map(Sha256::digest);
            sent.is_some_and(|sent| sent == Sha256::digest(token.expose_secret()))
        })
}

/// The token of the field `Authorization` ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts
        .headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Sets the gauges of what waits in the database.
async fn read(web: &Web) {
    let app = &*web.app;
    let stored = &app.metrics.stored;
    let issues = match timeout(DATABASE_TIMEOUT, read_waiting(app)).await {
        Ok(Ok(issues)) => issues,
        Ok(Err(error)) => {
            tracing::warn!(%error, "metrics of the database not read");
            return stored.set_unavailable();
        }
        Err(_) => {
            tracing::warn!("metrics of the database not read in time");
            return stored.set_unavailable();
        }
    };
    let by_id: BTreeMap<IssueId, IssueInDelivery> = issues.into_iter().map(|issue| (issue.issue_id, issue)).collect();
    let mut left = Vec::new();
    let count = async {
        for (id, issue) in by_id.into_iter().take(MAX_ISSUES) {
            // The readings are those of the console. Counting a large issue takes long, so they are kept for longer the longer it took.
            if let Some(progress) = web.live.progress(app, id).await? {
                left.push(RecipientsLeft {
                    newsletter: issue.newsletter_slug,
                    number: issue.number,
                    recipients: progress.total() - progress.done(),
                });
            }
        }
        Ok::<(), StoreError>(())
    };
    match timeout(COUNT_TIMEOUT, count).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "recipients of issues not counted"),
        Err(_) => tracing::warn!("recipients of issues not counted in time"),
    }
    stored.set_recipients_left(left);
}

async fn read_waiting(app: &App) -> Result<Vec<IssueInDelivery>, StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let issues = tx.issues_in_delivery().await?;
    let waiting = tx.waiting(&issues, now).await?;
    let late = longest_wait(&tx.newsletters().await?, now);
    app.metrics.stored.set_waiting(&waiting, late, now);
    Ok(issues)
}
