//! Entity tags of the public pages and feeds ([RFC 9110 §8.8.3](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3)). A client that
//! has the current page gets 304, and nothing is rendered.
//!
//! A page depends on its address and language, on the content of the site, whose changes the database counts, on the time of the next
//! issue, and on the program and its settings. The tag of a page is a hash of all these. It is weak, because a proxy may compress the
//! page.
//!
//! The sign-up form of a page has a token that is made when the page is sent, and that a network can use once. So the page is rendered
//! and kept with a placeholder, each answer gets a token of its own, and the entity tag names the token besides the hash. A client that
//! sends such a tag has the form with this token. It gets 304 only while the token can be used.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::client::Client;
use super::headers::http_date;
use super::language::{RequestLanguage, VARY};
use super::rendered_pages::{FeedValidators, PageHash, Rendered};
use super::state::{Shared, Web};
use super::story_lists::Content;
use crate::schedule::next_issue;
use crate::signup::{key_of_shown_form, new_form_token};
use crate::store::spent_tokens::SpentKey;

/// The browser keeps the page, and asks each time whether it is current.
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// Answers with 304 if the client has the current page, else with the kept or a newly rendered page. Fills in the form's token.
pub(super) async fn answer_page(State(web): Shared, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return next.run(Request::from_parts(parts, body)).await;
    }
    // The layer around this one removes the body of the answer to HEAD.
    parts.method = Method::GET;
    let language = RequestLanguage::of(&web, &parts.uri, &parts.headers);
    let Ok(Client(network)) = Client::from_request_parts(&mut parts, &web).await;
    let known = KnownTags::read(&parts.headers, |token| key_of_shown_form(&web.app, token, network));
    let content = web.lists.current_with_form(&web.app, known.form_key()).await;
    let uri = parts.uri.clone();
    let request = Request::from_parts(parts, body);
    // A request that chooses a language gets a cookie. Without a database there is no tag, and the handler says why.
    let (Ok((content, form_is_used)), false) = (content, language.is_chosen()) else {
        return untagged(&web, next.run(request).await).await;
    };
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let hash = hash_of_page(&web, &content, path, &language);
    if let Some(tag) = known.tag_of(&hash, form_is_used) {
        return not_modified(tag);
    }
    let rendered = if let Some(rendered) = web.rendered.get(&hash) {
        rendered
    } else {
        let response = next.run(request).await;
        if !is_plain_page(&response) {
            return untagged(&web, response).await;
        }
        let Some(rendered) = render(&web, response).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let rendered = Arc::new(rendered);
        // Anybody can invent queries. The pages that most readers see have none.
        if uri.query().is_none() {
            web.rendered.put(content.revision, hash, Arc::clone(&rendered));
        }
        rendered
    };
    let token = rendered.has_form().then(|| new_form_token(&web.app));
    let Ok(tag) = tag(&hash, token.as_deref()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    // The page exists, whichever version the client has.
    if known.any {
        return not_modified(tag);
    }
    let mut response = rendered.response(token.as_deref().unwrap_or_default());
    let headers = response.headers_mut();
    headers.insert(header::VARY, VARY);
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(header::ETAG, tag);
    headers.insert(header::CACHE_CONTROL, NO_CACHE);
    response
}

