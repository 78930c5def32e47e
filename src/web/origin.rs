//! Checks which pages may post forms to the site: its own pages and those of `signup.origins`.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};

use super::state::Web;
use crate::config::WebOrigin;

/// The page that sent a form. As a handler's argument it answers 403 to pages of other sites before the body is read: another site
/// must not sign up its visitors in their browsers.
///
/// Programs other than browsers send neither `Origin` nor `Sec-Fetch-Site`, and are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PostedFrom {
    /// A page of this site, or no page at all.
    OwnSite,
    /// A page of one of `signup.origins`.
    Listed(String),
}

impl FromRequestParts<Arc<Web>> for PostedFrom {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, StatusCode> {
        let config = &web.app.config;
        // The pages behind a mailed link have `Referrer-Policy: no-referrer`, so browsers send `Origin: null` from them.
        let has_opaque_origin = super::headers::has_token(parts.uri.path());
        allowed_page(
            &parts.headers,
            &config.site.url.origin(),
            config.signup.origins.iter().map(WebOrigin::as_str),
            has_opaque_origin,
        )
        .ok_or(StatusCode::FORBIDDEN)
    }
}

/// A page of this site, or no page at all. As a handler's argument it answers 403 also to pages of `signup.origins`: these may only sign up.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnPage;

impl FromRequestParts<Arc<Web>> for OwnPage {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, StatusCode> {
        match PostedFrom::from_request_parts(parts, web).await? {
            PostedFrom::OwnSite => Ok(Self),
            PostedFrom::Listed(origin) if origin == web.app.config.site.url.origin() => Ok(Self),
            PostedFrom::Listed(_) => Err(StatusCode::FORBIDDEN),
        }
    }
}

fn allowed_page<'a>(
    headers: &HeaderMap,
    own: &str,
    mut listed: impl Iterator<Item = &'a str>,
    has_opaque_origin: bool,
) -> Option<PostedFrom> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("invalid"));
    let origin = text(header::ORIGIN.as_str()).map(str::to_ascii_lowercase);
    let fetch_site = text("sec-fetch-site");
    if let Some(found) = listed.find(|listed| origin.as_deref() == Some(*listed)) {
        return Some(PostedFrom::Listed(found.to_owned()));
    }
    if fetch_site == Some("cross-site") {
        return None;
    }
    let is_own = match origin.as_deref() {
        None => true,
        Some("null") => match fetch_site {
            Some(site) => matches!(site, "same-origin" | "none"),
            None => has_opaque_origin,
        },
        // A client may reach the site by another name than `site.url`, such as its address behind a proxy.
        Some(origin) => {
            let host = text(header::HOST.as_str()).map(str::to_ascii_lowercase);
            let by_host = origin.split_once("://").map(|(_, host)| host.to_owned());
            origin == own || (host.is_some() && host == by_host)
        }
    };
    is_own.then_some(PostedFrom::OwnSite)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn page_of(headers: &[(&'static str, &'static str)], has_opaque_origin: bool) -> Option<PostedFrom> {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let listed = ["https://www.partner.example", "http://127.0.0.1:9000"];
        allowed_page(&headers, "https://news.example", listed.into_iter(), has_opaque_origin)
    }

    #[test]
    fn forms_of_this_site_and_of_programs_are_accepted() {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://news.example")],
            &[("origin", "https://NEWS.example")],
            &[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        ] {
            assert_eq!(page_of(headers, false), Some(PostedFrom::OwnSite), "{headers:?}");
        }
    }

    #[test]
    fn forms_of_other_sites_are_refused() {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
            &[("origin", "https://evil.example")],
            &[("origin", "https://evil.example"), ("host", "news.example")],
            &[("origin", "http://news.example.evil.example")],
            &[("sec-fetch-site", "same-site"), ("origin", "https://www.news.example")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site"), ("origin", "null")],
            &[("origin", "https://www.partner.example.evil.example")],
        ] {
            assert_eq!(page_of(headers, false), None, "{headers:?}");
        }
        let framed = [("sec-fetch-site", "cross-site"), ("origin", "null")];
        assert_eq!(page_of(&framed, true), None);
    }

    #[test]
    fn forms_of_listed_sites_are_accepted_with_their_origin() {
        for headers in [
            &[("origin", "https://www.partner.example")][..],
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://www.partner.example"),
            ],
        ] {
            let listed = PostedFrom::Listed("https://www.partner.example".into());
            assert_eq!(page_of(headers, false), Some(listed), "{headers:?}");
        }
    }

    #[test]
    fn a_page_without_referrer_may_post_with_an_opaque_origin() {
        assert_eq!(page_of(&[("origin", "null")], true), Some(PostedFrom::OwnSite));
    }
}
