//! The list of the console's routes, and the check that runs before each of them.
//!
//! A route of the console is added with [`ConsoleRoutes`] only, which takes what it needs: so no route can be without a check.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Request, State};
use axum::handler::Handler;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};

use super::forms::MAX_LARGE_FORM_BYTES;
use super::refusals;
use super::session;
use crate::domain::role::Permission;
use crate::operators::SignedIn;
use crate::web::error::WebError;
use crate::web::origin::OwnPage;
use crate::web::request_body::{self, BodyError, MAX_BODY_BYTES};
use crate::web::state::Web;

/// Who may use a route of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody: signing in, and links with a token.
    Everybody,
    /// Every operator who is signed in: the own account.
    SignedIn,
    /// Operators whose role has the permission.
    Needs(Permission),
}

impl From<Permission> for Access {
    fn from(permission: Permission) -> Self {
        Self::Needs(permission)
    }
}

/// A route of the console.
#[derive(Clone, Debug)]
pub struct ConsoleRoute {
    /// The method of the requests, GET or POST.
    pub method: Method,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
}

/// The routes of the console, while they are collected.
pub(super) struct ConsoleRoutes {
    web: Arc<Web>,
    methods: BTreeMap<&'static str, MethodRouter<Arc<Web>>>,
    list: Vec<ConsoleRoute>,
}

impl ConsoleRoutes {
    pub(super) fn new(web: &Arc<Web>) -> Self {
        Self {
            web: Arc::clone(web),
            methods: BTreeMap::new(),
            list: Vec::new(),
        }
    }

    /// Adds a page, which changes nothing.
    pub(super) fn get<H, T>(self, path: &'static str, access: impl Into<Access>, handler: H) -> Self
    where
        H: Handler<T, Arc<Web>>,
        T: 'static,
    {
        self.add(Method::GET, path, access.into(), 0, get(handler))
    }

    /// Adds what a form of the console does. Forms of other sites are refused.
    pub(super) fn post<H, T>(self, path: &'static str, access: impl Into<Access>, handler: H) -> Self
    where
        H: Handler<T, Arc<Web>>,
        T: 'static,
    {
        self.add(Method::POST, path, access.into(), MAX_BODY_BYTES, post(handler))
    }

    /// As [`Self::post`], for forms with a long text or a file.
    pub(super) fn post_large<H, T>(self, path: &'static str, access: impl Into<Access>, handler: H) -> Self
    where
        H: Handler<T, Arc<Web>>,
        T: 'static,
    {
        let handler = post(handler).layer(DefaultBodyLimit::max(MAX_LARGE_FORM_BYTES));
        self.add(Method::POST, path, access.into(), MAX_LARGE_FORM_BYTES, handler)
    }

    fn add(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        max_bytes: usize,
        handler: MethodRouter<Arc<Web>>,
    ) -> Self {
        let check = from_fn_with_state((Arc::clone(&self.web), access, max_bytes), check);
        let handler = handler.route_layer(check);
        let others = self.methods.remove(path).unwrap_or_default();
        self.methods.insert(path, others.merge(handler));
        self.list.push(ConsoleRoute { method, path, access });
        self
    }

    pub(super) fn router(self) -> Router<Arc<Web>> {
        let router = Router::new();
        self.methods
            .into_iter()
            .fold(router, |router, (path, methods)| router.route(path, methods))
    }

    pub(super) fn list(self) -> Vec<ConsoleRoute> {
        self.list
    }
}

/// Lets a request through if its operator may use the route, and keeps the session alive.
async fn check(
    State((web, access, max_bytes)): State<(Arc<Web>, Access, usize)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, mut body) = request.into_parts();
    if parts.method == Method::POST
        && let Err(refused) = OwnPage::from_request_parts(&mut parts, &web).await
    {
        return refused.into_response();
    }
    if !session::is_reachable_safely(&web) {
        return refusals::needs_https(&web, &parts.uri, &parts.headers);
    }
    let mut signed_in = match session::signed_in(&web, &parts.headers).await {
        Ok(signed_in) => signed_in,
        Err(error) => return WebError::from(error).into_response(),
    };
    if parts.method == Method::POST && signed_in.is_some() && is_permitted(signed_in.as_ref(), access) {
        // The form may arrive a minute after the headers. An operator who was removed or got another role meanwhile must not change anything.
        body = match request_body::read(body, max_bytes, None).await {
            Ok(form) => Body::from(form),
            Err(BodyError::EndedEarly) => return StatusCode::BAD_REQUEST.into_response(),
            Err(BodyError::TooLarge | BodyError::NoMemory) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        };
        signed_in = match session::signed_in(&web, &parts.headers).await {
            Ok(signed_in) => signed_in,
            Err(error) => return WebError::from(error).into_response(),
        };
    }
    if !is_permitted(signed_in.as_ref(), access) {
        return match signed_in {
            Some(signed_in) => {
                parts.extensions.insert(signed_in);
                refusals::not_permitted(&web, &parts)
            }
            None if parts.method == Method::POST => refusals::session_has_ended(&web, parts, body).await,
            None => to_sign_in(&parts.uri),
        };
    }
    let refreshed = signed_in
        .as_ref()
        .and_then(|signed_in| signed_in.refreshed_cookie.clone());
    if let Some(signed_in) = signed_in {
        parts.extensions.insert(signed_in);
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    // The handler of the sign-in and the sign-out sets the cookie itself.
    if let Some(cookie) = refreshed
        && !sets_cookie(response.headers())
    {
        session::set_cookie(&web, &mut response, &cookie);
    }
    response
}

fn is_permitted(signed_in: Option<&SignedIn>, access: Access) -> bool {
    match access {
        Access::Everybody => true,
        Access::SignedIn => signed_in.is_some(),
        Access::Needs(permission) => signed_in.is_some_and(|signed_in| signed_in.may(permission)),
    }
}

fn sets_cookie(headers: &HeaderMap) -> bool {
    headers.contains_key(header::SET_COOKIE)
}

/// Redirects to the sign-in page, which redirects back.
fn to_sign_in(uri: &Uri) -> Response {
    let wanted = uri.path_and_query().map_or("/admin", |wanted| wanted.as_str());
    if wanted == "/admin" {
        return Redirect::to("/admin/login").into_response();
    }
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", wanted)
        .finish();
    Redirect::to(&format!("/admin/login?{query}")).into_response()
}
