//! The API: for programs.

mod articles;
pub(super) mod bearer;
mod body;
mod failure;
mod fields;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::time::Instant;

use failure::Failure;

use super::client::Client;
use super::cors;
use super::origin::PostedFrom;
use super::problem::Problem;
use super::signup::hide_duration;
use super::state::{Shared, Web};
use crate::domain::consent::ConsentSource;
use crate::domain::json;
use crate::signup::{SignupError, SignupRequest};

/// What there is, for programs and their writers. A test holds it against the router and the answers.
const DESCRIPTION: &str = include_str!("api/openapi.json");

/// All of it.
pub fn routes(web: &Arc<Web>) -> Router<Arc<Web>> {
    let from_scripts = from_fn_with_state(Arc::clone(web), cors::allow_listed);
    Router::new()
        .route("/api/v1/openapi.json", get(description))
        .route("/api/v1/subscriptions", post(subscribe).layer(from_scripts))
        .route("/api/v1/articles", get(articles::list).post(articles::create))
        .route(
            "/api/v1/articles/{id}",
            get(articles::show).patch(articles::change).delete(articles::retract),
        )
}

/// GET `/api/v1/openapi.json`
async fn description() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, DESCRIPTION).into_response()
}

/// The body of POST `/api/v1/subscriptions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubscriptionRequest {
    email: String,
    #[serde(default)]
    newsletters: Vec<String>,
    name: Option<String>,
    timezone: Option<String>,
    #[serde(default)]
    topics: Vec<String>,
}

/// POST `/api/v1/subscriptions`: 202 with the same body for every acceptable address.
pub async fn subscribe(
    page: PostedFrom,
    State(web): Shared,
    Client(network): Client,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let begun = Instant::now();
    // A browser sends `application/json` to another site only if that site allows it, but `text/plain` to any site.
    if body::kind(&headers) != "application/json" {
        return Failure::ContentType("application/json").into_response();
    }
    let asked: SubscriptionRequest = match json::parse(&body).and_then(serde_json::from_value) {
        Ok(asked) => asked,
        Err(error) => {
            return match web.signups.count_refused(&web.app, network).await {
                Ok(()) => unprocessable(&format!("the body is not what is expected: {error}")),
                Err(refusal) => refused(&refusal),
            };
        }
    };
    let asked = SignupRequest {
        email: asked.email,
        newsletters: asked.newsletters,
        name: asked.name,
        timezone: asked.timezone,
        topics: asked.topics,
        source: match page {
            PostedFrom::OwnSite => ConsentSource::Api,
            PostedFrom::Listed(origin) => ConsentSource::ApiOf(origin.clone()),
        },
        words: None,
        network: Some(network),
    };
    match web.signups.request(&web.app, &asked).await {
        Ok(()) => {
            hide_duration(begun).await;
            let body = serde_json::json!({
                "status": "accepted",
                "detail": "If this address is not subscribed yet, a mail with a confirmation link is on its way.",
            });
            (StatusCode::ACCEPTED, axum::Json(body)).into_response()
        }
        Err(error) => refused(&error),
    }
}

fn refused(error: &SignupError) -> Response {
    match error {
        SignupError::TooMany => {
            let answer = Problem::new(StatusCode::TOO_MANY_REQUESTS, error.to_string());
            ([(header::RETRY_AFTER, "300")], answer).into_response()
        }
        error if error.is_ours() => {
            tracing::error!(%error, "a sign-up was not taken");
            let detail = "Nothing was changed; try again in a minute.";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).into_response()
        }
        error => unprocessable(&error.to_string()),
    }
}

fn unprocessable(detail: &str) -> Response {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).into_response()
}
