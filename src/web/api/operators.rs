//! `/api/v1/operators` and `/api/v1/tokens`: the people and programs that may use the console and the API. Only owners manage them, and only
//! with a token that has the scope `admin`, which no token has unless it was asked for.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bearer::{Bearer, ManageOperators};
use super::body::Document;
use super::entity::{Entity, IfMatch, IfNoneMatch, KnownTag, SeenTag};
use super::failure::Failure;
use super::idempotency::IdempotencyKey;
use super::input::{FieldErrors, Query, nullable_text, text};
use super::named::Named;
use super::paging::{DEFAULT_PAGE_SIZE, Page, PageQuery, page_size};
use crate::domain::address::EmailAddress;
use crate::domain::article_input::FieldError;
use crate::domain::ids::{OperatorId, OperatorTokenId};
use crate::domain::role::{Role, Scope};
use crate::domain::seen::Seen;
use crate::operators::{self, NewOperator, OperatorEdit, OperatorError};
use crate::store::Tx;
use crate::store::operators::{Operator, OperatorToken, OperatorVersion};
use crate::web::problem::ProblemAnswer;
use crate::web::state::{Shared, Web};

/// The parameters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OperatorQuery {
    /// The number of operators on the page
    #[serde(deserialize_with = "page_size")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the previous page
    #[serde(deserialize_with = "text")]
    after: Option<String>,
}

/// A person or program that may use the console and the API.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Operator)]
pub(super) struct OperatorDocument {
    id: OperatorId,
    /// The name, by which the operator signs in
    name: String,
    role: Role,
    /// Where invitations and links for a new password are sent
    #[schema(required)]
    email: Option<String>,
    has_password: bool,
    has_authenticator: bool,
    created: DateTime<Utc>,
}

impl From<Operator> for OperatorDocument {
    fn from(operator: Operator) -> Self {
        Self {
            id: operator.id,
            role: operator.role,
            email: operator.email.as_ref().map(EmailAddress::as_typed).map(str::to_owned),
            has_password: operator.password_hash.is_some(),
            has_authenticator: operator.totp_secret.is_some(),
            created: operator.created_at,
            name: operator.name,
        }
    }
}

impl From<OperatorError> for Failure {
    fn from(error: OperatorError) -> Self {
        let text = error.to_string();
        match error {
            OperatorError::Store(error) => error.into(),
            OperatorError::Template(_) => Self::Internal(text),
            OperatorError::Name(_) => Self::Invalid(vec![FieldError::new("name", text)]),
            OperatorError::Email(_) => Self::Invalid(vec![FieldError::new("email", text)]),
            OperatorError::UnknownOperator(_) => no_operator(),
            OperatorError::Outdated(_) => Self::Changed,
            OperatorError::Password(_)
            | OperatorError::WrongPassword
            | OperatorError::WrongCode
            | OperatorError::TooMany
            | OperatorError::Taken(_)
            | OperatorError::Used(_)
            | OperatorError::EmailTaken
            | OperatorError::LastOwner(_)
            | OperatorError::HasPassword(_)
            | OperatorError::NoEmail(_)
            | OperatorError::Link
            | OperatorError::NoToken { .. }
            | OperatorError::Several { .. }
            | OperatorError::PasskeyName
            | OperatorError::Passkey
            | OperatorError::NoScope => Self::Conflict(text),
        }
    }
}

/// Adds all that is wrong with a name and an address.
fn check_fields(errors: &mut FieldErrors, name: Option<&str>, email: Option<&str>) {
    if email.is_some_and(|email| email.trim().is_empty()) {
        errors.add("email", "`email` is empty; null is no address");
    }
    for error in operators::field_errors(name, email) {
        if let Failure::Invalid(found) = error.into() {
            errors.add_all(found);
        }
    }
}

fn no_operator() -> Failure {
    Failure::NotFound("There is no such operator; GET /api/v1/operators lists the operators.".to_owned())
}

/// The operator with this id, unless removed.
async fn existing(tx: &mut Tx, id: OperatorId) -> Result<Operator, Failure> {
    let found = tx.operator(id).await?;
    found
        .filter(|operator| operator.removed_at.is_none())
        .ok_or_else(no_operator)
}

/// The name of an operator, and the version that the sender of the request saw.
async fn as_seen(web: &Web, id: OperatorId, condition: &IfMatch) -> Result<(String, Seen<OperatorVersion>), Failure> {
    let operator = existing(&mut web.app.store.read().await?, id).await?;
    let (name, version) = (operator.name.clone(), operator.version());
    let seen = condition.seen(&Entity::new(&OperatorDocument::from(operator))?, version)?;
    Ok((name, seen))
}

