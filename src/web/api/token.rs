//! `/api/v1/token`: what the token of the request is, and what it permits.

use axum::Json;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::bearer::{AnyToken, Bearer};
use crate::domain::role::{Permission, Role, Scope};

/// A token and what it permits.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Token {
    /// The name of the operator to whom it belongs
    operator: String,
    role: Role,
    /// Its first characters, by which lists and commands name it
    prefix: String,
    /// What it is for; may be empty
    label: String,
    scopes: Vec<Scope>,
    /// What its scopes and the operator's role permit together
    permissions: Vec<Permission>,
    created: DateTime<Utc>,
    /// When it stops working; null: it does not expire
    #[schema(required)]
    expires: Option<DateTime<Utc>>,
}

#[utoipa::path(
    get, path = "/api/v1/token", operation_id = "showToken", summary = "The token of this request, and what it permits",
    responses((status = 200, description = "The token", body = Token)),
    security(("token" = [])),
)]
pub(super) async fn show(Bearer { operator, .. }: Bearer<AnyToken>) -> Json<Token> {
    let permitted = Permission::ALL.iter().copied();
    let token = &operator.token;
    Json(Token {
        operator: operator.name().to_owned(),
        role: operator.operator.role,
        prefix: token.prefix.clone(),
        label: token.label.clone(),
        scopes: token.scopes.list().collect(),
        permissions: permitted.filter(|permission| operator.may(*permission)).collect(),
        created: token.created_at,
        expires: token.expires_at,
    })
}
