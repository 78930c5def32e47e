//! The accounts at the identity provider with which operators sign in.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on};
use crate::domain::ids::OperatorId;

impl Tx {
    /// Records that an account at a provider signs in. Returns its operator; `None` if it belongs to no operator.
    pub(crate) async fn use_identity(
        &mut self,
        issuer: &str,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<OperatorId>> {
        let found = on!(
            self,
            optional as (OperatorId,),
            "UPDATE operator_identities SET last_used_at = $3 WHERE issuer = $1 AND subject = $2 RETURNING operator_id",
            issuer,
            subject,
            now
        )?;
        Ok(found.map(|(operator,)| operator))
    }

    /// Links an account at a provider to an operator. Returns false if the operator has another account there.
    pub(crate) async fn add_identity(
        &mut self,
        issuer: &str,
        subject: &str,
        operator: OperatorId,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO operator_identities (issuer, subject, operator_id, created_at, last_used_at) \
             VALUES ($1, $2, $3, $4, $4) ON CONFLICT DO NOTHING",
            issuer,
            subject,
            operator,
            now
        )?;
        Ok(added == 1)
    }

    /// Removes the links of an operator to accounts at providers, and returns how many there were.
    pub(crate) async fn remove_identities(&mut self, operator: OperatorId) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM operator_identities WHERE operator_id = $1",
            operator
        )?)
    }
}
