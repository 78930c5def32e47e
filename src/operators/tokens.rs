//! API tokens: made once, shown once, stored as hashes. A token permits at most what its scopes name and its operator's role allows.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::error::OperatorError;
use super::managing::{check_own_password_if_any, find};
use super::sessions::SignedIn;
use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::audit::{Actor, AuditAction, Way};
use crate::domain::ids::OperatorTokenId;
use crate::domain::role::{Permission, Scopes};
use crate::domain::tokens::{OPERATOR_TOKEN_MARK, OPERATOR_TOKEN_PREFIX, operator_token, token_hash};
use crate::store::StoreError;
use crate::store::operators::{Operator, OperatorToken};
use crate::text::plain::plain_line;

/// A token to make.
#[derive(Clone, Debug)]
pub struct TokenRequest<'a> {
    /// What it is for; may be empty.
    pub label: &'a str,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it stops working; `None` if it does not expire.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A new token, which has to be shown now.
#[derive(Clone)]
pub struct NewToken {
    /// The token itself. It is not stored, so this is the only time to show it.
    pub secret: String,
    /// The row that is stored.
    pub stored: OperatorToken,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewToken({})", self.stored.prefix)
    }
}

/// The operator of a request to the API, and what its token permits.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The operator to whom the token belongs.
    pub operator: Operator,
    /// The token that the request has.
    pub token: OperatorToken,
}

impl Authenticated {
    /// Whether the token's scopes and the operator's role both permit it.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.token.scopes.allow(permission) && self.operator.role.allows(permission)
    }

    /// Whether another scope would permit it; otherwise the role forbids it.
    #[must_use]
    pub fn lacks_scope(&self, permission: Permission) -> bool {
        !self.token.scopes.allow(permission) && self.operator.role.allows(permission)
    }

    /// The name of the operator.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.operator.name
    }

    /// Who acts, for the audit log.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor {
            operator_id: Some(self.operator.id),
            name: self.operator.name.clone(),
            way: Way::Api,
        }
    }
}

/// Creates a token for an operator.
///
/// # Errors
/// [`OperatorError`].
pub async fn token(app: &App, actor: &Actor, name: &str, request: TokenRequest<'_>) -> Result<NewToken, OperatorError> {
    if request.scopes.is_empty() {
        return Err(OperatorError::NoScope);
    }
    let now = app.clock.now();
    let secret = operator_token(&app.rng.bytes());
    let mut tx = app.store.write().await?;
    // An operator who is removed at the same time must not keep a token.
    tx.lock_operators().await?;
    let operator = find(&mut tx, name).await?;
    let stored = OperatorToken {
        id: OperatorTokenId(app.rng.uuid(now)),
        operator_id: operator.id,
        token_hash: token_hash(&secret).to_vec(),
        prefix: secret.chars().take(OPERATOR_TOKEN_PREFIX).collect(),
        label: plain_line(request.label),
        scopes: request.scopes,
        created_at: now,
        expires_at: request.expires_at,
        revoked_at: None,
    };
    tx.add_operator_token(&stored).await?;
    let change = Change::of(AuditAction::TokenCreated, &stored.prefix).to(json!({
        "operator": operator.name,
        "label": stored.label,
        "scopes": stored.scopes.to_string(),
        "expires_at": stored.expires_at,
    }));
    audit::record(&mut tx, app, actor, change).await?;
    tx.commit().await?;
    Ok(NewToken { secret, stored })
}

/// Makes a token for an operator who is signed in and has typed the own password. A token works longer than a session, so a browser that
/// somebody left open must not be enough. An operator whom another provider signs in may have no password.
///
/// # Errors
/// [`OperatorError`].
pub async fn own_token(
    app: &App,
    signed_in: &SignedIn,
    password: &str,
    request: TokenRequest<'_>,
) -> Result<NewToken, OperatorError> {
    check_own_password_if_any(app, signed_in, password).await?;
    token(app, &signed_in.actor(), &signed_in.name, request).await
}

/// Revokes the tokens of an operator: all of them, or the one that begins with `prefix`. The prefix may leave out `daywire_`, or be
/// the whole token. Returns the tokens that were valid until now.
///
/// # Errors
/// [`OperatorError`].
pub async fn revoke(
    app: &App,
    actor: &Actor,
    name: &str,
    prefix: Option<&str>,
) -> Result<Vec<OperatorToken>, OperatorError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let operator = find(&mut tx, name).await?;
    let mut tokens = tx.operator_tokens(operator.id).await?;
    tokens.retain(|token| token.revoked_at.is_none());
    if let Some(prefix) = prefix {
        tokens.retain(|token| begins_with(token, prefix.trim()));
        // If the whole token was given, the error message must not repeat it.
        let prefix: String = prefix.chars().take(OPERATOR_TOKEN_PREFIX).collect();
        match tokens.len() {
            0 => {
                return Err(OperatorError::NoToken {
                    name: operator.name,
                    prefix,
                });
            }
            1 => {}
            count => {
                return Err(OperatorError::Several {
                    name: operator.name,
                    prefix,
                    count,
                });
            }
        }
    }
    for token in &tokens {
        tx.revoke_operator_token(token.id, now).await?;
        let change = Change::of(AuditAction::TokenRevoked, &token.prefix).from(json!({ "operator": operator.name }));
        audit::record(&mut tx, app, actor, change).await?;
    }
    tx.commit().await?;
    Ok(tokens)
}

/// The operator of a valid token. `None` if the token is unknown, revoked or expired, or its operator was removed.
///
/// # Errors
/// If the database fails.
pub async fn authenticate(app: &App, token: &str) -> Result<Option<Authenticated>, StoreError> {
    if !token.starts_with(OPERATOR_TOKEN_MARK) {
        return Ok(None);
    }
    let mut tx = app.store.read().await?;
    let Some(token) = tx.operator_token(&token_hash(token)).await? else {
        return Ok(None);
    };
    if !token.is_valid(app.clock.now()) {
        return Ok(None);
    }
    let operator = tx.operator(token.operator_id).await?;
    Ok(operator
        .filter(|operator| operator.removed_at.is_none())
        .map(|operator| Authenticated { operator, token }))
}

/// Whether `given` is the beginning of the token, with or without its mark, or the whole token.
fn begins_with(token: &OperatorToken, given: &str) -> bool {
    if given.len() > OPERATOR_TOKEN_PREFIX {
        return token.token_hash == token_hash(given);
    }
    let short = token.prefix.strip_prefix(OPERATOR_TOKEN_MARK).unwrap_or(&token.prefix);
    !given.is_empty() && (token.prefix.starts_with(given) || short.starts_with(given))
}
