//! The layer of all routes that need a token: it authenticates the request, and counts the requests of each token.

use std::sync::Arc;

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::bearer::Caller;
use super::body;
use super::failure::Failure;
use super::request_counts::Quota;
use crate::web::state::Web;

/// Authenticates a request and passes the [`Caller`] on to [`Bearer`](super::bearer::Bearer). Answers 429 if the token made too many requests.
pub(super) async fn authenticate_and_count(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
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
    let mut response = match quota {
        Some(Quota {
            remaining: None,
            reset,
            limit,
        }) => Failure::TooManyRequests { limit, wait: reset }.into_response(),
        _ => match with_caller(&web, caller, request).await {
            Ok(request) => next.run(request).await,
            Err(failure) => failure.into_response(),
        },
    };
    if let Some(quota) = quota {
        quota.add_to(&mut response);
    }
    response
}

/// The request with its caller. The document of an operator may arrive a minute after the headers, so what the operator may do is read
/// again after it: somebody who was removed or got another role meanwhile must not change anything.
async fn with_caller(web: &Web, mut caller: Caller, request: Request) -> Result<Request, Failure> {
    let (mut parts, mut document) = request.into_parts();
    if matches!(caller, Caller::Operator(_)) && !document.is_end_stream() {
        document = Body::from(body::read(document).await?);
        caller = Caller::of(web, &parts.headers).await?;
    }
    parts.extensions.insert(caller);
    Ok(Request::from_parts(parts, document))
}
