//! The headers that every answer carries.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::Web;

/// No script, no style and no picture but ours, nothing framed but by us.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      frame-src 'self'; base-uri 'none'; frame-ancestors 'self'";
/// The same, but with pictures from elsewhere (`digest.images`).
const POLICY_WITH_PICTURES: &str = "default-src 'none'; style-src 'self'; img-src 'self' https: data:; form-action 'self'; \
                                    frame-src 'self'; base-uri 'none'; frame-ancestors 'self'";

/// The pages use no device and no browser feature that needs permission.
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()";

/// Whether a path contains a secret or its pages show one. Such pages get `no-referrer` and `no-store`.
pub(super) fn has_token(path: &str) -> bool {
    ["/confirm/", "/unsubscribe/", "/preferences/", "/inbox"]
        .iter()
        .any(|part| path.starts_with(part))
}

/// Adds them. A handler that has set one of its own keeps it.
pub async fn secure(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let has_token = has_token(path);
    let is_api = path.starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    let policy = if web.app.config.digest.images {
        POLICY_WITH_PICTURES
    } else {
        POLICY
    };
    set(header::CONTENT_SECURITY_POLICY, policy);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    set(
        header::REFERRER_POLICY,
        if has_token {
            "no-referrer"
        } else {
            "strict-origin-when-cross-origin"
        },
    );
    if has_token || is_api {
        set(header::CACHE_CONTROL, "no-store");
    }
    if has_token {
        set(HeaderName::from_static("x-robots-tag"), "noindex");
    }
    if web.app.config.site.url.is_https() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    // RFC 9110 §5.6.7. The server itself writes no date, because hyper's fails on a clock beyond the year 9999.
    let date = web.app.clock.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::try_from(date) {
        headers.insert(header::DATE, date);
    }
    response
}
