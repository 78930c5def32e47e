//! Entity tags of the public pages ([RFC 9110 §8.8.3](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3)). A browser that has the
//! current page gets 304 before the page is rendered.
//!
//! A page depends on its address and language, on the content of the site, whose changes the database counts, on the time of the next
//! issue, and on the program and its settings. The tag is a hash of all these. It is weak, because a proxy may compress the page.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::error::WebError;
use super::language::{RequestLanguage, VARY};
use super::state::{Shared, Web};
use crate::schedule::next_issue;

/// Answers a conditional request with 304 if the client has the current page, and adds the tag to a page that it does not have.
pub(super) async fn answer_if_changed(State(web): Shared, request: Request, next: Next) -> Response {
    // A request that chooses a language gets a cookie.
    let language = RequestLanguage::of(&web, request.uri(), request.headers());
    if !matches!(*request.method(), Method::GET | Method::HEAD) || language.is_chosen() {
        return next.run(request).await;
    }
    // Without a database there is no tag, and the handler says why.
    let Ok(tag) = tag(&web, request.uri().clone(), &language).await else {
        return next.run(request).await;
    };
    // The browser keeps the page, and asks each time whether it is current.
    let headers = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    if is_known(request.headers(), &tag) {
        return (StatusCode::NOT_MODIFIED, headers, [(header::VARY, VARY)]).into_response();
    }
    let mut response = next.run(request).await;
    if response.status() == StatusCode::OK {
        for (name, value) in headers {
            response.headers_mut().entry(name).or_insert(value);
        }
    }
    response
}

async fn tag(web: &Web, uri: Uri, language: &RequestLanguage) -> Result<HeaderValue, WebError> {
    let content = web.lists.current(&web.app).await?;
    let now = web.app.clock.now();
    let mut hash = Sha256::new();
    hash.update(web.pages_version.as_bytes());
    hash.update(content.revision.to_be_bytes());
    hash.update(language.tag());
    for newsletter in &content.newsletters {
        let due = next_issue(newsletter, now).map_or(0, |due| due.timestamp());
        hash.update(due.to_be_bytes());
    }
    hash.update(uri.path_and_query().map_or("", |path| path.as_str()));
    let digits = data_encoding::HEXLOWER.encode(hash.finalize().as_ref());
    HeaderValue::try_from(format!("W/\"{digits}\"")).map_err(|_| WebError::NotFound)
}

/// Whether the client has the page with this tag.
fn is_known(request: &HeaderMap, tag: &HeaderValue) -> bool {
    let sent = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut tags = sent.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.as_bytes() == tag.as_bytes())
}
