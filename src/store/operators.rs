//! Operators and their API tokens. Only the hash of a password or a token is stored.

use chrono::{DateTime, Utc};
use const_format::concatcp;

use super::{Columns, Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{OperatorId, OperatorTokenId};
use crate::domain::role::{Role, Scopes};

row! {
    /// A person or a program that may use the console and the API.
    #[derive(Clone)]
    pub struct Operator {
        /// The internal id, which sorts by the time of creation.
        pub id: OperatorId,
        /// The name in lower case.
        pub name: String,
        /// What the operator may do.
        pub role: Role,
        /// Where invitations and links for a new password are sent.
        pub email: Option<EmailAddress>,
        /// Argon2id in the PHC string format; `None` if the operator cannot sign in with a password.
        pub(crate) password_hash: Option<String>,
        /// The secret of the authenticator app, encrypted.
        pub(crate) totp_secret: Option<Vec<u8>>,
        /// The time step of the last code of the authenticator app that was used.
        pub(crate) totp_step: i64,
        /// When the operator was added.
        pub created_at: DateTime<Utc>,
        /// When the operator was removed.
        pub removed_at: Option<DateTime<Utc>>,
    }
}

/// What others see of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorVersion {
    id: OperatorId,
    role: Role,
    email: Option<String>,
    has_password: bool,
    has_authenticator: bool,
}

impl Operator {
    /// The version that a change is for.
    #[must_use]
    pub fn version(&self) -> OperatorVersion {
        OperatorVersion {
            id: self.id,
            role: self.role,
            email: self.email.as_ref().map(|email| email.as_typed().to_owned()),
            has_password: self.password_hash.is_some(),
            has_authenticator: self.totp_secret.is_some(),
        }
    }
}

/// Only the id and the name, because the others are secrets.
impl std::fmt::Debug for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Operator({}, {})", self.id, self.name)
    }
}

row! {
    /// An API token, without its secret.
    #[derive(Clone, Debug)]
    pub struct OperatorToken {
        pub(crate) id: OperatorTokenId,
        /// The operator to whom it belongs.
        pub operator_id: OperatorId,
        /// SHA-256 of the token.
        pub token_hash: Vec<u8>,
        /// The first characters of the token, by which lists and commands name it.
        pub prefix: String,
        /// The operator's description of its purpose; may be empty.
        pub label: String,
        /// What it may be used for.
        pub scopes: Scopes,
        /// When it was created.
        pub created_at: DateTime<Utc>,
        /// When it stops working; `None` if it does not expire.
        pub expires_at: Option<DateTime<Utc>>,
        /// When it was revoked.
        pub revoked_at: Option<DateTime<Utc>>,
    }
}

impl OperatorToken {
    /// Whether the API accepts it.
    #[must_use]
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| at > now)
    }
}

