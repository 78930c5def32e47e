//! Health checks: whether the process is alive, and whether it is ready.
//!
//! The public `/readyz` says only ready or not. Reasons, which may name a host, are on `http.ops_listen`.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::state::{Shared, Web};
use crate::domain::redact::without_logins;
use crate::mail::health::Trouble;

/// GET `/healthz`: the process is alive.
pub(super) async fn healthz() -> &'static str {
    "alive\n"
}

/// GET `/readyz` of the site: whether the service is ready, without reasons.
pub(super) async fn readyz(State(web): Shared) -> Response {
    if reasons(&web).await.is_empty() {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}

/// GET `/readyz` of `http.ops_listen`: if the service is not ready, one line for each reason. A mailbox that cannot be read is listed
/// too, but does not make the service unready: the site and the senders do not need it.
pub(super) async fn readyz_with_reasons(State(web): Shared) -> Response {
    let mut lines = reasons(&web).await;
    let status = if lines.is_empty() {
        lines.push("ready".to_owned());
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let mailbox = web.app.mailbox_health.trouble();
    lines.extend(mailbox.map(|trouble| without_logins(&shown("mailbox", &trouble))));
    (status, format!("{}\n", lines.join("\n"))).into_response()
}

/// The answer to other requests while all connections of the site are in use.
pub(super) async fn overloaded() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, "5")],
        "Too many connections are open. Please try again in a few seconds.\n",
    )
        .into_response()
}

/// Why the service is not ready; empty if it is.
async fn reasons(web: &Web) -> Vec<String> {
    let mut reasons = Vec::new();
    reasons.extend(web.database_check.problem(&web.app.store).await);
    reasons.extend(web.app.health.trouble().map(|trouble| shown("relay", &trouble)));
    reasons.iter().map(|reason| without_logins(reason)).collect()
}

fn shown(server: &str, trouble: &Trouble) -> String {
    let since = trouble.since.format("%Y-%m-%dT%H:%M:%SZ");
    format!("{server}: {} (since {since})", trouble.reason)
}
