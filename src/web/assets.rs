//! The site's own files. They are compiled into the program, or read at the start, so a page loads nothing from another server.

use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};

use super::error::WebError;
use super::pages::assets::{
    ADMIN_CSS, ALTCHA_JS, API_CSS, API_JS, ARTICLES_JS, DOCS_CSS, DRAFTS_JS, ICON_SVG, LIVE_JS, PASSKEYS_JS,
    REMARK42_JS, SCHEDULE_JS, SITE_CSS, TEXT_FILE_JS, TIME_ZONE_JS,
};
use super::state::Shared;
use crate::config::BrandFile;

/// A file with a hash in its name never changes.
const UNCHANGING: &str = "public, max-age=31536000, immutable";
const CHANGING: &str = "public, max-age=300";
/// If an SVG picture is opened by itself, it is a document. This policy lets it show itself, and nothing else.
const SVG_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

pub(super) async fn asset(State(web): Shared, Path(name): Path<String>) -> Result<Response, WebError> {
    let (content_type, content) = match name.as_str() {
        "site.css" => ("text/css; charset=utf-8", SITE_CSS),
        "admin.css" => ("text/css; charset=utf-8", ADMIN_CSS),
        "api.css" => ("text/css; charset=utf-8", API_CSS),
        "docs.css" => ("text/css; charset=utf-8", DOCS_CSS),
        "api.js" => ("text/javascript; charset=utf-8", API_JS),
        "remark42.js" => ("text/javascript; charset=utf-8", REMARK42_JS),
        "drafts.js" => ("text/javascript; charset=utf-8", DRAFTS_JS),
        "articles.js" => ("text/javascript; charset=utf-8", ARTICLES_JS),
        "live.js" => ("text/javascript; charset=utf-8", LIVE_JS),
        "passkeys.js" => ("text/javascript; charset=utf-8", PASSKEYS_JS),
        "altcha.js" => ("text/javascript; charset=utf-8", ALTCHA_JS),
        "schedule.js" => ("text/javascript; charset=utf-8", SCHEDULE_JS),
        "text-file.js" => ("text/javascript; charset=utf-8", TEXT_FILE_JS),
        "time-zone.js" => ("text/javascript; charset=utf-8", TIME_ZONE_JS),
        "icon.svg" => ("image/svg+xml", ICON_SVG),
        _ => {
            let files = &web.app.config.brand.page.files;
            let named = files.iter().find(|file| file.name() == name);
            let file = named.or_else(|| files.iter().find(|file| file.serves_name(&name)));
            return file.map(|file| brand_file(file, &name)).ok_or(WebError::NotFound);
        }
    };
    let headers = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, CHANGING)];
    Ok((headers, content).into_response())
}

fn brand_file(file: &BrandFile, name: &str) -> Response {
    let caching = if file.name() == name { UNCHANGING } else { CHANGING };
    let headers = [
        (header::CONTENT_TYPE, file.media_type()),
        (header::CACHE_CONTROL, caching),
        // Mail programs on the web show the logo on pages of their own.
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    let mut response = (headers, file.content().to_vec()).into_response();
    if file.is_svg() {
        let policy = header::HeaderValue::from_static(SVG_POLICY);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
