//! The API for programs, under `/api/v1`. `description.rs` describes it in OpenAPI.

pub(super) mod bearer;

mod article_requests;
mod articles;
mod body;
mod description;
mod failure;
mod input;
mod subscriptions;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::cors;
use super::state::Web;

/// The routes of the API. A test compares them with the description.
pub(super) fn routes(web: &Arc<Web>) -> Router<Arc<Web>> {
    let from_scripts = from_fn_with_state(Arc::clone(web), cors::allow_listed);
    let challenge_cors = from_scripts.clone();
    Router::new()
        .route("/api/v1/openapi.json", get(description::description))
        .route(
            "/api/v1/subscriptions",
            post(subscriptions::subscribe).layer(from_scripts),
        )
        .route("/api/v1/challenge", get(subscriptions::challenge).layer(challenge_cors))
        .route("/api/v1/articles", get(articles::list).post(articles::create))
        .route(
            "/api/v1/articles/{id}",
            get(articles::show).patch(articles::change).delete(articles::retract),
        )
}
