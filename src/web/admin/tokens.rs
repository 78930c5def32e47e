//! The operator's own API tokens.

use askama::Template;
use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use chrono::TimeDelta;

use super::console::{Console, Notice, done};
use super::field_texts::{Problem, problem_of};
use super::forms::{field, fields};
use crate::domain::role::{Scope, Scopes};
use crate::operators::{self, OperatorError, SignedIn, TokenRequest};
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::{Shared, Web};

const PATH: &str = "/admin/tokens";
/// The lifetimes of a new token to choose from, in days; the first is the default.
const DAYS: [u16; 4] = [90, 7, 30, 365];

#[derive(Debug, Template)]
#[template(path = "admin/tokens.html")]
struct TokensPage {
    console: Console,
    tokens: Vec<TokenLine>,
    scopes: Vec<ScopeChoice>,
    days: [u16; 4],
    /// A new token, which is shown only now.
    new: Option<String>,
    label: String,
    /// Whether the operator must type a password.
    has_password: bool,
    problem: Option<Problem>,
}

impl TokensPage {
    fn problem_at(&self, field: &str) -> Option<&str> {
        Problem::at(self.problem.as_ref(), field)
    }
}

#[derive(Debug)]
struct TokenLine {
    prefix: String,
    label: String,
    scopes: String,
    made: Stamp,
    expires: Option<Stamp>,
}

#[derive(Debug)]
struct ScopeChoice {
    scope: Scope,
    text: String,
}

pub(super) async fn page(State(web): Shared, console: Console, signed_in: SignedIn) -> Result<Html<String>, WebError> {
    show(&web, console, &signed_in, None, String::new(), None).await
}

async fn show(
    web: &Web,
    console: Console,
    signed_in: &SignedIn,
    new: Option<String>,
    label: String,
    problem: Option<Problem>,
) -> Result<Html<String>, WebError> {
    let now = web.app.clock.now();
    let tokens = web
        .app
        .store
        .read()
        .await?
        .operator_tokens(signed_in.operator_id)
        .await?;
    let words = &console.words;
    let scopes = Scope::ALL
        .iter()
        .map(|scope| ScopeChoice {
            scope: *scope,
            text: match scope {
                Scope::Read => words.scope_read(),
                Scope::Write => words.scope_write(),
                Scope::Send => words.scope_send(),
                Scope::Readers => words.scope_readers(),
                Scope::Admin => words.scope_admin(),
            },
        })
        .collect();
    render(&TokensPage {
        tokens: tokens
            .into_iter()
            .filter(|token| token.is_valid(now))
            .map(|token| TokenLine {
                prefix: token.prefix,
                label: token.label,
                scopes: token.scopes.to_string(),
                made: Stamp::utc(token.created_at),
                expires: token.expires_at.map(Stamp::utc),
            })
            .collect(),
        scopes,
        console,
        days: DAYS,
        new,
        label,
        has_password: operators::has_password(&web.app, signed_in).await?,
        problem,
    })
}

/// POST `/admin/tokens`. The answer is the page with the token and not a redirect, because the token is shown only once.
pub(super) async fn create(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let label = field(&body, "label");
    let scopes: Result<Scopes, _> = fields(&body, "scope")
        .iter()
        .map(|scope| scope.parse::<Scope>())
        .collect();
    let days: Option<u16> = field(&body, "days").parse().ok().filter(|days| DAYS.contains(days));
    let request = TokenRequest {
        label: &label,
        scopes: scopes.map_err(|_| WebError::NotFound)?,
        expires_at: Some(web.app.clock.now() + TimeDelta::days(days.unwrap_or(DAYS[0]).into())),
    };
    match operators::own_token(&web.app, &signed_in, &field(&body, "current-password"), request).await {
        Ok(new) => {
            let shown = show(&web, console, &signed_in, Some(new.secret), String::new(), None).await?;
            Ok(shown.into_response())
        }
        Err(error) => {
            let problem = problem_of(&console.words, error)?;
            let shown = show(&web, console, &signed_in, None, label, Some(problem)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
    }
}

pub(super) async fn revoke(
    State(web): Shared,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let prefix = field(&body, "token");
    match operators::revoke(&web.app, &signed_in.actor(), &signed_in.name, Some(&prefix)).await {
        // If the token was revoked already, the operator's request is fulfilled, so that is not an error.
        Ok(_) | Err(OperatorError::NoToken { .. }) => {}
        Err(OperatorError::Store(error)) => return Err(error.into()),
        Err(_) => return Err(WebError::NotFound),
    }
    Ok(done(PATH, Notice::TokenRevoked).into_response())
}
