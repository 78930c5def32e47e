//! Choosing a password by a mailed link, and asking for such a link.

use askama::Template;
use axum::extract::{Path, RawForm, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use super::console::{Console, MessagePage, Notice, done};
use super::field_texts::{Problem, problem_of};
use super::forms::field;
use super::session;
use crate::operators::{self, OperatorError};
use crate::web::client::Client;
use crate::web::error::{WebError, page};
use crate::web::state::Shared;

#[derive(Debug, Template)]
#[template(path = "admin/password.html")]
struct PasswordPage {
    console: Console,
    /// The path that the form posts to.
    action: String,
    /// The name of the operator whose password is chosen.
    name: String,
    problem: Option<Problem>,
}

pub(super) async fn form(
    State(web): Shared,
    console: Console,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let Some(name) = operators::operator_of_link(&web.app, &token).await? else {
        return link_is_dead(console);
    };
    let shown = PasswordPage {
        console,
        action: format!("/admin/password/{token}"),
        name,
        problem: None,
    };
    Ok(page(&shown)?.into_response())
}

pub(super) async fn choose(
    State(web): Shared,
    console: Console,
    Path(token): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let error = match operators::choose_password(&web.app, &token, &field(&body, "new-password")).await {
        Ok(()) => return Ok(done("/admin/login", Notice::PasswordChosen).into_response()),
        Err(OperatorError::Link) => return link_is_dead(console),
        Err(error) => error,
    };
    let problem = problem_of(&console.words, error)?;
    let Some(name) = operators::operator_of_link(&web.app, &token).await? else {
        return link_is_dead(console);
    };
    let shown = page(&PasswordPage {
        console,
        action: format!("/admin/password/{token}"),
        name,
        problem: Some(problem),
    })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

fn link_is_dead(console: Console) -> Result<Response, WebError> {
    let shown = page(&MessagePage {
        title: console.words.setup_dead_title(),
        happened: console.words.password_link_dead(),
        next: console.words.password_link_next(),
        console,
    })?;
    Ok((StatusCode::NOT_FOUND, shown).into_response())
}

#[derive(Debug, Template)]
#[template(path = "admin/forgot.html")]
struct ForgotPage {
    console: Console,
    problem: Option<String>,
}

pub(super) async fn forgot(console: Console) -> Result<Html<String>, WebError> {
    page(&ForgotPage { console, problem: None })
}

/// POST `/admin/forgot`: the answer is the same for every name.
pub(super) async fn request_link(
    State(web): Shared,
    console: Console,
    client: Client,
    headers: HeaderMap,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let browser = session::browser(&headers, client);
    let device = session::device(&web, &headers);
    match operators::request_reset(&web.app, &field(&body, "name"), &browser, device).await {
        Ok(()) => Ok(done("/admin/login", Notice::LinkMailed).into_response()),
        Err(OperatorError::TooMany) => {
            let problem = Some(console.words.sign_in_too_many());
            let shown = page(&ForgotPage { console, problem })?;
            Ok((StatusCode::TOO_MANY_REQUESTS, shown).into_response())
        }
        Err(OperatorError::Store(error)) => Err(error.into()),
        Err(OperatorError::Template(error)) => Err(error.into()),
        Err(_) => Err(WebError::NotFound),
    }
}
