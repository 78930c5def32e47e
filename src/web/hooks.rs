//! `POST /hooks/{provider}`: webhooks of mail providers. `bounce/webhooks` checks and stores what they send.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::body_budget::Reservation;
use super::client::Client;
use super::problem::Problem;
use super::request_body::{self, BodyError};
use super::state::Shared;
use crate::bounce::webhooks::{HookRequest, Provider, Refusal, Sender};

/// How many seconds a provider should wait before it sends a request again that could not be stored.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("60");
/// The time in which a body must arrive. The largest one then needs 600 KB a second.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the body of a refused request is read.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(1);

/// Answers 2xx only after every event of the request is committed. A provider that is not set has no webhook: its address is an unknown one.
pub(super) async fn receive(
    State(web): Shared,
    Path(provider): Path<String>,
    Client(client): Client,
    request: Request,
) -> Response {
    let Some(provider) = Provider::configured(&web.app.config, &provider) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if request.method() != Method::POST {
        let allow = [(header::ALLOW, HeaderValue::from_static("POST"))];
        return (StatusCode::METHOD_NOT_ALLOWED, allow).into_response();
    }
    let (parts, body) = request.into_parts();
    let mut request = HookRequest {
        headers: texts(&parts.headers),
        body: Vec::new(),
    };
    let budget = match web.webhooks.check_headers(provider, &request) {
        Ok(Sender::LoggedIn) => &web.hook_bodies.of_logged_in,
        Ok(Sender::Unknown) => &web.hook_bodies.of_unknown,
        Err(refusal) => {
            // The answer does not depend on the body. Most programs read it only after they have sent the body, but some ask before.
            if !parts.headers.contains_key(header::EXPECT) {
                let _ = timeout(DISCARD_TIMEOUT, request_body::discard(body)).await;
            }
            return refused(&refusal);
        }
    };
    // Held until the events are stored, because reading them needs memory too.
    let mut reservation = budget.reservation(client);
    request.body = match read(body, provider, &mut reservation).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    match web.webhooks.receive(provider, &request).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refusal) => refused(&refusal),
    }
}

async fn read(body: Body, provider: Provider, reservation: &mut Reservation) -> Result<Vec<u8>, Response> {
    let max_bytes = provider.max_body_bytes();
    let reading = timeout(BODY_TIMEOUT, request_body::read(body, max_bytes, Some(reservation)));
    let Ok(body) = reading.await else {
        return Err(StatusCode::REQUEST_TIMEOUT.into_response());
    };
    body.map_err(|error| match error {
        BodyError::EndedEarly => problem(StatusCode::BAD_REQUEST, "The body ended early. Nothing was stored."),
        BodyError::TooLarge => {
            let detail = format!("The body has more than {} KiB. Nothing was stored.", max_bytes / 1024);
            problem(StatusCode::PAYLOAD_TOO_LARGE, &detail)
        }
        BodyError::NoMemory => busy("Other requests use the memory for webhooks. Send the request again later."),
    })
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
        Refusal::RawDelivery | Refusal::Malformed(_) | Refusal::NoRecipient { .. } => {
            problem(StatusCode::BAD_REQUEST, &detail)
        }
        Refusal::Unavailable(_) => busy(&detail),
    }
}

/// The provider should send the request again.
fn busy(detail: &str) -> Response {
    let headers = [(header::RETRY_AFTER, RETRY_AFTER)];
    (headers, Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)).into_response()
}

fn problem(status: StatusCode, detail: &str) -> Response {
    Problem::new(status, detail).into_response()
}
