//! Suppressions: addresses that are never mailed. Only a keyed hash of each address is stored, so a suppression outlives the erasure of
//! the subscriber.

use chrono::{DateTime, Utc};

use super::deliveries::end_waiting_deliveries;
use super::transactional_mails::delete_mail_content;
use super::{Result, Tx, on};

impl Tx {
    /// Why an address is suppressed; `None` if it is not.
    pub async fn suppression(&mut self, address_hash: &[u8]) -> Result<Option<String>> {
        let row: Option<(String,)> = on!(
            self,
            optional as (String,),
            "SELECT reason FROM suppressions WHERE address_hash = $1",
            address_hash
        )?;
        Ok(row.map(|(reason,)| reason))
    }

    /// Suppresses an address, and ends all mail that waits to be sent to it. Returns false if it was suppressed already. In that case the
    /// first reason stays.
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
            end_waiting_deliveries!(
                state: "suppressed",
                reply: "$2",
                now: "$3",
                "WHERE issue_id IN (SELECT id FROM issues WHERE state IN ('sending', 'paused')) \
                 AND subscription_id IN (SELECT s.id FROM subscriptions s \
                 JOIN subscribers p ON p.id = s.subscriber_id WHERE p.address_hash = $1)"
            ),
            address_hash,
            reason,
            now
        )?;
        on!(
            self,
            execute,
            concat!(
                "UPDATE transactional_mails SET state = 'suppressed', last_reply = $2, updated_at = $3, ",
                delete_mail_content!(),
                " WHERE state IN ('queued', 'deferred') \
                 AND subscriber_id IN (SELECT id FROM subscribers WHERE address_hash = $1)"
            ),
            address_hash,
            reason,
            now
        )?;
        Ok(added == 1)
    }

    /// Removes the suppression of an address; returns false if there was none.
    pub async fn unsuppress(&mut self, address_hash: &[u8]) -> Result<bool> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM suppressions WHERE address_hash = $1",
            address_hash
        )? == 1)
    }
}
