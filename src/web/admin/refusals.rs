//! The pages for requests that may not use a route.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::console::{Console, MessagePage};
use super::forms::MAX_LARGE_FORM_BYTES;
use crate::web::client::Client;
use crate::web::error::{WebError, page};
use crate::web::request_body;
use crate::web::state::Web;

/// Parts of the names of secret fields. If a form has such a field, the page does not keep what was typed.
const SECRET_FIELDS: [&str; 2] = ["password", "code"];

/// The page for an operator whose role does not permit a request.
pub(super) fn not_permitted(web: &Web, parts: &Parts) -> Response {
    let console = Console::of(web, parts);
    let role = console
        .operator
        .as_ref()
        .map(|operator| console.role_name(operator.role));
    let shown = page(&MessagePage {
        title: console.words.not_permitted_title(),
        happened: console.words.not_permitted_happened(role.unwrap_or_default()),
        next: console.words.not_permitted_next(),
        console,
    });
    (StatusCode::FORBIDDEN, shown).into_response()
}

/// The page for a site whose `site.url` has neither HTTPS nor a name of this machine.
pub(super) fn needs_https(web: &Web, uri: &Uri, headers: &HeaderMap) -> Response {
    let mut request = axum::http::Request::new(());
    *request.uri_mut() = uri.clone();
    *request.headers_mut() = headers.clone();
    let console = Console::of(web, &request.into_parts().0);
    let shown = page(&MessagePage {
        title: console.words.needs_https_title(),
        happened: console.words.needs_https_happened(),
        next: console.words.needs_https_next(),
        console,
    });
    (StatusCode::FORBIDDEN, shown).into_response()
}

/// The page after a form was sent without a session. It has what was typed, and sends it again after a sign-in in another window.
#[derive(Debug, Template)]
#[template(path = "admin/session_ended.html")]
struct SessionEndedPage {
    console: Console,
    /// The address to which the form is posted.
    action: String,
    /// The fields of the form; empty if it cannot be sent again.
    fields: Vec<(String, String)>,
}

/// Answers a form that was sent without a session. Nothing of what was typed is lost.
pub(super) async fn session_has_ended(web: &Arc<Web>, mut parts: Parts, body: Body) -> Response {
    let is_form = parts
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let max_bytes = if is_form { MAX_LARGE_FORM_BYTES } else { 0 };
    // Anybody can send such a form, so all of them together have a limit.
    let Ok(Client(client)) = Client::from_request_parts(&mut parts, web).await;
    let mut reservation = web.unsigned_forms.reservation(client);
    let body = request_body::read(body, max_bytes, Some(&mut reservation)).await;
    let body = body.unwrap_or_default();
    let fields: Vec<_> = url::form_urlencoded::parse(&body).into_owned().collect();
    let is_secret = fields
        .iter()
        .any(|(name, _)| SECRET_FIELDS.iter().any(|part| name.contains(part)));
    let shown = page(&SessionEndedPage {
        console: Console::of(web, &parts),
        action: parts.uri.path().to_owned(),
        fields: if is_secret { Vec::new() } else { fields },
    });
    match shown {
        Ok(shown) => (StatusCode::UNAUTHORIZED, shown).into_response(),
        Err(error) => WebError::into_response(error),
    }
}