#[utoipa::path(
    get, path = "/api/v1/operators", operation_id = "listOperators", summary = "The operators, sorted by name",
    params(OperatorQuery),
    responses((status = 200, description = "A page of operators", body = Page<OperatorDocument>)),
    security(("token" = ["admin"])),
)]
pub(super) async fn list(
    _: Bearer<ManageOperators>,
    State(web): Shared,
    query: Query<OperatorQuery>,
) -> Result<Json<Page<OperatorDocument>>, Failure> {
    query.errors.finish()?;
    let OperatorQuery { limit, after } = query.parameters;
    // No newsroom has so many operators that reading all of them matters. The databases sort names by different rules.
    let mut operators = web.app.store.read().await?.operators().await?;
    operators.sort_by(|one, other| one.name.cmp(&other.name));
    operators.retain(|operator| after.as_ref().is_none_or(|after| operator.name > *after));
    let position = |last: &Operator| last.name.clone();
    let limit = limit.unwrap_or(DEFAULT_PAGE_SIZE);
    Ok(Json(Page::new(operators, limit, position, OperatorDocument::from)))
}

#[utoipa::path(
    get, path = "/api/v1/operators/{id}", operation_id = "showOperator", summary = "One operator",
    params(("id" = Uuid, Path, description = "The operator's id"), KnownTag),
    responses((status = 200, description = "The operator", body = OperatorDocument)),
    security(("token" = ["admin"])),
)]
pub(super) async fn show(
    _: Bearer<ManageOperators>,
    State(web): Shared,
    Named(id): Named<OperatorId>,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let operator = existing(&mut web.app.store.read().await?, id).await?;
    Ok(Entity::new(&OperatorDocument::from(operator))?.unless(&known))
}

/// An operator to add.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = NewOperator)]
pub(super) struct OperatorRequest {
    /// At most 64 letters, digits, `.`, `-`, `_` or `@`
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false)]
    name: Option<String>,
    #[schema(required, nullable = false)]
    role: Option<Role>,
    /// With an address, an invitation is mailed; without one, the operator gets tokens only
    #[serde(deserialize_with = "text")]
    #[schema(format = Email)]
    email: Option<String>,
}

#[utoipa::path(
    post, path = "/api/v1/operators", operation_id = "addOperator",
    summary = "Adds an operator, and mails an invitation if there is an address",
    params(IdempotencyKey),
    request_body = OperatorRequest,
    responses(
        (
            status = 201, description = "The operator is added", body = OperatorDocument,
            headers(("Location" = String, description = "The path of the operator in the API")),
        ),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["admin"])),
)]
pub(super) async fn add(
    Bearer { operator, .. }: Bearer<ManageOperators>,
    State(web): Shared,
    Document { value, mut errors }: Document<OperatorRequest>,
) -> Result<Response, Failure> {
    let name = errors.require("name", value.name);
    let role = errors.require("role", value.role);
    check_fields(&mut errors, name.as_deref(), value.email.as_deref());
    let (Some(name), Some(role)) = (name, role) else {
        return Err(errors.into_failure());
    };
    errors.finish()?;
    let new = NewOperator {
        name: &name,
        role,
        email: value.email.as_deref().unwrap_or(""),
    };
    let actor = operator.actor();
    let added = if value.email.is_some() {
        operators::invite(&web.app, &actor, &new).await?
    } else {
        operators::add(&web.app, &actor, &new).await?
    };
    let location = format!("/api/v1/operators/{}", added.id);
    let entity = Entity::new(&OperatorDocument::from(added))?;
    Ok(([(header::LOCATION, location)], entity.answer(StatusCode::CREATED)).into_response())
}

/// A change of an operator. What is left out stays as it is
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OperatorChange {
    role: Option<Role>,
    /// Where links for a new password are mailed; null for nowhere
    #[serde(deserialize_with = "nullable_text")]
    #[schema(value_type = Option<String>, format = Email)]
    #[expect(
        clippy::option_option,
        reason = "null removes the value, an absent field leaves it unchanged"
    )]
    email: Option<Option<String>>,
}

#[utoipa::path(
    patch, path = "/api/v1/operators/{id}", operation_id = "changeOperator",
    summary = "Changes the role and the address of an operator. The last owner who can sign in stays one",
    params(("id" = Uuid, Path, description = "The operator's id"), SeenTag),
    request_body(content(
        (OperatorChange = "application/json"),
        (OperatorChange = "application/merge-patch+json"),
    )),
    responses(
        (status = 200, description = "The operator as changed", body = OperatorDocument),
        (status = 409, response = ProblemAnswer),
    ),
    security(("token" = ["admin"])),
)]
pub(super) async fn change(
    Bearer { operator, .. }: Bearer<ManageOperators>,
    State(web): Shared,
    Named(id): Named<OperatorId>,
    condition: IfMatch,
    Document { value, mut errors }: Document<OperatorChange>,
) -> Result<Response, Failure> {
    check_fields(&mut errors, None, value.email.as_ref().and_then(Option::as_deref));
    errors.finish()?;
    let email = value.email.map(Option::unwrap_or_default);
    let (name, seen) = as_seen(&web, id, &condition).await?;
    let edit = OperatorEdit {
        role: value.role,
        email: email.as_deref(),
    };
    let changed = operators::edit(&web.app, &operator.actor(), &name, edit, &seen).await?;
    Ok(Entity::new(&OperatorDocument::from(changed))?.answer(StatusCode::OK))
}

