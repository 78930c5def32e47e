//! The operator's own account: password and sessions.

use askama::Template;
use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::console::{Console, Notice, done};
use super::field_texts::{Problem, problem_of};
use super::forms::field;
use crate::operators::{self, SignedIn};
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::{Shared, Web};

pub(super) const PATH: &str = "/admin/account";

#[derive(Debug, Template)]
#[template(path = "admin/account.html")]
struct AccountPage {
    console: Console,
    name: String,
    role: String,
    passkeys: Vec<PasskeyLine>,
    may_add_passkey: bool,
    /// The name for a new passkey, as it was typed.
    passkey_name: String,
    sessions: Vec<SessionLine>,
    problem: Option<Problem>,
}

impl AccountPage {
    fn problem_at(&self, field: &str) -> Option<&str> {
        Problem::at(self.problem.as_ref(), field)
    }
}

/// A passkey in the list.
#[derive(Debug)]
struct PasskeyLine {
    id: String,
    name: String,
    made: Stamp,
    used: Option<Stamp>,
}

/// A session in the list.
#[derive(Debug)]
struct SessionLine {
    id: String,
    browser: String,
    network: String,
    started: Stamp,
    ends: Stamp,
    is_this: bool,
}

pub(super) async fn page(State(web): Shared, console: Console, signed_in: SignedIn) -> Result<Html<String>, WebError> {
    show(&web, console, &signed_in, String::new(), None).await
}

/// Shows the page. `passkey_name` is the name for a new passkey, as it was typed.
pub(super) async fn show(
    web: &Web,
    console: Console,
    signed_in: &SignedIn,
    passkey_name: String,
    problem: Option<Problem>,
) -> Result<Html<String>, WebError> {
    let now = web.app.clock.now();
    let mut tx = web.app.store.read().await?;
    let sessions = tx.open_sessions(signed_in.operator_id, now).await?;
    let passkeys = tx.passkeys(signed_in.operator_id).await?;
    drop(tx);
    render(&AccountPage {
        passkeys: passkeys
            .into_iter()
            .map(|passkey| PasskeyLine {
                id: passkey.id.to_string(),
                name: passkey.name,
                made: Stamp::utc(passkey.created_at),
                used: passkey.last_used_at.map(Stamp::utc),
            })
            .collect(),
        may_add_passkey: operators::can_have_passkeys(&web.app),
        passkey_name,
        name: signed_in.name.clone(),
        role: console.role_name(signed_in.role),
        sessions: sessions
            .into_iter()
            .map(|session| SessionLine {
                is_this: session.id == signed_in.session_id,
                id: session.id.to_string(),
                browser: session.browser,
                network: session.network,
                started: Stamp::utc(session.created_at),
                ends: Stamp::utc(session.expires_at),
            })
            .collect(),
        console,
        problem,
    })
}

pub(super) async fn change_password(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let [current, new] = ["current-password", "new-password"].map(|name| field(&body, name));
    match operators::change_own_password(&web.app, &signed_in, &current, &new).await {
        Ok(()) => Ok(done(PATH, Notice::PasswordChanged).into_response()),
        Err(error) => {
            let problem = problem_of(&console.words, error)?;
            let shown = show(&web, console, &signed_in, String::new(), Some(problem)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
    }
}

pub(super) async fn end_session(
    State(web): Shared,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let session = field(&body, "session").parse().map_err(|_| WebError::NotFound)?;
    // If the session has ended already, the operator's request is fulfilled, so that is not an error.
    operators::end_session(&web.app, &signed_in, session).await?;
    Ok(done(PATH, Notice::SessionEnded).into_response())
}

pub(super) async fn end_other_sessions(State(web): Shared, signed_in: SignedIn) -> Result<Response, WebError> {
    operators::end_other_sessions(&web.app, &signed_in).await?;
    Ok(done(PATH, Notice::SessionsEnded).into_response())
}
