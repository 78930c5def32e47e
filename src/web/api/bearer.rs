//! Authenticates requests by an operator's bearer token ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)). The token is passed on
//! to nothing but the look-up, so it is in no log.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::failure::Failure;
use crate::operators::authenticate;
use crate::store::operators::Operator;
use crate::web::state::Web;

/// The operator whose token a request has. As a handler's first argument it answers 401 before the body is read.
#[derive(Clone, Debug)]
pub(in crate::web) struct Bearer(pub(super) Operator);

impl FromRequestParts<Arc<Web>> for Bearer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Failure> {
        let mut fields = parts.headers.get_all(header::AUTHORIZATION).iter();
        // Of two fields a proxy may have checked one and we the other, so neither counts
        // ([RFC 9110 §5.3](https://www.rfc-editor.org/rfc/rfc9110#section-5.3)).
        let (Some(field), None) = (fields.next(), fields.next()) else {
            return Err(Failure::NoToken);
        };
        let token = field.to_str().ok().and_then(token).ok_or(Failure::NoToken)?;
        let operator = authenticate(&web.app, token).await?;
        operator.map(Self).ok_or(Failure::InvalidToken)
    }
}

/// The token in an `Authorization` field ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)). The case of the
/// scheme's name does not matter ([RFC 9110 §11.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.1)).
fn token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