/// Answers with 304 if the client has the current feed, else with the kept or a newly rendered feed.
pub(super) async fn answer_feed(State(web): Shared, request: Request, next: Next) -> Response {
    let Ok(content) = web.lists.current(&web.app).await else {
        return next.run(request).await;
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let hash = hash_of_feed(&web, &content, request.uri().path());
    let headers = request.headers().clone();
    let (mut parts, body) = request.into_parts();
    parts.method = Method::GET;
    let rendered = if let Some(rendered) = web.rendered.get(&hash) {
        rendered
    } else {
        let response = next.run(Request::from_parts(parts, body)).await;
        let Some(validators) = response.extensions().get::<FeedValidators>().cloned() else {
            return response;
        };
        let content_type = response.headers().get(header::CONTENT_TYPE).cloned();
        let xml = to_bytes(response.into_body(), usize::MAX).await;
        let (Some(content_type), Ok(xml)) = (content_type, xml) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let rendered = Arc::new(Rendered::feed(content_type, xml, validators));
        web.rendered.put(content.revision, hash, Arc::clone(&rendered));
        rendered
    };
    let mut response = rendered.response("");
    if let Some(FeedValidators { tag, updated }) = &rendered.feed {
        if is_known_feed(&headers, tag, *updated) {
            response = StatusCode::NOT_MODIFIED.into_response();
        }
        let headers = response.headers_mut();
        headers.insert(header::ETAG, tag.clone());
        if let Some(updated) = http_date(*updated) {
            headers.insert(header::LAST_MODIFIED, updated);
        }
    }
    response.headers_mut().insert(header::CACHE_CONTROL, NO_CACHE);
    response
}

/// The answer with a page that depends only on the program, its settings and the request: 304 if the client has it. A page that chooses a
/// language gets no tag, because its answer sets a cookie.
pub(super) fn fixed_page(web: &Web, request: &HeaderMap, Html(page): Html<String>, chooses_language: bool) -> Response {
    let hash: PageHash = Sha256::new()
        .chain_update("fixed\0")
        .chain_update(web.pages_version)
        .chain_update(&page)
        .finalize()
        .into();
    let Some(tag) = tag(&hash, None).ok().filter(|_| !chooses_language) else {
        return Html(page).into_response();
    };
    let known = KnownTags::read(request, |_| None);
    if known.any || known.tag_of(&hash, false).is_some() {
        return not_modified(tag);
    }
    let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, NO_CACHE)];
    (headers, Html(page)).into_response()
}

fn not_modified(tag: HeaderValue) -> Response {
    let headers = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, NO_CACHE),
        (header::VARY, VARY),
    ];
    (StatusCode::NOT_MODIFIED, headers).into_response()
}

/// Everything that a page in a language depends on.
fn hash_of_page(web: &Web, content: &Content, path_and_query: &str, language: &RequestLanguage) -> PageHash {
    let now = web.app.clock.now();
    let mut hash = Sha256::new()
        .chain_update("page\0")
        .chain_update(web.pages_version)
        .chain_update(content.revision.to_be_bytes())
        .chain_update(language.tag())
        .chain_update([0]);
    for newsletter in &content.newsletters {
        let due = next_issue(newsletter, now).map_or(0, |due| due.timestamp());
        hash.update(due.to_be_bytes());
    }
    hash.chain_update(path_and_query).finalize().into()
}

/// Everything that a feed depends on. A feed has one language.
fn hash_of_feed(web: &Web, content: &Content, path: &str) -> PageHash {
    Sha256::new()
        .chain_update("feed\0")
        .chain_update(web.pages_version)
        .chain_update(content.revision.to_be_bytes())
        .chain_update(path)
        .finalize()
        .into()
}

fn tag(hash: &PageHash, token: Option<&str>) -> Result<HeaderValue, axum::http::header::InvalidHeaderValue> {
    let hash = hex(hash);
    match token {
        Some(token) => HeaderValue::try_from(format!("W/\"{hash}.{token}\"")),
        None => HeaderValue::try_from(format!("W/\"{hash}\"")),
    }
}

/// The first half of the hash in digits: 128 bits.
fn hex(hash: &PageHash) -> String {
    data_encoding::HEXLOWER.encode(&hash[..16])
}

/// Whether a response is a page that every client gets, and not an error, a redirect, or a page with a policy or cache rule of its own.
fn is_plain_page(response: &Response) -> bool {
    let names = [
        header::CONTENT_TYPE,
        header::CONTENT_LENGTH,
        header::CONTENT_LANGUAGE,
        header::VARY,
    ];
    response.status() == StatusCode::OK && response.headers().keys().all(|name| names.contains(name))
}

async fn render(web: &Web, response: Response) -> Option<Rendered> {
    let content_type = response.headers().get(header::CONTENT_TYPE).cloned()?;
    let page = to_bytes(response.into_body(), usize::MAX).await.ok()?;
    Some(Rendered::page(content_type, &page, &web.form_placeholder))
}

