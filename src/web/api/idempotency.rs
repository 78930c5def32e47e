//! The layer of operations that create or send something. A request with an `Idempotency-Key` is carried out once, and its repetition gets
//! the same answer ([draft](https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/)).
//!
//! The key is reserved before the request is carried out, and the answer is stored afterwards. If the process dies in between, nobody knows
//! whether the request took effect. So its repetition gets 409 until [`MAX_DURATION`] has passed, and is carried out then. The operations
//! themselves refuse what was done already, such as sending an issue that is being sent.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracing::Instrument as _;
use utoipa::IntoParams;

use super::bearer::Caller;
use super::body;
use super::failure::Failure;
use crate::domain::article_input::FieldError;
use crate::domain::sealed::SealedFor;
use crate::store::StoreError;
use crate::web::request_id::RequestId;
use crate::web::state::Web;

pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// A request that has no answer after this time was interrupted.
const MAX_DURATION: TimeDelta = TimeDelta::minutes(2);
const MAX_KEY_BYTES: usize = 255;
/// The header fields of an answer that its repetition has too.
const KEPT_FIELDS: [HeaderName; 4] = [
    header::CONTENT_TYPE,
    header::LOCATION,
    header::CONTENT_LOCATION,
    header::ETAG,
];

/// The header field, for the description of the API.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only the description of the API uses the type")]
pub(super) struct IdempotencyKey {
    /// Your own id of the request, such as a random UUID. The same request with the same key is carried out once, within a day
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    key: Option<String>,
}

/// An answer as it is encrypted and stored.
#[derive(Debug, Deserialize, Serialize)]
struct StoredAnswer {
    status: u16,
    fields: Vec<(String, String)>,
    /// In Base64.
    body: String,
}

/// Whether a request may be carried out.
enum Reservation {
    Reserved,
    Answered(String),
    /// Another request with this key is being carried out.
    Running,
    /// The key was used for another request.
    OtherRequest,
}

/// Carries out a request once for each key.
pub(super) async fn once(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let mut keys = request.headers().get_all(IDEMPOTENCY_KEY).iter();
    let (key, others) = (keys.next().cloned(), keys.next());
    let operator = match request.extensions().get::<Caller>() {
        Some(Caller::Operator(operator)) => Arc::clone(operator),
        // The handler says what is wrong with the token.
        _ => return next.run(request).await,
    };
    let Some(key) = key else {
        return next.run(request).await;
    };
    let is_visible_text = key.as_bytes().iter().all(u8::is_ascii_graphic);
    if others.is_some() || !is_visible_text || !(1..=MAX_KEY_BYTES).contains(&key.len()) {
        let detail =
            format!("the field has one key of at most {MAX_KEY_BYTES} visible ASCII characters, without blanks");
        return Failure::Invalid(vec![FieldError::new("Idempotency-Key", detail)]).into_response();
    }
    // The role too: an answer that an operator with another role got may contain what this one must not see.
    let key = hash(&[
        operator.token.id.0.as_bytes(),
        operator.operator.role.as_str().as_bytes(),
        key.as_bytes(),
    ]);
    let (parts, body) = request.into_parts();
    let body = match body::read(body).await {
        Ok(body) => body,
        Err(failure) => return failure.into_response(),
    };
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let content_type = body::content_type(&parts.headers);
    let condition = parts.headers.get(header::IF_MATCH);
    let request_hash = hash(&[
        parts.method.as_str().as_bytes(),
        path.as_bytes(),
        content_type.as_bytes(),
        condition.map_or(&[], |condition| condition.as_bytes()),
        &body,
    ]);
    let now = web.app.clock.now();
    match reserve(&web, &key, &request_hash, now).await {
        Ok(Reservation::Reserved) => {}
        Ok(Reservation::Answered(answer)) => {
            return repeated(&web, &key, &answer).unwrap_or_else(IntoResponse::into_response);
        }
        Ok(Reservation::Running) => {
            let detail = "A request with this Idempotency-Key is being carried out. Repeat it in a moment.";
            return Failure::Conflict(detail.to_owned()).into_response();
        }
        Ok(Reservation::OtherRequest) => {
            let detail = "the key was used for another request; take a new one";
            return Failure::Invalid(vec![FieldError::new("Idempotency-Key", detail)]).into_response();
        }
        Err(error) => return Failure::from(error).into_response(),
    }
    // In a task of its own: if the client closes the connection, its request is dropped, but the answer must still be stored.
    let work = async move {
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        keep(&web, &key, now, response)
            .await
            .unwrap_or_else(IntoResponse::into_response)
    };
    tokio::spawn(RequestId::scope_of_current(work).in_current_span())
        .await
        .unwrap_or_else(|error| Failure::Internal(format!("the request was not carried out: {error}")).into_response())
}