#[utoipa::path(
    delete, path = "/api/v1/operators/{id}", operation_id = "removeOperator",
    summary = "Removes an operator: all sessions end, and all tokens are revoked. The last owner who can sign in stays",
    params(("id" = Uuid, Path, description = "The operator's id"), SeenTag),
    responses((status = 204, description = "The operator is removed"), (status = 409, response = ProblemAnswer)),
    security(("token" = ["admin"])),
)]
pub(super) async fn remove(
    Bearer { operator, .. }: Bearer<ManageOperators>,
    State(web): Shared,
    Named(id): Named<OperatorId>,
    condition: IfMatch,
) -> Result<StatusCode, Failure> {
    let (name, seen) = as_seen(&web, id, &condition).await?;
    operators::remove(&web.app, &operator.actor(), &name, &seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    post, path = "/api/v1/operators/{id}/invite", operation_id = "inviteOperator",
    summary = "Mails another invitation to an operator who has no password yet. Earlier links stop working",
    params(("id" = Uuid, Path, description = "The operator's id"), IdempotencyKey),
    responses((status = 204, description = "The invitation is queued"), (status = 409, response = ProblemAnswer)),
    security(("token" = ["admin"])),
)]
pub(super) async fn invite(
    Bearer { operator, .. }: Bearer<ManageOperators>,
    State(web): Shared,
    Named(id): Named<OperatorId>,
) -> Result<StatusCode, Failure> {
    let invited = existing(&mut web.app.store.read().await?, id).await?;
    operators::invite_again(&web.app, &operator.actor(), &invited.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A token that the API accepts, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListedToken {
    id: OperatorTokenId,
    /// The name of the operator to whom it belongs
    operator: String,
    /// Its first characters
    prefix: String,
    /// What it is for; may be empty
    label: String,
    scopes: Vec<Scope>,
    created: DateTime<Utc>,
    /// null: it does not expire
    #[schema(required)]
    expires: Option<DateTime<Utc>>,
}

/// The tokens that the API accepts, with the names of their operators, in the order in which they were made.
async fn valid_tokens(web: &Web) -> Result<Vec<(String, OperatorToken)>, Failure> {
    let now = web.app.clock.now();
    let mut tx = web.app.store.read_snapshot().await?;
    let mut valid = Vec::new();
    for operator in tx.operators().await? {
        let tokens = tx.operator_tokens(operator.id).await?.into_iter();
        let tokens = tokens.filter(|token| token.is_valid(now));
        valid.extend(tokens.map(|token| (operator.name.clone(), token)));
    }
    valid.sort_by_key(|(_, token)| token.id);
    Ok(valid)
}

#[utoipa::path(
    get, path = "/api/v1/tokens", operation_id = "listTokens",
    summary = "The tokens of all operators that the API accepts, those that were made last at the end",
    params(PageQuery::<OperatorTokenId>),
    responses((status = 200, description = "A page of tokens", body = Page<ListedToken>)),
    security(("token" = ["admin"])),
)]
pub(super) async fn list_tokens(
    _: Bearer<ManageOperators>,
    State(web): Shared,
    query: Query<PageQuery<OperatorTokenId>>,
) -> Result<Json<Page<ListedToken>>, Failure> {
    query.errors.finish()?;
    let (limit, after) = query.parameters.limit_and_position();
    let mut tokens = valid_tokens(&web).await?;
    tokens.retain(|(_, token)| after.is_none_or(|after| token.id > after));
    let position = |(_, last): &(String, OperatorToken)| last.id.to_string();
    let listed = |(operator, token): (String, OperatorToken)| ListedToken {
        id: token.id,
        operator,
        prefix: token.prefix,
        label: token.label,
        scopes: token.scopes.list().collect(),
        created: token.created_at,
        expires: token.expires_at,
    };
    Ok(Json(Page::new(tokens, limit, position, listed)))
}

#[utoipa::path(
    post, path = "/api/v1/tokens/{id}/revoke", operation_id = "revokeToken", summary = "Revokes a token at once",
    params(("id" = Uuid, Path, description = "The token's id")),
    responses((status = 204, description = "The API accepts it no more"), (status = 409, response = ProblemAnswer)),
    security(("token" = ["admin"])),
)]
pub(super) async fn revoke_token(
    Bearer { operator, .. }: Bearer<ManageOperators>,
    State(web): Shared,
    Named(id): Named<OperatorTokenId>,
) -> Result<StatusCode, Failure> {
    let mut tokens = valid_tokens(&web).await?.into_iter();
    let (name, token) = tokens.find(|(_, token)| token.id == id).ok_or_else(|| {
        Failure::NotFound("There is no such token, or it is revoked; GET /api/v1/tokens lists the tokens.".to_owned())
    })?;
    match operators::revoke(&web.app, &operator.actor(), &name, Some(&token.prefix)).await {
        // A token that was revoked meanwhile is what was asked for.
        Ok(_) | Err(OperatorError::NoToken { .. }) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(error.into()),
    }
}