impl Tx {
    /// Locks the operators until this transaction ends: no two transactions change roles or remove operators at the same time.
    /// Every such transaction locks the same row, that of the oldest operator.
    pub(crate) async fn lock_operators(&mut self) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE operators SET name = name WHERE id = (SELECT id FROM operators ORDER BY id LIMIT 1)"
        )?;
        Ok(())
    }

    /// Adds an operator; returns false if one with this name or address exists.
    pub(crate) async fn add_operator(&mut self, operator: &Operator) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO operators (id, name, role, email, email_key, password_hash, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            operator.id,
            &operator.name,
            operator.role,
            operator.email.as_ref(),
            operator.email.as_ref().map(EmailAddress::key),
            operator.password_hash.as_deref(),
            operator.created_at
        )?;
        Ok(added == 1)
    }

    /// All operators except for removed ones, sorted by name.
    pub async fn operators(&mut self) -> Result<Vec<Operator>> {
        Ok(on!(
            self,
            all as Operator,
            concatcp!(
                "SELECT ",
                Operator::COLUMNS,
                " FROM operators WHERE removed_at IS NULL ORDER BY name"
            )
        )?)
    }

    /// The operator with this id.
    pub(crate) async fn operator(&mut self, id: OperatorId) -> Result<Option<Operator>> {
        Ok(on!(
            self,
            optional as Operator,
            concatcp!("SELECT ", Operator::COLUMNS, " FROM operators WHERE id = $1"),
            id
        )?)
    }

    /// The operator with this name, unless removed.
    pub(crate) async fn operator_by_name(&mut self, name: &str) -> Result<Option<Operator>> {
        Ok(on!(
            self,
            optional as Operator,
            concatcp!(
                "SELECT ",
                Operator::COLUMNS,
                " FROM operators WHERE name = $1 AND removed_at IS NULL"
            ),
            name
        )?)
    }

    /// The operator with this address, unless removed.
    pub(crate) async fn operator_by_email(&mut self, email: &EmailAddress) -> Result<Option<Operator>> {
        Ok(on!(
            self,
            optional as Operator,
            concatcp!(
                "SELECT ",
                Operator::COLUMNS,
                " FROM operators WHERE email_key = $1 AND removed_at IS NULL"
            ),
            email.key()
        )?)
    }

    /// Whether there is an owner.
    pub async fn has_owner(&mut self) -> Result<bool> {
        let (owners,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM operators WHERE role = 'owner' AND removed_at IS NULL"
        )?;
        Ok(owners > 0)
    }

    /// Whether an owner besides `operator` can sign in. Call it after [`Tx::lock_operators`].
    pub(crate) async fn has_other_owner(&mut self, operator: OperatorId) -> Result<bool> {
        let (owners,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM operators \
             WHERE role = 'owner' AND removed_at IS NULL AND password_hash IS NOT NULL AND id <> $1",
            operator
        )?;
        Ok(owners > 0)
    }

    /// Changes the role of an operator.
    pub(crate) async fn set_operator_role(&mut self, id: OperatorId, role: Role) -> Result<()> {
        on!(self, execute, "UPDATE operators SET role = $2 WHERE id = $1", id, role)?;
        Ok(())
    }

    /// Changes or removes the address of an operator. No other operator may have it.
    pub(crate) async fn set_operator_email(&mut self, id: OperatorId, email: Option<&EmailAddress>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE operators SET email = $2, email_key = $3 WHERE id = $1",
            id,
            email,
            email.map(EmailAddress::key)
        )?;
        Ok(())
    }

    /// Changes the password of an operator.
    pub(crate) async fn set_password_hash(&mut self, id: OperatorId, hash: &str) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE operators SET password_hash = $2 WHERE id = $1",
            id,
            hash
        )?;
        Ok(())
    }

    /// Sets or removes the encrypted secret of the authenticator app, and the step of the last used code.
    pub(crate) async fn set_totp(&mut self, id: OperatorId, secret: Option<&[u8]>, step: i64) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE operators SET totp_secret = $2, totp_step = $3 WHERE id = $1",
            id,
            secret,
            step
        )?;
        Ok(())
    }

    /// Records that the code of a time step was used; returns false if it or a later one was used before.
    pub(crate) async fn use_totp_step(&mut self, id: OperatorId, step: i64) -> Result<bool> {
        let used = on!(
            self,
            execute,
            "UPDATE operators SET totp_step = $2 WHERE id = $1 AND totp_step < $2",
            id,
            step
        )?;
        Ok(used == 1)
    }

    /// Removes an operator. The password and the authenticator app are forgotten, and the address can be used again.
    pub(crate) async fn remove_operator(&mut self, id: OperatorId, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE operators SET removed_at = $2, email = NULL, email_key = NULL, password_hash = NULL, totp_secret = NULL \
             WHERE id = $1",
            id,
            now
        )?;
        Ok(())
    }

    /// Adds a token to an operator.
    pub(crate) async fn add_operator_token(&mut self, token: &OperatorToken) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO operator_tokens (id, operator_id, token_hash, prefix, label, scopes, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            token.id,
            token.operator_id,
            &token.token_hash,
            &token.prefix,
            &token.label,
            &token.scopes,
            token.created_at,
            token.expires_at
        )?;
        Ok(())
    }

    /// The tokens of an operator, including revoked and expired ones, oldest first.
    pub(crate) async fn operator_tokens(&mut self, operator: OperatorId) -> Result<Vec<OperatorToken>> {
        Ok(on!(
            self,
            all as OperatorToken,
            concatcp!(
                "SELECT ",
                OperatorToken::COLUMNS,
                " FROM operator_tokens WHERE operator_id = $1 ORDER BY created_at, id"
            ),
            operator
        )?)
    }

    /// The token with this hash.
    pub(crate) async fn operator_token(&mut self, token_hash: &[u8]) -> Result<Option<OperatorToken>> {
        Ok(on!(
            self,
            optional as OperatorToken,
            concatcp!(
                "SELECT ",
                OperatorToken::COLUMNS,
                " FROM operator_tokens WHERE token_hash = $1"
            ),
            token_hash
        )?)
    }

    /// Revokes a token; returns false if it was revoked already.
    pub(crate) async fn revoke_operator_token(&mut self, id: OperatorTokenId, now: DateTime<Utc>) -> Result<bool> {
        let revoked = on!(
            self,
            execute,
            "UPDATE operator_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
            id,
            now
        )?;
        Ok(revoked == 1)
    }

    /// Revokes all tokens of an operator.
    pub(crate) async fn revoke_operator_tokens(&mut self, operator: OperatorId, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE operator_tokens SET revoked_at = $2 WHERE operator_id = $1 AND revoked_at IS NULL",
            operator,
            now
        )?;
        Ok(())
    }
}
