//! The description of the API in [OpenAPI 3.1](https://spec.openapis.org/oas/v3.1.0), made from the handlers and from the structs
//! that they read and answer.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::operations::Operations;
use super::{common_answers, subscriptions};
use crate::web::problem::{InvalidAnswer, InvalidFields, Problem, ProblemAnswer, UnauthorizedAnswer};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let description = Description::openapi().merge_from(Operations::openapi());
    let mut document = serde_json::to_value(description).expect("the description has only string keys");
    remove_null_defaults(&mut document);
    common_answers::add(&mut document);
    document
});

static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}", *DOCUMENT));

/// The description.
pub(super) fn document() -> &'static Value {
    &DOCUMENT
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Daywire",
        version = "1",
        description = "The API of Daywire, for programs. Errors are problem details (RFC 9457).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/")),
    paths(
        description,
        subscriptions::subscribe,
        subscriptions::challenge,
    ),
    components(
        responses(ProblemAnswer, UnauthorizedAnswer, InvalidAnswer),
        schemas(Problem, InvalidFields),
    ),
    modifiers(&BearerToken),
)]
struct Description;

/// Adds the security scheme that the operations name.
struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token from `daywire operator token NAME`"));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme.build()));
    }
}

#[utoipa::path(
    get, path = "/api/v1/openapi.json", operation_id = "description", summary = "This document",
    responses((status = 200, description = "This document", body = Object)),
    security(()),
)]
pub(super) async fn description() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, TEXT.as_str()).into_response()
}

/// utoipa writes `"default": null` for every field of a struct with `serde(default)`, also for those that cannot be null.
fn remove_null_defaults(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, member| name != "default" || !member.is_null());
            members.values_mut().for_each(remove_null_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_null_defaults),
        _ => {}
    }
}