/// A response without an entity tag: an error, a redirect, or a page for this client alone. Fills in the form's token.
async fn untagged(web: &Web, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let content_type = parts.headers.get(header::CONTENT_TYPE).cloned();
    let is_html = |value: &HeaderValue| value.as_bytes().starts_with(b"text/html");
    let Some(content_type) = content_type.filter(is_html) else {
        return Response::from_parts(parts, body);
    };
    let Ok(page) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let rendered = Rendered::page(content_type, &page, &web.form_placeholder);
    if !rendered.has_form() {
        return Response::from_parts(parts, Body::from(page));
    }
    let filled = rendered.response(&new_form_token(&web.app));
    let no_store = HeaderValue::from_static("no-store");
    parts.headers.insert(header::CACHE_CONTROL, no_store);
    Response::from_parts(parts, filled.into_body())
}

/// The tags in a request's If-None-Match.
#[derive(Debug, Default)]
struct KnownTags {
    /// `*`: the client has some version.
    any: bool,
    /// The tags of pages without a form, without `W/` and quotation marks.
    without_form: Vec<String>,
    /// The first tag of a page with a form that can still be used: the hash, the token and the token's key.
    with_form: Option<(String, String, SpentKey)>,
}

impl KnownTags {
    /// Reads the tags. `key` is the key of a form's token; `None` if the form must not be shown again.
    fn read(request: &HeaderMap, key: impl Fn(&str) -> Option<SpentKey>) -> Self {
        let mut known = Self::default();
        let fields = request
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok());
        for sent in fields.flat_map(|value| value.split(',')).map(str::trim) {
            if sent == "*" {
                known.any = true;
                continue;
            }
            let opaque = sent.strip_prefix("W/").unwrap_or(sent);
            let Some(opaque) = opaque.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) else {
                continue;
            };
            match opaque.split_once('.') {
                None => known.without_form.push(opaque.to_owned()),
                Some((hash, token)) if known.with_form.is_none() => {
                    let with_key = |key| (hash.to_owned(), token.to_owned(), key);
                    known.with_form = key(token).map(with_key);
                }
                Some(_) => {}
            }
        }
        known
    }

    fn form_key(&self) -> Option<SpentKey> {
        self.with_form.as_ref().map(|(_, _, key)| *key)
    }

    /// The tag that names the page with this hash; `None` if the client does not have the page.
    fn tag_of(&self, page: &PageHash, form_is_used: bool) -> Option<HeaderValue> {
        let digits = hex(page);
        match &self.with_form {
            Some((hash, token, _)) if *hash == digits && !form_is_used => tag(page, Some(token)).ok(),
            _ => self.without_form.contains(&digits).then(|| tag(page, None).ok())?,
        }
    }
}

/// Whether the client has this version of the feed. If it sends tags, the date is ignored
/// ([RFC 9110 §13.1.3](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.3)).
fn is_known_feed(request: &HeaderMap, tag: &HeaderValue, updated: DateTime<Utc>) -> bool {
    if request.contains_key(header::IF_NONE_MATCH) {
        let fields = request.get_all(header::IF_NONE_MATCH).iter();
        let mut tags = fields
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|known| known.trim().trim_start_matches("W/"));
        return tags.any(|known| known.as_bytes() == tag.as_bytes() || known == "*");
    }
    let since = request.get(header::IF_MODIFIED_SINCE);
    let since = since.and_then(|value| DateTime::parse_from_rfc2822(value.to_str().ok()?).ok());
    since.is_some_and(|since| updated.timestamp() <= since.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: &str) -> KnownTags {
        let field = field.parse().expect("the value is valid");
        let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, field)]);
        KnownTags::read(&headers, |token| (token != "old").then_some([7; 16]))
    }

    #[test]
    fn a_tag_is_known_while_its_form_can_be_used() {
        let page = [0xab; 32];
        let digits = "ab".repeat(16);
        for (field, form_is_used, is_known) in [
            (format!("W/\"{digits}.new\""), false, true),
            (format!("\"{digits}.new\""), false, true),
            (format!("\"other\", W/\"{digits}.new\""), false, true),
            (format!("W/\"{digits}.old\", W/\"{digits}.new\""), false, true),
            (format!("W/\"{digits}.new\""), true, false),
            (format!("W/\"{digits}.old\""), false, false),
            (format!("W/\"{}.new\"", "ac".repeat(16)), false, false),
            (format!("W/\"{digits}\""), true, true),
            (digits.clone(), false, false),
            ("*".to_owned(), false, false),
        ] {
            let known = read(&field);
            assert_eq!(known.tag_of(&page, form_is_used).is_some(), is_known, "{field}");
        }
        assert!(read("*").any && !read("\"*\"").any);
    }
}
