//! The API requires an operator's bearer token (RFC 6750). The token is looked up and passed on nowhere.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::Web;
use super::api::Failure;
use crate::operators::authenticate;
use crate::store::operators::Operator;

/// The operator whose token came with a request. As a handler's first argument it is asked for before anything is read.
#[derive(Clone, Debug)]
pub struct Bearer(pub Operator);

impl FromRequestParts<Arc<Web>> for Bearer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Failure> {
        let mut shown = parts.headers.get_all(header::AUTHORIZATION).iter();
        // Of two, a proxy may have looked at the other one (RFC 9110 section 5.3).
        let (Some(shown), None) = (shown.next(), shown.next()) else {
            return Err(Failure::NoToken);
        };
        let token = shown.to_str().ok().and_then(token).ok_or(Failure::NoToken)?;
        let operator = authenticate(&web.app, token).await?;
        operator.map(Self).ok_or(Failure::WrongToken)
    }
}

/// The token in an `Authorization` header (RFC 6750 section 2.1); the scheme's name ignores case (RFC 9110 section 11.1).
fn token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
