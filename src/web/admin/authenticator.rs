//! Setting up the authenticator app of an operator, and the recovery codes.

use askama::Template;
use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::console::{Console, Notice, done};
use super::field_texts::{Problem, problem_of};
use super::forms::field;
use crate::operators::{self, NewSecret, SignedIn};
use crate::web::error::{WebError, page as render};
use crate::web::state::{Shared, Web};

const PATH: &str = "/admin/account/authenticator";

#[derive(Debug, Template)]
#[template(path = "admin/authenticator.html")]
struct AuthenticatorPage {
    console: Console,
    /// The secret to set up; `None` if an app is set up.
    new: Option<NewSecret>,
    /// How many recovery codes are left.
    codes_left: i64,
    problem: Option<Problem>,
}

impl AuthenticatorPage {
    fn problem_at(&self, field: &str) -> Option<&str> {
        Problem::at(self.problem.as_ref(), field)
    }
}

/// The page that shows new recovery codes, once.
#[derive(Debug, Template)]
#[template(path = "admin/recovery_codes.html")]
struct RecoveryCodesPage {
    console: Console,
    codes: Vec<String>,
}

pub(super) async fn page(State(web): Shared, console: Console, signed_in: SignedIn) -> Result<Html<String>, WebError> {
    let state = operators::authenticator_state(&web.app, &signed_in).await?;
    render(&AuthenticatorPage {
        console,
        new: state.is_none().then(|| operators::new_secret(&web.app, &signed_in)),
        codes_left: state.unwrap_or_default(),
        problem: None,
    })
}

/// POST `/admin/account/authenticator`: sets the app up.
pub(super) async fn enable(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let [secret, code, password] = ["secret", "code", "current-password"].map(|name| field(&body, name));
    match operators::enable_authenticator(&web.app, &signed_in, &secret, &code, &password).await {
        Ok(codes) => Ok(render(&RecoveryCodesPage { console, codes })?.into_response()),
        Err(error) => {
            let problem = problem_of(&console.words, error)?;
            let again = operators::offered_again(&web.app, &signed_in, &secret);
            let new = again.unwrap_or_else(|| operators::new_secret(&web.app, &signed_in));
            refused(console, Some(new), 0, problem)
        }
    }
}

/// POST `/admin/account/authenticator/codes`: makes new recovery codes.
pub(super) async fn new_codes(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    match operators::new_recovery_codes(&web.app, &signed_in, &field(&body, "current-password")).await {
        Ok(codes) => Ok(render(&RecoveryCodesPage { console, codes })?.into_response()),
        Err(error) => not_changed(&web, console, &signed_in, error).await,
    }
}

pub(super) async fn disable(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    match operators::disable_authenticator(&web.app, &signed_in, &field(&body, "current-password")).await {
        Ok(()) => Ok(done(PATH, Notice::AuthenticatorRemoved).into_response()),
        Err(error) => not_changed(&web, console, &signed_in, error).await,
    }
}

async fn not_changed(
    web: &Web,
    console: Console,
    signed_in: &SignedIn,
    error: operators::OperatorError,
) -> Result<Response, WebError> {
    let problem = problem_of(&console.words, error)?;
    let state = operators::authenticator_state(&web.app, signed_in).await?;
    let new = state.is_none().then(|| operators::new_secret(&web.app, signed_in));
    refused(console, new, state.unwrap_or_default(), problem)
}

fn refused(console: Console, new: Option<NewSecret>, codes_left: i64, problem: Problem) -> Result<Response, WebError> {
    let shown = render(&AuthenticatorPage {
        console,
        new,
        codes_left,
        problem: Some(problem),
    })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}
