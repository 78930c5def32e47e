//! Passkeys: adding and removing them on the page of the account, and signing in with one. A script asks the browser in between
//! (`templates/assets/passkeys.js`).

use axum::Json;
use axum::extract::{RawForm, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::account::{self, PATH};
use super::console::{Console, Notice, done};
use super::field_texts::problem_of;
use super::forms::{destination, field};
use super::session;
use super::sign_in::{self, SignInState};
use crate::operators::{self, PasskeyChallenge, SignInError, SignedIn};
use crate::web::client::Client;
use crate::web::error::WebError;
use crate::web::problem::Problem;
use crate::web::state::Shared;

fn question(challenge: &PasskeyChallenge) -> Response {
    Json(json!({ "challenge": challenge.token, "options": challenge.options })).into_response()
}

/// POST `/admin/account/passkeys/challenge`: what the browser needs to make a passkey.
pub(super) async fn ask_for_new(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let [name, password] = ["passkey", "current-password"].map(|name| field(&body, name));
    match operators::ask_for_new_passkey(&web.app, &signed_in, &name, &password).await {
        Ok(challenge) => Ok(question(&challenge)),
        Err(error) => {
            let text = problem_of(&console.words, error)?.text;
            Ok(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, text).into_response())
        }
    }
}

/// POST `/admin/account/passkeys`: adds the passkey that the browser made.
pub(super) async fn add(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let [name, challenge, credential] = ["passkey", "challenge", "credential"].map(|name| field(&body, name));
    match operators::add_passkey(&web.app, &signed_in, &name, &challenge, &credential).await {
        Ok(()) => Ok(done(PATH, Notice::PasskeyAdded).into_response()),
        Err(error) => {
            let problem = problem_of(&console.words, error)?;
            let shown = account::show(&web, console, &signed_in, name, Some(problem)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
    }
}

pub(super) async fn remove(
    State(web): Shared,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let passkey = field(&body, "passkey").parse().map_err(|_| WebError::NotFound)?;
    // If the passkey was removed already, the operator's request is fulfilled, so that is not an error.
    operators::remove_passkey(&web.app, &signed_in, passkey).await?;
    Ok(done(PATH, Notice::PasskeyRemoved).into_response())
}

/// POST `/admin/login/passkey/challenge`: what the browser needs to sign in with a passkey.
pub(super) async fn ask_to_sign_in(
    State(web): Shared,
    console: Console,
    Client(network): Client,
) -> Result<Response, WebError> {
    match operators::ask_for_passkey(&web.app, network).await {
        Ok(challenge) => Ok(question(&challenge)),
        Err(SignInError::Store(error)) => Err(error.into()),
        Err(SignInError::TooMany) => {
            let text = console.words.sign_in_too_many();
            Ok(Problem::new(StatusCode::TOO_MANY_REQUESTS, text).into_response())
        }
        Err(SignInError::Wrong | SignInError::Expired) => Err(WebError::NotFound),
    }
}

/// POST `/admin/login/passkey`: signs in with the answer of the browser.
pub(super) async fn sign_in(
    State(web): Shared,
    console: Console,
    client: Client,
    headers: HeaderMap,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let [challenge, credential, next] = ["challenge", "credential", "next"].map(|name| field(&body, name));
    let browser = session::browser(&headers, client);
    match operators::sign_in_with_passkey(&web.app, &challenge, &credential, &browser).await {
        Ok(new) => {
            let mut response = Redirect::to(destination(&next)).into_response();
            session::set_cookies(&web, &mut response, &new);
            Ok(response)
        }
        Err(SignInError::Store(error)) => Err(error.into()),
        Err(SignInError::TooMany | SignInError::Wrong | SignInError::Expired) => {
            sign_in::show(&web, console, SignInState::WrongPasskey, String::new(), next)
        }
    }
}
