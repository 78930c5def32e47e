//! Operators and their tokens, of which only the hash is here.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::{OperatorId, OperatorTokenId};

row! {
    /// A person or a program that may use the API.
    #[derive(Clone, Debug)]
    pub struct Operator {
        /// Its id.
        pub id: OperatorId,
        /// Its name, in lower case.
        pub name: String,
        /// When it was added.
        pub created_at: DateTime<Utc>,
    }
}

row! {
    /// What is kept of a token.
    #[derive(Clone, Debug)]
    pub struct OperatorToken {
        /// Its id.
        pub id: OperatorTokenId,
        /// Whose it is.
        pub operator_id: OperatorId,
        /// SHA-256 of the token.
        pub token_hash: Vec<u8>,
        /// Its first characters, to name it by.
        pub prefix: String,
        /// What it is for; may be empty.
        pub label: String,
        /// When it was made.
        pub created_at: DateTime<Utc>,
        /// Since when it opens nothing.
        pub revoked_at: Option<DateTime<Utc>>,
    }
}

impl Tx {
    /// Adds an operator; false when the name is taken.
    pub async fn add_operator(&mut self, operator: &Operator) -> Result<bool> {
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

    /// Every operator, by name.
    pub async fn operators(&mut self) -> Result<Vec<Operator>> {
        Ok(on!(self, all as Operator, "SELECT * FROM operators ORDER BY name")?)
    }

    /// The operator of this name.
    pub async fn operator_by_name(&mut self, name: &str) -> Result<Option<Operator>> {
        Ok(on!(
            self,
            optional as Operator,
            "SELECT * FROM operators WHERE name = $1",
            name
        )?)
    }

    /// Adds a token.
    pub async fn add_operator_token(&mut self, token: &OperatorToken) -> Result<()> {
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

    /// An operator's tokens, revoked ones too, the oldest first.
    pub async fn operator_tokens(&mut self, operator: OperatorId) -> Result<Vec<OperatorToken>> {
        Ok(on!(
            self,
            all as OperatorToken,
            "SELECT * FROM operator_tokens WHERE operator_id = $1 ORDER BY created_at, id",
            operator
        )?)
    }

    /// Whom a token speaks for, by its hash; nobody if it was revoked.
    pub async fn operator_by_token(&mut self, token_hash: &[u8]) -> Result<Option<Operator>> {
        Ok(on!(
            self,
            optional as Operator,
            "SELECT o.* FROM operator_tokens t JOIN operators o ON o.id = t.operator_id \
             WHERE t.token_hash = $1 AND t.revoked_at IS NULL",
            token_hash
        )?)
    }

    /// Lets a token open nothing from now on; false when it was revoked before.
    pub async fn revoke_operator_token(&mut self, id: OperatorTokenId, now: DateTime<Utc>) -> Result<bool> {
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
