//! Authenticates requests by an operator's bearer token ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)). The token is passed on
//! to nothing but the look-up, so it is in no log.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::failure::Failure;
use crate::domain::role::Permission;
use crate::operators::{Authenticated, authenticate};
use crate::store::StoreError;
use crate::web::state::Web;

/// What a route of the API needs. A handler names it in the type of its first argument, so no route can be without a check.
pub(in crate::web) trait Needs {
    /// `None` permits every valid token.
    const PERMISSION: Option<Permission>;
}

/// The route needs a valid token, with any scopes.
#[derive(Clone, Copy, Debug)]
pub(super) enum AnyToken {}

impl Needs for AnyToken {
    const PERMISSION: Option<Permission> = None;
}

macro_rules! needs {
    ($($name:ident,)*) => {$(
        #[derive(Clone, Copy, Debug)]
        pub(in crate::web) enum $name {}

        impl Needs for $name {
            const PERMISSION: Option<Permission> = Some(Permission::$name);
        }
    )*};
}

needs! {
    ReadReports,
    ReadReaders,
    EditArticles,
    EditDrafts,
    ManageFeeds,
    ManageNewsletters,
    Send,
    ModerateComments,
    ManageReaders,
    ReadSettings,
    ManageWebhooks,
    ManageOperators,
    ReadAudit,
}

/// Who sent a request, as far as its `Authorization` field says.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    /// The request has no bearer token, or more than one.
    Unnamed,
    /// The token is unknown, revoked or expired.
    InvalidToken,
    Operator(Arc<Authenticated>),
}

impl Caller {
    pub(super) async fn of(web: &Web, headers: &HeaderMap) -> Result<Self, StoreError> {
        let mut fields = headers.get_all(header::AUTHORIZATION).iter();
        // Of two fields a proxy may have checked one and we the other, so neither counts
        // ([RFC 9110 §5.3](https://www.rfc-editor.org/rfc/rfc9110#section-5.3)).
        let (Some(field), None) = (fields.next(), fields.next()) else {
            return Ok(Self::Unnamed);
        };
        let Some(token) = field.to_str().ok().and_then(token) else {
            return Ok(Self::Unnamed);
        };
        let operator = authenticate(&web.app, token).await?;
        Ok(operator.map_or(Self::InvalidToken, |operator| Self::Operator(Arc::new(operator))))
    }
}

/// The operator whose token a request has. As a handler's first argument it answers 401 before the body is read, and 403 unless the token's
/// scopes and the operator's role permit `P`.
#[derive(Debug)]
pub(in crate::web) struct Bearer<P: Needs> {
    pub(super) operator: Arc<Authenticated>,
    needs: PhantomData<P>,
}

impl<P: Needs> FromRequestParts<Arc<Web>> for Bearer<P> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Failure> {
        // Routes of the API have a layer that authenticated the request already (`limits.rs`).
        let caller = match parts.extensions.get::<Caller>() {
            Some(caller) => caller.clone(),
            None => Caller::of(web, &parts.headers).await?,
        };
        let operator = match caller {
            Caller::Unnamed => return Err(Failure::NoToken),
            Caller::InvalidToken => return Err(Failure::InvalidToken),
            Caller::Operator(operator) => operator,
        };
        if let Some(permission) = P::PERMISSION
            && !operator.may(permission)
        {
            return Err(if operator.lacks_scope(permission) {
                Failure::NoScope(permission.scope())
            } else {
                Failure::NotPermitted {
                    role: operator.operator.role,
                    permission,
                }
            });
        }
        Ok(Self {
            operator,
            needs: PhantomData,
        })
    }
}

/// The token in an `Authorization` field ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)). The case of the
/// scheme's name does not matter ([RFC 9110 §11.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.1)).
fn token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
