//! The cookies of the console, and the operator of a request.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::operators::{Browser, NewSession, SignedIn, session_of};
use crate::store::StoreError;
use crate::web::client::Client;
use crate::web::state::Web;

/// How long a browser keeps the cookie by which it is known to an account, in seconds: 180 days.
const DEVICE_MAX_AGE: u64 = 180 * 24 * 60 * 60;

/// How long a sign-in at the identity provider may take, in seconds.
const PROVIDER_MAX_AGE: u64 = 10 * 60;

/// Whether cookies of the console cannot be read on their way: over HTTPS, or within this machine.
pub(super) fn is_reachable_safely(web: &Web) -> bool {
    let url = &web.app.config.site.url;
    url.is_https() || url.is_loopback()
}

/// The name of a cookie. With the prefix, browsers accept it from this host over HTTPS only
/// ([RFC 6265bis §4.1.3.2](https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-__host-prefix)).
fn cookie_name(web: &Web, name: &str) -> String {
    let prefix = if web.app.config.site.url.is_https() {
        "__Host-"
    } else {
        ""
    };
    format!("{prefix}daywire-{name}")
}

/// The value of a cookie; empty if there is none.
fn cookie<'a>(web: &Web, headers: &'a HeaderMap, name: &str) -> &'a str {
    let name = cookie_name(web, name);
    let fields = headers.get_all(header::COOKIE).iter();
    let mut pairs = fields
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find_map(|(found, value)| (found == name).then_some(value))
        .unwrap_or_default()
}

fn put(web: &Web, response: &mut Response, name: &str, value: &str, max_age: u64) {
    let secure = if web.app.config.site.url.is_https() {
        "; Secure"
    } else {
        ""
    };
    let name = cookie_name(web, name);
    let field = format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(field) = HeaderValue::try_from(field) {
        response.headers_mut().append(header::SET_COOKIE, field);
    }
}

/// Sets the cookie of the session. Browsers forget it when the session would have been idle for too long.
pub(super) fn set_cookie(web: &Web, response: &mut Response, value: &str) {
    let idle = web.app.config.operators.session_idle.as_secs();
    put(web, response, "session", value, idle.max(1));
}

/// Sets the cookies of a new session.
pub(super) fn set_cookies(web: &Web, response: &mut Response, session: &NewSession) {
    set_cookie(web, response, &session.cookie);
    if let Some(device) = &session.device {
        put(web, response, "device", device, DEVICE_MAX_AGE);
    }
}

/// Removes the cookie of the session.
pub(super) fn remove_cookie(web: &Web, response: &mut Response) {
    put(web, response, "session", "", 0);
}

/// The cookie by which the browser is known to an account; empty if it is not.
pub(super) fn device<'a>(web: &Web, headers: &'a HeaderMap) -> &'a str {
    cookie(web, headers, "device")
}

/// Sets the cookie by which a browser is known when it comes back from the identity provider. It is sent along with a link from another site,
/// because the provider leads back.
pub(super) fn set_provider_cookie(web: &Web, response: &mut Response, value: &str) {
    put(web, response, "provider", value, PROVIDER_MAX_AGE);
}

/// Removes the cookie of a sign-in at the identity provider.
pub(super) fn remove_provider_cookie(web: &Web, response: &mut Response) {
    put(web, response, "provider", "", 0);
}

/// The cookie of a sign-in at the identity provider; empty if there is none.
pub(super) fn provider_cookie<'a>(web: &Web, headers: &'a HeaderMap) -> &'a str {
    cookie(web, headers, "provider")
}

/// The cookie of the session; empty if there is none.
pub(super) fn session_cookie<'a>(web: &Web, headers: &'a HeaderMap) -> &'a str {
    cookie(web, headers, "session")
}

/// The browser of a request, for the list of sessions.
pub(super) fn browser(headers: &HeaderMap, Client(network): Client) -> Browser<'_> {
    let name = headers.get(header::USER_AGENT).and_then(|name| name.to_str().ok());
    Browser {
        name: name.unwrap_or_default(),
        network,
    }
}

/// The operator who is signed in with the cookie of a request.
pub(super) async fn signed_in(web: &Web, headers: &HeaderMap) -> Result<Option<SignedIn>, StoreError> {
    match session_cookie(web, headers) {
        "" => Ok(None),
        cookie => session_of(&web.app, cookie).await,
    }
}

/// The operator of a request. The check of the route has found that the operator may use it.
impl FromRequestParts<Arc<Web>> for SignedIn {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Web>) -> Result<Self, StatusCode> {
        let found = parts.extensions.get::<Self>().cloned();
        // Only a route that is open to everybody has requests without an operator.
        found.ok_or_else(|| {
            tracing::error!("a handler needs an operator on a route without one");
            StatusCode::INTERNAL_SERVER_ERROR
        })
    }
}
