//! Recovery codes, each of which replaces one code of an authenticator app. Only hashes are stored.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on};
use crate::domain::ids::OperatorId;

impl Tx {
    /// Replaces all recovery codes of an operator.
    pub(crate) async fn replace_recovery_codes(&mut self, operator: OperatorId, hashes: &[[u8; 32]]) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM operator_recovery_codes WHERE operator_id = $1",
            operator
        )?;
        for hash in hashes {
            on!(
                self,
                execute,
                "INSERT INTO operator_recovery_codes (operator_id, code_hash) VALUES ($1, $2)",
                operator,
                &hash[..]
            )?;
        }
        Ok(())
    }

    /// Uses a recovery code; returns false if there is none with this hash, or it was used before.
    pub(crate) async fn use_recovery_code(
        &mut self,
        operator: OperatorId,
        hash: &[u8],
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let used = on!(
            self,
            execute,
            "UPDATE operator_recovery_codes SET used_at = $3 WHERE operator_id = $1 AND code_hash = $2 AND used_at IS NULL",
            operator,
            hash,
            now
        )?;
        Ok(used == 1)
    }

    /// How many recovery codes of an operator were not used yet.
    pub(crate) async fn count_recovery_codes(&mut self, operator: OperatorId) -> Result<i64> {
        let (count,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM operator_recovery_codes WHERE operator_id = $1 AND used_at IS NULL",
            operator
        )?;
        Ok(count)
    }
}
