//! Signing in and out.

use askama::Template;
use axum::extract::{RawForm, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::console::Console;
use super::forms::{destination, field};
use super::session;
use crate::operators::{self, Attempt, SignInError, SignedIn};
use crate::web::client::Client;
use crate::web::error::{WebError, page};
use crate::web::state::{Shared, Web};

/// What the page of the sign-in says above the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignInState {
    Ready,
    /// There is no owner yet.
    NoOwner,
    Wrong,
    WrongPasskey,
    TooMany,
}

impl SignInState {
    const fn status(self) -> StatusCode {
        match self {
            Self::Ready | Self::NoOwner => StatusCode::OK,
            Self::Wrong | Self::WrongPasskey => StatusCode::UNAUTHORIZED,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "admin/sign_in.html")]
struct SignInPage {
    console: Console,
    state: SignInState,
    /// The name that was typed.
    name: String,
    /// The page to which the browser is redirected after the sign-in.
    next: String,
    has_passkeys: bool,
    /// The name of the identity provider.
    provider: Option<String>,
}

pub(super) async fn form(
    State(web): Shared,
    console: Console,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let next = field(query.unwrap_or_default().as_bytes(), "next");
    if console.operator.is_some() {
        return Ok(Redirect::to(destination(&next)).into_response());
    }
    let has_owner = web.app.store.read().await?.has_owner().await?;
    let state = if has_owner {
        SignInState::Ready
    } else {
        SignInState::NoOwner
    };
    show(&web, console, state, String::new(), next)
}

/// The page of the sign-in with what it says above the form.
pub(super) fn show(
    web: &Web,
    console: Console,
    state: SignInState,
    name: String,
    next: String,
) -> Result<Response, WebError> {
    let shown = page(&SignInPage {
        console,
        state,
        name,
        next,
        has_passkeys: operators::can_have_passkeys(&web.app),
        provider: web
            .identity_provider
            .as_ref()
            .map(|provider| provider.name().to_owned()),
    })?;
    let mut response = (state.status(), shown).into_response();
    if state == SignInState::TooMany {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, header::HeaderValue::from_static("360"));
    }
    Ok(response)
}

pub(super) async fn submit(
    State(web): Shared,
    console: Console,
    client: Client,
    headers: HeaderMap,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let [name, password, next] = ["name", "password", "next"].map(|name| field(&body, name));
    let attempt = Attempt {
        name: &name,
        password: &password,
        browser: session::browser(&headers, client),
        device: session::device(&web, &headers),
    };
    let state = match operators::sign_in(&web.app, &attempt).await {
        Ok(new) => {
            let mut response = if new.needs_code {
                to_code(&next)
            } else {
                Redirect::to(destination(&next)).into_response()
            };
            session::set_cookies(&web, &mut response, &new);
            return Ok(response);
        }
        Err(SignInError::Wrong | SignInError::Expired) => SignInState::Wrong,
        Err(SignInError::TooMany) => SignInState::TooMany,
        Err(SignInError::Store(error)) => return Err(error.into()),
    };
    show(&web, console, state, name, next)
}

/// Redirects to the second step, which redirects to `next`.
pub(super) fn to_code(next: &str) -> Response {
    if next.is_empty() {
        return Redirect::to("/admin/login/code").into_response();
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", next)
        .finish();
    Redirect::to(&format!("/admin/login/code?{query}")).into_response()
}

pub(super) async fn sign_out(State(web): Shared, signed_in: SignedIn) -> Result<Response, WebError> {
    operators::sign_out(&web.app, &signed_in).await?;
    let mut response = Redirect::to("/admin/login").into_response();
    session::remove_cookie(&web, &mut response);
    Ok(response)
}
