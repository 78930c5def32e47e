//! The API for programs, under `/api/v1`. `description.rs` describes it in OpenAPI. It has an operation for everything that the console
//! does, except for what only a person does: signing in, their own password, passkeys and authenticator app, and making tokens.
//!
//! # Adding an operation
//!
//! 1. Write the handler in the file of its resource. Its first argument is [`Bearer<P>`](bearer::Bearer): the permission that it needs. It calls
//!    a function of a feature module, the same as the command and the console do, with `operator.actor()` if it changes something.
//! 2. A list takes [`Query`](input::Query) with `limit` and `after`, reads one row more than `limit`, and answers with a
//!    [`Page`](paging::Page). The store finds the rows after a position (keyset).
//! 3. A single object is answered as an [`Entity`](entity::Entity), which has an `ETag`. A read takes [`IfNoneMatch`](entity::IfNoneMatch). A
//!    change takes [`IfMatch`](entity::IfMatch), and calls `seen` with the object and its version. The feature function compares the version
//!    with the object that its transaction has locked ([`Seen`](crate::domain::seen::Seen)).
//! 4. A document is read with [`Document`](body::Document), whose fields are all optional. Report each wrong field.
//! 5. Describe the handler with `#[utoipa::path]`: its own answers, the scope in `security`, `KnownTag` or `SeenTag` for the conditions, and
//!    `IdempotencyKey` if it creates or sends something. `common_answers.rs` adds the answers that follow from these.
//! 6. Add it to the list in `operations.rs`, with `once` if it takes an idempotency key.
//! 7. Test it in `tests/api_*.rs`. The test of all operations finds it by itself, and so does schemathesis (`tests/api_schemathesis.rs`).

pub(super) mod bearer;
pub(super) mod request_counts;

mod article_decisions;
mod article_requests;
mod articles;
mod audit_log;
mod body;
mod comments;
mod common_answers;
mod description;
mod draft_documents;
mod drafts;
mod entity;
mod failure;
mod feed_changes;
mod feed_lists;
mod feeds;
mod field_errors;
mod idempotency;
mod input;
mod issue_documents;
mod issues;
mod limits;
mod named;
mod newsletter_changes;
mod newsletter_settings;
mod newsletters;
mod operations;
mod operators;
mod page;
mod paging;
mod reader_documents;
mod reader_subscriptions;
mod readers;
mod relays;
mod returned_mail;
mod schema_text;
mod settings;
mod statistics;
mod subscriptions;
mod suppressions;
mod token;
mod webhook_documents;
mod webhook_messages;
mod webhooks;

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
    let authenticated = from_fn_with_state(Arc::clone(web), limits::authenticate_and_count);
    Router::new()
        .route("/api", get(page::show))
        .route("/api/v1/openapi.json", get(description::description))
        .route(
            "/api/v1/subscriptions",
            post(subscriptions::subscribe).layer(from_scripts),
        )
        .route("/api/v1/challenge", get(subscriptions::challenge).layer(challenge_cors))
        .merge(operations::with_token(web).route_layer(authenticated))
}
