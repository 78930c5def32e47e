//! The layer of all routes that need a token: it authenticates the request, and counts the requests of each token.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::bearer::Caller;
use super::failure::Failure;
use super::request_counts::Quota;
use crate::web::state::Web;

/// Authenticates a request and passes the [`Caller`] on to [`Bearer`](super::bearer::Bearer). Answers 429 if the token made too many requests.
pub(super) async fn authenticate_and_count(State(web): State<Arc<Web>>, mut request: Request, next: Next) -> Response {
    let caller = match Caller::of(&web, request.headers()).await {
        Ok(caller) => caller,
        Err(error) => return Failure::from(error).into_response(),
    };
    let quota = match &caller {
        Caller::Operator(operator) => {
            let limit = web.app.config.operators.api_requests_per_minute;
            Some(web.api_requests.count(operator.token.id, limit, web.app.clock.now()))
        }
        Caller::Unnamed | Caller::InvalidToken => None,
    };
    request.extensions_mut().insert(caller);
    let mut response = match quota {
        Some(Quota {
            remaining: None,
            reset,
            limit,
        }) => Failure::TooManyRequests { limit, wait: reset }.into_response(),
        _ => next.run(request).await,
    };
    if let Some(quota) = quota {
        quota.add_to(&mut response);
    }
    response
}
