//! The site's own files. They are compiled into the program, so a page loads nothing from another server.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::error::WebError;
use super::pages::assets::{ALTCHA_JS, ICON_SVG, REMARK42_JS, SITE_CSS};

pub(super) async fn asset(Path(name): Path<String>) -> Result<Response, WebError> {
    let (content_type, content) = match name.as_str() {
        "site.css" => ("text/css; charset=utf-8", SITE_CSS),
        "remark42.js" => ("text/javascript; charset=utf-8", REMARK42_JS),
        "altcha.js" => ("text/javascript; charset=utf-8", ALTCHA_JS),
        "icon.svg" => ("image/svg+xml", ICON_SVG),
        _ => return Err(WebError::NotFound),
    };
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    Ok((headers, content).into_response())
}
