//! Suppressions: addresses that are never mailed, known only by a keyed hash.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on};

impl Tx {
    /// Why an address is suppressed, if it is.
    pub async fn suppression(&mut self, address_hash: &[u8]) -> Result<Option<String>> {
        let row: Option<(String,)> = on!(
            self,
            optional as (String,),
            "SELECT reason FROM suppressions WHERE address_hash = $1",
            address_hash
        )?;
        Ok(row.map(|(reason,)| reason))
    }

    /// Suppresses an address; the first reason stands. What waits to be sent to it is ended.
    pub async fn suppress(&mut self, address_hash: &[u8], reason: &str, now: DateTime<Utc>) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO suppressions (address_hash, reason, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT (address_hash) DO NOTHING",
            address_hash,
            reason,
            now
        )?;
        on!(
            self,
            execute,
            "UPDATE deliveries SET state = 'suppressed', last_reply = $2, next_attempt_at = NULL, \
             lease_owner = NULL, updated_at = $3 WHERE issue_id IN (SELECT id FROM issues WHERE state IN ('sending', 'paused')) \
             AND subscription_id IN (SELECT s.id FROM subscriptions s \
             JOIN subscribers p ON p.id = s.subscriber_id WHERE p.address_hash = $1) \
             AND state IN ('queued', 'deferred')",
            address_hash,
            reason,
            now
        )?;
        on!(
            self,
            execute,
            "UPDATE transactional_mails SET state = 'suppressed', last_reply = $2, updated_at = $3 \
             WHERE state IN ('queued', 'deferred') \
             AND subscriber_id IN (SELECT id FROM subscribers WHERE address_hash = $1)",
            address_hash,
            reason,
            now
        )?;
        Ok(added == 1)
    }

    /// Takes an address off the list; false when it was not on it.
    pub async fn unsuppress(&mut self, address_hash: &[u8]) -> Result<bool> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM suppressions WHERE address_hash = $1",
            address_hash
        )? == 1)
    }
}
