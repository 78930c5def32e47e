//! The operators: who they are, and what each may do.

use askama::Template;
use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::console::{Console, Notice, done};
use super::field_texts::{Problem, problem_of};
use super::forms::field;
use crate::domain::address::EmailAddress;
use crate::domain::role::Role;
use crate::domain::seen::Seen;
use crate::operators::{self, NewOperator, OperatorEdit, OperatorError, SignedIn};
use crate::web::error::{WebError, page as render};
use crate::web::state::{Shared, Web};

const PATH: &str = "/admin/operators";
/// The place of a problem with an operator of the list.
const LIST: &str = "list";

#[derive(Debug, Template)]
#[template(path = "admin/operators.html")]
struct OperatorsPage {
    console: Console,
    operators: Vec<OperatorLine>,
    roles: Vec<RoleChoice>,
    /// The fields of the form for a new operator, as they were typed.
    name: String,
    email: String,
    chosen: Role,
    problem: Option<Problem>,
}

impl OperatorsPage {
    fn problem_at(&self, field: &str) -> Option<&str> {
        Problem::at(self.problem.as_ref(), field)
    }
}

#[derive(Debug)]
struct OperatorLine {
    name: String,
    role: Role,
    email: Option<String>,
    has_password: bool,
    has_authenticator: bool,
}

#[derive(Debug)]
struct RoleChoice {
    role: Role,
    name: String,
}

pub(super) async fn page(State(web): Shared, console: Console) -> Result<Html<String>, WebError> {
    show(&web, console, Typed::default(), None).await
}

/// What was typed into the form for a new operator.
#[derive(Debug)]
struct Typed {
    name: String,
    email: String,
    role: Role,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            name: String::new(),
            email: String::new(),
            role: Role::Editor,
        }
    }
}

async fn show(web: &Web, console: Console, typed: Typed, problem: Option<Problem>) -> Result<Html<String>, WebError> {
    let operators = web.app.store.read().await?.operators().await?;
    let choice = |role: &Role| RoleChoice {
        role: *role,
        name: console.role_name(*role),
    };
    let roles = Role::ALL.iter().map(choice).collect();
    render(&OperatorsPage {
        operators: operators
            .into_iter()
            .map(|operator| OperatorLine {
                name: operator.name,
                role: operator.role,
                email: operator.email.as_ref().map(EmailAddress::as_typed).map(str::to_owned),
                has_password: operator.password_hash.is_some(),
                has_authenticator: operator.totp_secret.is_some(),
            })
            .collect(),
        roles,
        console,
        name: typed.name,
        email: typed.email,
        chosen: typed.role,
        problem,
    })
}

/// Shows why an operator of the list was not changed, above the list.
async fn refused_in_list(web: &Web, console: Console, error: OperatorError) -> Result<Response, WebError> {
    let problem = Problem {
        field: LIST,
        ..problem_of(&console.words, error)?
    };
    answer(web, console, Typed::default(), problem).await
}

/// Shows why no operator was added, at the field.
async fn refused(web: &Web, console: Console, typed: Typed, error: OperatorError) -> Result<Response, WebError> {
    let problem = problem_of(&console.words, error)?;
    answer(web, console, typed, problem).await
}

async fn answer(web: &Web, console: Console, typed: Typed, problem: Problem) -> Result<Response, WebError> {
    let shown = show(web, console, typed, Some(problem)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

/// A role that a form names. Only a changed form names another word.
fn role_of(body: &[u8]) -> Result<Role, WebError> {
    field(body, "role").parse().map_err(|_| WebError::NotFound)
}

pub(super) async fn add(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let [name, email] = ["name", "email"].map(|name| field(&body, name));
    let role = role_of(&body)?;
    let new = NewOperator {
        name: &name,
        role,
        email: &email,
    };
    let actor = signed_in.actor();
    let (added, notice) = if email.trim().is_empty() {
        (operators::add(&web.app, &actor, &new).await, Notice::OperatorAdded)
    } else {
        (operators::invite(&web.app, &actor, &new).await, Notice::OperatorInvited)
    };
    match added {
        Ok(_) => Ok(done(PATH, notice).into_response()),
        Err(error) => refused(&web, console, Typed { name, email, role }, error).await,
    }
}

pub(super) async fn change_role(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let edit = OperatorEdit::role(role_of(&body)?);
    match operators::edit(
        &web.app,
        &signed_in.actor(),
        &field(&body, "operator"),
        edit,
        &Seen::Any,
    )
    .await
    {
        Ok(_) => Ok(done(PATH, Notice::RoleChanged).into_response()),
        Err(error) => refused_in_list(&web, console, error).await,
    }
}

/// POST `/admin/operators/email`: changes the address of an operator.
pub(super) async fn change_email(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let email = field(&body, "email");
    let edit = OperatorEdit::email(&email);
    match operators::edit(
        &web.app,
        &signed_in.actor(),
        &field(&body, "operator"),
        edit,
        &Seen::Any,
    )
    .await
    {
        Ok(_) => Ok(done(PATH, Notice::EmailChanged).into_response()),
        Err(error) => refused_in_list(&web, console, error).await,
    }
}

/// POST `/admin/operators/invite`: mails another invitation.
pub(super) async fn invite_again(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    match operators::invite_again(&web.app, &signed_in.actor(), &field(&body, "operator")).await {
        Ok(_) => Ok(done(PATH, Notice::InvitedAgain).into_response()),
        Err(error) => refused_in_list(&web, console, error).await,
    }
}

#[derive(Debug, Template)]
#[template(path = "admin/operator_remove.html")]
struct RemovePage {
    console: Console,
    name: String,
}

/// GET `/admin/operators/{name}/remove`: asks before an operator is removed.
pub(super) async fn ask_to_remove(
    State(web): Shared,
    console: Console,
    Path(name): Path<String>,
) -> Result<Html<String>, WebError> {
    let found = web.app.store.read().await?.operator_by_name(&name).await?;
    let name = found.ok_or(WebError::NotFound)?.name;
    render(&RemovePage { console, name })
}

pub(super) async fn remove(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    match operators::remove(&web.app, &signed_in.actor(), &field(&body, "operator"), &Seen::Any).await {
        Ok(_) => Ok(done(PATH, Notice::OperatorRemoved).into_response()),
        Err(error) => refused_in_list(&web, console, error).await,
    }
}
