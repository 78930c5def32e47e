//! The second step of a sign-in: the code of the authenticator app.

use askama::Template;
use axum::extract::{RawForm, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::console::Console;
use super::forms::{destination, field};
use super::session;
use crate::operators::{self, CodeAttempt, SignInError};
use crate::web::client::Client;
use crate::web::error::{WebError, page};
use crate::web::state::Shared;

#[derive(Debug, Template)]
#[template(path = "admin/code.html")]
struct CodePage {
    console: Console,
    problem: Option<String>,
    /// The page to which the browser is redirected after the sign-in.
    next: String,
}

pub(super) async fn form(
    State(web): Shared,
    console: Console,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    if !operators::awaits_code(&web.app, session::session_cookie(&web, &headers)).await? {
        return Ok(Redirect::to("/admin/login").into_response());
    }
    let shown = CodePage {
        console,
        problem: None,
        next: field(query.unwrap_or_default().as_bytes(), "next"),
    };
    Ok(page(&shown)?.into_response())
}

pub(super) async fn submit(
    State(web): Shared,
    console: Console,
    client: Client,
    headers: HeaderMap,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let [code, next] = ["code", "next"].map(|name| field(&body, name));
    let attempt = CodeAttempt {
        cookie: session::session_cookie(&web, &headers),
        code: &code,
        browser: session::browser(&headers, client),
        device: session::device(&web, &headers),
    };
    let (status, problem) = match operators::sign_in_with_code(&web.app, &attempt).await {
        Ok(new) => {
            let mut response = Redirect::to(destination(&next)).into_response();
            session::set_cookies(&web, &mut response, &new);
            return Ok(response);
        }
        Err(SignInError::Expired) => return Ok(Redirect::to("/admin/login").into_response()),
        Err(SignInError::Wrong) => (StatusCode::UNAUTHORIZED, console.words.code_wrong()),
        Err(SignInError::TooMany) => (StatusCode::TOO_MANY_REQUESTS, console.words.sign_in_too_many()),
        Err(SignInError::Store(error)) => return Err(error.into()),
    };
    let shown = page(&CodePage {
        console,
        problem: Some(problem),
        next,
    })?;
    Ok((status, shown).into_response())
}
