//! `POST /hooks/{provider}`: webhooks of mail providers. `bounce/webhooks` checks and stores what they send.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::request_body::{self, BodyError};
use super::state::Shared;
use crate::bounce::webhooks::{HookRequest, Provider, Refusal};

/// How many seconds a provider should wait before it sends a request again that could not be stored.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("60");

/// Answers 2xx only after every event of the request is committed. A provider that is not set has no webhook: its address is an unknown one.
pub(super) async fn receive(State(web): Shared, Path(provider): Path<String>, request: Request) -> Response {
    let Some(provider) = Provider::configured(&web.app.config, &provider) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if request.method() != Method::POST {
        let allow = [(header::ALLOW, HeaderValue::from_static("POST"))];
        return (StatusCode::METHOD_NOT_ALLOWED, allow).into_response();
    }
    let (parts, body) = request.into_parts();
    let max_bytes = provider.max_body_bytes();
    let body = match request_body::read(body, max_bytes).await {
        Ok(body) => body,
        Err(BodyError::EndedEarly) => {
            return problem(StatusCode::BAD_REQUEST, "The body ended early. Nothing was stored.");
        }
        Err(BodyError::TooLarge) => {
            let detail = format!("The body has more than {} KiB. Nothing was stored.", max_bytes / 1024);
            return problem(StatusCode::PAYLOAD_TOO_LARGE, &detail);
        }
    };
    let request = HookRequest {
        headers: texts(&parts.headers),
        body,
    };
    match web.webhooks.receive(provider, &request).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refusal) => refused(&refusal),
    }
}

/// The fields whose values are text.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let fields = headers.iter();
    let texts = fields.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    texts.collect()
}

/// The status decides whether the provider repeats the request. It should repeat one with a wrong secret, because the operator may correct
/// the setting: all providers but SNS repeat 401.
fn refused(refusal: &Refusal) -> Response {
    let detail = refusal.to_string();
    match refusal {
        Refusal::WrongLogin(_) => {
            let challenge = HeaderValue::from_static("Basic realm=\"webhooks\"");
            let headers = [(header::WWW_AUTHENTICATE, challenge)];
            (headers, Problem::new(StatusCode::UNAUTHORIZED, detail)).into_response()
        }
        Refusal::WrongSignature(_) | Refusal::OldTimestamp => problem(StatusCode::UNAUTHORIZED, &detail),
        Refusal::ForeignTopic => problem(StatusCode::FORBIDDEN, &detail),
        Refusal::RawDelivery | Refusal::Malformed(_) => problem(StatusCode::BAD_REQUEST, &detail),
        Refusal::Unavailable(_) => {
            let headers = [(header::RETRY_AFTER, RETRY_AFTER)];
            (headers, Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)).into_response()
        }
    }
}

fn problem(status: StatusCode, detail: &str) -> Response {
    Problem::new(status, detail).into_response()
}
