//! Operators and their API tokens. Only the hash of a token is stored.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{OperatorId, OperatorTokenId};

row! {
    /// A person or a program that may use the API.
    #[derive(Clone, Debug)]
    pub struct Operator {
        /// The internal id, which sorts by the time of creation.
        pub id: OperatorId,
        /// The name in lower case.
        pub name: String,
        /// When the operator was added.
        pub created_at: DateTime<Utc>,
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
        /// When it was created.
        pub created_at: DateTime<Utc>,
        /// When it was revoked.
        pub revoked_at: Option<DateTime<Utc>>,
    }
}

impl Tx {
    /// Adds an operator; returns false if one with this name exists.
    pub(crate) async fn add_operator(&mut self, operator: &Operator) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO operators (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
            operator.id,
            &operator.name,
            operator.created_at
        )?;
        Ok(added == 1)
    }

    /// All operators, sorted by name.
    pub async fn operators(&mut self) -> Result<Vec<Operator>> {
        Ok(on!(self, all as Operator, "SELECT * FROM operators ORDER BY name")?)
    }

    /// The operator with this name.
    pub(crate) async fn operator_by_name(&mut self, name: &str) -> Result<Option<Operator>> {
        Ok(on!(
            self,
            optional as Operator,
            "SELECT * FROM operators WHERE name = $1",
            name
        )?)
    }

    /// Adds a token to an operator.
    pub(crate) async fn add_operator_token(&mut self, token: &OperatorToken) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO operator_tokens (id, operator_id, token_hash, prefix, label, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            token.id,
            token.operator_id,
            &token.token_hash,
            &token.prefix,
            &token.label,
            token.created_at
        )?;
        Ok(())
    }

    /// The tokens of an operator, including revoked ones, oldest first.
    pub(crate) async fn operator_tokens(&mut self, operator: OperatorId) -> Result<Vec<OperatorToken>> {
        Ok(on!(
            self,
            all as OperatorToken,
            "SELECT * FROM operator_tokens WHERE operator_id = $1 ORDER BY created_at, id",
            operator
        )?)
    }

    /// The operator to whom the token with this hash belongs; `None` if it is unknown or revoked.
    pub(crate) async fn operator_by_token(&mut self, token_hash: &[u8]) -> Result<Option<Operator>> {
        Ok(on!(
            self,
            optional as Operator,
            "SELECT o.* FROM operator_tokens t JOIN operators o ON o.id = t.operator_id \
             WHERE t.token_hash = $1 AND t.revoked_at IS NULL",
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
}