async fn reserve(web: &Web, key: &[u8], request_hash: &[u8], now: DateTime<Utc>) -> Result<Reservation, StoreError> {
    let mut tx = web.app.store.write().await?;
    if let Some(earlier) = tx.keyed_request(key).await? {
        if earlier.request_hash != request_hash {
            return Ok(Reservation::OtherRequest);
        }
        if let Some(answer) = earlier.answer {
            return Ok(Reservation::Answered(answer));
        }
        let was_interrupted = now - earlier.received_at > MAX_DURATION;
        if !was_interrupted || !tx.release_idempotency_key(key, earlier.received_at).await? {
            return Ok(Reservation::Running);
        }
    }
    if !tx.reserve_idempotency_key(key, request_hash, now).await? {
        return Ok(Reservation::Running);
    }
    tx.commit().await?;
    Ok(Reservation::Reserved)
}

/// Stores the answer of a request. After an answer that says to try again, or to read again what changed, the key can be used again.
async fn keep(web: &Web, key: &[u8], reserved_at: DateTime<Utc>, response: Response) -> Result<Response, Failure> {
    let status = response.status();
    let is_final = !(status.is_server_error()
        || matches!(
            status,
            StatusCode::UNAUTHORIZED
                | StatusCode::FORBIDDEN
                | StatusCode::REQUEST_TIMEOUT
                | StatusCode::PRECONDITION_FAILED
                | StatusCode::PRECONDITION_REQUIRED
                | StatusCode::TOO_MANY_REQUESTS
        ));
    if !is_final {
        let mut tx = web.app.store.write().await?;
        tx.release_idempotency_key(key, reserved_at).await?;
        tx.commit().await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let internal = |error: String| Failure::Internal(error);
    let body = to_bytes(body, usize::MAX).await;
    let body = body.map_err(|error| internal(error.to_string()))?;
    let fields = parts.headers.iter().filter(|(name, _)| KEPT_FIELDS.contains(name));
    let fields = fields.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let answer = StoredAnswer {
        status: status.as_u16(),
        fields: fields.collect(),
        body: BASE64.encode(&body),
    };
    let answer = serde_json::to_vec(&answer).map_err(|error| internal(error.to_string()))?;
    let answer = BASE64.encode(&web.app.keys.seal(sealed_for(key), web.app.rng.bytes(), &answer));
    let mut tx = web.app.store.write().await?;
    tx.store_keyed_answer(key, &answer).await?;
    tx.commit().await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// An answer may show an address, or the secret of a webhook, so it is stored encrypted.
fn sealed_for(key: &[u8]) -> SealedFor<'_> {
    SealedFor {
        purpose: "API answer",
        owner: key,
    }
}

/// The stored answer, with a field that says that it is one.
fn repeated(web: &Web, key: &[u8], answer: &str) -> Result<Response, Failure> {
    let unreadable = |error: String| Failure::Internal(format!("a stored answer cannot be read: {error}"));
    let sealed = BASE64.decode(answer.as_bytes()).ok();
    let Some(answer) = sealed.and_then(|sealed| web.app.keys.open_sealed(sealed_for(key), &sealed)) else {
        let detail = "The request was carried out before, but its answer was encrypted with another secrets.key. Read what it made.";
        return Err(Failure::Conflict(detail.to_owned()));
    };
    let answer: StoredAnswer = serde_json::from_slice(&answer).map_err(|error| unreadable(error.to_string()))?;
    let status = StatusCode::from_u16(answer.status).map_err(|error| unreadable(error.to_string()))?;
    let body = BASE64.decode(answer.body.as_bytes());
    let body = body.map_err(|error| unreadable(error.to_string()))?;
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    for (name, value) in &answer.fields {
        let name = HeaderName::try_from(name).map_err(|error| unreadable(error.to_string()))?;
        let value = HeaderValue::try_from(value).map_err(|error| unreadable(error.to_string()))?;
        headers.insert(name, value);
    }
    headers.insert(
        HeaderName::from_static("idempotency-replayed"),
        HeaderValue::from_static("true"),
    );
    Ok(response)
}

/// The hash of several parts, each with its length before it.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
