//! The language of a page: the reader's choice, else the first of the browser's languages that Daywire has, else the site's.
//!
//! The menu at the foot of every page links the page with `?lang=TAG`. The answer to such a request sets a cookie, so the next pages are
//! in that language too. The cookie holds nothing but the tag.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::headers::is_embed;
use super::pages::Site;
use super::state::{Shared, Web};
use crate::words::Language;

/// The fields of a request by which the language of a page is chosen.
pub(super) const VARY: HeaderValue = HeaderValue::from_static("Accept-Language, Cookie");
/// The parameter of the query, and the name of the cookie.
const NAME: &str = "lang";
/// How long a browser keeps the choice, in seconds: a year.
const COOKIE_MAX_AGE: u32 = 365 * 24 * 60 * 60;
/// The most entries of an Accept-Language field that are read.
const MAX_ACCEPTED: usize = 32;

/// The language of a request, and the rest of its query.
#[derive(Debug, Clone)]
pub(super) struct RequestLanguage {
    language: Language,
    /// Whether the request chooses the language with its query.
    is_chosen: bool,
    query: String,
}

impl RequestLanguage {
    pub(super) fn of(web: &Web, uri: &Uri, headers: &HeaderMap) -> Self {
        let (chosen, query) = split_query(uri.query().unwrap_or_default());
        let language = chosen.or_else(|| from_cookie(headers)).or_else(|| accepted(headers));
        Self {
            language: language.unwrap_or(web.app.config.site.language),
            is_chosen: chosen.is_some(),
            query,
        }
    }

    /// Whether the request chooses the language with its query. The answer then sets a cookie.
    pub(super) const fn is_chosen(&self) -> bool {
        self.is_chosen
    }

    pub(super) const fn tag(&self) -> &'static str {
        self.language.tag()
    }

    /// What a page that answers the request shows of the site.
    pub(super) fn site(self, web: &Web) -> Site {
        web.site_in(self.language, self.query)
    }
}

/// What the page shows of the site, in the language of the request.
impl FromRequestParts<Arc<Web>> for Site {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Infallible> {
        Ok(RequestLanguage::of(web, &parts.uri, &parts.headers).site(web))
    }
}

/// Names the language of each page for caches, and keeps a choice in a cookie.
pub(super) async fn remember(State(web): Shared, request: Request, next: Next) -> Response {
    let of_request = RequestLanguage::of(&web, request.uri(), request.headers());
    let is_embed = is_embed(request.uri().path());
    let mut response = next.run(request).await;
    let content_type = response.headers().get(header::CONTENT_TYPE);
    if content_type.is_none_or(|content_type| !content_type.as_bytes().starts_with(b"text/html")) {
        return response;
    }
    let headers = response.headers_mut();
    let RequestLanguage {
        language, is_chosen, ..
    } = of_request;
    headers.append(header::VARY, VARY);
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    // A page in an iframe of another site has its language in its address, and leaves no trace in the browser.
    if is_chosen && !is_embed {
        let secure = if web.app.config.site.url.is_https() {
            "; Secure"
        } else {
            ""
        };
        let cookie = format!("{NAME}={language}; Path=/; Max-Age={COOKIE_MAX_AGE}; HttpOnly; SameSite=Lax{secure}");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// The language that a query chooses, and the query without it.
fn split_query(query: &str) -> (Option<Language>, String) {
    let (mut chosen, mut others) = (None, url::form_urlencoded::Serializer::new(String::new()));
    for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if key == NAME {
            chosen = Language::matching(&value).or(chosen);
        } else {
            others.append_pair(&key, &value);
        }
    }
    (chosen, others.finish())
}

fn from_cookie(headers: &HeaderMap) -> Option<Language> {
    let fields = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|field| field.to_str().ok());
    let mut cookies = fields.flat_map(|field| field.split(';'));
    cookies.find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == NAME).then(|| value.parse().ok())?
    })
}

/// The language that the browser prefers ([RFC 9110 §12.5.4](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4)) of those that there
/// are texts in.
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let fields = headers
        .get_all(header::ACCEPT_LANGUAGE)
        .iter()
        .filter_map(|field| field.to_str().ok());
    let ranges = fields.flat_map(|field| field.split(',')).take(MAX_ACCEPTED);
    let mut preferred: Vec<(f32, Language)> = ranges
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let language = Language::matching(parts.next()?)?;
            let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let quality: f32 = quality.map_or(Some(1.0), |quality| quality.trim().parse().ok())?;
            (quality > 0.0 && quality <= 1.0).then_some((quality, language))
        })
        .collect();
    // The sort is stable: of two languages with the same quality, the one that the browser names first.
    preferred.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    preferred.first().map(|(_, language)| *language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().expect("the value is valid"))])
    }

    #[test]
    fn the_browsers_first_language_with_texts_is_used() {
        for (field, expected) in [
            ("de-AT,de;q=0.9,en;q=0.8", Some(Language::German)),
            ("nl, en;q=0.5, fr;q=0.7", Some(Language::French)),
            ("en;q=0.5,ja ; q=0.6", Some(Language::Japanese)),
            ("zh-TW, zh-Hant;q=0.9, it;q=0.1", Some(Language::Italian)),
            ("zh-CN", Some(Language::SimplifiedChinese)),
            ("de;q=0, pl;q=0.001", Some(Language::Polish)),
            ("de;q=high, es", Some(Language::Spanish)),
            ("PT-br", Some(Language::Portuguese)),
            ("nl", None),
            ("*", None),
            (";;,,q=1", None),
        ] {
            assert_eq!(accepted(&headers(header::ACCEPT_LANGUAGE, field)), expected, "{field}");
        }
    }

    #[test]
    fn a_cookie_counts_only_with_a_known_tag() {
        let of = |cookies: &str| from_cookie(&headers(header::COOKIE, cookies));
        assert_eq!(of("a=b; lang=ar"), Some(Language::Arabic));
        assert_eq!(of("lang=xx"), None);
        assert_eq!(of("language=de"), None);
    }

    #[test]
    fn the_rest_of_the_query_stays() {
        assert_eq!(
            split_query("before=1&lang=pl&q=a+b"),
            (Some(Language::Polish), "before=1&q=a+b".to_owned())
        );
        assert_eq!(split_query("lang=xx"), (None, String::new()));
    }
}
