//! What every listener does with every request: it gives the request an id, which its answer and its log lines carry, checks its Host
//! field, adds the headers of every answer, and counts the request for the metrics. It is one layer, because each layer has its cost.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use super::client::is_from_trusted_proxy;
use super::headers::PathKind;
use super::host;
use super::request_id::{RequestId, X_REQUEST_ID};
use super::state::Web;

/// The route of a request for a path that no route has.
const NO_ROUTE: &str = "none";

pub(super) async fn observe(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let app = &web.app;
    let from_proxy = request.headers().get(X_REQUEST_ID);
    let from_proxy = from_proxy.filter(|_| is_from_trusted_proxy(request.extensions(), &web));
    let id = from_proxy
        .and_then(RequestId::of_proxy)
        .unwrap_or_else(|| RequestId::new(app.rng.uuid(app.clock.now())));
    // The template and not the path, which may contain a token.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let method = request.method().clone();
    // At the highest level, so that no `log.level` takes the id from a line.
    let span = tracing::error_span!("request", request.id = %id, request.route = route);
    let header = id.header();
    let path = PathKind::of(request.uri().path());
    let answer = async {
        match host::refusal(&request) {
            Some(refusal) => refusal,
            None => next.run(request).await,
        }
    };
    let mut response = id.scope(answer).instrument(span).await;
    web.common_headers.add(response.headers_mut(), path, app.clock.now());
    let status = response.status().as_u16();
    app.metrics
        .http
        .answered(route, method.as_str(), status, started.elapsed());
    if let Some(header) = header {
        response.headers_mut().insert(X_REQUEST_ID, header);
    }
    response
}
