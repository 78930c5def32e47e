//! Suppressions: addresses that are never mailed. Only a keyed hash of each address is stored, so a suppression outlives the erasure of
//! the subscriber.

use chrono::{DateTime, Utc};

use super::deliveries::end_waiting_deliveries;
use super::transactional_mails::delete_mail_content;
use super::{Result, Tx, on, row};
use crate::domain::states::SuppressionReason;

row! {
    /// Why and since when an address is suppressed.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Suppression {
        /// Why the address is never mailed.
        pub reason: SuppressionReason,
        /// The words that decided: a reply, the lines of a returned mail, an operator's note, the row of a file.
        pub evidence: String,
        /// Since when it is not mailed.
        pub created_at: DateTime<Utc>,
    }
}

impl std::fmt::Display for Suppression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.reason, self.evidence)
    }
}

impl Tx {
    /// Why an address is suppressed, if it is.
    pub async fn suppression(&mut self, address_hash: &[u8]) -> Result<Option<Suppression>> {
        Ok(on!(
            self,
            optional as Suppression,
            "SELECT reason, evidence, created_at FROM suppressions WHERE address_hash = $1",
            address_hash
        )?)
    }

    /// Suppresses an address, and ends what waits to be sent to it. False if the address was suppressed before: the first reason stays,
    /// except that a complaint replaces any other, because only a confirmation lifts it.
    pub async fn suppress(
        &mut self,
        address_hash: &[u8],
        reason: SuppressionReason,
        evidence: &str,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO suppressions (address_hash, reason, evidence, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (address_hash) DO NOTHING",
            address_hash,
            reason,
            evidence,
            now
        )?;
        if added == 0 && reason == SuppressionReason::Complaint {
            on!(
                self,
                execute,
                "UPDATE suppressions SET reason = $2, evidence = $3, created_at = $4 WHERE address_hash = $1 AND reason <> $2",
                address_hash,
                reason,
                evidence,
                now
            )?;
        }
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
            evidence,
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
            evidence,
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
