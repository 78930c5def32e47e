//! Lets scripts of the pages in `signup.origins` call an endpoint ([CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol)).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::state::Web;
use crate::config::WebOrigin;

/// How many seconds a browser may cache the answer to a preflight request. If the origin is removed from the list meanwhile, the
/// request itself is refused.
const MAX_AGE: &str = "600";

/// Answers preflight requests of listed origins, and lets their scripts read the answers to other requests. Requests of other
/// origins pass unchanged and get no CORS header. Credentials are never allowed: the site has no cookies.
pub(super) async fn allow_listed(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let origin = listed(&web.app.config.signup.origins, request.headers());
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &origin {
        Some(_) if is_preflight => {
            let headers = [
                (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
                (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
            ];
            (StatusCode::NO_CONTENT, headers).into_response()
        }
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static("retry-after");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}

/// The `Origin` of a request, if it is listed.
fn listed(origins: &[WebOrigin], headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let text = origin.to_str().ok()?.to_ascii_lowercase();
    let is_listed = origins.iter().any(|listed| listed.as_str() == text);
    is_listed.then(|| origin.clone())
}
